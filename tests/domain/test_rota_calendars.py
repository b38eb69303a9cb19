"""What the calendars of Google, Outlook, PagerDuty, Opsgenie and Grafana OnCall say."""

from datetime import UTC, datetime

import pytest

from tests.domain.rota_reading import (
    CALENDARS,
    WEEK,
    calendar,
    told,
    understood,
)


def test_google() -> None:
    """Days by a rule with an exception and a moved day, nights by invitation, all-day weekends,
    through the night in which the clocks change; the organiser, who declined, a room and what is
    cancelled are not on call."""
    google = (CALENDARS / "google.ics").read_bytes()
    reading = understood(google, "Anna", "Anna Berg", "Ben")
    shifts = told(reading, "Europe/Paris")

    assert "Anna Berg: 26. 08:00 - 26. 20:00" in shifts
    assert [each for each in shifts if ": 28." in each and "chloe" not in each] == [
        "Ben: 28. 10:00 - 28. 20:00"
    ]
    assert [each for each in shifts if ": 30." in each] == [
        "chloe@example.com: 30. 20:00 - 31. 08:00"
    ]
    assert "chloe@example.com: 24. 20:00 - 25. 08:00" in shifts
    assert "chloe@example.com: 25. 20:00 - 26. 08:00" in shifts
    assert "Ben: 31. 00:00 - 02. 00:00" in shifts
    assert {each.split(":")[0] for each in shifts} == {"Anna Berg", "Ben", "chloe@example.com"}
    assert reading.unknown == []


def test_outlook() -> None:
    """Windows names of zones, a zone that only the calendar itself explains, umlauts, titles."""
    outlook = (CALENDARS / "outlook.ics").read_bytes()
    reading = understood(outlook, "müller")

    assert told(reading, "Europe/Berlin") == [
        "müller: 19. 22:00 - 26. 06:00",
        "müller: 02. 22:00 - 09. 06:00",
    ]
    assert reading.unknown == ["Päivystys: Öhman"]
    assert (datetime(2026, 10, 26, 6, tzinfo=UTC), datetime(2026, 10, 26, 14, tzinfo=UTC)) in (
        reading.spans
    )


def test_pagerduty() -> None:
    """The person is in the title, or else is the attendee, whose address has no `mailto:`."""
    feed = (CALENDARS / "pagerduty.ics").read_bytes()
    reading = understood(feed, "Anna Berg")

    assert [(each.key, each.reach) for each in reading.shifts] == [
        ("Anna Berg", ["slack://0"]),
        ("chloe@example.com", ["mailto:chloe@example.com"]),
    ]
    by_address = understood(feed, "ANNA.BERG@example.com", "Chloé Dubois")
    assert [each.key for each in by_address.shifts] == ["ANNA.BERG@example.com", "Chloé Dubois"]


def test_opsgenie() -> None:
    """An address as the title is somebody's address."""
    feed = (CALENDARS / "opsgenie.ics").read_bytes()

    assert told(understood(feed)) == [
        "anna.berg@example.com: 19. 06:00 - 26. 07:00",
        "chloe@example.com: 26. 07:00 - 02. 07:00",
    ]


def test_grafana() -> None:
    """A user's name as the title; a shift that was taken out is not there."""
    feed = (CALENDARS / "grafana.ics").read_bytes()
    reading = understood(feed, "anna.berg", "anna")

    assert told(reading) == ["anna.berg: 19. 08:00 - 26. 08:00"]
    assert reading.unknown == ["ben"]


@pytest.mark.parametrize(
    ("title", "names", "found"),
    [
        ("Anna", ["Anna"], ["Anna"]),
        ("on call: ANNA, until late", ["Anna"], ["Anna"]),
        ("Anna's shift", ["Anna"], ["Anna"]),
        ("Hanna", ["Anna"], []),
        ("Anna-Maria", ["Anna"], []),
        ("anna.berg", ["Anna"], []),
        ("Ben & Anna", ["Anna", "Ben"], ["Ben", "Anna"]),
        ("Anna Berg", ["Anna", "Berg", "Anna Berg"], ["Anna Berg"]),
        ("Anna\u00a0 Berg", ["Anna Berg"], ["Anna Berg"]),
        ("Zoe\u0308", ["Zoë"], ["Zoë"]),
        ("STRASSE", ["Straße"], ["Straße"]),
        ("תורן: דנה", ["דנה"], ["דנה"]),
        ("🚒 Anna 🚒", ["Anna"], ["Anna"]),
        ("C++ (primary)", ["C++"], ["C++"]),
    ],
)
def test_names_in_titles(title: str, names: list[str], found: list[str]) -> None:
    """Whole words, whatever their case; the longest name wins; two names are two people."""
    reading = understood(calendar(*WEEK, f"SUMMARY:{title.replace(',', chr(92) + ',')}"), *names)

    assert [each.key for each in reading.shifts] == found


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["ATTENDEE;CN=Anna Berg:mailto:x@example.com"], ["Anna Berg"]),
        (["ATTENDEE:MAILTO:anna.berg@example.com"], ["Anna Berg"]),
        (["ATTENDEE;CN=Ben:mailto:Ben@Example.com"], ["ben@example.com"]),
        (["ATTENDEE:mailto:a@example.com", "ATTENDEE:mailto:b@example.com"],
         ["a@example.com", "b@example.com"]),
        (["ORGANIZER:mailto:A@example.com", "ATTENDEE:mailto:a@example.com"], ["a@example.com"]),
        (["ATTENDEE;PARTSTAT=DECLINED:mailto:a@example.com"], []),
        (["ATTENDEE;CUTYPE=ROOM:mailto:a@example.com"], []),
        (["ATTENDEE:mailto:${SMTP_PASSWORD}@evil.example"], []),
        (["ATTENDEE:mailto://user:pass@evil.example"], []),
        (["ATTENDEE:mailto:a@evil.example?to=b@evil.example"], []),
        (["ATTENDEE:mailto:%24%7bKEY%7d@evil.example"], []),
        (["ATTENDEE:json://10.0.0.1/hook"], []),
        (["ATTENDEE:urn:uuid:1"], []),
        ([f"ATTENDEE:mailto:{'a' * 200}@example.com"], []),
        (["SUMMARY:${KEY}@evil.example"], []),
    ],
)  # fmt: skip
def test_people_who_are_invited(lines: list[str], found: list[str]) -> None:
    """Known by their name or address, else reached by mail; a calendar can write no address that
    would take a secret along or lead to anything but a mailbox."""
    reading = understood(calendar(*WEEK, *lines), "Anna Berg")

    assert [each.key for each in reading.shifts] == found
    assert len(reading.unknown) == (0 if found else 1)


def test_two_people_at_once() -> None:
    """Events that overlap are each somebody's."""
    late = calendar(*WEEK, "SUMMARY:Anna").replace(
        "END:VEVENT\r\n",
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\nDTSTART:20261026T120000Z\r\nDURATION:PT10H\r\n"
        "SUMMARY:Ben\r\nEND:VEVENT\r\n",
    )
    assert told(understood(late, "Anna", "Ben")) == [
        "Anna: 26. 08:00 - 26. 20:00",
        "Ben: 26. 12:00 - 26. 22:00",
    ]
