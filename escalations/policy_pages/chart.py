"""The way up as a flow chart, before it is drawn: steps, and what leads to each of them (D32).

Triggers are grouped by where they lead, so that a chart has one edge into a level and not one from
every level below it: seven levels and eighteen triggers would be some sixty.
"""

from dataclasses import dataclass

from escalations.policy import Level
from escalations.policy_pages.sheet import View, source
from escalations.policy_pages.wording import plainly


@dataclass(frozen=True)
class Step:
    """A level, and what leads to it."""

    number: int
    name: str
    who: str
    """The contact's name; empty where the level is called the same."""
    begins: tuple[str, ...]
    """Which cases begin here."""
    triggers: tuple[str, ...]
    """What moves a case here at once."""
    differs: tuple[str, ...]
    """Whom cases of a category meet instead."""
    climbs: tuple[str, ...]
    """After how long a case goes on to the next step, and sooner for which priority; or never."""
    by_time: bool
    """Whether it goes on when time is over."""


@dataclass(frozen=True)
class Chart:
    """The steps, lowest first."""

    title: str
    source: str
    steps: tuple[Step, ...]
    to_next: tuple[str, ...]
    """What moves a case at once from any step to the next one."""


def chart(view: View) -> Chart:
    """The chart of a policy, for all its categories or for one."""
    policy = view.policy
    return Chart(
        title=f"{view.words('chart')}: {plainly(view.category or policy.policy)}",
        source=source(view),
        steps=tuple(
            _step(view, number, policy.level(number, view.category))
            for number in range(view.first, len(policy.levels) + 1)
        ),
        to_next=tuple(plainly(name) for name, each in policy.triggers.items() if each.to == "next"),
    )


def _step(view: View, number: int, level: Level) -> Step:
    policy = view.policy
    who = policy.contacts[level.contact].name
    return Step(
        number=number,
        name=level.name,
        who="" if who.casefold() == level.name.casefold() else who,
        begins=_begins(view, number),
        triggers=tuple(
            plainly(name) for name, each in policy.triggers.items() if each.to == level.name
        ),
        differs=_differs(view, number, level),
        climbs=_climbs(view, number, level),
        by_time=level.within.leave is not None,
    )


def _begins(view: View, number: int) -> tuple[str, ...]:
    words, policy = view.words, view.policy
    if view.category is not None:
        return (plainly(view.category),) if number == view.first else ()
    elsewhere = [name for name in policy.categories if policy.start(name) != 1]
    if number == 1:
        return (words("other_cases" if elsewhere else "all_cases"),)
    return tuple(plainly(name) for name in elsewhere if policy.start(name) == number)


def _differs(view: View, number: int, level: Level) -> tuple[str, ...]:
    if view.category is not None:
        return ()
    policy, said = view.policy, []
    for category in policy.categories:
        here = policy.level(number, category)
        other = [] if here.contact == level.contact else [policy.contacts[here.contact].name]
        if (here.within, here.calendar) != (level.within, level.calendar):
            other += _climbs(view, number, here)
        if other:
            said.append(f"{plainly(category)}: {', '.join(other)}")
    return tuple(said)


def _climbs(view: View, number: int, level: Level) -> tuple[str, ...]:
    words, speed = view.words, view.policy.priorities.speed
    calendar = view.policy.calendars[level.calendar]
    last = number == len(view.policy.levels)
    if level.within.leave is None or last:
        return (words.window(level.within, calendar, last=last),)
    factor = speed.get(view.priority, 1) if view.priority else 1
    said = [words("climbs", leave=words.span(level.within.leave * factor, calendar))]
    if view.priority is None:
        for priority in sorted(speed):
            if speed[priority] != 1:
                leave = words.span(level.within.leave * speed[priority], calendar)
                said.append(words("at_priority", priority=priority, window=leave))
    return tuple(said)
