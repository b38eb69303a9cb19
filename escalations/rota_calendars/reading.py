"""A calendar's text as shifts: who is on call when, by all of its events."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from math import ceil
from typing import Final

from icalendar import Calendar, Event

from escalations.opening_hours import zone
from escalations.rostering import Span, Stranger
from escalations.rota import AHEAD, Shift
from escalations.rota_calendars.people import People, Person, called
from escalations.rota_calendars.recurrence import DAY, Expansion
from escalations.rota_calendars.unreadable import CalendarCutShort, CalendarUnreadable
from escalations.rota_calendars.zones import Zones, written_plainly

_DAY: Final = re.compile(r"^DT(?:START|END)(?:;[^:\n]*)?:(\d{8})", re.M | re.I)
_KEPT: Final = re.compile(r"^(?:RRULE|RDATE|RECURRENCE-ID|STATUS:CANCELLED)", re.M | re.I)
_ZONE: Final = re.compile(r"^X-WR-TIMEZONE:(\S[^\n]*)", re.M | re.I)

_BROKEN: Final = "it is a broken calendar: whoever keeps it exports it anew"

MAX_BYTES: Final = 2_000_000
"""Of one calendar: some thousand events."""
MAX_OCCURRENCES: Final = 2_000
"""Of the events of one calendar in two weeks: beyond, it is no rota."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What one calendar says."""

    shifts: list[Shift]
    spans: list[Span]
    """When its events run, whomever they are about."""
    strangers: list[Stranger]
    """Events about nobody who is known."""

    @property
    def unknown(self) -> list[str]:
        """What it calls people whom nobody knows."""
        return [each.called for each in self.strangers]


def read(
    content: bytes,
    people: People,
    timezone: str,
    window: Span,
    look_up: Callable[[], None] = lambda: None,
) -> Reading:
    """The shifts that touch the window.

    `timezone` is the zone of days and times for which the calendar names none. `look_up` ends the
    work by raising when its time is over.

    Raises:
        CalendarUnreadable: it is no calendar, or not understood; the reason says who mends that.
        CalendarCutShort: it ends too early; it may be whole next time.
    """
    text = _text(content)
    written = _components(text)
    zones = Zones(written["VTIMEZONE"])
    expansion = Expansion(zones, _floating(text, zones, timezone), *window, look_up)
    events = _events([each for each in written["VEVENT"] if _may_touch(each, window)])
    most = MAX_OCCURRENCES * ceil((window[1] - window[0]) / AHEAD)
    shifts: list[Shift] = []
    spans: list[tuple[datetime, datetime]] = []
    strangers: list[Stranger] = []
    on_call: dict[int, list[Person]] = {}
    for occurrence in expansion.occurrences(events):
        look_up()
        spans.append((occurrence.start, occurrence.end))
        if len(spans) > most:
            days = (window[1] - window[0]) // DAY
            msg = f"it has more than {most} events in {days} days: it is no rota"
            raise CalendarUnreadable(msg)
        which = id(occurrence.event)
        if which not in on_call:
            on_call[which] = people.on_call(occurrence.event)
        found = on_call[which]
        if not found:
            title = called(occurrence.event)
            strangers.append(Stranger(occurrence.start, occurrence.end, title))
        shifts += [
            Shift(
                start=occurrence.start,
                end=occurrence.end,
                key=person.key,
                name=person.name,
                reach=list(person.reach),
                language=person.language,
                timezone=person.timezone,
            )
            for person in found
        ]
    return Reading(shifts, spans, strangers)


def _text(content: bytes) -> str:
    """With whole lines: they are cut after so many bytes, maybe in the middle of a letter."""
    try:
        text = re.sub(rb"\r?\n[ \t]", b"", content).decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = "it is not UTF-8, as calendars are: whoever keeps it exports it anew"
        raise CalendarUnreadable(msg) from None
    text = text.replace("\r\n", "\n").strip()
    if not text:
        raise CalendarUnreadable("it is empty: whoever keeps the rota checks the export")
    if text[:1] == "<":
        msg = "it is a web page and no calendar: whoever wrote the policy takes the address of the "
        raise CalendarUnreadable(msg + "iCalendar export, which needs no login")
    if not text[:15].upper() == "BEGIN:VCALENDAR":
        raise CalendarUnreadable("it is no calendar: whoever keeps the rota checks the export")
    if not text[-13:].upper() == "END:VCALENDAR":
        raise CalendarCutShort("it ends before its end: whoever keeps it checks the export")
    return text


def _components(text: str) -> dict[str, list[str]]:
    """The events and the zones, and nothing else: what is around them is not always right.

    Line by line, since a search for ends that are missing never comes to its own.
    """
    found: dict[str, list[str]] = {"VEVENT": [], "VTIMEZONE": []}
    within: list[str] = []
    kept: list[str] = []
    for line in text.split("\n"):
        word, _, name = line.rstrip().upper().partition(":")
        if word == "BEGIN":
            within.append(name)
        # An alarm within an event is left out, the halves of a year within a zone are not.
        if len(within) == 2 or within[1:2] == ["VTIMEZONE"]:
            kept.append(line)
        if word == "END":
            if not within or within.pop() != name:
                raise CalendarUnreadable(_BROKEN)
            if len(within) == 1:
                found.setdefault(name, []).append("\n".join(kept))
                kept = []
    return found


def _may_touch(event: str, window: Span) -> bool:
    """Not so only where two plain days say it: years of shifts that are over are not parsed."""
    days: list[str] = _DAY.findall(event)
    if len(days) != 2 or _KEPT.search(event):
        return True
    since, until = window[0] - 2 * DAY, window[1] + 2 * DAY
    return max(days) >= f"{since:%Y%m%d}" and min(days) <= f"{until:%Y%m%d}"


def _events(written: list[str]) -> list[Event]:
    lines = ["BEGIN:VCALENDAR", *map(written_plainly, written), "END:VCALENDAR"]
    try:
        calendar = Calendar.from_ical("\n".join(lines))
    except (ValueError, KeyError, IndexError, TypeError) as error:
        # What the parser says may hold a line of the calendar, so it is not passed on.
        raise CalendarUnreadable(_BROKEN) from error
    return [each for each in calendar.subcomponents if isinstance(each, Event)]


def _floating(text: str, zones: Zones, timezone: str) -> Callable[[], tzinfo]:
    """Asked for when it is needed: a calendar that never needs it may name nonsense."""
    name = _ZONE.search(text)
    return lambda: zones.find(name[1]) if name else zone(timezone)
