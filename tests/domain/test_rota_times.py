"""When the events of a calendar take place, and which are not understood."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

import pytest

from escalations.rota_calendars.reading import read
from escalations.rota_calendars.unreadable import CalendarCutShort, CalendarUnreadable
from tests.domain.rota_reading import (
    CALENDARS,
    SINCE,
    WEEK,
    calendar,
    colleagues,
    told,
    understood,
)

EVERY_MINUTE: Final = "RRULE:FREQ=DAILY;BYHOUR=0,6,12,18;BYMINUTE=" + ",".join(map(str, range(60)))


def days() -> Iterator[Any]:
    paris = "TZID=Europe/Paris"
    nights = f"DTSTART;{paris}:20261001T200000", f"DTEND;{paris}:20261002T080000"
    yield (
        "night in which a clock goes back",
        (*nights, "RRULE:FREQ=DAILY"),
        15,
        ": 24. 18:00 - 25. 07:00",
    )
    yield (
        "until",
        (*nights, "RRULE:FREQ=DAILY;UNTIL=20261024T180000Z"),
        2,
        ": 24. 18:00 - 25. 07:00",
    )
    yield (
        "until before",
        (*nights, "RRULE:FREQ=DAILY;UNTIL=20261024T175959Z"),
        1,
        ": 23. 18:00 - 24. 06:00",
    )
    yield "never", (*nights, "RRULE:FREQ=DAILY;UNTIL=20260930T000000Z"), 0, ""
    yield "counted", (*nights, "RRULE:FREQ=DAILY;COUNT=25"), 3, ": 25. 19:00 - 26. 07:00"
    yield (
        "except a day",
        (*nights, "RRULE:FREQ=DAILY", "EXDATE;VALUE=DATE:20261025"),
        14,
        ": 26. 19:00",
    )
    yield "an extra day", (*WEEK, "RDATE:20261028T080000Z"), 2, ": 28. 08:00 - 28. 20:00"
    yield (
        "in another zone",
        (f"DTSTART;{paris}:20261026T080000", "DTEND:20261026T120000Z"),
        1,
        ": 26. 07:00 - 26. 12:00",
    )
    yield (
        "by Mozilla's zone",
        ("DTSTART;TZID=/mozilla.org/20070129_1/Europe/Paris:20261026T080000", "DURATION:P1D"),
        1,
        ": 26. 07:00 - 27. 07:00",
    )
    yield "floating", ("DTSTART:20261026T080000", "DURATION:PT1H"), 1, ": 26. 12:00 - 26. 13:00"
    yield "a day", ("DTSTART;VALUE=DATE:20261026",), 1, ": 26. 04:00 - 27. 04:00"
    yield (
        "hours",
        ("DTSTART:20200101T000000Z", "DURATION:PT6H", "RRULE:FREQ=HOURLY;INTERVAL=12"),
        28,
        ": 24. 12:00",
    )
    yield (
        "an age ago",
        ("DTSTART:19700105T000000Z", "DURATION:P1D", "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO"),
        1,
        ": 26. 00:00 - 27. 00:00",
    )
    yield "no length", ("DTSTART:20261026T080000Z",), 0, ""
    yield "ends first", ("DTSTART:20261026T080000Z", "DTEND:20261026T070000Z"), 0, ""
    yield (
        "already running",
        ("DTSTART:20260101T000000Z", "DTEND:20270101T000000Z"),
        1,
        ": 01. 00:00 - 01. 00:00",
    )


@pytest.mark.parametrize(
    ("lines", "number", "one"), [pytest.param(*each[1:], id=each[0]) for each in days()]
)
def test_times(lines: tuple[str, ...], number: int, one: str) -> None:
    """Rules, exceptions, zones, days and lengths; what has no zone has the policy's."""
    reading = understood(calendar(*lines, "SUMMARY:Anna"), "Anna", timezone="America/New_York")

    assert len(reading.shifts) == number, told(reading)
    assert one in "\n".join(told(reading))


def test_zone_of_the_calendar_goes_first() -> None:
    """Days and times without a zone are meant in the calendar's own."""
    text = calendar("DTSTART;VALUE=DATE:20261026", "SUMMARY:Anna", head="X-WR-TIMEZONE:Asia/Tokyo")

    assert told(understood(text, "Anna", timezone="America/New_York")) == [
        "Anna: 25. 15:00 - 26. 15:00"
    ]


