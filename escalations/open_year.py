"""One year of a calendar as moments: when it opens and closes, and how much time that makes.

Moments and amounts are whole microseconds, moments since 1970 UTC. Where the wall clock changes,
opening and closing happen when the clock *first* shows their time or has jumped over it. So a
period is one stretch of real time, shorter over hours that are skipped and longer over hours that
are repeated; a period inside the skipped hour is empty, and one that ends inside the repeated hour
does not open a second time. Tried and dropped: open whenever the clock reads an open hour, which
opens such a period twice and lets a day come back after the next one has begun.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence, Set
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from escalations.opening_hours import Period

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


def _first_shown(zone: ZoneInfo, day: date, minute: int) -> int:
    """When the clock of the zone first shows this minute of the day, or jumps over it."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    first = (wall - EPOCH) // _SECOND
    if (other := (wall.replace(fold=1) - EPOCH) // _SECOND) < first:
        # In a skipped hour: `other` lies before the jump, `first` after it.
        before = datetime.fromtimestamp(other, zone).utcoffset()
        jump = bisect_left(
            range(other, first),
            True,
            key=lambda at: datetime.fromtimestamp(at, zone).utcoffset() != before,
        )
        first = other + jump
    return first * 1_000_000


class OpenYear:
    """The open periods of one year of a zone's wall clock, and the sums that make them fast."""

    def __init__(
        self, number: int, zone: ZoneInfo, week: Sequence[Sequence[Period]], closed: Set[date]
    ) -> None:
        self.number = number
        self.begins = _first_shown(zone, date(number, 1, 1), 0)
        """The first moment of the year, which the clock may have jumped over."""
        self.ends = _first_shown(zone, date(number + 1, 1, 1), 0)
        self._opens: list[int] = []
        """The moments at which it opens, in order."""
        self._before = [0]
        """Open time before each period, and in the whole year."""
        self._day_before = [0]
        """Open time before each day that opens, and in the whole year."""
        for ordinal in range(date(number, 1, 1).toordinal(), date(number + 1, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            if day not in closed:
                self._append(zone, day, week[day.weekday()])
        self.open_time = self._before[-1]
        """How long it is open in this year."""
        self.business_days = len(self._day_before) - 1
        """On how many days it opens in this year."""

    def _append(self, zone: ZoneInfo, day: date, periods: Sequence[Period]) -> None:
        for period in periods:
            opens = _first_shown(zone, day, period.opens)
            closes = _first_shown(zone, day, period.closes)
            if closes > opens:
                self._opens.append(opens)
                self._before.append(self._before[-1] + closes - opens)
        if self._before[-1] > self._day_before[-1]:
            self._day_before.append(self._before[-1])

    def open_before(self, moment: int) -> int:
        """How long it has been open in this year up to that moment."""
        n = bisect_right(self._opens, moment) - 1
        if n < 0:
            return 0
        open_time, most = self._before[n] + moment - self._opens[n], self._before[n + 1]
        return open_time if open_time < most else most

    def moment(self, open_time: int) -> int:
        """The earliest moment at which it has been open for so long (> 0) in this year."""
        n = bisect_left(self._before, open_time) - 1
        return self._opens[n] + open_time - self._before[n]

    def period(self, moment: int) -> tuple[int, int] | None:
        """When the period opens and closes that is open then or opens next in this year."""
        n = bisect_right(self._opens, moment) - 1
        if n < 0 or moment >= self._closes(n):
            n += 1
        return None if n == len(self._opens) else (self._opens[n], self._closes(n))

    def _closes(self, n: int) -> int:
        return self._opens[n] + self._before[n + 1] - self._before[n]

    def business_day(self, open_time: int) -> tuple[int, int, int]:
        """After so much open time: business days completed, time of the next one, its length."""
        n = bisect_right(self._day_before, open_time) - 1
        if n == self.business_days:
            return n, 0, 1
        start = self._day_before[n]
        return n, open_time - start, self._day_before[n + 1] - start

    def open_time_at(self, day: int, rest: int, whole: int) -> int:
        """Open time after `day` business days and the share `rest / whole` of the next one.

        Rounded up to the microsecond.
        """
        start = self._day_before[day]
        if not rest:
            return start
        return start - (-rest * (self._day_before[day + 1] - start) // whole)
