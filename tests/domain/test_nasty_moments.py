"""Business time at the moments that are known to be nasty."""

from collections.abc import Callable
from datetime import UTC, date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from escalations.calendars import BusinessTime
from escalations.durations import Duration, Unit
from tests.domain.shops import OFFICE, at, shop


def after(time: BusinessTime, start: str, duration: str, zone: str = "Europe/Paris") -> str:
    """What the wall clock of the zone shows when so much time has been consumed."""
    due = time.add(at(start, zone), Duration.parse(duration))
    assert due.tzinfo is UTC
    return due.astimezone(ZoneInfo(zone)).strftime("%a %d %b %H:%M:%S").removesuffix(":00")


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
        ("2026-12-30T17:00", "1h", "Wed 30 Dec 18:00"),
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
        ("Pacific/Kiritimati", "always", "2027-01-01T06:00", "1bd", "Sat 02 Jan 06:00"),
        ("Etc/GMT+12", "always", "2026-12-31T18:00", "1bd", "Fri 01 Jan 18:00"),
        ("Pacific/Kiritimati", ["09:00-17:00"], "2026-12-31T23:59", "1bd", "Fri 01 Jan 17:00"),
        ("Etc/GMT+12", ["09:00-17:00"], "2026-12-31T23:59", "1bd", "Fri 01 Jan 17:00"),
        ("Asia/Kathmandu", ["22:00-24:00"], "2026-07-01T23:00", "90m", "Thu 02 Jul 22:30"),
    ],
)
def test_nasty_nights(zone: str, hours: Any, start: str, duration: str, due: str) -> None:
    """Opening and closing happen when the clock first shows their time or has jumped over it."""
    assert after(shop(zone, hours), start, duration, zone) == due


def test_the_repeated_hour_opens_once() -> None:
    """A shop that closes at 02:30 does not open again when it is 02:00 for the second time."""
    night = shop("Europe/Paris", ["00:00-02:30"])
    assert night.is_open(at("2026-10-25T02:15+02:00"))
    assert not night.is_open(at("2026-10-25T02:15+01:00"))
    assert night.next_open(at("2026-10-25T02:15+01:00")) == at("2026-10-26T00:00")


def test_a_skipped_period_is_none() -> None:
    """A period inside the hour that is skipped is not offered as one."""
    night = shop("Europe/Paris", ["02:15-02:45"])
    assert night.next_period(at("2026-03-28T12:00"))[0] == at("2026-03-30T02:15")


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
@pytest.mark.parametrize("time", [BusinessTime.of(OFFICE), shop("UTC")])
def test_too_far(time: BusinessTime, duration: str) -> None:
    """What does not end within ten years is refused."""
    with pytest.raises(ValueError, match="does not end within 10 years"):
        time.add(at("2026-11-20T16:00"), Duration.parse(duration))


def test_closed_for_years() -> None:
    """A calendar that never opens again is found out after ten years, not searched for ever."""
    mondays = tuple(date(2026, 1, 5) + timedelta(weeks=n) for n in range(53 * 12))
    closed = shop("UTC", {"mon": ["09:00-17:00"]}, mondays)
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
