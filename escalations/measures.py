"""What is measured of a case: from each new entry of its timeline, once.

Times are by the wall clock, as the customer lives through them, and not open time: what is promised
in open time is kept or breached, and breaches are counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from escalations import metrics, timeline
from escalations.clock import Deadline
from escalations.metrics import Metric
from escalations.model import Instant
from escalations.record import EscalationRecord
from escalations.timeline import Entry, TimelineEntry

_Entry = TypeVar("_Entry", bound=Entry)


@dataclass(frozen=True)
class Measure:
    """One count (`value` is `None`) or one duration."""

    metric: Metric
    labels: Mapping[str, str]
    value: timedelta | None = None


class Measured:
    """How far a case's timeline has been measured."""

    def __init__(self) -> None:
        self._last: TimelineEntry | None = None

    def skip(self, record: EscalationRecord, entries: int) -> None:
        """The first entries were measured by runs before this one."""
        self._last = next(reversed(record.timeline[:entries]), None)

    def news(self, record: EscalationRecord) -> list[Measure]:
        """What the entries that are new since the last call measure."""
        fresh: list[TimelineEntry] = []
        for entry in reversed(record.timeline):
            if entry is self._last:
                break
            fresh.append(entry)
        else:
            if self._last is not None:  # folded away: better missed than counted again
                fresh.clear()
        if record.timeline:
            self._last = record.timeline[-1]
        return [measure for entry in reversed(fresh) for measure in _of(entry, record)]


def lateness(deadline: Deadline, record: EscalationRecord, at: Instant) -> Measure:
    """How late a due moment is carried out; one before the opening was due with the opening."""
    late = at - max(deadline.at, record.opened_at)
    return _lasting(metrics.LATENESS, late, what=deadline.then.value)


def _of(entry: TimelineEntry, record: EscalationRecord) -> Iterator[Measure]:
    priority, level = record.priority.value, str(entry.level)
    since_report = entry.at - record.request.reported_at
    match entry:
        case timeline.Acknowledged():
            if (asked := _before(entry, record, timeline.LevelEntered)) is not None:
                took = entry.at - asked.at
                yield _lasting(metrics.TO_ACKNOWLEDGE, took, level=level, priority=priority)
            if not _was_owned_before(entry, record):
                yield _lasting(metrics.TO_OWN, since_report, priority=priority)
        case timeline.Assigned():
            if not _was_owned_before(entry, record):
                yield _lasting(metrics.TO_OWN, since_report, priority=priority)
        case timeline.Confirmed():
            if (resolved := _before(entry, record, timeline.Resolved)) is not None:
                took = resolved.at - record.request.reported_at
                kind = resolved.kind.value
                yield _lasting(metrics.TO_RESOLVE, took, kind=kind, priority=priority)
        case timeline.Closed():
            yield _lasting(
                metrics.TO_CLOSE, since_report, ending=str(entry.ending), priority=priority
            )
        case timeline.Breached():
            labels = {"what": entry.what, "level": level, "priority": priority}
            yield Measure(metrics.BREACHES, labels)
        case timeline.LeftLevel():
            yield Measure(metrics.LEVELS_LEFT, {"why": entry.why.partition(":")[0]})
        case timeline.Undelivered():
            yield Measure(metrics.UNDELIVERED, {"notice": str(entry.notice)})


def _lasting(metric: Metric, took: timedelta, **labels: str) -> Measure:
    return Measure(metric, labels, max(took, timedelta(0)))


def _past(entry: TimelineEntry, record: EscalationRecord) -> Iterator[TimelineEntry]:
    """What came before an entry, the newest first."""
    entries = reversed(record.timeline)
    for each in entries:
        if each is entry:
            break
    return entries


def _before(entry: TimelineEntry, record: EscalationRecord, kind: type[_Entry]) -> _Entry | None:
    """The newest entry of a kind before another."""
    return next((each for each in _past(entry, record) if isinstance(each, kind)), None)


def _was_owned_before(entry: TimelineEntry, record: EscalationRecord) -> bool:
    taking = ("acknowledged", "assigned")
    for each in _past(entry, record):
        if each.type in taking:
            return True
        if isinstance(each, timeline.Folded) and any(kind in each.counts for kind in taking):
            return True
    return False
