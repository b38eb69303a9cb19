"""Moments as people write them: `2026-12-22 16:40`, `fri 16:40`, `now`."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

from escalations.model import Instant
from escalations.opening_hours import zone

ALLOWED: Final = (
    "a moment such as 2026-12-22 16:40, 2026-12-22T16:40+01:00, fri 16:40 (the next one) or now"
)
_WEEKDAY: Final = re.compile(r"([a-z]{3,9}) +([0-9]{1,2}:[0-9]{2})", re.I)
_DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DATE: Final = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])(?![0-9])")
_YEARS: Final = range(1971, 2190)
"""What calendars cover, with room for what follows."""
WITHIN: Final = f"a moment in the years {_YEARS[0]} to {_YEARS[-1]} (UTC)"


def moment(written: object, timezone: str, now: Instant) -> Instant:
    """The moment that is meant, by the clock of a zone unless it says its own offset.

    A day without a time is its beginning. What a clock skips in spring is an hour later; of an hour
    that it repeats in autumn the first is meant.

    Raises:
        ValueError: none is meant; the message says what was found and what is allowed.
    """
    try:
        at = _parsed(written, timezone, now)
    except OverflowError:
        allowed = WITHIN
    except ValueError:
        allowed = _no_such_day(written) or ALLOWED
    else:
        if at.year in _YEARS:
            return at
        allowed = WITHIN
    msg = f"found {str(written)!r}: write {allowed}"
    raise ValueError(msg)


def _no_such_day(written: object) -> str | None:
    """What to write in place of a day that its month does not have; `None` if it is none."""
    found = _DATE.match(written.strip()) if isinstance(written, str) else None
    if found is None:
        return None
    try:
        date.fromisoformat(found[0])
    except ValueError:
        return f"a day that there is, which {found[0]} is not"
    return None


def _weekday(word: str) -> int | None:
    """Monday is 0; from three letters on."""
    return next((n for n, day in enumerate(_DAYS) if day.startswith(word.lower())), None)


def _parsed(written: object, timezone: str, now: Instant) -> Instant:
    if isinstance(written, date):
        written = written.isoformat()
    if not isinstance(written, str):
        raise ValueError(ALLOWED)
    text = written.strip()
    if text == "now":
        return now.replace(second=0, microsecond=0)
    local = zone(timezone)
    weekday = _WEEKDAY.fullmatch(text)
    if weekday and (of_week := _weekday(weekday[1])) is not None:
        here = now.astimezone(local)
        hour, minute = map(int, weekday[2].split(":"))
        day = here.date() + timedelta(days=(of_week - here.weekday()) % 7)
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local)
        if at <= here:
            day += timedelta(days=7)
            at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=local)
        return at.astimezone(UTC)
    at = datetime.fromisoformat(text)
    return (at if at.tzinfo else at.replace(tzinfo=local)).astimezone(UTC)
