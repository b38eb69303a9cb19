"""Who is on call: a rota as the policy names it, a roster as it was read from the calendar.

A roster is a value with the shifts of some days: who is on call at a moment, and when that changes,
is found in it without a calendar, a clock or a network.
"""

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Final, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from escalations.model import Instant, Language, Line, Name, Text, Value
from escalations.opening_hours import Zone
from escalations.policy_terms import Address

AHEAD: Final = timedelta(days=14)
"""How far a rota is read: a calendar that cannot be read is not missed for that long."""

MAX_SHIFTS: Final = 500
"""Of one roster; one that would have more ends where they begin."""

MAX_UNKNOWN: Final = 50

_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")
_FILE: Final = re.compile(r"\.(ics|ical|ifb|icalendar)$", re.IGNORECASE)
_SECRET: Final = re.compile(r"\$\{[^{}]*\}")


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _source(text: str) -> str:
    if not _SCHEME.match(text):
        if (
            text.startswith("/")
            or "\\" in text
            or ".." in text.split("/")
            or not _FILE.search(text)
        ):
            msg = f"found {text!r}; write a file in the folder of the policies such as rota.ics"
            raise ValueError(msg)
        return text
    try:
        parts = urlsplit(_SECRET.sub("secret", text))
        host = parts.hostname if parts.port is None or parts.port else None
        if "$" in urlsplit(text).netloc.rpartition("@")[2]:
            host = None
    except ValueError:
        host = None
    if not host or " " in text or parts.scheme not in ("https", "http", "webcal"):
        msg = (
            "write a file name in the folder of the policies, or an address such as "
            "https://calendar.example.com/${NAME}.ics: https or webcal, the host without a secret"
        )
        raise ValueError(msg)
    if parts.scheme == "http" and not _is_loopback(host):
        msg = f"http:// sends the rota and its address unencrypted; write https://{host}/…"
        raise ValueError(msg)
    return text


Source = Annotated[
    str,
    Field(min_length=1, max_length=1_000, pattern=r"^\S(.*\S)?$"),
    AfterValidator(_source),
]
"""Where a calendar is: a file name, relative to the folder of the policies, or an address.

`https://`, or `webcal://`, which is read as `https://`; `http://` on this machine only. Secrets in
an address are written `${NAME}`.
"""


def shown_source(source: str) -> str:
    """What may be said of a calendar's place: the path of an address is often the key to it."""
    if "://" not in source:
        return source
    return urlsplit(source).netloc.rpartition("@")[2]


class Colleague(Value):
    """Somebody who may be on call."""

    name: Line | None = None
    """As messages call them; as the calendar does if absent."""
    reach: list[Address] = Field(min_length=1, max_length=10)
    """Addresses, tried in order until one delivers."""
    language: Language | None = None
    """The language they are written to in; the contact's if absent."""
    timezone: Zone | None = None
    """The zone their times are shown in; the contact's if absent."""


class Rota(Value):
    """A calendar that says who of a contact is on call."""

    calendar: Source
    overrides: Source | None = None
    """A second calendar: while one of its events runs, only its people are on call."""
    people: Annotated[dict[Line, Colleague], Field(max_length=500)] = {}
    """As the calendar names them → who that is; whole words, case does not count."""

    @model_validator(mode="after")
    def _told_apart(self) -> Self:
        written: dict[str, str] = {}
        for name in self.people:
            other = written.setdefault(plain(name), name)
            if other is not name:
                msg = f"`people` has {other!r} and {name!r}, which a calendar does not tell apart"
                raise ValueError(msg)
        return self


class RotaQuestion(Value):
    """Who is on call from a moment on?"""

    contact: Name
    rota: Rota
    at: Instant
    timezone: Zone = "UTC"
    """The policy's: of days and times for which the calendar itself says no zone."""


class Shift(Value):
    """Somebody on call for a time; its end does not belong to it."""

    start: Instant
    end: Instant
    key: Line
    """The same for all shifts of a person: their name in `people`, else their mail address."""
    name: Line
    reach: list[str] = Field(min_length=1)
    """Addresses, tried in order until one delivers."""
    language: str | None = None
    """The contact's if absent."""
    timezone: str | None = None
    """The contact's if absent."""


class Roster(Value):
    """A rota as it was read: its shifts from one moment until another."""

    contact: Name
    read_at: Instant
    """The moment from which on it tells."""
    until: Instant
    """The moment up to which it tells: whether somebody is on call then is not known."""
    shifts: list[Shift] = Field(default=[], max_length=MAX_SHIFTS)
    """By their start; overrides are applied, and each person is in one at a time."""
    unknown: list[Line] = Field(default=[], max_length=MAX_UNKNOWN)
    """What the calendar calls somebody whom nobody knows how to reach."""
    problem: Text = ""
    """Why it could not be read, and who can mend that; then there are no shifts."""

    @model_validator(mode="after")
    def _nothing_from_a_problem(self) -> Self:
        if self.problem and self.shifts:
            msg = "a roster that could not be read has no shifts"
            raise ValueError(msg)
        return self


def on_call(roster: Roster, at: Instant) -> list[Shift]:
    """The shifts that run at a moment, one for each person on call, by their start."""
    last: dict[str, Shift] = {}
    for shift in roster.shifts:
        if shift.start <= at < shift.end:
            kept = last.setdefault(shift.key, shift)
            if shift.end > kept.end:
                last[shift.key] = shift
    return sorted(last.values(), key=order)


def next_change(roster: Roster, at: Instant) -> Instant | None:
    """When, after a moment, the people on call are next others than then.

    None if they do not change before `until`.
    """
    moments = {moment for shift in roster.shifts for moment in (shift.start, shift.end)}
    now = _keys(roster, at)
    later = sorted(moment for moment in moments if at < moment < roster.until)
    return next((moment for moment in later if _keys(roster, moment) != now), None)


def plain(text: str) -> str:
    """A text as names are compared: case and the kind of white space do not count."""
    return " ".join(text.casefold().split())


def _keys(roster: Roster, at: Instant) -> set[str]:
    return {shift.key for shift in roster.shifts if shift.start <= at < shift.end}


def order(shift: Shift) -> tuple[Instant, str]:
    """By which shifts are sorted."""
    return shift.start, shift.key
