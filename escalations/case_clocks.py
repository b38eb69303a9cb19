"""The clocks of a case: started, stopped, paused and resumed at the moment of a decision."""

from escalations import worked_out
from escalations.calendars import BusinessTime
from escalations.clock import Clock, ClockName, Then
from escalations.durations import Duration, Unit
from escalations.model import Instant
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.snapshot import Snapshot
from escalations.worked_out import WorkedOut


class CaseClocks:
    """The clocks of a record; `at` is the moment of what is being decided."""

    def __init__(self, record: EscalationRecord, at: Instant) -> None:
        self.record = record
        self.at = at
        self._keep(record.snapshot)

    def _keep(self, snapshot: Snapshot) -> None:
        self.policy: Policy = snapshot.policy
        """The policy this case keeps now."""
        self.known: WorkedOut = worked_out.of(snapshot)
        """What follows from that policy."""
        self._times: dict[str, BusinessTime] = self.known.times

    def start_clock(
        self,
        name: ClockName,
        calendar: str,
        alarms: dict[Then, Duration],
        since: Instant | None = None,
    ) -> None:
        """Start a clock, now or since an earlier moment."""
        time = self._times[calendar]
        clock = Clock.started(calendar, alarms, since or self.at, time)
        self.record.clocks = {**self.record.clocks, name: clock}

    def stop_clocks(self, *names: ClockName) -> None:
        """These clocks are no more."""
        clocks = self.record.clocks
        if not clocks.keys().isdisjoint(names):
            self.record.clocks = {
                name: clock for name, clock in clocks.items() if name not in names
            }

    def pause_clocks(self, *names: ClockName) -> None:
        """These clocks stand still, those of them that there are."""
        self._replace(
            {
                name: clock.paused(self.at, self._times[clock.calendar])
                for name, clock in self.record.clocks.items()
                if name in names and clock.running_since is not None
            }
        )

    def resume_clocks(self, *names: ClockName) -> None:
        """These clocks go on with the time they had left."""
        self._replace(
            {
                name: clock.resumed(self.at, self._times[clock.calendar])
                for name, clock in self.record.clocks.items()
                if name in names and clock.running_since is None
            }
        )

    def silence(self, name: ClockName, then: Then) -> None:
        """That alarm has rung, or is not wanted any more."""
        if name in self.record.clocks:
            self._replace({name: self.record.clocks[name].without(then)})

    def due(self, name: ClockName, then: Then) -> Instant | None:
        """When that will happen, if it will."""
        clock = self.record.clocks.get(name)
        return clock.due(then) if clock is not None else None

    def consumed(self) -> dict[ClockName, Duration]:
        """How much of its time each clock has consumed by now."""
        return {
            name: clock.consumed_by(self.at, self._times[clock.calendar])
            for name, clock in self.record.clocks.items()
        }

    def go_by(self, snapshot: Snapshot) -> None:
        """The case keeps this one from now on; its clocks are on the other's calendars."""
        self.record.snapshot = snapshot
        self._keep(snapshot)

    def put_clock(self, name: ClockName, clock: Clock) -> None:
        """A clock that stands still, in the place of the one that was there."""
        self._replace({name: clock})

    def _replace(self, changed: dict[ClockName, Clock]) -> None:
        if changed:
            self.record.clocks = {**self.record.clocks, **changed}

    def set_alarm(self, name: ClockName, then: Then, due_at: Instant) -> None:
        """Have something happen at a moment, whatever the calendar; at once if it has passed."""
        microseconds = max(0, round((due_at - self.at).total_seconds() * 1_000_000))
        calendar = self.record.snapshot.policy.customer.calendar
        self.start_clock(name, calendar, {then: Duration(Unit.DAYS, microseconds)})

    def rescale_clock(self, name: ClockName, alarms: dict[Then, Duration]) -> None:
        """That clock's alarms have other budgets; what is consumed stays consumed."""
        clock = self.record.clocks.get(name)
        if clock is not None:
            self._replace({name: clock.rescaled(alarms, self.at, self._times[clock.calendar])})
