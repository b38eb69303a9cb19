"""Business time: what a policy's calendars mean in moments.

`Calendar` is what is written, `CalendarSnapshot` what a case keeps of it, `BusinessTime` what
computes with it. For hours that the wall clock skips or repeats, see `open_year`.
"""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import lru_cache
from typing import Annotated, Final

from pydantic import Field

from escalations.durations import Duration, Unit
from escalations.model import Value, utc
from escalations.open_year import EPOCH, OpenYear
from escalations.opening_hours import ALL_DAY, Calendar, Holidays, Periods, Zone, week, zone

__all__ = ["BusinessTime", "Calendar", "CalendarSnapshot", "Holidays", "Zone", "expand", "zone"]


class CalendarSnapshot(Value):
    """A calendar with its public holidays written out, so that its answers never change.

    In years outside `holidays_known` only days of one's own are closed.
    """

    zone: Zone
    week: Annotated[tuple[Periods, ...], Field(min_length=7, max_length=7)]
    """The periods of the seven days, Monday first."""
    closed: tuple[date, ...] = ()
    """Public holidays and days of one's own on which it would open otherwise, in order."""
    holidays_known: tuple[int, int] | None = None
    """First and last year whose public holidays are in `closed`; None: it observes no country's."""


def expand(calendar: Calendar, timezone: str, years: range) -> CalendarSnapshot:
    """The calendar with the public holidays of these years, in `timezone` unless it has its own.

    Take the years that a case may last and no more: its closed days travel with every case.
    """
    observed, days = calendar.holidays, week(calendar.hours)
    closed = set(observed.dates)
    if observed.country is not None:
        from holidays import country_holidays

        closed.update(
            country_holidays(
                observed.country, subdiv=observed.subdivision, years=years, expand=False
            )
        )
    return CalendarSnapshot(
        zone=calendar.timezone or timezone,
        week=days,
        closed=tuple(sorted(day for day in closed if days[day.weekday()])),
        holidays_known=(years[0], years[-1]) if observed.country else None,
    )


_YEARS: Final = range(1969, 2201)  # with a margin for zones at both ends
_REACH: Final = 10  # years
_REACH_IN_MICROSECONDS: Final = _REACH * 366 * 86_400_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_HOURS, _DAYS, _BUSINESS_DAYS = Unit  # an enum's attribute costs as much as a bisection


