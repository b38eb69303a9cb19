"""Business time the slow way, to hold the quick one against.

Walks through UTC minute by minute, reads the wall clock of each and asks whether the shop is open
then. The clock is one that never goes back: through an hour that the zone repeats it stands at the
latest time it has shown. Shares nothing with `escalations.calendars` but the tz database.
"""

from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil

from escalations.calendars import CalendarSnapshot, zone

MINUTE = timedelta(minutes=1)
MARGIN = timedelta(hours=39)  # 25 of a day and 14 of a zone: both ends of a walk have whole days


class Walk:
    """Every open minute between two whole minutes, with the local day that it belongs to."""

    def __init__(self, calendar: CalendarSnapshot, start: datetime, end: datetime) -> None:
        self.start, self.end = start, end
        self.open: list[tuple[datetime, date]] = []
        self.length: Counter[date] = Counter()
        local, shown = zone(calendar.zone), datetime.min  # noqa: DTZ901 - a wall clock's time
        at = start - MARGIN
        while at < end + MARGIN:
            shown = max(shown, at.astimezone(local).replace(tzinfo=None, fold=0))
            day, minute = shown.date(), shown.hour * 60 + shown.minute
            for period in calendar.week[day.weekday()]:
                if period.opens <= minute < period.closes and day not in calendar.closed:
                    self.length[day] += 1
                    if start <= at < end:
                        self.open.append((at, day))
            at += MINUTE

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open between the two."""
        return sum((MINUTE for at, _ in self.open if start <= at < end), timedelta())

    def business_days(self, start: datetime, end: datetime) -> Fraction:
        """How many business days pass: each open minute is its share of its day."""
        days = (day for at, day in self.open if start <= at < end)
        return sum((Fraction(1, self.length[day]) for day in days), Fraction())

    def after_open_time(self, start: datetime, minutes: int) -> datetime:
        """The end of the open minute with that number, counted from `start`."""
        return [at for at, _ in self.open if at >= start][minutes - 1] + MINUTE

    def after_business_days(self, start: datetime, days: Fraction) -> datetime:
        """The first whole microsecond at which that many business days have passed."""
        for at, day in self.open:
            if at < start:
                continue
            share = Fraction(1, self.length[day])
            if days <= share:
                return at + timedelta(microseconds=ceil(days / share * 60_000_000))
            days -= share
        msg = "the walk ends before"
        raise AssertionError(msg)
