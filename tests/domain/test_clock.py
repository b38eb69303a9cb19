"""A clock: budget, consumed, running since, pauses; its alarms are promises."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escalations.calendars import BusinessTime
from escalations.clock import Clock, ClockName, Then
from escalations.durations import Duration
from escalations.record import EscalationRecord
from tests.domain.desk import Desk
from tests.domain.matrices import call_centre, in_paris, paris

OFFICE = BusinessTime.of(call_centre().calendars["office"])
ALWAYS = BusinessTime.of(call_centre().calendars["always"])
FRIDAY = paris("2027-01-15 16:00")


def started(remind: str, climb: str, time: BusinessTime = OFFICE) -> Clock:
    alarms = {Then.REMIND: Duration.parse(remind), Then.CLIMB: Duration.parse(climb)}
    return Clock.started("office", alarms, FRIDAY, time)


def test_a_clock_that_runs() -> None:
    """Its alarms are due when their part of its time is consumed, on its calendar."""
    clock = started("1h", "2h")
    assert clock.running
    assert in_paris(clock.due(Then.REMIND)) == "Fri 15 Jan 17:00"
    assert in_paris(clock.due(Then.CLIMB)) == "Mon 18 Jan 10:00"
    assert clock.due(Then.REPEAT) is None
    assert str(clock.consumed_by(paris("2027-01-15 16:20"), OFFICE)) == "20m"
    assert str(clock.consumed_by(paris("2027-01-17 12:00"), OFFICE)) == "1h"
    assert str(clock.consumed_by(paris("2027-01-18 12:00"), OFFICE)) == "4h"
    assert clock.consumed_by(FRIDAY - timedelta(days=1), OFFICE).is_zero


def test_a_clock_that_stands_still() -> None:
    """While it stands still nothing is due and nothing is consumed; pauses are counted."""
    clock = started("1h", "2h").paused(paris("2027-01-15 16:20"), OFFICE)
    assert not clock.running
    assert (str(clock.consumed), clock.pauses) == ("20m", 1)
    assert [alarm.due_at for alarm in clock.alarms] == [None, None]
    assert str(clock.consumed_by(paris("2027-01-20 12:00"), OFFICE)) == "20m"
    assert clock.paused(paris("2027-01-19 10:00"), OFFICE) == clock

    resumed = clock.resumed(paris("2027-01-19 10:00"), OFFICE)
    assert in_paris(resumed.due(Then.REMIND)) == "Tue 19 Jan 10:40"
    assert in_paris(resumed.due(Then.CLIMB)) == "Tue 19 Jan 11:40"
    assert resumed.resumed(paris("2027-01-19 11:00"), OFFICE) == resumed


def test_what_is_overdue_when_it_resumes() -> None:
    """An alarm whose time was consumed before a pause is due as soon as the clock runs again."""
    clock = started("1h", "2h").paused(paris("2027-01-18 09:30"), OFFICE)
    resumed = clock.resumed(paris("2027-01-20 20:00"), OFFICE)
    assert in_paris(resumed.due(Then.REMIND)) == "Wed 20 Jan 20:00"
    assert in_paris(resumed.due(Then.CLIMB)) == "Thu 21 Jan 09:30"


def test_an_alarm_that_has_rung() -> None:
    """It does not ring again, and the others of its clock stay as promised."""
    clock = started("1h", "2h")
    silent = clock.without(Then.REMIND)
    assert silent.due(Then.REMIND) is None
    assert silent.due(Then.CLIMB) == clock.due(Then.CLIMB)
    assert silent.running_since == clock.running_since
    assert silent.without(Then.REMIND) == silent


@given(
    pauses=st.lists(
        st.tuples(
            st.builds(timedelta, microseconds=st.integers(0, 10**12)),
            st.builds(timedelta, microseconds=st.integers(0, 10**12)),
        ),
        max_size=6,
    ),
    climb=st.sampled_from(["2h", "40h", "3d", "1/3bd", "5bd"]),
    time=st.sampled_from([OFFICE, ALWAYS]),
)
def test_pauses_neither_lose_nor_add_time(
    pauses: list[tuple[timedelta, timedelta]], climb: str, time: BusinessTime
) -> None:
    """However often a clock is paused, what it consumes is what passed while it ran, to the
    microsecond, and it rings when its budget is made up and not before.
    """
    budget = Duration.parse(climb)
    clock = Clock.started("office", {Then.CLIMB: budget}, FRIDAY, time)
    at, ran = FRIDAY, Duration.zero(budget.unit)
    for run, rest in pauses:
        ran += time.elapsed(at, at + run, budget.unit)
        assert clock.consumed_by(at + run, time) == ran
        clock = clock.paused(at + run, time)
        at = at + run + rest
        clock = Clock.model_validate_json(clock.model_dump_json()).resumed(at, time)
    assert clock.consumed == ran

    due = clock.due(Then.CLIMB)
    assert due is not None
    if ran >= budget:
        assert due == at
    else:
        last = due - timedelta(microseconds=1)
        assert ran + time.elapsed(at, due, budget.unit) >= budget
        assert ran + time.elapsed(at, last, budget.unit) < budget


def test_promises_outlive_the_calendar() -> None:
    """What has been promised is not computed anew from a record whose holidays are others now."""
    desk = Desk(at=paris("2027-01-11 10:00"))
    desk.trigger("formal-complaint")
    promised = desk.case.next_deadline
    record = desk.record.model_copy(deep=True)
    office = record.snapshot.calendars["office"]
    closed = office.model_copy(update={"closed": (paris("2027-01-12 12:00").date(),)})
    record.snapshot = record.snapshot.model_copy(
        update={"calendars": {**record.snapshot.calendars, "office": closed}}
    )
    assert EscalationRecord.model_validate_json(record.model_dump_json()).next_deadline == promised
    assert promised is not None
    assert in_paris(promised.at) == "Tue 12 Jan 10:00"


@pytest.mark.parametrize("first", list(Then))
def test_of_two_at_the_same_moment(first: Then) -> None:
    """Two due moments that coincide come in a fixed order, whatever clocks they are on."""
    record = Desk().record
    names = dict(zip(Then, [*ClockName] * 2, strict=False))
    others = [then for then in Then if list(Then).index(then) >= list(Then).index(first)]
    hour = Duration.parse("1h")
    for order in (others, others[::-1]):
        record.clocks = {
            name: Clock.started(
                "always", {then: hour for then in order if names[then] is name}, FRIDAY, ALWAYS
            )
            for name in dict.fromkeys(names[then] for then in order)
        }
        assert record.next_deadline is not None
        assert record.next_deadline.then is first
