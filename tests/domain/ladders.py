"""The ladders of `policies/`, as stories take them: a policy, a moment, a desk."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Final

from escalations import policy_file
from escalations.clock import ClockName, Then
from escalations.effects import Effect, Notify
from escalations.opening_hours import zone
from escalations.policy import Policy
from escalations.rota import Roster, Shift
from escalations.snapshot import Snapshot, take
from tests.domain.desk import Desk
from tests.domain.matrices import MATRIX

FOLDER: Final = MATRIX.parent
LADDERS: Final = (
    "call-centre",
    "customer-success",
    "follow-the-sun",
    "social-care",
    "ticket-tiers",
)


@cache
def policies() -> dict[str, Policy]:
    """All policies of the folder, by their names, as a worker reads them."""
    return policy_file.read_folder(FOLDER)


@cache
def ladder(name: str, year: int = 2026) -> Snapshot:
    """One of them, as a case of that year keeps it."""
    return take(policies()[name], year)


def moment(written: str, where: str) -> datetime:
    """A moment by the wall clock of a zone."""
    return datetime.fromisoformat(written).replace(tzinfo=zone(where)).astimezone(UTC)


def wall(at: datetime | None, where: str) -> str:
    """The same, written for a reader: `Tue 22 Dec 10:00`."""
    return f"{at.astimezone(zone(where)):%a %d %b %H:%M}" if at else "never"


def due(desk: Desk, clock: ClockName, then: Then) -> datetime:
    """When that will happen; that it will is part of the story."""
    running = desk.record.clocks[clock].due(then)
    assert running is not None, f"{clock} stands still"
    return running


def leaves_at(desk: Desk) -> datetime:
    """When the case leaves its level by itself."""
    return due(desk, ClockName.WINDOW, Then.CLIMB)


def asked(desk: Desk, notice: str = "level_entered") -> list[str]:
    """Whom every message of that kind went to, in order."""
    return [to.key for effect in _of(desk, notice) for to in effect.to]


def _of(desk: Desk, notice: str) -> list[Notify]:
    return [each for each in desk.sent if isinstance(each, Notify) and each.notice == notice]


def first(desk: Desk, matches: Callable[[Effect], bool]) -> Effect | None:
    """The first effect of that kind, if there is one."""
    return next((effect for effect in desk.sent if matches(effect)), None)


def roster(contact: str, start: datetime, days: int, cities: dict[str, list[str]]) -> Roster:
    """Shifts from 08:00 to 17:00 by each city's clock, its people day by day in turn."""
    shifts = []
    for where, people in cities.items():
        for n in range(-1, days + 1):
            day = (start + timedelta(days=n)).date()
            person = people[day.toordinal() % len(people)]
            shifts.append(
                Shift(
                    start=moment(f"{day} 08:00", where),
                    end=moment(f"{day} 17:00", where),
                    key=person,
                    name=person.title(),
                    reach=[f"mailto:{person}@sun.example"],
                    timezone=where,
                )
            )
    return Roster(
        contact=contact,
        read_at=start,
        until=start + timedelta(days=days),
        shifts=sorted(shifts, key=lambda each: (each.start, each.key)),
    )


def open_desk(policy: str, at: datetime, **changes: Any) -> Desk:
    """A case of that policy, opened at a moment."""
    return Desk(at=at, snapshot=ladder(policy, at.year), policy=policy, **changes)
