"""What changes about contacts and calendars: who is told differently, and which days count."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from escalations.calendars import Calendar, expand
from escalations.contacts import Contact
from escalations.opening_hours import ALL_DAY, Period, week
from escalations.policy import Policy
from escalations.policy_pages.changes.model import WORDS, Change, Pair, Path, instead, lists

_MANY = 12


def contact_changes(pair: Pair) -> Iterator[Change]:
    """Contacts that came, went, or are told differently."""
    before, after = pair.before.contacts, pair.after.contacts
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            text = f"New contact {name}: {new.name}, {', '.join(new.reach) or 'by a rota'}"
            yield Change(text, (("contacts", name),), _acts(pair.after, name))
        elif old is not None and new is None:
            text = f"Contact {name} ({old.name}) is gone"
            yield Change(text, (("contacts", name),))
        elif old is not None and new is not None and old != new:
            yield from _of_contact(pair, name, old, new)


def _of_contact(pair: Pair, name: str, old: Contact, new: Contact) -> Iterator[Change]:
    said, covers = [], []
    for field in Contact.model_fields:
        was, is_ = getattr(old, field), getattr(new, field)
        if was != is_:
            covers.append(("contacts", name, field))
            said.append(_contact_field(field, was, is_))
    yield Change(f"{new.name}: {'; '.join(said)}", tuple(covers), _acts(pair.after, name))


def _contact_field(field: str, old: Any, new: Any) -> str:
    if field == "reach" and old and new:
        return f"reached by {', '.join(new)} instead of {', '.join(old)}"
    if field == "rota" and old is not None and new is not None:
        return "; ".join(_rota(old, new))
    if field == "rota":
        return "told by a rota now" if new else "no longer told by a rota"
    label = {
        "name": "called",
        "reach": "reached by",
        "quiet_hours": "quiet hours",
        "language": "written to in the language",
        "timezone": "times are shown in the zone",
    }.get(field, field.replace("_", " "))
    return instead(label, *(_listed(each) for each in (old, new)))


def _listed(value: Any) -> str | None:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or None
    return None if value is None else str(value)


def _rota(old: Any, new: Any) -> Iterator[str]:
    if old.calendar != new.calendar:
        yield f"the rota is read from {new.calendar} instead of {old.calendar}"
    if old.overrides != new.overrides:
        yield instead("overrides of the rota", old.overrides, new.overrides)
    for name in dict.fromkeys([*old.people, *new.people]):
        was, is_ = old.people.get(name), new.people.get(name)
        if was != is_:
            shown = [each and ", ".join(_person(each)) for each in (was, is_)]
            yield instead(f"{name} in the rota", *shown)


def _person(person: Any) -> list[str]:
    said = [person.name, *person.reach, person.language, person.timezone]
    return [each for each in said if each is not None]


def _acts(policy: Policy, contact: str) -> tuple[str, ...]:
    """Where this contact is asked, so that one sees whom it concerns."""
    places = []
    for number, level in enumerate(policy.levels, 1):
        who = [name for name in policy.categories if policy.level(number, name).contact == contact]
        if level.contact == contact:
            places.append(f"{number} {level.name}")
        elif who:
            places.append(f"{number} {level.name} for {WORDS.listed(who)}")
    roles = {"escalation manager": policy.escalation_manager, "fallback": policy.fallback}
    said = [f"is the {role}" for role, name in roles.items() if name == contact]
    if places:
        said.insert(0, f"is asked at level{'s' if len(places) > 1 else ''} {WORDS.listed(places)}")
    return ("; ".join(said),) if said else ()


def calendar_changes(pair: Pair) -> Iterator[Change]:
    """Opening hours and days on which it is closed."""
    before, after = pair.before.calendars, pair.after.calendars
    for name in dict.fromkeys([*before, *after]):
        old, new = before.get(name), after.get(name)
        if old is None and new is not None:
            said = "; ".join([WORDS.open(new), *WORDS.closed(new)])
            yield Change(f"New calendar {name}: {said}", (("calendars", name),))
        elif old is not None and new is None:
            yield Change(f"Calendar {name} is gone", (("calendars", name),))
        elif old is not None and new is not None and old != new:
            yield from _of_calendar(pair, name, old, new)


def _of_calendar(pair: Pair, name: str, old: Calendar, new: Calendar) -> Iterator[Change]:
    said: list[str] = []
    covers: list[Path] = []
    if week(old.hours) != week(new.hours):
        covers.append(("calendars", name, "hours"))
        said += _hours(old, new)
    if old.timezone != new.timezone:
        covers.append(("calendars", name, "timezone"))
        zones = old.timezone or "the policy’s", new.timezone or "the policy’s"
        said.append(instead("counts in the zone", *zones))
    if old.holidays != new.holidays:
        covers.append(("calendars", name, "holidays"))
        said += _holidays(pair, old, new)
    if said:
        text = f"Calendar {name}: {'; '.join(said)}"
        yield Change(text, tuple(covers), _used(pair.after, name))


def _hours(old: Calendar, new: Calendar) -> Iterator[str]:
    """The days whose hours are others, those with the same difference together."""
    days = WORDS("days").split()
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for day, was, is_ in zip(days, week(old.hours), week(new.hours), strict=True):
        if was != is_:
            same[_periods(was), _periods(is_)].append(day)
    for (before, after), who in same.items():
        yield f"{', '.join(who)} {after} instead of {before}"


def _periods(periods: Sequence[Period]) -> str:
    return ", ".join(str(each).replace("-", "–") for each in periods) or "closed"


def _holidays(pair: Pair, old: Calendar, new: Calendar) -> Iterator[str]:
    """Which days open or close by other holidays, and what is written for them."""
    was, is_ = (_closed(pair, each, (old, new)) for each in (old, new))
    if is_ - was:
        yield f"now closed on {_days(sorted(is_ - was))}"
    if was - is_:
        yield f"no longer closed on {_days(sorted(was - is_))}"
    if old.holidays.country != new.holidays.country:
        yield instead("public holidays of", old.holidays.country, new.holidays.country)
    if old.holidays.subdivision != new.holidays.subdivision:
        parts = old.holidays.subdivision, new.holidays.subdivision
        yield instead("public holidays of the part", *parts)
    own = [list(map(str, each.holidays.dates)) for each in (old, new)]
    if was == is_ and own[0] != own[1]:
        yield f"{lists('days of its own', *own)}, which changes no day on which it opens"


def _closed(pair: Pair, calendar: Calendar, both: Sequence[Calendar]) -> set[date]:
    """Its holidays on the days of the week on which one of both opens."""
    every_day = calendar.model_copy(update={"hours": {"mon-sun": (ALL_DAY,)}})
    weeks = [week(each.hours) for each in both]
    days = expand(every_day, pair.after.timezone, pair.years).closed
    return {day for day in days if any(each[day.weekday()] for each in weeks)}


def _days(days: Sequence[date]) -> str:
    named = [f"{day:%a} {day.isoformat()}" for day in days[:_MANY]]
    more = f" and {len(days) - _MANY} days more" if len(days) > _MANY else ""
    return ", ".join(named) + more


def _used(policy: Policy, calendar: str) -> tuple[str, ...]:
    levels = [f"{n} {each.name}" for n, each in enumerate(policy.levels, 1)
              if each.calendar == calendar]  # fmt: skip
    said = [f"level{'s' if len(levels) > 1 else ''} {WORDS.listed(levels)}"] if levels else []
    cells = [
        f"{category} at level {policy.number(level)} {level}"
        for category, each in policy.categories.items()
        for level, cell in each.levels.items()
        if cell.calendar == calendar
    ]
    said += cells
    if policy.customer.calendar == calendar:
        said.append("what the customer is promised")
    if policy.retrospective and policy.retrospective.calendar == calendar:
        said.append("the retrospective")
    return (f"counts for {WORDS.listed(said)}",) if said else ("nothing counts on it",)
