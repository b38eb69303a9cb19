"""Who is on call: a contact's rota as it is written, and as it was read.

The calendar itself is read by an activity (`activities/rotas.py`); what it answers, a `Roster`, is
all that the engine knows of it.
"""

from typing import Annotated

from pydantic import Field

from escalations.calendars import Zone
from escalations.model import Instant, Language, Line, Name, Text, Value
from escalations.policy_terms import Address

Source = Annotated[
    str,
    Field(
        pattern=r"^((https?|webcal)://\S+|[^\s:/\\][^:\\]*\.(ics|ical|ifb|icalendar))$",
        max_length=500,
    ),
]
"""A file beside the policies (`rota/first-line.ics`), or an address; secrets written `${NAME}`."""


class Colleague(Value):
    """Somebody in a rota, and how they are reached."""

    name: Line | None = None
    """What they are called; as the calendar names them if absent."""
    reach: list[Address] = Field(min_length=1, max_length=10)
    """Addresses, tried in order until one delivers."""
    language: Language | None = None
    timezone: Zone | None = None


class Rota(Value):
    """Where a contact's shifts are written, and who is meant by the names in it."""

    calendar: Source
    """An iCalendar, as Google, Outlook, PagerDuty, Opsgenie and Grafana OnCall export it."""
    overrides: Source | None = None
    """Another one: where an event of it runs, only its people are on call."""
    people: dict[Line, Colleague] = {}
    """As the calendar names them → who that is."""


class Shift(Value):
    """Somebody is on call, from a moment to another one that does not belong to it."""

    start: Instant
    end: Instant
    key: Line
    """The same for the same person: the name in `people`, else their address."""
    name: Line
    reach: list[str] = Field(min_length=1)
    language: str | None = None
    timezone: str | None = None


class Roster(Value):
    """A rota as it was read: who is on call when."""

    contact: Name
    read_at: Instant
    until: Instant
    """Up to when shifts are known."""
    shifts: list[Shift] = []
    """In order, overrides applied."""
    unknown: list[Line] = []
    """People whom the calendar names and nobody knows how to reach."""
    problem: Text = ""
    """Why it could not be read; then there are no shifts."""
