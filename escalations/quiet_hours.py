"""The hours in which somebody is left in peace."""

import re
from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, Field

from escalations.calendars import BusinessTime, CalendarSnapshot
from escalations.model import Instant
from escalations.opening_hours import Period

_WRITTEN = re.compile(r"([0-2][0-9]:[0-5][0-9])-([0-2][0-9]:[0-5][0-9])")


def _periods(written: str) -> Iterator[Period]:
    """The periods of a day that this makes; `22:00-07:00` passes midnight and makes two."""
    found = _WRITTEN.fullmatch(written)
    if not found:
        msg = f"found {written!r}: write HH:MM-HH:MM, such as 22:00-07:00"
        raise ValueError(msg)
    start, end = found.groups()
    if start > end and start != "24:00":
        yield Period.parse(f"{start}-24:00")
        if end != "00:00":
            yield Period.parse(f"00:00-{end}")
    else:
        yield Period.parse(written)


def _checked(written: list[str]) -> list[str]:
    if not _loud(tuple(written)):
        msg = "it is quiet all day: leave an hour in which the contact may be told"
        raise ValueError(msg)
    return written


@lru_cache(maxsize=256)
def _loud(written: tuple[str, ...]) -> tuple[Period, ...]:
    """The rest of the day, in order."""
    quiet = sorted((each for one in written for each in _periods(one)), key=lambda p: p.opens)
    loud, minute = [], 0
    for period in quiet:
        if period.opens > minute:
            loud.append(Period(minute, period.opens))
        minute = max(minute, period.closes)
    if minute < 1440:
        loud.append(Period(minute, 1440))
    return tuple(loud)


QuietHours = Annotated[list[str], Field(min_length=1, max_length=6), AfterValidator(_checked)]
"""Parts of every day by the wall clock, `22:00-07:00`; one may pass midnight."""


def quiet_until(hours: list[str], timezone: str, at: datetime) -> Instant | None:
    """When these hours end, if `at` lies in them; `None` if it does not."""
    week = CalendarSnapshot(zone=timezone, week=(_loud(tuple(hours)),) * 7)
    ends_at = BusinessTime.of(week).next_open(at)
    return ends_at if ends_at > at else None
