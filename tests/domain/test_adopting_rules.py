"""The rules of the engine hold for cases of any matrix that adopt any other, at any moment."""

from collections import Counter
from datetime import datetime, timedelta
from fractions import Fraction
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from escalations import events
from escalations.adoption import Adoption, outlook
from escalations.calendars import BusinessTime
from escalations.casefile import CaseFile
from escalations.clock import Clock, ClockName, Deadline, Then
from escalations.clock_terms import Terms, terms
from escalations.durations import Duration, Unit
from escalations.engine import Case
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.snapshot import Snapshot
from tests.domain.promised import kind, stays
from tests.domain.random_cases import any_snapshot, snapshots
from tests.domain.test_engine_rules import Rules

SETTINGS = settings(
    max_examples=40,
    stateful_step_count=40,
    suppress_health_check=[HealthCheck.too_slow],  # a shared machine may be
)
ROUNDING = 2
"""Microseconds that a share of hours or of days may be off by, there and back."""


def consumed(record: EscalationRecord, at: datetime) -> dict[ClockName, Duration]:
    """How much of its time each clock has consumed."""
    return CaseFile(record, at).consumed()


class Adopting(Rules):
    """A case that may adopt another matrix at any moment, and what that may change."""

    kept = Duration.zero(Unit.HOURS)
    """What the window had consumed when a policy was adopted last, in this stay."""
    adopted_at: datetime | None = None

    @precondition(lambda self: not self.record.closed)
    @rule(snapshot=snapshots())
    def is_adopted(self, snapshot: Snapshot) -> None:
        """It is to go by another matrix from now on: what a preview has said is what happens."""
        before = consumed(self.record, self.at)
        had = self.record.clocks
        adopt = events.Adopt(by="olga", snapshot=snapshot)
        seen = outlook(self.record, adopt, self.at)
        promised = self.record.clocks.get(ClockName.WINDOW)

        self._say(adopt)

        after = consumed(self.record, self.at)
        has = terms(CaseFile(self.record, self.at))
        for name in before.keys() & after.keys() - {ClockName.WINDOW, ClockName.SHIFT}:
            assert_kept(before[name], after[name], had[name], has.get(name))
        window = ClockName.WINDOW
        if window in before.keys() & after.keys() and not _missed(self.record):
            assert_kept(before[window], after[window], had[window], has.get(window))
        assert seen.after.due == self.record.next_deadline
        assert seen.after.level == self.record.level
        now = self.record.clocks.get(ClockName.WINDOW)
        if now is not None and (promised is None or now.alarms != promised.alarms):
            self._keep(after[ClockName.WINDOW], runs=now.running)

    def _keep(self, consumed: Duration, *, runs: bool) -> None:
        """From now on the window is measured by the new matrix."""
        self.kept = consumed
        self.ran = [(self.at, None)] if runs else []
        self.adopted_at = self.at
        self.in_stay = self.record.stays

    def _consumed(self, time: BusinessTime, until: datetime, budget: Duration) -> Duration:
        measured = super()._consumed(time, until, budget)
        if self.adopted_at is None or self.in_stay != self.record.stays:
            return measured
        return measured + self.kept

    @invariant()
    def what_has_been_promised_is_kept(self) -> None:
        """But where a policy was adopted, whose promises are the new ones."""
        if not any(isinstance(step.said, events.Adopt) for step in self.steps):
            super().what_has_been_promised_is_kept()

    @invariant()
    def levels_are_only_climbed(self) -> None:
        """But where a policy was adopted, whose levels have other numbers."""
        if not any(isinstance(step.said, events.Adopt) for step in self.steps):
            super().levels_are_only_climbed()
        assert 1 <= self.record.level <= len(self.record.snapshot.policy.levels)
        assert self.record.highest_level >= self.record.level

    @invariant()
    def nobody_is_disturbed(self) -> None:
        """In the quiet hours of the policy that is adopted nothing goes out either."""
        if not any(isinstance(step.said, events.Adopt) for step in self.steps):
            super().nobody_is_disturbed()
        else:
            self.case.take_effects()

    @invariant()
    def once_per_stay(self) -> None:
        """Each reminder, breach and climb happens once per stay, by whichever policy."""
        for stay in stays(self.record.timeline):
            counts = Counter(kind(entry) for entry in stay)
            for what in ("reminded", "breached window", "left_level", "acknowledgement_expired"):
                assert counts[what] <= 1, what

    @invariant()
    def no_reminder_is_skipped(self) -> None:
        """Who misses a window that asked for a reminder, and that nobody took, was reminded."""
        for step in self.steps:
            climbs = isinstance(step.said, Deadline) and step.said.then is Then.CLIMB
            if climbs and step.before.stays != step.after.stays:
                window = step.before.clocks[ClockName.WINDOW]
                assert [alarm.then for alarm in window.alarms] == [Then.CLIMB]


