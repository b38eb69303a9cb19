"""Business time, against a slow oracle and at the moments that are known to be nasty."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from escalations.calendars import BusinessTime, Calendar, CalendarSnapshot, expand
from escalations.durations import Duration, Unit
from escalations.opening_hours import Period
from tests.domain.oracle import MINUTE, Walk

OFFICE = expand(
    Calendar.model_validate(
        {
            "hours": {
                "mon-thu": ["09:00-12:30", "13:30-18:00"],
                "fri": ["09:00-12:30", "13:30-17:00"],
            },
            "holidays": {"country": "FR", "dates": ["2026-12-24", "2026-12-31"]},
        }
    ),
    "Europe/Paris",
    range(2025, 2029),
)


def calendar(zone: str, hours: Any = "always", closed: tuple[date, ...] = ()) -> BusinessTime:
    """A calendar with these hours, or around the clock; for every day where it is one period."""
    written = {"mon-sun": hours} if isinstance(hours, list) else hours
    kept = expand(
        Calendar.model_validate("always" if hours == "always" else {"hours": written}),
        zone,
        range(2026, 2027),
    )
    return BusinessTime.of(kept.model_copy(update={"closed": closed}))


def at(text: str, zone: str = "Europe/Paris") -> datetime:
    """A moment by the wall clock of a zone; with an offset in the text, that one."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def after(time: BusinessTime, start: str, duration: str, zone: str = "Europe/Paris") -> str:
    """What the wall clock of the zone shows when so much time has been consumed."""
    due = time.add(at(start, zone), Duration.parse(duration))
    assert due.tzinfo is UTC
    return due.astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M:%S").removesuffix(":00")


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
    assume(open_at)
    assert time.next_open(start) == open_at
    assume(passed)
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
        calendar("America/St_Johns"),
        calendar("Australia/Lord_Howe", ["00:00-01:45", "01:45-02:15", "22:00-24:00"]),
        calendar("Pacific/Kiritimati", {"fri-mon": ["10:00-12:00"]}, (date(2027, 1, 1),)),
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


@pytest.mark.parametrize(
    ("start", "duration", "due"),
    [
        ("2026-11-16T09:00", "0s", "Mon 16 Nov 09:00"),
        ("2026-11-14T20:00", "0bd", "Sat 14 Nov 20:00"),
        ("2026-11-16T09:00", "1bd", "Mon 16 Nov 18:00"),
        ("2026-11-16T08:00", "1bd", "Mon 16 Nov 18:00"),
        ("2026-11-16T16:00", "1bd", "Tue 17 Nov 16:00"),
        ("2026-11-16T12:30", "1h", "Mon 16 Nov 14:30"),
        ("2026-11-16T12:00", "30m", "Mon 16 Nov 12:30"),
        ("2026-11-20T09:00", "1bd", "Fri 20 Nov 17:00"),
        ("2026-11-20T16:00", "2h", "Mon 23 Nov 10:00"),
        ("2026-11-20T18:00", "5bd", "Fri 27 Nov 17:00"),
        ("2026-11-10T17:00", "2h", "Thu 12 Nov 10:00"),
        ("2026-12-23T17:00", "2bd", "Tue 29 Dec 17:00"),
        ("2026-12-30T18:00", "1h", "Mon 04 Jan 10:00"),
        ("2028-02-28T18:00", "1bd", "Tue 29 Feb 18:00"),
        ("2026-11-21T11:00", "1d", "Sun 22 Nov 11:00"),
        ("2026-03-28T11:00", "1d", "Sun 29 Mar 12:00"),
    ],
)
def test_the_office(start: str, duration: str, due: str) -> None:
    """Split days, short Fridays, week-ends, public and own holidays, the year's end, a leap day:
    hours count open time, each business day is worth one, days run around the clock."""
    assert after(BusinessTime.of(OFFICE), start, duration) == due


@pytest.mark.parametrize(
    ("zone", "hours", "start", "duration", "due"),
    [
        # Skipped: 02:00 becomes 03:00.
        ("Europe/Paris", "always", "2026-03-29T00:00", "1bd", "Mon 30 Mar 00:00"),
        ("Europe/Paris", "always", "2026-03-29T00:00", "12h", "Sun 29 Mar 13:00"),
        ("Europe/Paris", ["01:00-05:00"], "2026-03-29T00:00", "3h", "Sun 29 Mar 05:00"),
        ("Europe/Paris", ["02:15-02:45"], "2026-03-29T00:00", "1bd", "Mon 30 Mar 02:45"),
        ("Europe/Paris", ["02:30-04:00"], "2026-03-29T00:00", "1h", "Sun 29 Mar 04:00"),
        ("Europe/Paris", ["01:00-02:30"], "2026-03-29T00:00", "1bd", "Sun 29 Mar 03:00"),
        # Repeated: 03:00 becomes 02:00.
        ("Europe/Paris", "always", "2026-10-25T00:00", "1bd", "Mon 26 Oct 00:00"),
        ("Europe/Paris", ["01:00-05:00"], "2026-10-25T00:00", "5h", "Sun 25 Oct 05:00"),
        ("Europe/Paris", ["00:00-02:30"], "2026-10-25T00:00", "3h", "Mon 26 Oct 00:30"),
        ("Europe/Paris", ["02:30-06:00"], "2026-10-25T00:00", "4h30m", "Sun 25 Oct 06:00"),
        # Half an hour only.
        ("Australia/Lord_Howe", ["01:00-03:00"], "2026-04-05T00:00", "2h30m", "Sun 05 Apr 03:00"),
        ("Australia/Lord_Howe", ["01:00-03:00"], "2026-10-04T00:00", "90m", "Sun 04 Oct 03:00"),
        # At midnight: the day begins at 01:00, or has 00:00 to 01:00 twice.
        ("America/Havana", "always", "2026-03-07T12:00", "0.5bd", "Sun 08 Mar 01:00"),
        ("America/Havana", "always", "2026-11-01T00:00", "25h", "Mon 02 Nov 00:00"),
        # One minute after midnight, back to 23:01: the new day has begun and stays.
        ("America/St_Johns", "always", "2010-11-06T00:00", "1bd", "Sun 07 Nov 00:00"),
        ("America/St_Johns", "always", "2010-11-06T00:00", "2bd", "Mon 08 Nov 00:00"),
        # A day that the zone left out is no business day.
        ("Pacific/Apia", "always", "2011-12-29T00:00", "2bd", "Sun 01 Jan 00:00"),
        # Where the day begins first, and where last.
        ("Pacific/Kiritimati", ["09:00-17:00"], "2026-12-31T23:59", "1bd", "Fri 01 Jan 17:00"),
        ("Etc/GMT+12", ["09:00-17:00"], "2026-12-31T23:59", "1bd", "Fri 01 Jan 17:00"),
        ("Asia/Kathmandu", ["22:00-24:00"], "2026-07-01T23:00", "90m", "Thu 02 Jul 22:30"),
    ],
)
def test_nasty_nights(zone: str, hours: Any, start: str, duration: str, due: str) -> None:
    """Opening and closing happen when the clock first shows their time or has jumped over it."""
    assert after(calendar(zone, hours), start, duration, zone) == due


