"""The time zones of a calendar, by the names that Google, Outlook and the others give them."""

import re
from datetime import UTC, tzinfo
from functools import cache
from io import StringIO
from typing import Final

from dateutil.tz import tzical
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from escalations.opening_hours import zone
from escalations.rota_calendars.unreadable import CalendarUnreadable

ZONE: Final = "X-TZID"
"""What the name of a zone is called in `written_plainly`."""

_NAMED: Final = re.compile(r"^([\w-]+(?:;[^:\n]*?)?;)TZID=", re.M | re.I)
_TZID: Final = re.compile(r"^TZID(?:;[^:\r\n]*)?:([^\r\n]*)", re.M | re.I)
_RULE: Final = re.compile(r"^(?:RRULE|EXRULE)[:;]([^\r\n]*)", re.M | re.I)
_ONCE_A_YEAR: Final = re.compile(
    r"(?:;?(?:FREQ=YEARLY|INTERVAL=1|BY(?:DAY|MONTH|MONTHDAY)=[-+\w,]{1,60}|UNTIL=\w+|WKST=\w\w))+",
    re.I,
)
_UTC_NAMES: Final = ("utc", "z", "gmt", "tzone://microsoft/utc")


def written_plainly(event: str) -> str:
    """The lines of an event so that the parser leaves zones alone.

    It would ask the machine for them, and keep what one calendar defines for all others.
    """
    return _NAMED.sub(rf"\1{ZONE}=", event)


class Zones:
    """The zones of one calendar.

    A name that we know means our tz database, not the definition beside it: Outlook writes the
    rules of one year, and whatever the calendar says, all workers answer alike.
    """

    def __init__(self, definitions: list[str]) -> None:
        """`definitions` are the lines of each `VTIMEZONE`."""
        found = ((_TZID.search(each), each) for each in definitions)
        self._definitions = {name[1].strip(): each for name, each in found if name}
        self._found: dict[str, tzinfo] = {}

    def find(self, name: str) -> tzinfo:
        """The zone of that name.

        Raises:
            CalendarUnreadable: nobody knows it; whoever keeps the calendar chooses another one.
        """
        name = name.strip().strip('"')
        if name not in self._found:
            found = _known(name) or self._defined(name)
            if found is None:
                msg = f"nobody knows its time zone {name!r}: whoever keeps it chooses another one"
                raise CalendarUnreadable(msg)
            self._found[name] = found
        return self._found[name]

    def _defined(self, name: str) -> tzinfo | None:
        definition = self._definitions.get(name)
        if definition is None:
            return None
        rules = [found.strip() for found in _RULE.findall(definition)]
        if not all(map(_ONCE_A_YEAR.fullmatch, rules)) or len(definition) > 20_000:
            return None
        # The parser knows some keys only, of which none may be left out or added.
        lines = [line for line in definition.splitlines() if not line.upper().startswith("X-")]
        try:
            return tzical(StringIO("\r\n".join(lines))).get()
        except (ValueError, KeyError, IndexError):
            return None


@cache
def _known(name: str) -> tzinfo | None:
    if name.lower() in _UTC_NAMES:
        return UTC
    parts = name.strip("/").split("/")
    # Mozilla, Evolution and others write their own name and a date before the zone's.
    for candidate in (WINDOWS_TO_OLSON.get(name), name, *("/".join(parts[-n:]) for n in (3, 2))):
        try:
            if candidate:
                return zone(candidate)
        except ValueError:
            continue
    return None
