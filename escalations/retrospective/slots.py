"""When people meet: the first slot in the opening hours of a calendar.

The meeting lies within one stretch of open time, begins on a quarter of an hour, and everybody has
a business day's notice, or two open hours where the time to meet within is too short for that.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from escalations.calendars import BusinessTime
from escalations.durations import Duration
from escalations.model import Instant, Value

NOTICES: Final = (Duration.parse("1bd"), Duration.parse("2h"))
"""How long before it a meeting is known, in the calendar's time; the first that fits."""
HORIZON: Final = timedelta(days=366)
"""How far ahead a slot is looked for."""
_QUARTER: Final = timedelta(minutes=15)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Slot(Value):
    """When the meeting is."""

    start_at: Instant
    end_at: Instant
    late: bool = False
    """Nothing was free within the time there was: this is the first slot after it."""


def first_slot(
    time: BusinessTime, duration: Duration, within: Duration, since: Instant, at: Instant
) -> Slot | None:
    """The first slot after `at` that ends within the limit, which runs from `since`.

    If there is none, the first one after the limit, marked late; `None` if no stretch of open time
    in the next year is as long as `duration`, open time in hours and minutes.
    """
    length = timedelta(microseconds=int(duration.amount))
    limit = min(_added(time, since, within), at + HORIZON)
    for notice in NOTICES:
        if start := _first(time, _added(time, at, notice), limit, length):
            return Slot(start_at=start, end_at=start + length)
    if start := _first(time, _added(time, at, NOTICES[0]), at + HORIZON, length):
        return Slot(start_at=start, end_at=start + length, late=True)
    return None


def _first(
    time: BusinessTime, earliest: Instant, limit: Instant, length: timedelta
) -> Instant | None:
    """The first quarter of an hour, from `earliest` on, with that much open time before `limit`."""
    while earliest + length <= limit:
        try:
            opens, closes = time.next_period(earliest)
            start = _next_quarter(max(earliest, opens))
            closes = _end_of_stretch(time, closes, start + length)
        except ValueError:
            return None
        if start + length <= min(closes, limit):
            return start
        earliest = closes
    return None


def _end_of_stretch(time: BusinessTime, closes: Instant, needed: Instant) -> Instant:
    """The end of the periods that follow each other without a gap, as far as is needed."""
    while closes < needed:
        opens, following = time.next_period(closes)
        if opens > closes:
            break
        closes = following
    return closes


def _next_quarter(at: Instant) -> Instant:
    """Every zone's offset since 1972 is whole quarters, so UTC's are the ones on the wall."""
    return at + (_EPOCH - at) % _QUARTER


def _added(time: BusinessTime, at: Instant, duration: Duration) -> Instant:
    """So much later, or out of reach where the calendar hardly ever opens."""
    try:
        return time.add(at, duration)
    except ValueError:
        return at + 2 * HORIZON
