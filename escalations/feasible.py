"""What a policy promises has to be possible: no span that takes its calendar years."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from escalations.calendars import Calendar
from escalations.durations import Duration, Unit, Window
from escalations.model import Value
from escalations.opening_hours import week
from escalations.references import Place, Problem

if TYPE_CHECKING:
    from escalations.policy import Policy

MAX_WEEKS: Final = 400
"""As long as 400 business days take on a calendar that opens once a week."""

_MINUTE: Final = 60_000_000


def problems(policy: "Policy") -> list[Problem]:
    """Spans out of proportion to the hours of their calendar; meetings that nobody holds."""
    too_long = [
        problem
        for place, rule, name in _rules(policy)
        for problem in _too_long(place, rule, name, policy.calendars[name])
    ]
    return [*too_long, *_nobody_to_hold_it(policy)]


def _nobody_to_hold_it(policy: "Policy") -> Iterator[Problem]:
    """Who is on call may be nobody, and a retrospective needs somebody who sees to it."""
    if policy.retrospective and not any(each.reach for each in policy.contacts.values()):
        allowed = "one where a contact has `reach`: of rotas alone, nobody may be there to hold it"
        yield Problem(("retrospective",), "a retrospective", allowed)


def _rules(policy: "Policy") -> Iterator[tuple[Place, Value, str]]:
    """Each rule with spans of time, and the name of the calendar that they run on."""
    for n, level in enumerate(policy.levels):
        yield ("levels", n), level, level.calendar
    for category, each in policy.categories.items():
        for name in each.levels:
            level = policy.level(policy.number(name), category)
            yield ("categories", category, "levels", name), level, level.calendar
    yield ("customer",), policy.customer, policy.customer.calendar
    for reason, hold in policy.holds.items():
        yield ("holds", reason.value), hold, policy.customer.calendar
    if policy.retrospective is not None:
        yield ("retrospective",), policy.retrospective, policy.retrospective.calendar


def _too_long(place: Place, rule: Value, name: str, calendar: Calendar) -> Iterator[Problem]:
    open_minutes = sum(
        period.closes - period.opens for day in week(calendar.hours) for period in day
    )
    longest = Duration(Unit.HOURS, MAX_WEEKS * open_minutes * _MINUTE)
    weekly = Duration(Unit.HOURS, open_minutes * _MINUTE)
    for key, value in rule:
        span = value.leave if isinstance(value, Window) else value
        if isinstance(span, Duration) and span.unit is Unit.HOURS and span > longest:
            allowed = f"at most {longest}: calendar `{name}` opens {weekly} a week"
            yield Problem((*place, key), str(span), allowed)
