"""When the events of a calendar take place: rules, exceptions and moved occurrences expanded.

`recurring-ical-events` does this too, under the LGPL and with the machine's own tz database; the
rules themselves are the work of dateutil, which is here already.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import takewhile
from typing import Any, Final

from dateutil.rrule import rrulestr
from icalendar import Event
from icalendar.prop import vDDDTypes, vRecur

from escalations.rota_calendars.unreadable import CalendarUnreadable
from escalations.rota_calendars.zones import ZONE, Zones

DAY: Final = timedelta(days=1)
_STEPS: Final = {"HOURLY": timedelta(hours=1), "DAILY": DAY, "WEEKLY": 7 * DAY}
_FREQUENCIES: Final = ("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY")
_SPARSE: Final = ("BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS")
_MAX_INTERVAL: Final = 10_000
_PLACE: Final = ("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID")


@dataclass(frozen=True, slots=True)
class Occurrence:
    """An event at one of its times; the end does not belong to it."""

    event: Event
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _When:
    """A moment as a calendar writes it: by the wall clock of a zone, or a whole day there."""

    wall: datetime
    zone: tzinfo
    is_day: bool = False

    @property
    def moment(self) -> datetime:
        return _moment(self.wall, self.zone)

    def seen_in(self, zone: tzinfo) -> datetime:
        """The wall clock there at that moment."""
        return self.wall if zone is self.zone else self.moment.astimezone(zone).replace(tzinfo=None)


def _moment(wall: datetime, zone: tzinfo) -> datetime:
    """In the hour that a zone repeats the first one, in the hour that it skips as if it were there.

    Source: RFC 5545, 3.3.5.
    """
    return wall.replace(tzinfo=zone).astimezone(UTC)


class Expansion:
    """The occurrences of a calendar's events in a window of time."""

    def __init__(
        self,
        zones: Zones,
        floating: Callable[[], tzinfo],
        start: datetime,
        until: datetime,
        look_up: Callable[[], None],
    ) -> None:
        """`floating` is the zone of days and of times without one. `look_up` is called again and
        again, and ends the work by raising when its time is over."""
        self._zones, self._floating = zones, floating
        self._start, self._until = start, until
        self._look_up = look_up

    def occurrences(self, events: list[Event]) -> Iterator[Occurrence]:
        """All that touch the window, in no order.

        Raises:
            CalendarUnreadable: the times of an event are not understood.
        """
        series: dict[str, list[Event]] = {}
        for number, event in enumerate(events):
            series.setdefault(str(event.get("UID", number)), []).append(event)
        for own in series.values():
            self._look_up()
            title = str(own[0].get("SUMMARY", ""))[:60]
            try:
                yield from self._of_series(own)
            except (ValueError, OverflowError, TypeError, AttributeError) as error:
                msg = f"the times of its event {title!r} make no sense ({error}): {_MEND}"
                raise CalendarUnreadable(msg) from error

    def _of_series(self, events: list[Event]) -> Iterator[Occurrence]:
        masters = [event for event in events if "RECURRENCE-ID" not in event]
        if masters and all(map(_is_cancelled, masters)):
            return
        changed: dict[datetime | date, Event] = {}
        for event in sorted(events, key=lambda event: int(event.get("SEQUENCE", 0))):
            if "RECURRENCE-ID" in event:
                changed[self._changed(event)] = event
        for event in masters:
            if not _is_cancelled(event):
                yield from self._of_event(event, changed)
        for event in changed.values():
            if not _is_cancelled(event):
                yield from self._at(event, self._when(event, "DTSTART"))

    def _changed(self, event: Event) -> datetime | date:
        if "RANGE" in getattr(event["RECURRENCE-ID"], "params", ()):
            msg = "a change of all that follow is not understood, write a series of its own"
            raise ValueError(msg)
        when = self._when(event, "RECURRENCE-ID")
        return when.wall.date() if when.is_day else when.moment

    def _of_event(
        self, event: Event, changed: dict[datetime | date, Event]
    ) -> Iterator[Occurrence]:
        _sound(event)
        first = self._when(event, "DTSTART")
        except_at = {*changed}
        for each in self._dates(event, "EXDATE"):
            except_at.add(each.wall.date() if each.is_day else each.moment)
        walls = {first.wall} if "RRULE" not in event else set(self._by_rules(event, first))
        walls |= {each.seen_in(first.zone) for each in self._dates(event, "RDATE")}
        for wall in walls:
            when = _When(wall, first.zone, first.is_day)
            if when.moment not in except_at and wall.date() not in except_at:
                yield from self._at(event, when)

    def _at(self, event: Event, when: _When) -> Iterator[Occurrence]:
        """Every occurrence is as long by the wall clock as the first one, as calendars show it:
        a shift until eight ends at eight, in the night of the changed clocks, too."""
        start = when.moment
        end = _moment(when.wall + self._length(event), when.zone)
        if start < end and start < self._until and end > self._start:
            yield Occurrence(event, start, end)

    def _by_rules(self, event: Event, first: _When) -> Iterator[datetime]:
        margin = self._length(event) + 2 * DAY
        since = self._start.astimezone(first.zone).replace(tzinfo=None) - margin
        until = self._until.astimezone(first.zone).replace(tzinfo=None) + DAY
        for rule in _listed(event["RRULE"]):
            for wall in self._by_rule(rule, first, since):
                self._look_up()
                if wall > until:
                    break
                if wall >= since:
                    yield wall

    def _by_rule(self, rule: vRecur, first: _When, since: datetime) -> Iterator[datetime]:
        keys = {key.upper(): value for key, value in rule.items()}
        frequency, interval = str(keys["FREQ"][0]).upper(), int(keys.pop("INTERVAL", [1])[0])
        if frequency not in _FREQUENCIES or (frequency == "HOURLY" and keys.keys() & {*_SPARSE}):
            msg = f"nobody is on call by the rule {_written(rule)[:80]}"
            raise ValueError(msg)
        if not 1 <= interval <= _MAX_INTERVAL:
            msg = f"INTERVAL={interval}"
            raise ValueError(msg)
        last = self._last(keys.pop("UNTIL", [None])[0], first.zone)
        if last < first.wall:
            return
        # The first one is there, whether the rule has it or not.
        yield first.wall
        begin = first.wall
        if "COUNT" not in keys and frequency in _STEPS:
            # Without this, a rule of years ago is walked through day by day.
            step = _STEPS[frequency] * interval
            begin += step * max(0, (since - begin) // step - 1)
        found: Any = rrulestr(_written(vRecur({**keys, "INTERVAL": interval})), dtstart=begin)
        yield from takewhile(lambda wall: wall <= last, found)

    def _last(self, until: datetime | date | None, zone: tzinfo) -> datetime:
        if not isinstance(until, datetime):
            return datetime.combine(until or date.max, time.max)
        if until.tzinfo is None:
            return until
        return until.astimezone(zone).replace(tzinfo=None)

    def _length(self, event: Event) -> timedelta:
        _sound(event)
        start = self._when(event, "DTSTART")
        if "DTEND" in event:
            return self._when(event, "DTEND").seen_in(start.zone) - start.wall
        if "DURATION" in event:
            length = getattr(event["DURATION"], "dt", None)
            if not isinstance(length, timedelta):
                raise ValueError("DURATION")
            return length
        return DAY if start.is_day else timedelta()

    def _dates(self, event: Event, name: str) -> Iterator[_When]:
        for dates in _listed(event.get(name, [])):
            for each in dates.dts:
                self._look_up()
                yield self._read(each.dt, dates.params.get(ZONE), name)

    def _when(self, event: Event, name: str) -> _When:
        written = event[name]
        if not isinstance(written, vDDDTypes):
            raise ValueError(name)
        return self._read(written.dt, written.params.get(ZONE), name)

    def _read(self, moment: object, zone: str | None, name: str) -> _When:
        if not isinstance(moment, date):
            msg = f"{name} is no moment"
            raise ValueError(msg)
        if not isinstance(moment, datetime):
            return _When(datetime.combine(moment, time.min), self._floating(), is_day=True)
        wall = moment.replace(tzinfo=None)
        if moment.tzinfo is not None:
            return _When(wall, UTC)
        return _When(wall, self._floating() if zone is None else self._zones.find(zone))


_MEND: Final = "whoever keeps the calendar mends the event"


def _is_cancelled(event: Event) -> bool:
    return str(event.get("STATUS", "")).upper() == "CANCELLED"


def _written(rule: vRecur) -> str:
    written: bytes = rule.to_ical()  # type: ignore[no-untyped-call]  # it has no types there
    return written.decode()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _sound(event: Event) -> None:
    """What the parser could not read it leaves there, or leaves out, and lists."""
    for name, error in event.errors:
        if name is None or name.upper() in _PLACE:
            raise ValueError(f"{name}: {error}" if name else error)
    if "DTSTART" not in event or "EXRULE" in event:
        msg = "no DTSTART" if "DTSTART" not in event else "EXRULE is not understood"
        raise ValueError(msg)
