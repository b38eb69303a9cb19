"""The rules of the engine, each an invariant over any matrix and any order of events.

They look at the steps that the last turn made, and at the record as it stands.
"""

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from escalations import events
from escalations.calendars import BusinessTime
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.effects import Notify
from escalations.ladder import OF_A_STAY
from escalations.policy import Priority
from escalations.quiet_hours import quiet_until
from escalations.record import Ending, Status
from tests.domain.any_case import AnyCase
from tests.domain.promised import OWNED, ended_by, kind, moved_by, said_before, stays

SETTINGS = settings(
    max_examples=100,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],  # a shared machine may be
)
MICROSECOND = timedelta(microseconds=1)


class Rules(AnyCase):
    """The rules of the engine."""

    @invariant()
    def reminder_and_climb_are_derived_from_the_clock(self) -> None:
        """A level's window is a clock; pausing and resuming it, at any moment and any number of
        times, neither loses nor adds time: each alarm is due at the first moment at which the time
        that anybody could measure makes up its budget.
        """
        window = self.record.clocks.get(ClockName.WINDOW)
        if window is None or not window.running:
            return
        time = BusinessTime.of(self.record.snapshot.calendars[window.calendar])
        resumed_at = self.ran[-1][0]
        for alarm in window.alarms:
            assert alarm.due_at is not None
            consumed = self._consumed(time, resumed_at, alarm.after)
            if consumed >= alarm.after:
                assert alarm.due_at == resumed_at
            else:
                left = alarm.after - consumed
                unit = left.unit
                assert time.elapsed(resumed_at, alarm.due_at, unit) >= left
                assert time.elapsed(resumed_at, alarm.due_at - MICROSECOND, unit) < left

    def _consumed(self, time: BusinessTime, until: datetime, budget: Duration) -> Duration:
        total = Duration.zero(budget.unit)
        for start, end in self.ran:
            if end is not None and end <= until:
                total += time.elapsed(start, end, budget.unit)
        return total

    @invariant()
    def what_has_been_promised_is_kept(self) -> None:
        """A due moment is computed when its clock starts, resumes or is moved, and then kept."""
        for step in self.steps:
            if (step.before.status, step.before.stays) != (step.after.status, step.after.stays):
                continue
            before, after = step.before.due(), step.after.due()
            for promise in before.keys() & after.keys() - moved_by(step.said) - OWNED:
                assert after[promise] == before[promise]
            assert before.keys() - after.keys() <= ended_by(step.said)

    @invariant()
    def nothing_of_a_stay_runs_unless_the_case_is_open(self) -> None:
        """While customer, vendor or fix is waited for, the level's clocks stand still."""
        for name in OF_A_STAY:
            if name in self.record.clocks:
                assert self.record.clocks[name].running is (self.record.status is Status.OPEN)

    @invariant()
    def each_wait_has_its_clock(self) -> None:
        """What is waited for has a clock of its own, and only while it is waited for."""
        record = self.record
        waits = record.status is Status.RESOLVED
        assert (ClockName.CONFIRMATION in record.clocks) is (waits and record.survey is None)
        assert (ClockName.SURVEY in record.clocks) is (waits and record.survey is not None)
        fix = record.clocks.get(ClockName.FIX)
        assert bool(fix and fix.running) is (record.status is Status.WORKAROUND)
        assert (record.hold is not None) is (record.status is Status.ON_HOLD)
        if record.status in (Status.OPEN, Status.ON_HOLD):
            assert record.resolution is None
        on_hold = {ClockName.HOLD, ClockName.HOLD_REMINDER} & record.clocks.keys()
        assert bool(on_hold) is (record.status is Status.ON_HOLD)

    @invariant()
    def word_is_promised_while_somebody_works(self) -> None:
        """The customer hears at the cadence of the case's priority, but while they are waited for,
        or have an answer to try (A22).
        """
        record = self.record
        waited_for = record.hold is not None and record.hold.reason == "customer"
        working = record.status in (Status.OPEN, Status.ON_HOLD) and not waited_for
        every = record.snapshot.policy.customer.update_every.get(record.priority)
        clock = record.clocks.get(ClockName.UPDATE)
        promised = working and every is not None and record.suggestion is None
        assert bool(clock and clock.running) is promised
        if clock is not None and promised:
            (missed,) = [each for each in clock.alarms if each.then is Then.MISS_UPDATE]
            time = BusinessTime.of(record.snapshot.calendars[clock.calendar])
            assert every is not None
            assert missed.due_at is not None
            assert missed.after == every or missed.due_at <= time.add(self.at, every)

    @invariant()
    def levels_are_only_climbed(self) -> None:
        """A case never goes down but by being handed back, and counts every stay."""
        for step in self.steps:
            down = isinstance(step.said, events.HandBack) and not step.refused
            assert down or step.after.level >= step.before.level
            if step.after.level > step.before.level:
                assert step.after.stays > step.before.stays
        assert self.record.highest_level >= self.record.level

    @invariant()
    def nobody_is_disturbed(self) -> None:
        """In quiet hours nothing goes out to their owner but of a P1; it waits until they end."""
        for effect in self.case.take_effects():
            assert not isinstance(effect, Notify) or effect.not_before is None
        policy, record = self.record.snapshot.policy, self.record
        for step in self.steps:
            for sent in step.effects:
                if not isinstance(sent, Notify):
                    continue
                for to in sent.to:
                    hours = policy.contacts[to.key.partition("/")[0]].quiet_hours
                    if hours is None or record.priority is Priority.P1:
                        continue
                    zone = policy.timezone
                    assert sent.not_before == quiet_until(hours, zone, step.at)

    @invariant()
    def once_per_stay(self) -> None:
        """Each reminder, breach and climb happens once per stay at a level, and no reminder is
        skipped: who misses a window that nobody took has been reminded.
        """
        for stay in stays(self.record.timeline):
            counts = Counter(kind(entry) for entry in stay)
            once = ("reminded", "breached window", "left_level", "acknowledgement_expired")
            for what in once:
                assert counts[what] <= 1, what
            level = self.record.snapshot.policy.levels[stay[0].level - 1]
            taken = counts["acknowledged"] + counts["assigned"] + counts["suggested"]
            if counts["breached window"] and level.within.remind is not None and not taken:
                assert counts["reminded"] == 1

    @invariant()
    def never_reminded_after_an_acknowledgement(self) -> None:
        """Who has taken the case is not asked or reminded at that stay."""
        for stay in stays(self.record.timeline):
            kinds = [entry.type for entry in stay]
            taken = [n for n, kind in enumerate(kinds) if kind in ("acknowledged", "assigned")]
            if taken:
                after = kinds[taken[0] :]
                assert "reminded" not in after
                assert "acknowledgement_expired" not in after

    @invariant()
    def a_refused_command_changes_nothing(self) -> None:
        """A command that cannot be is refused, and the record is what it was."""
        for step in self.steps:
            if step.refused:
                assert step.before.json == step.after.json
                assert step.effects == []
            match step.said:
                case events.HandUp(from_level=seen) if seen != step.before.level:
                    assert step.refused or step.before.json == step.after.json

    @invariant()
    def one_ending_and_nothing_after_it(self) -> None:
        """Every case ends in exactly one explicit ending; after it no effect is ever produced, but
        that its last word is addressed when it is known who is on call.
        """
        assert (self.record.ending is not None) is self.record.closed
        endings = [entry for entry in self.record.timeline if entry.type == "closed"]
        assert len(endings) == self.record.closed
        for step in self.steps:
            if step.before.status is Status.CLOSED:
                last = [effect for effect in step.effects if said_before(effect, step)]
                assert step.effects == last
                assert step.after.status is Status.CLOSED

    @invariant()
    def nobody_is_silent_who_was_not_asked(self) -> None:
        """No case ends or goes on out of a customer's silence whom nothing has reached."""
        for entry in self.record.timeline:
            silence = entry.type == "confirmed" and entry.by is None
            if silence or (entry.type == "closed" and entry.ending is Ending.UNREACHABLE):
                assert self.knows

    @invariant()
    def always_a_next_deadline_or_closed(self) -> None:
        """Whatever the order of messages, a case has a next deadline or is closed."""
        deadline = self.case.next_deadline
        if self.record.closed:
            assert deadline is None or deadline.then is Then.DELIVER
            assert self.case.over is (deadline is None)
        else:
            assert deadline is not None
        if deadline is not None:
            assert deadline.at < datetime(2100, 1, 1, tzinfo=UTC)

    @invariant()
    def every_effect_has_its_key(self) -> None:
        """Keys are unique and go up by one; an effect is in the outbox until it is reported."""
        assert self.issued == [f"T-1/{n}" for n in range(1, self.record.effects_issued + 1)]
        waiting = [effect.key for effect in self.record.outbox]
        gone = self.reported | {
            entry.key for entry in self.record.timeline if entry.type == "recalled"
        }
        assert waiting == [key for key in self.issued if key not in gone]


def test_the_rules_of_the_engine() -> None:
    """Every rule holds whatever the matrix is and whatever happens in whatever order."""
    run_state_machine_as_test(Rules, settings=SETTINGS)
