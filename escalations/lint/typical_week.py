"""A calendar in a week like any other: what holds there holds at any time of the year."""

from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Final

from escalations.calendars import BusinessTime, CalendarSnapshot
from escalations.durations import Duration, Unit

MOMENTS: Final = tuple(
    datetime(2026, 3, 2, tzinfo=UTC) + timedelta(hours=hour) for hour in range(7 * 24)
)
"""Every hour of a week from a Monday on, in which hardly a zone changes its clocks."""

NEVER: Final = timedelta(days=3660)
"""Longer than any calendar reaches."""


class TypicalWeek:
    """How long spans of time last by the wall clock, for a case that comes at any hour."""

    def __init__(self, snapshot: CalendarSnapshot) -> None:
        self.time = BusinessTime(snapshot)
        """Its arithmetic, holidays left out."""
        self._lasting: dict[Duration, tuple[timedelta, ...]] = {}

    @staticmethod
    @lru_cache(maxsize=64)
    def of(snapshot: CalendarSnapshot) -> "TypicalWeek":
        """The week of this calendar, shared by all who ask for the same one."""
        return TypicalWeek(snapshot)

    def lasts(self, span: Duration) -> tuple[timedelta, ...]:
        """How long it lasts from each of `MOMENTS` on."""
        if span not in self._lasting:
            self._lasting[span] = tuple(self._from(moment, span) for moment in MOMENTS)
        return self._lasting[span]

    def mean(self, span: Duration) -> timedelta:
        """How long it lasts on average."""
        return sum(self.lasts(span), timedelta()) / len(MOMENTS)

    def never_before(self, span: Duration, other: Duration) -> bool:
        """Whether this span is over no earlier than the other one, whenever they begin."""
        if span.unit is other.unit:
            return span >= other
        return all(a >= b for a, b in zip(self.lasts(span), self.lasts(other), strict=True))

    def open_between(self, span: Duration, other: Duration) -> tuple[timedelta, datetime]:
        """The least open time between the ends of two spans, and from when on they then run."""
        found = []
        for moment, first, last in zip(MOMENTS, self.lasts(span), self.lasts(other), strict=True):
            if self.time.is_open(moment):
                found.append((self.open_time(moment + first, moment + last), moment))
        return min(found, default=(NEVER, MOMENTS[0]))

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """How long it is open from one moment to another."""
        if end <= start:
            return timedelta()
        return timedelta(microseconds=int(self.time.elapsed(start, end, Unit.HOURS).amount))

    @property
    def closed_in_a_week(self) -> timedelta:
        """How long it is closed in such a week."""
        week = timedelta(days=7)
        return week - self.open_time(MOMENTS[0], MOMENTS[0] + week)

    @cached_property
    def closed(self) -> list[tuple[datetime, datetime]]:
        """When it closes and opens again, for a week."""
        found, moment = [], MOMENTS[0]
        while moment < MOMENTS[-1]:
            opens, closes = self.time.next_period(moment)
            if opens > moment:
                found.append((moment, opens))
            moment = closes
        return found[1:] + found[:1]

    def after(self, moment: datetime, span: Duration) -> datetime:
        """When a span is over that begins then."""
        return moment + self._from(moment, span)

    def _from(self, moment: datetime, span: Duration) -> timedelta:
        try:
            return self.time.add(moment, span) - moment
        except ValueError:
            return NEVER
