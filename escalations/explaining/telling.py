"""A story in words: how it began, a chapter for each stay, how it ended, what was promised."""

from collections.abc import Iterator
from typing import Any

from escalations import sentences, timeline
from escalations.effects import Notify, TellCustomer
from escalations.explaining import passages
from escalations.explaining.story import Chapter, Story
from escalations.explaining.voice import Paragraph, Voice, isolated


def told(story: Story, language: str | None = None) -> list[Paragraph]:
    """All of it, in English unless another language is asked for."""
    voice = Voice(story, language)
    found = [*_beginning(voice)]
    for chapter in story.chapters:
        found += passages.chapter(chapter, voice)
    found += [*_ending(voice), *_promises(voice)]
    return [each for each in found if each.text]


def _beginning(voice: Voice) -> Iterator[Paragraph]:
    record = voice.story.record
    request = record.request
    yield Paragraph("title", f"{record.case}  {isolated(request.title)}")
    customer = isolated(request.customer.name)
    about = [customer, record.priority.value, request.category, record.snapshot.reference]
    yield Paragraph("text", " · ".join(filter(None, about)))
    if voice.story.differences:
        yield Paragraph("text", voice("unfaithful"))
    yield Paragraph("heading", voice("beginning"))
    if request.reported_at > record.opened_at:
        yield from _openings(voice)
        yield from _problem(voice)
    else:
        yield from _problem(voice)
        yield from _openings(voice)


def _problem(voice: Voice) -> Iterator[Paragraph]:
    request = voice.story.record.request
    yield Paragraph("text", voice("reported", at=voice.moment(request.reported_at)))
    yield voice.quoted(request.statement)
    if request.at_stake:
        yield Paragraph("text", voice("at_stake", text=isolated(request.at_stake)))
    if request.history:
        yield Paragraph("text", voice("before"))
        for each in request.history:
            yield Paragraph("text", f"{voice.moment(each.at)}, {voice.who(each.by)}:")
            yield voice.quoted(each.text)


def _openings(voice: Voice) -> Iterator[Paragraph]:
    record = voice.story.record
    for opened in (each for each in record.timeline if isinstance(each, timeline.Opened)):
        said = {"priority": opened.priority, "channel": opened.channel, "zone": voice.timezone}
        key = "opened_again" if opened.again else "opened"
        by = voice.who(opened.by)
        yield Paragraph("text", voice(key, by=by, at=voice.on_the_way(opened.at), **said))


def _ending(voice: Voice) -> Iterator[Paragraph]:
    story, record = voice.story, voice.story.record
    voice.new_day()
    if record.ending is not None and record.closed_at is not None:
        yield Paragraph("heading", voice("ending"))
        span = voice.span(record.closed_at - record.opened_at)
        ending = voice.why(record.ending)
        yield Paragraph(
            "text", voice("ended", at=voice.moment(record.closed_at), ending=ending, span=span)
        )
        for each in record.timeline:
            if isinstance(each, timeline.Closed) and each.reason:
                yield voice.quoted(each.reason)
        return
    yield Paragraph("heading", voice("standing"))
    status = voice.codes.STATUS[record.status]
    owner = voice("owned", owner=voice.who(record.owner)) if record.owner else voice("unowned")
    yield Paragraph("text", voice("stands", status=status, owner=owner))
    if story.ended not in ("", "continued_as_new"):
        yield Paragraph("text", voice("stopped", how=voice(f"how.{story.ended}")))
    elif record.next_deadline is not None:
        at, what = voice.moment(record.next_deadline.at), _upcoming(voice)
        yield Paragraph("text", voice("coming", at=at, what=what))


def _upcoming(voice: Voice) -> str:
    return isolated(sentences.upcoming(voice.story.record, voice.language))


def _promises(voice: Voice) -> Iterator[Paragraph]:
    record = voice.story.record
    voice.new_day()
    yield Paragraph("heading", voice("promises"))
    broken = [each for each in record.timeline if isinstance(each, timeline.Breached)]
    said = [voice.counted("broken", len(broken)) if broken else voice("kept")]
    said.append(voice.counted("replies", record.replies) if record.replies else voice("silent"))
    if record.hand_offs:
        said.append(voice.counted("hands", record.hand_offs))
    missed = [each for each in record.timeline if isinstance(each, timeline.Undelivered)]
    sends = [each for each in record.outbox if isinstance(each, Notify | TellCustomer)]
    waiting = list(dict.fromkeys(to.key for each in sends for to in each.to))
    if missed:
        said.append(voice("missed", who=voice.listed(voice.who(each.recipient) for each in missed)))
    if waiting:
        said.append(voice("under_way", who=voice.listed(map(voice.who, waiting))))
    if not missed and not waiting:
        said.append(voice("everybody"))
    if record.score is not None:
        said.append(voice("mark", score=record.score))
    yield Paragraph("text", " ".join(said))


def document(story: Story, language: str | None = None) -> dict[str, Any]:
    """The story as plain data."""
    record = story.record
    return {
        "case": record.case,
        "title": record.request.title,
        "summary": record.summary().model_dump(mode="json"),
        "told_at": story.told_at.isoformat(),
        "run_ended": story.ended or None,
        "differences": list(story.differences),
        "chapters": [_plain(each) for each in story.chapters],
        "story": [{"kind": each.kind, "text": each.text} for each in told(story, language)],
    }


def _plain(chapter: Chapter) -> dict[str, Any]:
    clock = chapter.clock
    return {
        "level": chapter.level,
        "name": chapter.name,
        "contact": chapter.contact,
        "entered_at": chapter.entered_at.isoformat(),
        "left_at": chapter.left_at.isoformat() if chapter.left_at else None,
        "why_left": chapter.left.why if chapter.left else None,
        "clock": {
            "calendar": clock.calendar,
            "budget": str(clock.budget) if clock.budget else None,
            "consumed": str(clock.consumed),
            "pauses": clock.pauses,
        }
        if clock
        else None,
        "told": chapter.told,
        "not_reached": [each.recipient for each in chapter.untold],
        "entries": [each.model_dump(mode="json") for each in chapter.entries],
    }
