"""What happened during a stay, told: who took it, what was said, waited for, promised, broken."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Final

from escalations import sentences, timeline
from escalations.durations import Duration
from escalations.explaining.story import Chapter
from escalations.explaining.voice import Paragraph, Voice, isolated
from escalations.timeline import TimelineEntry

_ELSEWHERE = (
    timeline.Opened,
    timeline.LevelEntered,
    timeline.LeftLevel,
    timeline.Acknowledged,
    timeline.Notified,
    timeline.Undelivered,
    timeline.ActionCompleted,
    timeline.Breached,
    timeline.Closed,
    timeline.AcknowledgementExpired,
    timeline.UpdateReminded,
)
"""What the frame of a chapter tells, or the end of the story."""
FEW: Final = 3
"""So many messages in a row are told one by one, the last of them last."""
CHATTER: Final = frozenset({"refused", "noted", "customer_replied", "customer_updated"})
AT_ONCE: Final = timedelta(seconds=5)


def chapter(told: Chapter, voice: Voice) -> Iterator[Paragraph]:
    """One stay."""
    voice.new_day()
    number = {"level": told.level, "name": isolated(told.name)}
    yield Paragraph("heading", voice("chapter", **number))
    yield Paragraph("text", " ".join(_frame(told, voice)))
    yield Paragraph("text", " ".join(_taking(told, voice)))
    yield from _happened(told, voice)
    yield from _people(told, voice)
    yield from _leaving(told, voice)


def _frame(told: Chapter, voice: Voice) -> Iterator[str]:
    """From when to when, and what its clock says."""
    yield voice("asked", at=voice.moment(told.entered_at), who=voice.who(told.contact))
    yield _staying(told, voice)
    clock = told.clock
    if clock is None or clock.budget is None:
        record = voice.story.record
        levels = record.snapshot.policy.levels[: told.level]
        known = len(levels) == told.level  # a policy that was adopted since may have fewer
        level = record.snapshot.policy.level(told.level, record.request.category) if known else None
        if level is None or level.within.leave is not None:
            yield voice("clock_unknown")
        elif not voice.story.record.closed and told.left_at is None:
            yield voice("clock_open")
        return
    used, budget = clock.consumed, voice.consumed(clock.budget, clock.calendar)
    consumed = voice.consumed(used, clock.calendar)
    if not used or consumed == voice.consumed(Duration.zero(used.unit), clock.calendar):
        yield voice("clock_none", budget=budget)
    elif consumed == budget:
        yield voice("clock_all", budget=budget)
    else:
        yield voice("clock", budget=budget, consumed=consumed)
    if clock.pauses:
        yield voice.counted("pauses", clock.pauses)


def _staying(told: Chapter, voice: Voice) -> str:
    story = voice.story
    if told.left_at is not None:
        span = voice.span(told.left_at - told.entered_at)
        return voice("stayed", span=span, until=voice.until(told.left_at))
    span = voice.span(story.told_at - told.entered_at)
    if story.record.closed:
        return voice("ended_there", span=span)
    here = story.told_at - told.entered_at >= timedelta(seconds=1)
    return voice("still", span=span) if here else voice("just_came")


def _taking(told: Chapter, voice: Voice) -> Iterator[str]:
    """Who had it."""
    expired = [each for each in told.entries if isinstance(each, timeline.AcknowledgementExpired)]
    taken = [each for each in told.entries if isinstance(each, timeline.Acknowledged)]
    given = any(isinstance(each, timeline.Assigned) for each in told.entries)
    if expired:
        yield voice("asked_again", at=voice.moment(expired[0].at))
    for each in taken:
        by, after = voice.who(each.by), each.at - told.entered_at
        at_once = after < AT_ONCE
        yield voice("taken_at_once" if at_once else "taken", by=by, span=voice.span(after))
    if not taken and not given:
        yield voice("nobody")


def _happened(told: Chapter, voice: Voice) -> Iterator[Paragraph]:
    """Everything else, in its order; what comes many times in a row is told once."""
    entries = [each for each in told.entries if not isinstance(each, _ELSEWHERE)]
    for kind, group in groupby(entries, lambda each: each.type):
        alike = list(group)
        if kind == "repeated":
            at = voice.on_the_way(alike[-1].at)
            yield Paragraph("text", voice.counted("repeated", len(alike), at=at))
            continue
        left_out = max(0, len(alike) - FEW) if kind in CHATTER else 0
        for n, entry in enumerate(alike):
            if left_out and n == FEW - 1:
                yield Paragraph("text", voice.counted("more", left_out))
            if n < FEW - 1 or n >= FEW - 1 + left_out:
                yield from _one(entry, entries, voice)


def _one(
    entry: TimelineEntry, entries: Sequence[TimelineEntry], voice: Voice
) -> Iterator[Paragraph]:
    match entry:
        case timeline.CustomerReplied():
            at, who = voice.moment(entry.at), voice.who(entry.by or "customer")
            key = "said_somehow" if entry.channel == "other" else "said"
            yield Paragraph("text", voice(key, at=at, who=who, channel=entry.channel))
            yield voice.quoted(entry.text)
        case timeline.Resolved():
            at, what = voice.moment(entry.at), voice.why(entry.kind)
            yield Paragraph("text", voice("proposed", at=at, by=voice.who(entry.by), kind=what))
            yield voice.quoted(entry.summary)
        case timeline.CustomerUpdated():
            at, by = voice.moment(entry.at), voice.who(entry.by)
            yield Paragraph("text", voice("customer_told", at=at, by=by))
            yield voice.quoted(entry.text)
        case timeline.Noted():
            at, by = voice.moment(entry.at), voice.who(entry.by)
            yield Paragraph("text", voice("noted", at=at, by=by))
            yield voice.quoted(entry.text)
        case timeline.Held():
            yield Paragraph("text", " ".join(_wait(entry, entries, voice)))
        case timeline.Resumed() | timeline.HoldReminded():
            pass
        case timeline.Reminded():
            yield Paragraph("text", voice("reminded", at=voice.moment(entry.at)))
        case _:
            sentence = sentences.sentence(entry, voice.timezone, voice.language)
            said = isolated(sentence).rstrip(".")
            yield Paragraph("text", f"{voice.moment(entry.at)}: {said}.")


def _wait(held: timeline.Held, entries: Sequence[TimelineEntry], voice: Voice) -> Iterator[str]:
    """For whom, for how long, and how often they were reminded meanwhile."""
    said = {"by": voice.who(held.by), "reason": voice.why(held.reason)}
    after = entries[entries.index(held) :]
    end = next((each for each in after if isinstance(each, timeline.Resumed)), None)
    meanwhile = after[: after.index(end)] if end else after
    at, reminded = voice.moment(held.at), sum(e.type == "hold_reminded" for e in meanwhile)
    if end is None:
        yield voice("waits", at=at, **said)
    else:
        until, why = voice.until(end.at), voice.why(end.why)
        yield voice("waited", at=at, until=until, why=why, **said)
    if reminded:
        yield voice.counted("hold_reminded", reminded)


def _people(told: Chapter, voice: Voice) -> Iterator[Paragraph]:
    """What was done, who was told, and who was not."""
    done = [each.action for each in told.entries if isinstance(each, timeline.ActionCompleted)]
    if done:
        yield Paragraph("text", voice("done", actions=", ".join(done)))
    if told.told:
        yield Paragraph("text", voice("told", who=voice.listed(map(voice.who, told.told))))
    for key, detail in dict.fromkeys((each.recipient, each.detail) for each in told.untold):
        yield Paragraph("text", voice("untold", who=voice.who(key), why=isolated(detail)))


def _leaving(told: Chapter, voice: Voice) -> Iterator[Paragraph]:
    """What was broken here, where it went, and why."""
    for each in told.entries:
        if isinstance(each, timeline.Breached) and each.what != "update":
            yield Paragraph("text", voice(f"broken.{each.what}", at=voice.on_the_way(each.at)))
    missed = [each for each in told.entries if isinstance(each, timeline.Breached)]
    unheard = [each for each in missed if each.what == "update"]
    if unheard:
        yield Paragraph("text", voice("broken.update", at=voice.on_the_way(unheard[0].at)))
    if told.left is None:
        return
    to_level = told.left.to_level
    later = [each for each in voice.story.chapters if each.entered_at >= told.entered_at]
    name = next((isolated(each.name) for each in later if each.level == to_level), "…")
    where = {"level": to_level, "name": name, "why": voice.why(told.left.why)}
    by = told.left.by
    yield Paragraph(
        "text", voice("left_by", by=voice.who(by), **where) if by else voice("left", **where)
    )
    if told.left.reason and not told.left.why.startswith("trigger:"):
        yield voice.quoted(told.left.reason)
    if told.left.undone:
        yield Paragraph("text", voice("undone", actions=", ".join(told.left.undone)))
