"""Rotas for stories: ladders with people on call, and what is answered when a rota is read."""

from typing import Any

from escalations.rota import Roster
from escalations.snapshot import Snapshot
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder, paris

NIGHT = "2026-12-22 01:30"
"""When the cases of these stories are opened."""


def staffed(
    *windows: str,
    who: tuple[str, ...] = ("one",),
    own: bool = False,
    calendar: str | None = None,
    **keys: Any,
) -> Snapshot:
    """A ladder some of whose contacts have a rota, and addresses of their own only if `own`.

    Each has a calendar of its own, unless all have this one.
    """
    contacts = ladder(*windows).policy.model_dump(mode="json")["contacts"]
    for name in who:
        contacts[name]["rota"] = {"calendar": calendar or f"{name}.ics"}
        contacts[name]["reach"] = contacts[name]["reach"] if own else []
    return ladder(*windows, **{"contacts": contacts, **keys})


def roster(contact: str, *shifts: tuple[str, str, str], until: str = "2027-01-05 01:30") -> Roster:
    """Who is on call: `("eve", "2026-12-22 01:00", "2026-12-22 06:00")`."""
    written = [
        {
            "start": paris(start),
            "end": paris(end),
            "key": who,
            "name": who.title(),
            "reach": [f"mailto:{who}@example.com"],
        }
        for who, start, end in shifts
    ]
    return Roster.model_validate(
        {"contact": contact, "read_at": paris(NIGHT), "until": paris(until), "shifts": written}
    )


def unreadable(contact: str, problem: str = "404") -> Roster:
    """A rota that could not be read."""
    read_at = paris(NIGHT)
    return Roster(contact=contact, read_at=read_at, until=read_at, problem=problem)


EVE = ("eve", "2026-12-22 01:00", "2026-12-22 06:00")
BO = ("bo", "2026-12-22 06:00", "2026-12-22 14:00")
OPENED = ("manager_briefed → manager", "customer_acknowledged → customer", "rota of one")


def desk_of(snapshot: Snapshot, *rosters: Roster, **changes: Any) -> Desk:
    """A case whose opening has been told of, and what is answered when a rota is read."""
    return Desk(snapshot=snapshot, rosters={each.contact: each for each in rosters}, **changes)


def on_call(desk: Desk) -> list[str]:
    """Who was on call since when, as the timeline says it."""
    return [
        f"{in_paris(entry.at)} {getattr(entry, 'people', 'nobody')}"
        for entry in desk.entries("on_call", "nobody_on_call")
    ]
