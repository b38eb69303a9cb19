"""Calendars as somebody writes them, and what is read in them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from escalations.opening_hours import zone
from escalations.rota import AHEAD, Colleague
from escalations.rota_calendars.people import People
from escalations.rota_calendars.reading import Reading, read

CALENDARS: Final = Path(__file__).parent / "rotas"
SINCE: Final = datetime(2026, 10, 24, tzinfo=UTC)


def colleagues(*names: str) -> People:
    return People({name: Colleague(reach=[f"slack://{n}"]) for n, name in enumerate(names)})


def understood(content: bytes | str, *names: str, timezone: str = "UTC") -> Reading:
    content = content if isinstance(content, bytes) else content.encode()
    return read(content, colleagues(*names), timezone, (SINCE, SINCE + AHEAD))


def calendar(*lines: str, head: str = "") -> str:
    """A calendar with one event, or with more where the lines begin and end them."""
    return "\r\n".join(
        [
            *("BEGIN:VCALENDAR", *filter(None, [head])),
            *("BEGIN:VEVENT", "UID:1", *lines, "END:VEVENT"),
            *("END:VCALENDAR", ""),
        ]
    )


def told(reading: Reading, where: str = "UTC") -> list[str]:
    """`who: from - until` by the wall clock, in order."""

    def wall(at: datetime) -> str:
        return at.astimezone(zone(where)).strftime("%d. %H:%M")

    ordered = sorted(reading.shifts, key=lambda each: (each.start, each.key))
    return [f"{each.key}: {wall(each.start)} - {wall(each.end)}" for each in ordered]


WEEK: Final = ("DTSTART:20261026T080000Z", "DTEND:20261026T200000Z")
"""A shift in the window."""
