"""A clock: how much of its time is consumed, since when it runs, what it will ring for.

A level's reminder and climb are alarms of one clock, so they pause and resume together. A due
moment is computed when the clock starts or resumes, and then kept: newer calendar data does not
move what has been promised.
"""

from enum import StrEnum
from typing import Self

from escalations.calendars import BusinessTime
from escalations.durations import Duration, Unit
from escalations.model import Instant, Value, made, remade


class ClockName(StrEnum):
    """The clocks a case may have; each at most once at a time."""

    ACKNOWLEDGEMENT = "acknowledgement"
    WINDOW = "window"
    REPEAT = "repeat"
    HOLD = "hold"
    HOLD_REMINDER = "hold_reminder"
    CONFIRMATION = "confirmation"
    FIX = "fix"
    SURVEY = "survey"
    RELEASE = "release"
    UPDATE = "update"
    AGE = "age"
    SHIFT = "shift"
    QUIET = "quiet"
    """Not kept in a record: when the next message goes out that waits for quiet hours to end."""


class Then(StrEnum):
    """What happens at a due moment; of two at the same moment, the one that stands first here."""

    HAND_OVER = "hand_over"
    RAISE_PRIORITY = "raise_priority"
    ASK_AGAIN = "ask_again"
    REMIND = "remind"
    CLIMB = "climb"
    BREACH = "breach"
    REPEAT = "repeat"
    RELEASE = "release"
    REMIND_UPDATE = "remind_update"
    MISS_UPDATE = "miss_update"
    REMIND_HOLD = "remind_hold"
    END_HOLD = "end_hold"
    PRESUME = "presume"
    FIX_OVERDUE = "fix_overdue"
    END_SURVEY = "end_survey"
    DELIVER = "deliver"


class Deadline(Value):
    """The next due moment: when, on which clock, and what will happen then."""

    at: Instant
    clock: ClockName
    then: Then


class Alarm(Value):
    """What a clock rings for."""

    then: Then
    after: Duration
    """How much of the clock's time must be consumed."""
    due_at: Instant | None = None
    """The moment that was promised; none while the clock stands still."""


class Clock(Value):
    """Consumed time on one calendar, in one unit, and the alarms on it."""

    calendar: str
    """The name of the policy's calendar whose time this is."""
    consumed: Duration
    """Up to `running_since`, or up to now while it stands still."""
    running_since: Instant | None
    alarms: tuple[Alarm, ...]
    pauses: int = 0

    @classmethod
    def started(
        cls, calendar: str, alarms: dict[Then, Duration], at: Instant, time: BusinessTime
    ) -> Self:
        """A clock that runs from `at`; all its alarms are in the same unit."""
        units = {after.unit for after in alarms.values()} or {Unit.HOURS}
        (unit,) = units
        set_ = [
            made(Alarm, then=then, after=after, due_at=time.add(at, after))
            for then, after in alarms.items()
        ]
        return made(
            cls,
            calendar=calendar,
            consumed=Duration.zero(unit),
            running_since=at,
            alarms=tuple(set_),
            pauses=0,
        )

    @property
    def running(self) -> bool:
        """Whether time is consumed, opening hours permitting."""
        return self.running_since is not None

    def consumed_by(self, at: Instant, time: BusinessTime) -> Duration:
        """How much is consumed by then; more than the budget if it is overdue."""
        if self.running_since is None or at <= self.running_since:
            return self.consumed
        return self.consumed + time.elapsed(self.running_since, at, self.consumed.unit)

    def paused(self, at: Instant, time: BusinessTime) -> "Clock":
        """The same clock, standing still."""
        if not self.running:
            return self
        return remade(
            self,
            consumed=self.consumed_by(at, time),
            running_since=None,
            alarms=tuple([remade(alarm, due_at=None) for alarm in self.alarms]),
            pauses=self.pauses + 1,
        )

    def resumed(self, at: Instant, time: BusinessTime) -> "Clock":
        """The same clock, running, with the time it had left; what is overdue is due at once."""
        if self.running:
            return self
        alarms = [
            remade(alarm, due_at=time.add(at, alarm.after.less(self.consumed)))
            for alarm in self.alarms
        ]
        return remade(self, running_since=at, alarms=tuple(alarms))

    def rescaled(self, alarms: dict[Then, Duration], at: Instant, time: BusinessTime) -> "Clock":
        """The same clock with other budgets for the alarms it still has; its time stays consumed.

        Source: D10, where a case becomes more or less important on its way.
        """
        paused = self.paused(at, time)
        changed = [
            remade(alarm, after=alarms.get(alarm.then, alarm.after)) for alarm in paused.alarms
        ]
        clock = remade(paused, alarms=tuple(changed), pauses=self.pauses)
        return clock.resumed(at, time) if self.running else clock

    def without(self, then: Then) -> "Clock":
        """The same clock with that alarm rung or silenced."""
        return remade(self, alarms=tuple([each for each in self.alarms if each.then is not then]))

    def due(self, then: Then) -> Instant | None:
        """When that will happen; `None` if it will not, or not while this clock stands still."""
        for alarm in self.alarms:
            if alarm.then is then:
                return alarm.due_at
        return None