MOVED: Final = (
    "SUMMARY:Anna", *WEEK, "RRULE:FREQ=DAILY;COUNT=3", "END:VEVENT", "BEGIN:VEVENT", "UID:1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (
            ["RECURRENCE-ID:20261027T080000Z", "DTSTART:20261030T080000Z", "DURATION:PT1H"],
            ["Anna 26", "Anna 28", "Ben 30"],
        ),
        (["RECURRENCE-ID;VALUE=DATE:20261027", *WEEK], ["Anna 26", "Ben 26", "Anna 28"]),
        (["RECURRENCE-ID:20261027T080000Z", *WEEK, "STATUS:CANCELLED"], ["Anna 26", "Anna 28"]),
        (
            [
                *("RECURRENCE-ID:20261027T080000Z", *WEEK, "SEQUENCE:2"),
                *("END:VEVENT", "BEGIN:VEVENT", "UID:1"),
                *("RECURRENCE-ID:20261027T080000Z", *WEEK, "SEQUENCE:1", "SUMMARY:Anna"),
            ],
            ["Anna 26", "Ben 26", "Anna 28"],
        ),
    ],
    ids=["moved", "by its day", "cancelled", "twice"],
)
def test_changed_occurrence(lines: list[str], expected: list[str]) -> None:
    """One day of a series is another's, at another time, or nobody's; its last change counts."""
    lines = (
        ["SUMMARY:Ben", *lines]
        if "SUMMARY:Anna" not in lines
        else [*lines[:1], "SUMMARY:Ben", *lines[1:]]
    )
    shifts = understood(calendar(*MOVED, *lines), "Anna", "Ben").shifts

    assert sorted(f"{each.key} {each.start.day}" for each in shifts) == sorted(expected)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["DTSTART:someday", "DTEND:20261026T200000Z"], "make no sense"),
        (["DTEND:20261026T200000Z"], "no DTSTART"),
        ([*WEEK, "RRULE:FREQ=SECONDLY"], "nobody is on call by the rule"),
        ([*WEEK, "RRULE:FREQ=MINUTELY;INTERVAL=5"], "nobody is on call by the rule"),
        ([*WEEK, "RRULE:FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=31"], "nobody is on call by the rule"),
        ([*WEEK, "RRULE:FREQ=DAILY;INTERVAL=0"], "INTERVAL=0"),
        ([*WEEK, "RRULE:FREQ=DAILY;INTERVAL=99999999999999999999"], "make no sense"),
        ([*WEEK, "RRULE:FREQ=SOMETIMES"], "make no sense"),
        ([*WEEK, EVERY_MINUTE], "more than 2000 events"),
        ([*WEEK, "EXRULE:FREQ=DAILY"], "EXRULE"),
        ([*WEEK, "RDATE;VALUE=PERIOD:20261028T080000Z/PT1H"], "is no moment"),
        ([*WEEK, "RECURRENCE-ID;RANGE=THISANDFUTURE:20261026T080000Z"], "a series of its own"),
        (["DTSTART;TZID=Moon/Base:20261026T080000"], "nobody knows its time zone 'Moon/Base'"),
    ],
)  # fmt: skip
def test_event_that_is_not_understood(lines: list[str], said: str) -> None:
    """Rather no roster than a hole in it: the event is named, and who can mend it."""
    with pytest.raises(CalendarUnreadable, match=said):
        understood(calendar(*lines, "SUMMARY:Night shift"))


def test_zone_with_a_rule_of_every_second() -> None:
    """A definition of a zone that no product writes is not evaluated."""
    evil = (
        (CALENDARS / "outlook.ics")
        .read_text("utf-8")
        .replace("FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", "FREQ=SECONDLY")
    )
    with pytest.raises(
        CalendarUnreadable, match="nobody knows its time zone 'Customized Time Zone'"
    ):
        understood(evil, "Müller", "Öhman")


def test_work_ends_when_its_time_is_over() -> None:
    """What would take too long looks up and stops."""
    left = iter([None] * 50)

    def look_up() -> None:
        if next(left, "over") == "over":
            raise CalendarCutShort("no time was left")

    text = calendar(*WEEK, "RRULE:FREQ=DAILY;COUNT=5000", "SUMMARY:Anna").replace("2026", "1990")
    with pytest.raises(CalendarCutShort):
        read(text.encode(), colleagues(), "UTC", (SINCE, SINCE + timedelta(days=14)), look_up)


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN:VCALENDAR\n" + "BEGIN:VEVENT\n" * 90_000 + "END:VCALENDAR",
        "BEGIN:VCALENDAR\n" + "BEGIN:VTIMEZONE\n" * 90_000 + "END:VCALENDAR",
        "BEGIN:VCALENDAR\nEND:VEVENT\nEND:VCALENDAR",
        "BEGIN:VCALENDAR\nEND:VCALENDAR\nEND:VCALENDAR",
    ],
    ids=["events", "zones", "an end", "two ends"],
)
def test_calendar_whose_parts_have_no_ends(text: str) -> None:
    """It is found broken by reading it once."""
    with pytest.raises(CalendarUnreadable, match="a broken calendar"):
        understood(text)


def test_years_of_shifts_that_are_over() -> None:
    """What ended long ago or begins much later is passed over, even where it makes no sense."""
    old = "BEGIN:VEVENT\r\nUID:{}\r\nDTSTART:{}T080000X\r\nDTEND:{}T200000Z\r\nEND:VEVENT\r\n"
    others = old.format(2, "20251026", "20251026") + old.format(3, "20271026", "20271026")
    text = calendar(*WEEK, "SUMMARY:Anna").replace("END:VCALENDAR", others + "END:VCALENDAR")

    assert told(understood(text, "Anna")) == ["Anna: 26. 08:00 - 26. 20:00"]
    with pytest.raises(CalendarUnreadable, match="make no sense"):
        understood(text.replace("20251026", "20261029"), "Anna")
