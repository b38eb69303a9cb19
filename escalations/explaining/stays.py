"""The clock of every stay, seen while a case is told again: the record keeps only the last one."""

from dataclasses import dataclass

from escalations.calendars import BusinessTime
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.model import Instant
from escalations.record import EscalationRecord

_ENDS = (Then.CLIMB, Then.BREACH)


@dataclass(frozen=True)
class StayClock:
    """The window's clock of one stay, as far as it was seen."""

    calendar: str
    budget: Duration | None
    """What it had in all; none where the level works until the case is resolved."""
    consumed: Duration
    """What of it was used, on that calendar."""
    pauses: int
    """How often it stood still."""


class Watching:
    """Looks at the window's clock before and after everything that happens."""

    def __init__(self) -> None:
        self.clocks: dict[int, StayClock] = {}
        """Stay → its clock as it was last seen."""

    def before(self, record: EscalationRecord, at: Instant) -> None:
        """The clock may be stopped by what is about to happen: it is read now."""
        self.look(record, at)

    def after(self, record: EscalationRecord, at: Instant) -> None:
        """A level may have been entered."""
        self.look(record, at)

    def look(self, record: EscalationRecord, at: Instant) -> None:
        """Read the clock of the present stay."""
        clock = record.clocks.get(ClockName.WINDOW)
        if clock is None:
            return
        known = self.clocks.get(record.stays)
        ends = [alarm.after for alarm in clock.alarms if alarm.then in _ENDS]
        time = BusinessTime.of(record.snapshot.calendars[clock.calendar])
        self.clocks[record.stays] = StayClock(
            calendar=clock.calendar,
            budget=ends[0] if ends else known.budget if known else None,
            consumed=clock.consumed_by(at, time),
            pauses=clock.pauses,
        )
