"""Business time, against a slow oracle and by its own laws."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from escalations.calendars import BusinessTime, CalendarSnapshot
from escalations.durations import Duration, Unit
from escalations.opening_hours import Period
from tests.domain.oracle import MINUTE, Walk
from tests.domain.shops import OFFICE, at, shop

# Days near which clocks change, years end, or February is long.
NASTY_DAYS = {
    "Europe/Paris": ["2026-03-29", "2026-10-25", "2027-12-31", "2028-02-29"],
    "America/St_Johns": ["2026-03-08", "2026-11-01", "2010-11-07", "2010-03-14"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Pacific/Kiritimati": ["2026-12-31", "2028-02-29"],
    "Etc/GMT+12": ["2026-01-01", "2028-02-28"],
    "Asia/Kathmandu": ["2026-07-01"],
    "America/Havana": ["2026-03-08", "2026-11-01"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
    "Pacific/Apia": ["2011-12-30"],
}
NASTY = [(zone, date.fromisoformat(day)) for zone, days in NASTY_DAYS.items() for day in days]
TIMES = st.sampled_from([0, 1, 30, 60, 90, 119, 120, 135, 150, 180, 540, 750, 1080, 1380, 1440])
SPLITS = st.lists(TIMES, max_size=6, unique=True).map(sorted)


def _periods(cuts: list[int]) -> tuple[Period, ...]:
    return tuple(Period(*pair) for pair in zip(cuts[::2], cuts[1::2], strict=False))


@st.composite
def walks(draw: st.DrawFn) -> tuple[CalendarSnapshot, Walk, datetime]:
    """Some calendar, a walk of five days around a nasty one, and a minute in its first days."""
    zone, day = draw(st.sampled_from(NASTY))
    days = draw(st.lists(SPLITS.map(_periods), min_size=7, max_size=7))
    if draw(st.booleans()):
        days = [(Period(0, 1440),)] * 7
    near = st.integers(-2, 3).map(lambda n: day + timedelta(days=n))
    closed = draw(st.frozensets(near, max_size=2))
    kept = CalendarSnapshot(zone=zone, week=tuple(days), closed=tuple(sorted(closed)))
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    walk = Walk(kept, noon - timedelta(days=2), noon + timedelta(days=3))
    start = walk.start + draw(st.integers(0, 3 * 1440)) * MINUTE
    return kept, walk, start


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(walks(), st.data())
def test_against_the_oracle(
    case: tuple[CalendarSnapshot, Walk, datetime], data: st.DataObject
) -> None:
    """Whatever the hours, the zone and the night: what is due and what has passed is what one
    finds who walks through the minutes, and it is open at the minutes found open."""
    kept, walk, start = case
    time = BusinessTime(kept)
    end = data.draw(st.integers(0, (walk.end - start) // MINUTE)) * MINUTE + start
    passed = walk.open_time(start, end)
    days = walk.business_days(start, end)
    assert time.elapsed(start, end, Unit.HOURS).amount == passed / timedelta(microseconds=1)
    assert time.elapsed(start, end, Unit.BUSINESS_DAYS).amount == days
    open_at = next((minute for minute, _ in walk.open if minute >= start), None)
    assert time.is_open(start) is (open_at == start)
    if open_at is not None:
        assert time.next_open(start) == open_at
    if not passed:
        return
    minutes = data.draw(st.integers(1, passed // MINUTE))
    assert time.add(start, Duration.parse(f"{minutes}m")) == walk.after_open_time(start, minutes)
    share = days * data.draw(st.fractions(Fraction(1, 1000), 1, max_denominator=1000))
    due = time.add(start, Duration(Unit.BUSINESS_DAYS, share))
    assert due == walk.after_business_days(start, share)


MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
AMOUNTS = st.builds(Duration, st.just(Unit.HOURS), st.integers(0, 10**12)) | st.builds(
    Duration, st.just(Unit.BUSINESS_DAYS), st.fractions(0, 40, max_denominator=10**6)
)
CALENDARS = st.sampled_from(
    [
        BusinessTime.of(OFFICE),
        shop("America/St_Johns"),
        shop("Australia/Lord_Howe", ["00:00-01:45", "01:45-02:15", "22:00-24:00"]),
        shop("Pacific/Kiritimati", {"fri-mon": ["10:00-12:00"]}, (date(2027, 1, 1),)),
    ]
)


@given(CALENDARS, MOMENTS, MOMENTS, MOMENTS, st.sampled_from(Unit))
def test_time_adds_up(
    time: BusinessTime, one: datetime, two: datetime, three: datetime, unit: Unit
) -> None:
    """Looking at a clock in between, any number of times, neither loses nor adds time."""
    a, b, c = sorted([one, two, three])
    assert time.elapsed(a, b, unit) + time.elapsed(b, c, unit) == time.elapsed(a, c, unit)


@given(CALENDARS, MOMENTS, AMOUNTS)
@example(BusinessTime.of(OFFICE), at("2026-11-20T16:00"), Duration.parse("1/3bd"))
def test_due_at_the_earliest_moment(time: BusinessTime, start: datetime, amount: Duration) -> None:
    """A due moment is one at which the amount has been consumed, and there is none before it."""
    due = time.add(start, amount)
    consumed = time.elapsed(start, due, amount.unit)
    assert consumed >= amount
    if amount.unit is Unit.HOURS:
        assert consumed == amount
    if amount:
        before = due - timedelta(microseconds=1)
        assert time.elapsed(start, before, amount.unit) < amount


@given(CALENDARS, MOMENTS, MOMENTS, AMOUNTS)
def test_who_comes_first_is_due_first(
    time: BusinessTime, one: datetime, two: datetime, amount: Duration
) -> None:
    """A clock that starts earlier, or has less to consume, is not due later."""
    assert time.add(min(one, two), amount) <= time.add(max(one, two), amount)
    assert time.add(one, amount * Fraction(2, 3)) <= time.add(one, amount)


@given(CALENDARS, MOMENTS)
def test_periods(time: BusinessTime, moment: datetime) -> None:
    """The next period is open from its start until its end, and nothing is open before it."""
    opens, closes = time.next_period(moment)
    assert moment < closes
    assert time.is_open(opens)
    assert time.elapsed(opens, closes, Unit.HOURS).amount == (closes - opens) / timedelta(
        microseconds=1
    )
    assert time.next_open(moment) == max(opens, moment)
    assert time.is_open(moment) is (opens <= moment)
    assert time.elapsed(min(opens, moment), opens, Unit.HOURS).is_zero
