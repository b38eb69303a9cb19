"""Levels that came, went, moved or are called otherwise; categories, and where they start."""

from collections import defaultdict
from collections.abc import Iterator

from escalations.policy import Level, Policy, Priority
from escalations.policy_pages.changes.cells import for_whom, grant
from escalations.policy_pages.changes.matching import Renames, moved
from escalations.policy_pages.changes.model import WORDS, Change, Pair, at


def rename_changes(pair: Pair, names: Renames) -> Iterator[Change]:
    """What is only called otherwise."""
    for old, new in names.levels.items():
        yield Change(f"Level {pair.after.number(new)} {old} is now called {new}", ())
    for old, new in names.contacts.items():
        name = pair.after.contacts[new].name
        yield Change(f"Contact {old} ({name}) is now written {new}", ())
    for old, new in names.calendars.items():
        yield Change(f"Calendar {old} is now called {new}; its hours are the same", ())


def ladder_changes(pair: Pair) -> Iterator[Change]:
    """Levels inserted, gone and moved."""
    before, after, common = pair.before, pair.after, pair.levels
    for number, level in enumerate(after.levels, 1):
        if level.name not in common:
            yield Change(
                f"Level inserted {_between(before, after, number)}: {number} {level.name}",
                (("levels", level.name), ("categories", "*", "levels", level.name)),
                _described(after, number, pair.categories),
            )
    for number, level in enumerate(before.levels, 1):
        if level.name not in common:
            yield Change(
                f"Level {number} {level.name} is gone",
                (("levels", level.name), ("categories", "*", "levels", level.name)),
                _described(before, number, pair.categories),
            )
    old_order = [level.name for level in before.levels if level.name in common]
    for name in moved(old_order, common):
        number = after.number(name)
        below = after.levels[number - 2].name if number > 1 else ""
        where = f"after {number - 1} {below}" if below else "to the first place"
        text = f"Level {before.number(name)} {name} moved {where}: it is level {number} now"
        yield Change(text, (("order", "levels"),))


def _between(before: Policy, after: Policy, number: int) -> str:
    """Between which of the levels that were there, by their old numbers."""
    old = {level.name: n for n, level in enumerate(before.levels, 1)}
    below = [old[each.name] for each in after.levels[: number - 1] if each.name in old]
    above = [old[each.name] for each in after.levels[number:] if each.name in old]
    if not below:
        return "before the first one"
    return f"between {below[-1]} and {above[0]}" if above else f"after {below[-1]}, the last one"


def _described(policy: Policy, number: int, categories: list[str | None]) -> tuple[str, ...]:
    """A level in full, and the categories for which it is another."""
    usual = _terms(policy, number, policy.level(number, None))
    said = [*usual]
    for category in categories:
        terms = _terms(policy, number, policy.level(number, category))
        if category is not None and terms != usual:
            different = [each for each in terms if each not in usual]
            said.append(f"for {category}: {'; '.join(different) or 'without some of these'}")
    return tuple(said)


def _terms(policy: Policy, number: int, level: Level) -> list[str]:
    calendar = policy.calendars[level.calendar]
    last = number == len(policy.levels)
    said = [
        f"{policy.contacts[level.contact].name}, {WORDS(f'kind.{level.kind}')}",
        WORDS.window(level.within, calendar, last=last),
    ]
    for priority in Priority:
        speed = policy.priorities.speed.get(priority, 1)
        if speed != 1 and level.within.leave is not None:
            window = WORDS.window(level.within * speed, calendar, last=last)
            said.append(f"{priority}: {window}")
    if level.calendar != "always":
        said.append(f"on the calendar {level.calendar}: {WORDS.open(calendar)}")
    if level.acknowledge_within:
        said.append(WORDS("take", span=WORDS.span(level.acknowledge_within, calendar)))
    if level.release_after:
        said.append(WORDS("release", span=WORDS.span(level.release_after, calendar)))
    if level.actions:
        said.append(f"to do: {', '.join(level.actions)}")
    if level.may_grant:
        may = [f"{what} {grant(cap)}" for what, cap in level.may_grant.items()]
        said.append(f"may grant: {', '.join(may)}")
    if level.leaves_on:
        said.append(f"looks out for: {', '.join(level.leaves_on)}")
    return said


def category_changes(pair: Pair) -> Iterator[Change]:
    """Categories that came or went, and those that start elsewhere."""
    before, after = pair.before, pair.after
    for name in after.categories:
        if name not in before.categories:
            first = after.levels[after.start(name) - 1].name
            yield Change(
                f"New category {name}: starts at {at(after, first)}",
                (("categories", name),),
                _differing(after, name),
                (name,),
            )
    for name in before.categories:
        if name not in after.categories:
            text = f"Category {name} is gone"
            yield Change(text, (("categories", name),), categories=(name,))
    if bool(before.categories) != bool(after.categories):
        text = "Only the categories that are written are accepted now"
        yield Change(text if after.categories else "Any category is accepted now", ())
    yield from _starts(pair)


def _differing(policy: Policy, category: str) -> tuple[str, ...]:
    said = []
    for number, level in enumerate(policy.levels, 1):
        usual = _terms(policy, number, level)
        terms = _terms(policy, number, policy.level(number, category))
        if terms != usual:
            different = [each for each in terms if each not in usual]
            told = "; ".join(different) or "without some of its terms"
            said.append(f"at level {number} {level.name}: {told}")
    return tuple(said)


def _starts(pair: Pair) -> Iterator[Change]:
    before, after = pair.before, pair.after
    changed: dict[tuple[str, str], list[str | None]] = defaultdict(list)
    for category in pair.categories:
        old = before.levels[before.start(category) - 1].name
        new = after.levels[after.start(category) - 1].name
        if old != new:
            changed[old, new].append(category)
    for (old, new), who in changed.items():
        covers = tuple(("categories", each, "start") for each in who if each)
        whom = for_whom(pair, tuple(who)).removeprefix(", for ") or "all cases"
        one = len(who) == 1 and who[0] is not None
        yield Change(
            f"{whom[0].upper() + whom[1:] if not one else whom} now start{'s' if one else ''} "
            f"at {at(after, new)} instead of {at(before, old)}",
            covers,
            categories=None if who == pair.categories else tuple(who),
        )
