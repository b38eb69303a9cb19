"""When people meet: the first slot in opening hours, held against a slow walk through time."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.calendars import BusinessTime, CalendarSnapshot, zone
from escalations.durations import Duration, Unit
from escalations.opening_hours import ALL_DAY, Period
from escalations.retrospective.slots import Slot, first_slot
from tests.domain.oracle import MINUTE, Walk

FRIDAY: Final = datetime(2026, 11, 20, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
OFFICE: Final = ("09:00-12:30", "13:30-18:00")
NEVER: Final = tuple(map(date.fromordinal, range(739_000, 741_000)))
SHORT_FRIDAY: Final = ("09:00-12:30", "13:30-17:00")


def calendar(
    *days: tuple[str, ...], closed: tuple[date, ...] = (), zone: str = "Europe/Paris"
) -> CalendarSnapshot:
    week = tuple(tuple(map(Period.parse, day)) for day in days)
    return CalendarSnapshot(zone=zone, week=week + ((),) * (7 - len(week)), closed=closed)


def office(*closed: date) -> CalendarSnapshot:
    return calendar(*[OFFICE] * 4, SHORT_FRIDAY, closed=closed)


def slot(
    hours: CalendarSnapshot,
    at: datetime,
    duration: str = "45m",
    within: str = "5bd",
    since: datetime | None = None,
) -> Slot | None:
    time = BusinessTime(hours)
    return first_slot(
        time, Duration.parse(duration), Duration.parse(within), since=since or at, at=at
    )


def paris(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}:00").replace(tzinfo=zone("Europe/Paris"))


CASES: Final = {
    "a business day after a short Friday is later on a long Monday": (
        office(),
        "2026-11-20 15:30",
        "5bd",
        "2026-11-23 16:30",
    ),
    "the lunch break is too near: after it": (
        office(),
        "2026-11-23 12:10",
        "5bd",
        "2026-11-24 13:30",
    ),
    "the day's end is too near: the next morning": (
        office(),
        "2026-11-23 17:50",
        "5bd",
        "2026-11-25 09:00",
    ),
    "over Christmas": (
        office(date(2026, 12, 24), date(2026, 12, 25)),
        "2026-12-23 16:00",
        "5bd",
        "2026-12-28 16:00",
    ),
    "closed in the night, as if in the morning": (
        office(),
        "2026-11-24 02:00",
        "5bd",
        "2026-11-25 09:00",
    ),
    "in a hurry: two open hours of notice": (
        office(),
        "2026-11-23 11:52",
        "6h",
        "2026-11-23 15:00",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_meeting_is_in_business_hours_with_notice(name: str) -> None:
    """Everybody has a business day's notice, or two open hours where there is no more time."""
    hours, closed_at, within, expected = CASES[name]
    found = slot(hours, paris(closed_at), within=within)

    assert found == Slot(start_at=paris(expected), end_at=paris(expected) + timedelta(minutes=45))


def test_nothing_fits_in_time_so_it_is_late_and_says_so() -> None:
    """Where the only long period comes after the limit, the meeting is there, marked late."""
    hours = calendar(("09:00-09:30",), ("09:00-09:30",), ("14:00-16:00",))
    monday = paris("2026-11-23 08:00")

    found = slot(hours, monday, within="2bd")

    assert found == Slot(
        start_at=paris("2026-11-25 14:00"), end_at=paris("2026-11-25 14:45"), late=True
    )


def test_a_retrospective_that_begins_late_is_late() -> None:
    """The limit runs from the closing; a server that was down for two weeks does not move it."""
    closing = paris("2026-11-02 10:00")
    found = slot(office(), paris("2026-11-20 10:00"), since=closing)

    assert found is not None
    assert found.late
    assert found.start_at == paris("2026-11-23 10:15")


@pytest.mark.parametrize(
    "hours",
    [
        calendar(("09:00-09:30", "10:00-10:30")),
        calendar(*[("09:00-17:00",)] * 5, closed=NEVER),
    ],
    ids=["periods too short", "closed for years"],
)
def test_no_slot_is_an_answer(hours: CalendarSnapshot) -> None:
    """Where nothing is ever long enough, there is no slot, and nothing breaks."""
    assert slot(hours, paris("2026-11-20 10:00")) is None


def test_round_the_clock_a_meeting_may_pass_midnight() -> None:
    """Periods that follow each other without a gap are one stretch."""
    hours = calendar(*[("00:00-24:00",)] * 7, zone="UTC")
    found = slot(hours, FRIDAY + timedelta(hours=23, minutes=40))

    assert found is not None
    assert found.start_at == FRIDAY + timedelta(days=1, hours=23, minutes=45)
    assert found.end_at == FRIDAY + timedelta(days=2, minutes=30)


quarters = st.lists(st.integers(0, 96), max_size=6, unique=True).map(sorted)
odd_minutes = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted)


def _periods(edges: list[int]) -> tuple[Period, ...]:
    return tuple(Period(*pair) for pair in zip(edges[::2], edges[1::2], strict=False))


days = st.one_of(
    st.just((ALL_DAY,)),
    st.just(()),
    odd_minutes.map(_periods),
    quarters.map(lambda edges: _periods([edge * 15 for edge in edges])),
)
weeks = st.tuples(*[days] * 7).filter(any)
moments = st.sampled_from(
    [
        FRIDAY,
        datetime(2026, 10, 24, tzinfo=UTC),  # before an hour is repeated in Europe
        datetime(2027, 3, 27, tzinfo=UTC),  # before one is skipped
        datetime(2028, 2, 28, tzinfo=UTC),
        datetime(2026, 12, 31, tzinfo=UTC),
    ]
).flatmap(lambda day: st.integers(0, 2879).map(lambda minute: day + minute * MINUTE))


@settings(max_examples=25, deadline=None)
@given(
    weeks,
    st.sampled_from(["Europe/Paris", "Pacific/Kiritimati", "Asia/Kathmandu", "America/New_York"]),
    moments,
    st.integers(1, 20),
    st.sampled_from(["2h", "1d", "1bd", "3bd"]),
)
def test_slot_is_the_first_possible_one(
    week: tuple[tuple[Period, ...], ...], zone: str, at: datetime, nines: int, within: str
) -> None:
    """Open from first to last minute, not before the notice, and nothing sooner would do."""
    hours = CalendarSnapshot(zone=zone, week=week)
    time = BusinessTime(hours)
    length = nines * 9 * MINUTE
    duration = Duration(Unit.HOURS, int(length / timedelta(microseconds=1)))
    limit = time.add(at, Duration.parse(within))
    day, two_hours = (time.add(at, Duration.parse(notice)) for notice in ("1bd", "2h"))
    end = at + timedelta(days=22)
    minutes = {minute for minute, _ in Walk(hours, at, end).open}

    def possible(earliest: datetime, latest: datetime) -> datetime | None:
        start = at.replace(minute=at.minute // 15 * 15)
        while start + length <= min(latest, end):
            whole = (start + n * MINUTE for n in range(length // MINUTE))
            if start >= earliest and all(minute in minutes for minute in whole):
                return start
            start += QUARTER
        return None

    found = first_slot(time, duration, Duration.parse(within), since=at, at=at)

    in_time = possible(day, limit) or possible(two_hours, limit)
    expected = in_time or possible(day, end)
    if expected is None:
        assert found is None or found.end_at > end
    else:
        assert found == Slot(start_at=expected, end_at=expected + length, late=in_time is None)
