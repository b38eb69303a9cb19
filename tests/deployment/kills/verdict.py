"""What must be true of a case after it has ended, whoever was killed meanwhile.

Judged from its last record, from what was seen of it before, and from the mails that came; the
rules are written down here once more, and not asked of the engine.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise, zip_longest

from escalations.asking import silence_counts
from escalations.clock import ClockName, Then
from escalations.effects import Notice
from escalations.record import Ending, EscalationRecord
from escalations.retrospective.record import RetrospectiveRecord
from escalations.timeline import (
    Acknowledged,
    AcknowledgementExpired,
    Breached,
    LeftLevel,
    LevelEntered,
    Notified,
    Reminded,
    TimelineEntry,
)
from tests.deployment.kills import mailed
from tests.deployment.kills.postbox import Mail
from tests.deployment.kills.stories import (
    ACKNOWLEDGE_WITHIN,
    ASKS_TO_ACKNOWLEDGE,
    LAST_LEVEL,
)

_SILENCE = (Then.PRESUME, Then.END_HOLD)
_OF_THE_ASKED = (ClockName.CONFIRMATION, ClockName.HOLD, ClockName.HOLD_REMINDER)
_ONCE_A_STAY = (Reminded, AcknowledgementExpired, Acknowledged, LeftLevel, Breached)


@dataclass(frozen=True)
class Evidence:
    """What is known of one case."""

    ending: Ending
    """How its story goes."""
    record: EscalationRecord
    """The result of its run."""
    retrospective: RetrospectiveRecord | None
    """Present where one was started."""
    seen: Sequence[EscalationRecord]
    """What it looked like before, oldest first."""
    accepted: Sequence[tuple[str, str]]
    refused: Sequence[tuple[str, str]]
    mails: Sequence[Mail]
    """Those about it, in the order they came."""


def faults(evidence: Evidence) -> Iterator[str]:
    """Everything that is wrong with a case."""
    record = evidence.record
    if record.ending is not evidence.ending:
        yield f"it ended as {record.ending}, and not as {evidence.ending}"
    yield from _as_told(evidence)
    yield from _levels(record.timeline)
    for stay in stays(record.timeline):
        yield from _stay(stay)
    yield from _seen_before([*evidence.seen, record])
    yield from mailed.decisions_sent(record)
    yield from mailed.as_recorded(record, evidence.retrospective, evidence.mails)
    yield from mailed.same_words(evidence.mails)


def _as_told(evidence: Evidence) -> Iterator[str]:
    """What the callers were told of what they said is what the record says."""
    entries: Counter[tuple[str, str | None]] = Counter(
        (entry.type, getattr(entry, "by", None)) for entry in evidence.record.timeline
    )
    for said in evidence.accepted:
        if entries[said] != 1:
            yield f"{said} was accepted and stands {entries[said]} times in the record"
    for said in evidence.refused:
        if entries[said]:
            yield f"{said} was refused and stands in the record"
    if entries.keys() & {(kind, by) for kind in ("undelivered", "refused") for _, by in entries}:
        yield "something was undelivered or refused"
    for once in ("opened", "closed"):
        if (times := sum(entry.type == once for entry in evidence.record.timeline)) != 1:
            yield f"it was {once} {times} times"


def _levels(timeline: Iterable[TimelineEntry]) -> Iterator[str]:
    """No level is skipped, except by a trigger that leads further up."""
    moves = [entry for entry in timeline if isinstance(entry, LevelEntered | LeftLevel)]
    at = 0
    for before, entry in pairwise([None, *moves]):
        if isinstance(entry, LevelEntered):
            by_trigger = isinstance(before, LeftLevel) and before.why == "trigger:legal-threat"
            expected = LAST_LEVEL if by_trigger else min(at + 1, LAST_LEVEL)
            if entry.level != expected:
                yield f"level {entry.level} was entered after level {at}"
            at = entry.level


def stays(timeline: Iterable[TimelineEntry]) -> list[list[TimelineEntry]]:
    """What happened at each stay, beginning with its entrance."""
    found: list[list[TimelineEntry]] = []
    for entry in timeline:
        if isinstance(entry, LevelEntered):
            found.append([])
        if found:
            found[-1].append(entry)
    return found


def _stay(stay: Sequence[TimelineEntry]) -> Iterator[str]:
    """Each thing once, nothing after an acknowledgement, nothing left out before a climb."""
    level, kinds = stay[0].level, [type(entry) for entry in stay]
    for kind in _ONCE_A_STAY:
        if kinds.count(kind) > 1:
            yield f"level {level}: {kind.__name__} {kinds.count(kind)} times in one stay"
    if Acknowledged in kinds:
        after = kinds[kinds.index(Acknowledged) :]
        if Reminded in after or AcknowledgementExpired in after:
            yield f"level {level}: reminded after the acknowledgement"
    by_time = any(isinstance(entry, LeftLevel) and entry.why == "time" for entry in stay)
    if by_time != (Breached in kinds):
        yield f"level {level}: left by time without a breach, or a breach without leaving"
    if by_time and Acknowledged not in kinds:
        if Reminded not in kinds:
            yield f"level {level}: left by time without a reminder"
        asked = level in ASKS_TO_ACKNOWLEDGE and _time_to_acknowledge(stay[0])
        if asked and AcknowledgementExpired not in kinds:
            yield f"level {level}: left by time, and nobody was asked again"


def _time_to_acknowledge(entered: TimelineEntry) -> bool:
    """Whether an acknowledgement was due before the climb; not where the case was reported late."""
    assert isinstance(entered, LevelEntered)
    return entered.due_at is None or entered.at + ACKNOWLEDGE_WITHIN < entered.due_at


def _seen_before(seen: Sequence[EscalationRecord]) -> Iterator[str]:
    """What was seen once stays true: entries, and promises while nothing happens."""
    for before, after in pairwise(seen):
        now = _happened(after)
        for told, later in zip_longest(_happened(before), now[: len(_happened(before))]):
            if told != later:
                yield f"seen first: {told!r}, and later: {later!r}"
        if lost := _told(before) - _told(after):
            yield f"seen as told, and later not: {lost}"
        if quiet(before, after) and not _kept(before, after):
            yield f"promised {before.next_deadline}, and later {after.next_deadline}"


def _kept(before: EscalationRecord, after: EscalationRecord) -> bool:
    """Whether what was promised is promised still.

    A time to answer that is over begins anew, without an entry, if its question is on its way: it
    is later then, and nothing else is moved.
    """
    was, now = before.next_deadline, after.next_deadline
    if (before.level, before.clocks, was) == (after.level, after.clocks, now):
        return True
    if was is None or now is None or was.then not in _SILENCE or silence_counts(before):
        return False
    others = [
        {name: clock for name, clock in each.clocks.items() if name not in _OF_THE_ASKED}
        for each in (before, after)
    ]
    return before.level == after.level and now.at > was.at and others[0] == others[1]


def _happened(record: EscalationRecord) -> list[TimelineEntry]:
    """What happened, in order.

    Without the results of sends: where a worker is killed after it has heard of one and before the
    next command, Temporal tells the next worker of both at once, the command first.
    """
    return [entry for entry in record.timeline if not isinstance(entry, Notified)]


def _told(record: EscalationRecord) -> set[tuple[str, str]]:
    return {
        (entry.key, entry.recipient) for entry in record.timeline if isinstance(entry, Notified)
    }


def quiet(before: EscalationRecord, after: EscalationRecord) -> bool:
    """Whether nothing happened in between that moves a clock."""
    return all(entry.type == "noted" for entry in _happened(after)[len(_happened(before)) :])


def latest(record: EscalationRecord, mails: Iterable[Mail]) -> tuple[timedelta, timedelta]:
    """How late the latest climb was, and the latest word to the contact of a level."""
    climbs, words = [timedelta(0)], [timedelta(0)]
    came: dict[tuple[str, str], datetime] = {}
    for mail in mails:
        came.setdefault(mail.told, mail.at)
    for stay in stays(record.timeline):
        entered = stay[0]
        for entry in stay:
            if entry.type == "held":
                break
            if isinstance(entry, LeftLevel) and entry.why == "time":
                assert isinstance(entered, LevelEntered)
                assert entered.due_at is not None
                climbs.append(entry.at - entered.due_at)
    entered_at = [entry.at for entry in record.timeline if isinstance(entry, LevelEntered)]
    told = [
        entry
        for entry in record.timeline
        if isinstance(entry, Notified) and entry.notice == Notice.LEVEL_ENTERED
    ]
    told.sort(key=lambda entry: int(entry.key.rpartition("/")[2]))
    for at, entry in zip(entered_at, told, strict=False):
        words.append(came.get((entry.key, entry.recipient), at) - at)
    return max(climbs), max(words)
