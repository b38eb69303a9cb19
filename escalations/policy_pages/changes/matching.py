"""Which level, contact and calendar of one policy is which of the other, whatever it is called."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from escalations.calendars import Calendar
from escalations.contacts import Contact
from escalations.policy import Level, Policy

T = TypeVar("T")


@dataclass(frozen=True)
class Renames:
    """Old name → new name, of those that are called otherwise."""

    contacts: dict[str, str]
    calendars: dict[str, str]
    levels: dict[str, str]


def renames(before: Policy, after: Policy) -> Renames:
    """What only its name tells apart.

    A contact is known by its addresses and rota or by its full name, a calendar by its hours and
    holidays, a level by its contact and its window.
    """
    contacts = _pairs(before.contacts, after.contacts, _same_contact)
    calendars = _pairs(before.calendars, after.calendars, _same_calendar)

    def same_level(old: Level, new: Level) -> bool:
        contact = contacts.get(old.contact, old.contact)
        return contact == new.contact and old.within == new.within

    def same_contact(old: Level, new: Level) -> bool:
        return contacts.get(old.contact, old.contact) == new.contact

    old_levels = {level.name: level for level in before.levels}
    new_levels = {level.name: level for level in after.levels}
    levels = _pairs(old_levels, new_levels, same_level)
    rest = {name: level for name, level in new_levels.items() if name not in levels.values()}
    left = {name: level for name, level in old_levels.items() if name not in levels}
    return Renames(contacts, calendars, levels | _pairs(left, rest, same_contact))


def _same_contact(old: Contact, new: Contact) -> bool:
    reached = (old.reach, old.rota) == (new.reach, new.rota)
    return reached or old.name == new.name


def _same_calendar(old: Calendar, new: Calendar) -> bool:
    return old == new


def _pairs(
    before: Mapping[str, T], after: Mapping[str, T], same: Callable[[T, T], bool]
) -> dict[str, str]:
    """Old name → new name for those without a namesake that are the same, each once."""
    left = [name for name in after if name not in before]
    found: dict[str, str] = {}
    for name, old in before.items():
        if name not in after:
            twin = next((each for each in left if same(old, after[each])), None)
            if twin is not None:
                found[name] = twin
                left.remove(twin)
    return found


def renamed(policy: Policy, names: Renames) -> Policy:
    """The policy in the other one's names."""
    written = policy.model_dump(mode="json")
    written["contacts"] = _keys(written["contacts"], names.contacts)
    written["calendars"] = _keys(written["calendars"], names.calendars)
    for category in written["categories"].values():
        _value(category, "start", names.levels)
        category["levels"] = _keys(category["levels"], names.levels)
    cells = [one for each in written["categories"].values() for one in each["levels"].values()]
    for level in [*written["levels"], *cells]:
        _value(level, "name", names.levels)
        _value(level, "contact", names.contacts)
        _value(level, "calendar", names.calendars)
    for trigger in written["triggers"].values():
        _value(trigger, "to", names.levels)
    for stakeholder in written["stakeholders"]:
        _value(stakeholder, "contact", names.contacts)
    for key in ("escalation_manager", "fallback"):
        _value(written, key, names.contacts)
    _value(written["customer"], "calendar", names.calendars)
    if written["retrospective"] is not None:
        _value(written["retrospective"], "calendar", names.calendars)
        _value(written["retrospective"]["when"], "level", names.levels)
    return Policy.model_validate(written)


def _keys(block: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {names.get(key, key): value for key, value in block.items()}


def _value(block: dict[str, Any], key: str, names: Mapping[str, str]) -> None:
    if block.get(key) is not None:
        block[key] = names.get(block[key], block[key])


def moved(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """The fewest that must have moved to make one order of the same names the other."""
    place = {name: n for n, name in enumerate(before)}
    best: list[list[str]] = []
    for n, name in enumerate(after):
        lower = [best[m] for m in range(n) if place[after[m]] < place[name]]
        best.append([*max(lower, key=len, default=[]), name])
    stayed = max(best, key=len, default=[])
    return [name for name in after if name not in stayed]
