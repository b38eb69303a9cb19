"""Calendars that the tests of business time go by."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from escalations.calendars import BusinessTime, Calendar, expand

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


def shop(zone: str, hours: Any = "always", closed: tuple[date, ...] = ()) -> BusinessTime:
    """Around the clock, or with these hours (a list of periods: on every day)."""
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
