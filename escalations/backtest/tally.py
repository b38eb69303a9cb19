"""What a policy would have done to the cases of a log, counted; its size does not grow with it."""

from collections import Counter
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from typing import Final, Self
from zoneinfo import ZoneInfo

from escalations import timeline
from escalations.effects import Effect, Notify, ScheduleRetrospective, TellCustomer
from escalations.record import EscalationRecord

CUSTOMER: Final = "customer"
"""The recipient of what customers are told."""

_SAYS_MORE: Final = frozenset(
    {
        timeline.Held,
        timeline.Resumed,
        timeline.Closed,
        timeline.Breached,
        timeline.LeftLevel,
        timeline.Folded,
    }
)
"""The entries of which more is counted than that they are there."""

Hours = Counter[int]
"""Hour of the week, from Monday 0:00 in the policy's zone → how many."""


@dataclass
class Tally:
    """Counts that can be added up, in any order."""

    cases: int = 0
    unfinished: int = 0
    """Cases of which the log does not tell the end."""
    breached: int = 0
    """Cases with a breach."""
    retrospectives: int = 0
    highest: Counter[int] = field(default_factory=Counter)
    """Level → the cases for which it was the highest."""
    left: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Level and why it was left → how often."""
    entries: Counter[tuple[str, int]] = field(default_factory=Counter)
    """Type of timeline entry and level (0: folded away) → how many."""
    breaches: Counter[tuple[str, int]] = field(default_factory=Counter)
    """What was not kept (`window`, `fix` …) and at which level → how often."""
    holds: Counter[str] = field(default_factory=Counter)
    """Reason → how often."""
    held_for: Counter[str] = field(default_factory=Counter)
    """Reason → seconds on hold, around the clock."""
    holds_over: Counter[str] = field(default_factory=Counter)
    """Reason → holds that the policy's limit ended."""
    endings: Counter[str] = field(default_factory=Counter)
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Recipient and notice → how many."""
    by_hour: Hours = field(default_factory=Counter)
    """Messages to people inside."""
    to_customers_by_hour: Hours = field(default_factory=Counter)
    assumed: Counter[str] = field(default_factory=Counter)
    """What had to be assumed → for how many cases."""
    years: Counter[int] = field(default_factory=Counter)
    """Year in which cases were opened → how many."""

    def add(self, other: Self) -> None:
        """What another part of the log came to."""
        for each in fields(self):
            ours, theirs = getattr(self, each.name), getattr(other, each.name)
            if isinstance(ours, Counter):
                ours.update(theirs)
            else:
                setattr(self, each.name, ours + theirs)

    def told(self, effects: list[Effect], at: datetime, zone: ZoneInfo) -> None:
        """What was sent at that moment."""
        local = at.astimezone(zone)
        hour = 24 * local.weekday() + local.hour
        for effect in effects:
            if isinstance(effect, Notify):
                to, notice = effect.to, effect.notice
                self.by_hour[hour] += len(to)
                for recipient in to:
                    self.messages[recipient.key, notice] += 1
            elif isinstance(effect, TellCustomer):
                self.to_customers_by_hour[hour] += 1
                self.messages[CUSTOMER, effect.notice] += 1
            elif isinstance(effect, ScheduleRetrospective):
                self.retrospectives += 1

    def ended(self, record: EscalationRecord, last_at: datetime, *, finished: bool) -> None:
        """How a case stands when all that the log says of it has been played."""
        self.cases += 1
        self.unfinished += not finished
        self.breached += record.breached
        self.highest[record.highest_level] += 1
        self.endings[record.ending.value if record.ending else "open"] += 1
        self._read(record.timeline, last_at)

    def _read(self, entries: list[timeline.TimelineEntry], last_at: datetime) -> None:
        held: timeline.Held | None = None
        for entry in entries:
            self.entries[entry.type, entry.level] += 1
            if type(entry) not in _SAYS_MORE:
                continue
            match entry:
                case timeline.Held():
                    held = entry
                    self.holds[entry.reason.value] += 1
                case timeline.Resumed() | timeline.Closed():
                    if held is not None:
                        self._held(held, entry.at)
                        if _ran_out(entry):
                            self.holds_over[held.reason.value] += 1
                    held = None
                case timeline.Breached():
                    self.breaches[entry.what, entry.level] += 1
                case timeline.LeftLevel():
                    self.left[entry.level, entry.why] += 1
                case timeline.Folded():
                    for kind, times in entry.counts.items():
                        self.entries[kind, 0] += times
        if held is not None:
            self._held(held, max(last_at, held.at))

    def _held(self, held: timeline.Held, until: datetime) -> None:
        self.held_for[held.reason.value] += round((until - held.at) / timedelta(seconds=1))


def _ran_out(entry: timeline.Resumed | timeline.Closed) -> bool:
    """Whether the policy's limit ended the hold, and not somebody."""
    if isinstance(entry, timeline.Closed):
        return entry.ending == "unreachable"
    return entry.why == "hold_over"
