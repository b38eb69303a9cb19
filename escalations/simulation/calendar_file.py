"""A simulated case as an iCalendar, for a calendar on somebody's screen. Source: RFC 5545.

Written by hand: it is four kinds of lines, and the wheel that a backend installs needs no package
for them. The tests read it back with the `icalendar` package.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import blake2s
from typing import Final

from escalations.simulation.happenings import Happening
from escalations.simulation.story import Story

MAX_OCTETS: Final = 75
"""Of one line; what is longer goes on in the next, after a space."""
SHOWN_FOR: Final = timedelta(minutes=15)
"""How long an event lasts on the screen; what happens, happens at its beginning."""


def calendar(story: Story, written_at: datetime) -> str:
    """An event for everything that happens; the same case has the same events again."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Escalade//policy simulate//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"NAME:{_text(story.title)}",
        f"X-WR-CALNAME:{_text(story.title)}",
        *(
            line
            for number, each in enumerate(story.happenings, 1)
            for line in _event(story, number, each, written_at)
        ),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _event(story: Story, number: int, happening: Happening, written_at: datetime) -> Iterator[str]:
    record = story.simulation.case.record
    of = f"{record.snapshot.reference} {record.case} {record.opened_at.isoformat()} {number}"
    level = record.snapshot.policy.levels[happening.level - 1].name
    yield "BEGIN:VEVENT"
    yield f"UID:{blake2s(of.encode(), digest_size=12).hexdigest()}@simulated.escalade"
    yield f"DTSTAMP:{_moment(written_at)}"
    yield f"DTSTART:{_moment(happening.at)}"
    yield f"DTEND:{_moment(happening.at + SHOWN_FOR)}"
    yield f"SUMMARY:{_text(_summary(happening))}"
    yield f"DESCRIPTION:{_text(_description(happening))}"
    yield f"LOCATION:{_text(f'{happening.level}: {level}')}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _summary(happening: Happening) -> str:
    """What a calendar has room for."""
    return happening.headline if happening.words else happening.told[0].about


def _description(happening: Happening) -> str:
    told = [f"→ {each.name}: {each.about} ({each.where})" for each in happening.told]
    return "\n".join([*happening.words, f"({happening.why})", *told])


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """A TEXT value: backslash, semicolon, comma and line ends are escaped."""
    for found, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\r\n", "\n")):
        text = text.replace(found, written)
    return text.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A content line in pieces of at most 75 octets, no character torn apart."""
    piece, octets = "", 0
    for character in line:
        size = len(character.encode())
        if octets + size > MAX_OCTETS:
            yield piece
            piece, octets = " ", 1
        piece, octets = piece + character, octets + size
    yield piece