class BusinessTime:
    """The arithmetic on one calendar; keeps the years that it was asked about.

    Moments are aware, answers in UTC. A naive moment, one outside 1970–2199, and an answer more
    than ten years ahead are a ValueError.
    """

    def __init__(self, snapshot: CalendarSnapshot) -> None:
        self.snapshot = snapshot
        self._zone = zone(snapshot.zone)
        self._closed = frozenset(snapshot.closed)
        self._never_closes = not self._closed and snapshot.week == ((ALL_DAY,),) * 7
        self._years: dict[int, OpenYear] = {}

    @staticmethod
    @lru_cache(maxsize=64)
    def of(snapshot: CalendarSnapshot) -> "BusinessTime":
        """The arithmetic on this calendar, shared by all who have the same one."""
        return BusinessTime(snapshot)

    def add(self, at: datetime, duration: Duration) -> datetime:
        """The earliest moment at which `duration` has been consumed from `at` on.

        No time is consumed at once. A due moment is the end of a period rather than the beginning
        of the next; a share of a business day is rounded up to the microsecond.
        """
        moment, year = self._locate(at)
        amount, unit = duration.amount, duration.unit
        if not amount:
            due = moment
        elif unit is _BUSINESS_DAYS:
            due = self._after_business_days(moment, year, amount)
        elif unit is _DAYS or self._never_closes:
            due = moment + int(amount)
        else:
            due = self._after_open_time(moment, year, int(amount))
        if due - moment > _REACH_IN_MICROSECONDS:
            raise _too_far()
        return EPOCH + timedelta(0, 0, due)  # by place: a third of what `due * _MICROSECOND` takes

    def _after_open_time(self, moment: int, year: OpenYear, amount: int) -> int:
        last = year.number + _REACH
        open_time = year.open_before(moment) + amount
        while open_time > year.open_time:
            open_time -= year.open_time
            year = self._next(year, last)
        return year.moment(open_time)

    def _after_business_days(self, moment: int, year: OpenYear, amount: int | Fraction) -> int:
        last = year.number + _REACH
        day, done, length = year.business_day(year.open_before(moment))
        numerator, denominator = amount.as_integer_ratio()
        whole = length * denominator
        days, rest = divmod(done * denominator + numerator * length, whole)
        day += days
        while day > year.business_days or (day == year.business_days and rest):
            day -= year.business_days
            year = self._next(year, last)
        return year.moment(year.open_time_at(day, rest, whole))

    def elapsed(self, start: datetime, end: datetime, unit: Unit) -> Duration:
        """How much time of that kind passes between two moments.

        Exact: what passes from a to b and from b to c makes up what passes from a to c.

        Raises:
            ValueError: `end` is before `start`.
        """
        since, first = self._locate(start)
        until, last = self._locate(end)
        if until < since:
            msg = f"{end} is before {start}: time passes from the earlier moment to the later"
            raise ValueError(msg)
        if unit is _DAYS or (self._never_closes and unit is _HOURS):
            return Duration(unit, until - since)
        between = [self._year(number) for number in range(first.number, last.number)]
        before, after = first.open_before(since), last.open_before(until)
        if unit is _HOURS:
            return Duration(unit, sum(each.open_time for each in between) + after - before)
        day, done, length = first.business_day(before)
        last_day, last_done, last_length = last.business_day(after)
        days = sum(each.business_days for each in between) + last_day - day
        shares = last_done * length - done * last_length
        whole = length * last_length
        return Duration(unit, Fraction(days * whole + shares, whole))

    def is_open(self, at: datetime) -> bool:
        """Whether open time passes at that moment; no longer at the end of a period."""
        moment, year = self._locate(at)
        period = year.period(moment)
        return period is not None and period[0] <= moment

    def next_open(self, at: datetime) -> datetime:
        """That moment if it is open then, else the next one at which it opens."""
        return max(utc(at), self.next_period(at)[0])

    def next_period(self, at: datetime) -> tuple[datetime, datetime]:
        """Start and end of the period that is open at that moment, or of the next one.

        A period ends with its day; one that goes on after midnight is the next period.
        """
        moment, year = self._locate(at)
        last = year.number + _REACH
        while (period := year.period(moment)) is None:
            year = self._next(year, last)
        opens, closes = period
        return EPOCH + opens * _MICROSECOND, EPOCH + closes * _MICROSECOND

    def _locate(self, at: datetime) -> tuple[int, OpenYear]:
        if at.tzinfo is not UTC:
            at = utc(at)
        since = at - EPOCH
        moment = (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
        year = self._years.get(at.year) or self._year(at.year)
        if moment < year.begins:
            return moment, self._year(year.number - 1)
        if moment >= year.ends:
            return moment, self._year(year.number + 1)
        return moment, year

    def _next(self, year: OpenYear, last: int) -> OpenYear:
        if year.number == last:
            raise _too_far()
        return self._year(year.number + 1)

    def _year(self, number: int) -> OpenYear:
        if number not in self._years:
            if number not in _YEARS:
                msg = f"found the year {number}: calendars cover 1970 to 2199"
                raise ValueError(msg)
            self._years[number] = OpenYear(number, self._zone, self.snapshot.week, self._closed)
        return self._years[number]


def _too_far() -> ValueError:
    return ValueError(
        f"it does not end within {_REACH} years on this calendar: shorten the duration, "
        "or let the calendar open more often"
    )
