"""The levels of a sheet, from the first to the last, and where a category differs."""

from escalations.policy import Level, Priority
from escalations.policy_pages.sheet import Cell, Section, View
from escalations.policy_pages.wording import plainly

_COLUMNS = (
    "level", "who", "how_long", "hours", "taking", "to_do", "may_grant", "leaves_on",
)  # fmt: skip


def matrix(view: View) -> Section:
    """A row a level: who, how long, on whose clock, what to do, what may be granted, when to go.

    A column in which no level has anything to say is not there.
    """
    words, policy = view.words, view.policy
    title = words("levels")
    if view.category is not None:
        title = words("levels_of", category=plainly(view.category))
    if view.priority is not None:
        title += f", {words('levels_at', priority=view.priority)}"
    cells = [
        level_cells(view, number, policy.level(number, view.category))
        for number in range(view.first, len(policy.levels) + 1)
    ]
    said = [column for column in _COLUMNS if any(row[column] for row in cells)]
    rows = tuple(tuple(row[column] for column in said) for row in cells)
    return Section("levels", title, tuple(map(words, said)), rows)


def level_cells(view: View, number: int, level: Level) -> dict[str, Cell]:
    """What is to be known of a level, column by column."""
    words, policy = view.words, view.policy
    return {
        "level": (f"{number} {level.name}", words(f"kind.{level.kind}")),
        "who": (policy.contacts[level.contact].name,),
        "how_long": tuple(_how_long(view, number, level)),
        "hours": (words.open(policy.calendars[level.calendar]),),
        "taking": tuple(_taking(view, level)),
        "to_do": tuple(map(plainly, level.actions)),
        "may_grant": tuple(f"{plainly(what)}: {amount(view, cap)}" for what, cap in
                           level.may_grant.items()),
        "leaves_on": tuple(_leaves_on(view, level)),
    }  # fmt: skip


def amount(view: View, grant: str) -> str:
    """`up to 100 EUR`, `any amount`."""
    return view.words("any") if grant == "any" else view.words("up_to", amount=grant)


def _how_long(view: View, number: int, level: Level) -> list[str]:
    words, speed = view.words, view.policy.priorities.speed
    calendar = view.policy.calendars[level.calendar]
    last = number == len(view.policy.levels)
    factor = speed.get(view.priority, 1) if view.priority else 1
    said = [words.window(level.within * factor, calendar, last=last)]
    if view.priority is None and level.within.leave is not None:
        for priority in sorted(speed):
            if speed[priority] != 1:
                window = words.window(level.within * speed[priority], calendar, last=last)
                said.append(words("at_priority", priority=priority, window=window))
    if level.within.leave is None or last:
        key = "repeat_open" if level.within.leave is None else "repeat"
        said.append(words.every(level.repeat_every, calendar, key))
    return said


def _taking(view: View, level: Level) -> list[str]:
    words, calendar = view.words, view.policy.calendars[level.calendar]
    spans = {"take": level.acknowledge_within, "release": level.release_after}
    return [words(key, span=words.span(span, calendar)) for key, span in spans.items() if span]


def _leaves_on(view: View, level: Level) -> list[str]:
    """The triggers to look out for, and where they lead if not to the next level."""
    said = []
    for name in level.leaves_on:
        to = view.policy.triggers[name].to
        where = "" if to == "next" else f" →\N{NO-BREAK SPACE}{view.policy.number(to)}"
        said.append(plainly(name) + where)
    return said


def differences(view: View) -> Section:
    """Where cases of a category begin elsewhere or meet another cell (D31)."""
    words, policy = view.words, view.policy
    title, header = words("differences"), (words("category"), words("differs"))
    if view.category is not None or not policy.categories:
        return Section("categories", title)
    same: list[str] = []
    rows: list[tuple[Cell, ...]] = []
    for name in policy.categories:
        if said := _differs(view, name):
            rows.append(((plainly(name),), tuple(said)))
        else:
            same.append(plainly(name))
    if not rows:
        return Section("categories", title, notes=(words("differences_none"), ", ".join(same)))
    if same:
        rows.append(((", ".join(same),), (words("same"),)))
    return Section("categories", title, header, tuple(rows))


def _differs(view: View, category: str) -> list[str]:
    words, policy = view.words, view.policy
    said = []
    start = policy.start(category)
    if start != 1:
        said.append(words("starts", level=f"{start} {policy.levels[start - 1].name}"))
    for number, level in enumerate(policy.levels, 1):
        usual = level_cells(view, number, level)
        here = level_cells(view, number, policy.level(number, category))
        for column, cell in here.items():
            if cell != usual[column]:
                told = "; ".join(cell[1:] if column == "level" else cell) or "–"
                what = told if column == "level" else f"{words(column)}: {told}"
                said.append(words("at_level", level=f"{number} {level.name}", what=what))
    return said


def priorities_shown(view: View) -> list[Priority]:
    """The priorities that are looked at."""
    return [view.priority] if view.priority else list(Priority)
