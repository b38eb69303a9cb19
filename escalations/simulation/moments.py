"""Moments as people write them: `2026-12-22 16:40`, `fri 16:40`, `now`."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from escalations.model import Instant
from escalations.opening_hours import WEEKDAYS, zone

ALLOWED: Final = (
    "a moment such as 2026-12-22 16:40, 2026-12-22T16:40+01:00, fri 16:40 (the next one) or now"
)
_WEEKDAY: Final = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)[a-z]* +([0-9]{1,2}:[0-9]{2})", re.I)
_YEARS: Final = range(1971, 2190)
"""What calendars cover, with room for what follows."""


def moment(written: object, timezone: str, now: Instant) -> Instant:
    """The moment that is meant, by the clock of a zone unless it says its own offset.

    A day without a time is its beginning. What a clock skips in spring is an hour later; of an hour
    that it repeats in autumn the first is meant.

    Raises:
        ValueError: none is meant; the message says what was found and what is allowed.
    """
    at = _parsed(written, timezone, now)
    if at is None or at.year not in _YEARS:
        msg = f"found {str(written)!r}: write {ALLOWED}"
        raise ValueError(msg)
    return at


def _parsed(written: object, timezone: str, now: Instant) -> Instant | None:
    if isinstance(written, date):
        written = written.isoformat()
    if not isinstance(written, str):
        return None
    text = written.strip()
    if text == "now":
        return now.replace(second=0, microsecond=0)
    local = zone(timezone)
    try:
        if weekday := _WEEKDAY.fullmatch(text):
            here = now.astimezone(local)
            hour, minute = map(int, weekday[2].split(":"))
            days = (WEEKDAYS.index(weekday[1].lower()) - here.weekday()) % 7
            day = here.date() + timedelta(days=days)
            at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local)
            if at <= here:
                day += timedelta(days=7)
                at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local)
            return at.astimezone(UTC)
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
