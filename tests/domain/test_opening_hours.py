"""The calendars of a policy: what can be written, what is refused and where, what a case keeps."""

import json
import subprocess
import sys
from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from escalations.calendars import Calendar, CalendarSnapshot, expand
from escalations.opening_hours import Period, clocks_change, week

OFFICE: dict[str, Any] = {
    "hours": {"mon-thu": ["09:00-12:30", "13:30-18:00"], "fri": ["09:00-12:30", "13:30-17:00"]},
    "holidays": {"country": "FR", "dates": ["2026-12-24", "2026-12-31"]},
}


def hours(**days: list[str]) -> dict[str, Any]:
    """A calendar with these hours; `_` for the dash of a range."""
    return {"hours": {name.replace("_", "-"): periods for name, periods in days.items()}}


def test_the_office_of_the_matrix() -> None:
    """The call centre's office: long days from Monday to Thursday, a short Friday, no week-end."""
    monday, *_, thursday, friday, saturday, sunday = week(Calendar.model_validate(OFFICE).hours)
    assert monday == thursday == (Period(540, 750), Period(810, 1080))
    assert friday == (Period(540, 750), Period(810, 1020))
    assert saturday == sunday == ()


def test_always() -> None:
    """`always` is 24 hours on 7 days."""
    assert week(Calendar.model_validate("always").hours) == ((Period(0, 1440),),) * 7


@pytest.mark.parametrize(
    ("days", "open_on"),
    [
        ("mon", [0]),
        ("mon-thu", [0, 1, 2, 3]),
        ("sat-sun", [5, 6]),
        ("fri-mon", [0, 4, 5, 6]),
        ("mon-sun", [0, 1, 2, 3, 4, 5, 6]),
        ("thu-wed", [0, 1, 2, 3, 4, 5, 6]),
        ("wed-wed", [2]),
    ],
)
def test_days(days: str, open_on: list[int]) -> None:
    """A range of days includes both ends and may pass the end of the week."""
    calendar = Calendar.model_validate({"hours": {days: ["09:00-17:00"]}})
    assert [day for day, periods in enumerate(week(calendar.hours)) if periods] == open_on


@pytest.mark.parametrize(
    ("written", "place", "complaint"),
    [
        ("allways", "", "found 'allways': write always, or hours"),
        ({}, "hours", "Field required"),
        ({"hours": {}}, "hours", "it is never open"),
        (hours(mon=[], tue=[]), "hours", "it is never open"),
        (hours(mon_wed=["09:00-10:00"], tue=[]), "hours", "tue is written twice, in mon-wed and"),
        (hours(monday=["09:00-10:00"]), "hours.monday.[key]", "write a day or a range of mon, tue"),
        (hours(mon_=["09:00-10:00"]), "hours.mon-.[key]", "write a day or a range of mon, tue"),
        (hours(mon=["9:00-10:00"]), "hours.mon.0", "write HH:MM-HH:MM"),
        (hours(mon=["09:00"]), "hours.mon.0", "write HH:MM-HH:MM"),
        (hours(mon=["09:00-24:01"]), "hours.mon.0", "write HH:MM-HH:MM"),
        (hours(mon=["09:00-09:00"]), "hours.mon.0", "which is empty"),
        (
            hours(mon=["22:00-06:00"]),
            "hours.mon.0",
            "passes midnight: write 22:00-24:00 and 00:00-06:00 to the next day",
        ),
        (hours(mon=["22:00-00:00"]), "hours.mon.0", "passes midnight: write 22:00-24:00 alone"),
        (hours(mon=["09:00-12:00", "11:00-13:00"]), "hours.mon", "11:00-13:00 overlaps with 09:00"),
        (hours(mon=["13:00-14:00", "09:00-12:00"]), "hours.mon", "09:00-12:00 begins before 13:00"),
        (hours(mon=["00:00-00:01"] * 13), "hours.mon", "at most 12 items"),
        ({**OFFICE, "timezone": "Europe/Pari"}, "timezone", "'Europe/Pari', which is no IANA"),
        ({**OFFICE, "timezone": "../zones"}, "timezone", "'../zones', which is no IANA"),
        ({**OFFICE, "holydays": {}}, "holydays", "Extra inputs are not permitted"),
        ({**OFFICE, "holidays": {"country": "fr"}}, "holidays.country", "country, such as FR"),
        ({**OFFICE, "holidays": {"country": "France"}}, "holidays.country", "such as FI, FR or GB"),
        (
            {**OFFICE, "holidays": {"country": "DE", "subdivision": "XX"}},
            "holidays.subdivision",
            "found 'XX'; the subdivisions of DE are: BB, BE, BW, BY",
        ),
        (
            {**OFFICE, "holidays": {"subdivision": "BY"}},
            "holidays.subdivision",
            "found 'BY' without its `country`",
        ),
        ({**OFFICE, "holidays": {"dates": ["2026-02-29"]}}, "holidays.dates.0", "valid date"),
    ],
)
def test_what_is_no_calendar(written: object, place: str, complaint: str) -> None:
    """A mistake in a calendar is refused at its place, with what was found and what is allowed."""
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate(written)
    (error,) = refused.value.errors()
    assert ".".join(map(str, error["loc"])) == place
    assert complaint in error["msg"]


