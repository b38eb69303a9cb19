"""A policy adopted, or about to be: one case before and after, or many cases in groups."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.cells import cell_len
from rich.text import Text

from escalations.adoption import Adopted, Adoption, ClockReading, Standing
from escalations.cli.bulk_page import cases_of
from escalations.cli.page import wrapped
from escalations.cli.words import local, next_step, span
from escalations.sentences import words_of

_GAP: Final = 2  # columns
_NAMED: Final = 5
"""So many cases of a group are named; of more, how many more there are."""

Answers = Mapping[str, Adopted | str]
"""Case → its answer, or why it is refused."""


def adopted_lines(adopted: Adopted, width: int) -> Iterator[Text]:
    """One case, before and after, side by side."""
    yield Text.assemble((adopted.case, "bold"), "  ", adopted.title)
    adoption = adopted.adoption
    if adoption is None:
        yield Text("This counted before: nothing changes.", "dim")
        return
    if not adoption.changed:
        yield Text(f"It goes by {adoption.after.policy} already: nothing changes.")
        return
    yield from _beside(list(_rows(adoption)), width)
    if adoption.due_at_once:
        yield Text(f"What is next is overdue by {adoption.after.policy}: at once.", "bold red")
    if adoption.told:
        yield from wrapped(Text(f"Hears of it: {'; '.join(adoption.told)}"), width)
    if adoption.preview:
        yield Text("A preview: nothing was changed.", "dim")


Row = tuple[str, str, str]


def _rows(adoption: Adoption) -> Iterator[Row]:
    before, after = adoption.before, adoption.after
    yield "", "BEFORE", "AFTER"
    yield "policy", before.policy, after.policy
    words = words_of("en").STATUS
    yield "status", words[before.status], words[after.status]
    yield "level", _level(before), _level(after)
    yield "asked", before.contact, after.contact
    yield "next", _next(before), _next(after)
    old, new = ({each.clock: each for each in side.clocks} for side in (before, after))
    for clock in dict.fromkeys([*old, *new]):
        yield clock.replace("_", " "), _reading(old.get(clock)), _reading(new.get(clock))


def _level(standing: Standing) -> str:
    return f"{standing.level} of {standing.levels}, {standing.level_name}"


def _next(standing: Standing) -> str:
    if standing.due is None:
        return "nothing"
    step = next_step(standing.due, standing.level, standing.level_name)
    return f"{local(standing.due.at)}: {step}"


def _reading(reading: ClockReading | None) -> str:
    """`20m of 30m (remind at 15m)`, `1h consumed`."""
    if reading is None:
        return "—"
    consumed, still = _short(reading), "" if reading.running else ", stands still"
    if not reading.alarms:
        return f"{consumed} consumed{still}"
    whole = max(alarm.after for alarm in reading.alarms)
    others = [str(alarm.after) for alarm in reading.alarms if alarm.after != whole]
    remind = f", reminder at {', '.join(others)}" if others else ""
    return f"{consumed} of {whole}{remind}{still}"


def _short(reading: ClockReading) -> str:
    """Consumed time without what is finer than a second, or than a hundredth of a day."""
    consumed = reading.consumed
    if consumed.unit == "business_days":
        return f"{float(consumed.amount):.2f}bd".replace(".00bd", "bd")
    whole = type(consumed)(consumed.unit, int(consumed.amount) // 1_000_000 * 1_000_000)
    return str(whole)


def _beside(rows: Sequence[Row], width: int) -> Iterator[Text]:
    label = max(cell_len(row[0]) for row in rows) + _GAP
    there_is = max(20, width - label - _GAP) // 2
    size = min(there_is, max(cell_len(row[1]) for row in rows))
    for name, before, after in rows:
        differs = "bold" if before != after and name else ""
        left = list(wrapped(Text(before, "dim"), size))
        right = list(wrapped(Text(after, differs), there_is))
        for n in range(max(len(left), len(right), 1)):
            line = Text.assemble((f"{name if n == 0 else '':<{label}}", "dim"))
            line += left[n] if n < len(left) else Text()
            if n < len(right):
                line.pad_right(label + size + _GAP - line.cell_len)
                line += right[n]
            yield line


def grouped_lines(answers: Answers, width: int) -> Iterator[Text]:
    """Many cases: how many go from which level to which, and what becomes of what is due next."""
    adoptions = _adoptions(answers)
    changed = {case: each for case, each in adoptions.items() if each.changed}
    for heading, cases in _moves(changed).items():
        yield from wrapped(Text(f"{cases_of(len(cases))}: {heading}"), width)
    at_once = [case for case, each in changed.items() if each.due_at_once]
    due = {case: _shift(each) for case, each in changed.items() if case not in at_once}
    yield from _some("Due at once", at_once, width, "bold red")
    yield from _some("Due sooner", [case for case in due if due[case] < 0], width, "yellow")
    yield from _some("Due later", [case for case in due if due[case] > 0], width)
    yield from _some("Due as before", [case for case in due if due[case] == 0], width, "dim")
    unchanged = [case for case, each in adoptions.items() if not each.changed]
    yield from _some("Go by it already", unchanged, width, "dim")
    refused = {case: said for case, said in answers.items() if isinstance(said, str)}
    for case, because in refused.items():
        yield from wrapped(Text(f"Refused: {case}: {because}", "red"), width)


def _adoptions(answers: Answers) -> dict[str, Adoption]:
    return {
        case: each.adoption
        for case, each in answers.items()
        if isinstance(each, Adopted) and each.adoption is not None
    }


def _moves(changed: Mapping[str, Adoption]) -> dict[str, list[str]]:
    """What happens to the level → the cases, those that are most first."""
    groups: dict[str, list[str]] = {}
    for case, each in changed.items():
        policies = f"{each.before.policy} → {each.after.policy}"
        heading = f"{policies}: level {_place(each.before)} → {_place(each.after)}"
        groups.setdefault(heading, []).append(case)
    most = Counter({heading: len(cases) for heading, cases in groups.items()}).most_common()
    return {heading: groups[heading] for heading, _ in most}


def _place(standing: Standing) -> str:
    return f"{standing.level} ({standing.level_name})"


def _shift(adoption: Adoption) -> float:
    """By how many seconds what is due next comes later; negative if sooner."""
    before, after = adoption.before.due, adoption.after.due
    return (after.at - before.at).total_seconds() if before and after else 0


def _some(heading: str, cases: Sequence[str], width: int, style: str = "") -> Iterator[Text]:
    if cases:
        more = f" and {len(cases) - _NAMED} more" if len(cases) > _NAMED else ""
        named = f"{', '.join(cases[:_NAMED])}{more}"
        yield from wrapped(Text(f"{heading}: {len(cases)} ({named})", style), width)


def rows(answers: Answers) -> list[dict[str, Any]]:
    """The same for a program, a case each."""
    return [
        {"case": case, "refused": each}
        if isinstance(each, str)
        else {"case": case, "refused": None, **each.model_dump(mode="json", include={"adoption"})}
        for case, each in answers.items()
    ]


def tabbed(answers: Answers) -> Iterator[str]:
    """The same for a pipe: a line a case, its fields between tabs."""
    yield "\t".join(("case", "was", "policy", "was_level", "level", "was_due_at", "due_at", "said"))
    for case, each in answers.items():
        if isinstance(each, str):
            yield "\t".join((case, *[""] * 6, " ".join(each.split())))
        elif each.adoption is not None:
            before, after = each.adoption.before, each.adoption.after
            due = (side.due.at.isoformat() if side.due else "" for side in (before, after))
            levels = (str(before.level), str(after.level))
            yield "\t".join((case, before.policy, after.policy, *levels, *due, said(each)))


def said(adopted: Adopted) -> str:
    """What became of a case, in a line."""
    adoption = adopted.adoption
    if adoption is None:
        return "this counted before"
    after = adoption.after
    if not adoption.changed:
        return f"goes by {after.policy} already"
    moved = adoption.before.level != after.level or adoption.before.level_name != after.level_name
    where = f"level {_place(adoption.before)} → {_place(after)}" if moved else _place(after)
    return f"{after.policy}, {where}, {_when(adoption)}"


def _when(adoption: Adoption) -> str:
    if adoption.due_at_once:
        return "due at once"
    due = adoption.after.due
    return f"next in {span(due.at - adoption.at)}" if due else "nothing is due"