def assert_kept(before: Duration, after: Duration, had: Clock, has: Terms | None) -> None:
    """The same amount of the same kind of time; of another kind, the same share of the whole."""
    if before.unit is after.unit:
        assert before == after
    elif not had.alarms or has is None:
        assert not after
    else:
        share = Fraction(before.amount) / max(alarm.after for alarm in had.alarms).amount
        assert abs(share - Fraction(after.amount) / has.whole.amount) < Fraction(1, 10**6)


def _missed(record: EscalationRecord) -> bool:
    (*_, stay) = stays(record.timeline)
    return any(kind(entry) == "breached window" for entry in stay)


def test_the_rules_hold_whatever_is_adopted() -> None:
    """Every rule holds for a case that goes from matrix to matrix; no time is lost or given."""
    run_state_machine_as_test(Adopting, settings=SETTINGS)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.integers(0, 10**6), st.integers(1, 5), st.integers(1, 5), st.integers(0, 60 * 60 * 24 * 4)
)
def test_there_and_back(seed: int, length: int, other: int, seconds: int) -> None:
    """A case that adopts a matrix and adopts the old one again has consumed what it had."""
    chance = Random(seed)
    old, new = any_snapshot(length, chance), any_snapshot(other, chance)
    case, at = _lived(old, timedelta(seconds=seconds), chance)
    if case.closed:
        return
    before, clocks, level = consumed(case.record, at), case.record.clocks, case.record.level

    there = _adopt(case, new, at)
    between = {reading.clock for reading in there.after.clocks}
    _adopt(case, old, at)

    assert case.record.snapshot == old
    if case.record.level != level:  # the other matrix has not so many
        return
    after = consumed(case.record, at)
    same = {name for name in (before.keys() & after.keys() & between) if clocks[name].alarms}
    by_its_terms = {
        name
        for name, said in terms(CaseFile(case.record, at)).items()
        if name in same and said.whole.unit is before[name].unit
    }
    for name in by_its_terms - {ClockName.REPEAT}:
        change = abs(Fraction(before[name].amount) - Fraction(after[name].amount))
        assert before[name].unit is after[name].unit
        exact = {each.unit for each in _units(there, name)} == {before[name].unit}
        assert change == 0 if exact else change <= ROUNDING * 10**6


def _units(adoption: Adoption, name: ClockName) -> list[Duration]:
    return [each.consumed for each in adoption.after.clocks if each.clock is name]


def _adopt(case: Case, snapshot: Snapshot, at: datetime) -> Adoption:
    adopt = events.Adopt(by="olga", snapshot=snapshot)
    seen = outlook(case.record, adopt, at)
    case.handle(adopt, at)
    return seen


def _lived(snapshot: Snapshot, length: timedelta, chance: Random) -> tuple[Case, datetime]:
    """A case after so long, perhaps taken or on hold."""
    from tests.domain.matrices import paris, request

    at = paris("2026-12-22 10:00")
    case = Case.open(request(policy="any", reported_at=at), snapshot, at)
    until = at + length
    if chance.random() < 0.3:
        case.handle(events.Acknowledge(by="rita"), at)
    for _ in range(60):
        deadline = case.next_deadline
        if deadline is None or deadline.at > until:
            return case, until
        at = max(at, deadline.at)
        case.fall_due(deadline, at)
    return case, at


def test_a_policy_says_its_terms() -> None:
    """Each clock that a case may have by a policy has its terms, in one kind of time each."""
    for seed in range(50):
        snapshot = any_snapshot(4, Random(seed))
        assert isinstance(snapshot.policy, Policy)
        case, at = _lived(snapshot, timedelta(hours=3), Random(seed))
        for name, said in terms(CaseFile(case.record, at)).items():
            assert {after.unit for after in said.alarms.values()} == {said.whole.unit}, name