def test_all_mistakes_at_once() -> None:
    """A calendar with three mistakes names all three."""
    written = {
        "hours": {"mon": ["9-17"], "tue": ["18:00-09:00"]},
        "holidays": {"country": "Atlantis", "subdivision": "BY"},
    }
    with pytest.raises(ValidationError) as refused:
        Calendar.model_validate(written)
    assert [".".join(map(str, error["loc"])) for error in refused.value.errors()] == [
        "hours.mon.0",
        "hours.tue.0",
        "holidays.country",
    ]


def test_public_holidays_are_written_out() -> None:
    """A case keeps the public holidays of its years, and our own days, where the office would open.

    Of France's eleven in 2026 two fall on a week-end.
    """
    kept = expand(Calendar.model_validate(OFFICE), "Europe/Paris", range(2026, 2027))
    assert [f"{day:%m-%d}" for day in kept.closed] == [
        *("01-01", "04-06", "05-01", "05-08", "05-14", "05-25"),
        *("07-14", "11-11", "12-24", "12-25", "12-31"),
    ]
    assert kept.holidays_known == (2026, 2026)
    assert kept.zone == "Europe/Paris"


def test_a_part_of_a_country() -> None:
    """A subdivision adds its own days: Epiphany is one in Bavaria and not in Berlin."""

    def closed(subdivision: str) -> tuple[date, ...]:
        holidays = {"country": "DE", "subdivision": subdivision}
        calendar = Calendar.model_validate({**OFFICE, "holidays": holidays})
        return expand(calendar, "Europe/Berlin", range(2026, 2027)).closed

    assert date(2026, 1, 6) in closed("BY")
    assert date(2026, 1, 6) not in closed("BE")


def test_no_country_no_horizon() -> None:
    """A calendar that observes no country's holidays is complete for all years."""
    calendar = Calendar.model_validate({**hours(mon=["09:00-17:00"]), "timezone": "Asia/Kathmandu"})
    kept = expand(calendar, "Europe/Paris", range(2026, 2027))
    assert kept.holidays_known is None
    assert kept.zone == "Asia/Kathmandu", "its own zone, not the policy's"


def test_what_a_case_keeps_comes_back() -> None:
    """Calendar and snapshot survive JSON, in which hours stand as they were written."""
    calendar = Calendar.model_validate(OFFICE)
    kept = expand(calendar, "Europe/Paris", range(2026, 2028))
    assert Calendar.model_validate_json(calendar.model_dump_json()) == calendar
    assert CalendarSnapshot.model_validate_json(kept.model_dump_json()) == kept
    assert json.loads(calendar.model_dump_json())["hours"] == OFFICE["hours"]


def test_a_replay_needs_no_holidays_package() -> None:
    """What a case keeps is read, and computed with, where the package cannot even be imported."""
    calendar = Calendar.model_validate(OFFICE)
    kept = expand(calendar, "Europe/Paris", range(2026, 2028))
    replay = (
        "import sys; sys.modules['holidays'] = None\n"
        "from datetime import datetime\n"
        "from escalations.calendars import BusinessTime, Calendar, CalendarSnapshot\n"
        "from escalations.durations import Duration\n"
        "calendar, kept = sys.stdin.read().splitlines()\n"
        "assert Calendar.model_validate_json(calendar).holidays.country == 'FR'\n"
        "time = BusinessTime(CalendarSnapshot.model_validate_json(kept))\n"
        "at = datetime.fromisoformat('2026-12-23T18:00+01:00')\n"
        "print(time.add(at, Duration.parse('1h')).isoformat())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", replay],
        input=f"{calendar.model_dump_json()}\n{kept.model_dump_json()}",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("2026-12-28T09:00:00+00:00\n", "")


@pytest.mark.parametrize(
    ("at", "timezone", "changed"),
    [
        ("2026-10-24T23:59+02:00", "Europe/Paris", False),
        ("2026-10-25T00:00+02:00", "Europe/Paris", True),
        ("2026-10-25T02:30+01:00", "Europe/Paris", True),
        ("2026-10-26T00:00+01:00", "Europe/Paris", False),
        ("2026-03-29T12:00+02:00", "Europe/Paris", True),
        ("2026-10-25T12:00+01:00", "UTC", False),
    ],
)
def test_a_day_with_another_number_of_hours(at: str, timezone: str, changed: bool) -> None:
    """On the day on which clocks change, and on no other, a time may mean two moments."""
    assert clocks_change(datetime.fromisoformat(at), timezone) is changed