def test_the_repeated_hour_opens_once() -> None:
    """A shop that closes at 02:30 does not open again when it is 02:00 for the second time."""
    night = calendar("Europe/Paris", ["00:00-02:30"])
    assert night.is_open(at("2026-10-25T02:15+02:00"))
    assert not night.is_open(at("2026-10-25T02:15+01:00"))
    assert night.next_open(at("2026-10-25T02:15+01:00")) == at("2026-10-26T00:00")


def test_slots() -> None:
    """From lunch the next period is the afternoon; in it, it is the one that has begun."""
    office = BusinessTime.of(OFFICE)
    afternoon = (at("2026-11-20T13:30"), at("2026-11-20T17:00"))
    assert office.next_period(at("2026-11-20T12:30")) == afternoon
    assert office.next_period(at("2026-11-20T16:59")) == afternoon
    assert office.next_period(at("2026-11-20T17:00"))[0] == at("2026-11-23T09:00")
    assert office.next_period(at("2026-12-30T18:00"))[0] == at("2027-01-04T09:00")


def test_beyond_the_horizon() -> None:
    """In years whose holidays are not in the snapshot, only our own days are closed."""
    assert OFFICE.holidays_known == (2025, 2028)
    assert after(BusinessTime.of(OFFICE), "2029-12-24T18:00", "1h") == "Tue 25 Dec 10:00"


@pytest.mark.parametrize("duration", ["100000bd", "100000h", "4000d", f"{10**30}s", f"{10**30}bd"])
@pytest.mark.parametrize("time", [BusinessTime.of(OFFICE), calendar("UTC")])
def test_too_far(time: BusinessTime, duration: str) -> None:
    """What does not end within ten years is refused."""
    with pytest.raises(ValueError, match="does not end within 10 years"):
        time.add(at("2026-11-20T16:00"), Duration.parse(duration))


def test_closed_for_years() -> None:
    """A calendar that never opens again is found out after ten years, not searched for ever."""
    mondays = tuple(date(2026, 1, 5) + timedelta(weeks=n) for n in range(53 * 12))
    closed = calendar("UTC", {"mon": ["09:00-17:00"]}, mondays)
    asks: list[Callable[[], object]] = [
        lambda: closed.add(at("2026-01-01T00:00"), Duration.parse("1s")),
        lambda: closed.add(at("2026-01-01T00:00"), Duration.parse("0.1bd")),
        lambda: closed.next_open(at("2026-01-01T00:00")),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="within 10 years"):
            ask()
    assert not closed.is_open(at("2026-01-05T10:00"))


def test_moments_without_a_zone() -> None:
    """A naive moment is refused everywhere: it might be anybody's nine o'clock."""
    office, naive = BusinessTime.of(OFFICE), at("2026-11-20T16:00").replace(tzinfo=None)
    asks: list[Callable[[], object]] = [
        lambda: office.add(naive, Duration.parse("1h")),
        lambda: office.elapsed(naive, at("2026-11-20T16:00"), Unit.HOURS),
        lambda: office.elapsed(at("2026-11-20T16:00"), naive, Unit.DAYS),
        lambda: office.is_open(naive),
        lambda: office.next_open(naive),
        lambda: office.next_period(naive),
    ]
    for ask in asks:
        with pytest.raises(ValueError, match="has no time zone"):
            ask()


def test_moments_that_cannot_be() -> None:
    """Time does not pass backwards, and calendars cover 1970 to 2199."""
    office = BusinessTime.of(OFFICE)
    with pytest.raises(ValueError, match="from the earlier moment to the later"):
        office.elapsed(at("2026-11-20T16:01"), at("2026-11-20T16:00"), Unit.HOURS)
    for year in ("0001", "1960", "2300", "9999"):
        with pytest.raises(ValueError, match="calendars cover 1970 to 2199"):
            office.add(at(f"{year}-06-01T00:00+00:00"), Duration.parse("1h"))
