"""What changes for a case at a level: the effective cells of category × level × priority."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from escalations.durations import Duration, Window
from escalations.policy import Level, Policy, Priority
from escalations.policy_pages.changes.model import WORDS, Change, Pair, cell, instead, lists

Scope = tuple[str | None, ...]


def cell_changes(pair: Pair) -> Iterator[Change]:
    """Level by level what is different there; equal differences of several levels are one."""
    found: dict[tuple[str, Scope], list[tuple[str, str]]] = defaultdict(list)
    for level in pair.levels:
        cells = {
            each: (cell(pair.before, level, each), cell(pair.after, level, each))
            for each in pair.categories
        }
        for field in Level.model_fields:
            if field != "name":
                for text, scope in _of_field(pair, field, cells).items():
                    found[text, tuple(scope)].append((level, field))
    for (_, whom), together in _together(found).items():
        texts = [text for text, _ in together]
        places = [place for key in together for place in found[key]]
        levels = list(dict.fromkeys(level for level, _ in places))
        yield Change(
            f"{levels_called(pair.after, levels)}: {'; '.join(texts)}{for_whom(pair, whom)}",
            tuple(
                path
                for level, field in places
                for path in (
                    ("levels", level, field),
                    *(("categories", each or "*", "levels", level, field) for each in whom),
                )
            ),
            categories=None if list(whom) == pair.categories else whom,
        )


def _together(
    found: dict[tuple[str, Scope], list[tuple[str, str]]],
) -> dict[tuple[tuple[str, ...], Scope], list[tuple[str, Scope]]]:
    """Differences of the same levels for the same cases belong into one sentence."""
    grouped: dict[tuple[tuple[str, ...], Scope], list[tuple[str, Scope]]] = defaultdict(list)
    for (text, scope), places in found.items():
        grouped[tuple(level for level, _ in places), scope].append((text, scope))
    return grouped


def levels_called(policy: Policy, names: list[str]) -> str:
    """`Level 3 Account manager`, `Levels 1 Representative and 2 Support manager`."""
    called = [f"{policy.number(name)} {name}" for name in names]
    return f"Level{'s' if len(names) > 1 else ''} {WORDS.listed(called)}"


def for_whom(pair: Pair, scope: Scope) -> str:
    """`, for all categories but billing`; nothing if it is for all."""
    others = [each for each in pair.categories if each is not None and each not in scope]
    named = [each for each in scope if each is not None]
    if None not in scope:
        return f", for {WORDS.listed(named)}"
    if not others:
        return ""
    if not named:
        return ", for cases without a category of their own terms"
    return f", for all categories but {WORDS.listed(others)}"


def _of_field(
    pair: Pair, field: str, cells: Mapping[str | None, tuple[Level, Level]]
) -> dict[str, list[str | None]]:
    """What is said of this field, and for which categories."""
    said: dict[str, list[str | None]] = defaultdict(list)
    for category, (old, new) in cells.items():
        if getattr(old, field) != getattr(new, field):
            said[_text(pair, field, old, new)].append(category)
    return said


def _text(pair: Pair, field: str, old: Level, new: Level) -> str:
    if field == "within":
        return window_change(pair, old.within, new.within)
    if field == "contact":
        came, went = pair.after.contacts[new.contact], pair.before.contacts[old.contact]
        return f"goes to {came.name} instead of {went.name}"
    label, form = _FIELDS.get(field, (field.replace("_", " "), _plain))
    return form(label, getattr(old, field), getattr(new, field))


def window_change(pair: Pair, old: Window, new: Window) -> str:
    """`leaves after 1 hour instead of 2 hours (P1: 30 minutes instead of 1 hour)`."""
    said = window_words(old, new)
    speeds = pair.before.priorities.speed, pair.after.priorities.speed
    faster = []
    for priority in Priority:
        was, is_ = (speed.get(priority, 1) for speed in speeds)
        if (was, is_) != (1, 1) and new.leave is not None:
            then, now = old * was, new * is_
            faster.append(
                f"{priority}: as before" if then == now else f"{priority}: {_brief(then, now)}"
            )
    return f"{said} ({'; '.join(faster)})" if faster else said


def window_words(old: Window, new: Window) -> str:
    """What is different between two windows."""
    said = []
    if old.leave != new.leave:
        if new.leave is None:
            said.append("stays until it is resolved instead of leaving after " + _span(old.leave))
        elif old.leave is None:
            said.append(f"leaves after {_span(new.leave)} instead of staying until it is resolved")
        else:
            said.append(f"leaves after {_span(new.leave)} instead of {_span(old.leave)}")
    if old.remind != new.remind:
        if new.remind is None:
            said.append("no reminder any more" if new.leave else "")
        elif old.remind is None:
            said.append(f"now reminded after {_span(new.remind)}")
        else:
            said.append(f"reminded after {_span(new.remind)} instead of {_span(old.remind)}")
    return ", ".join(filter(None, said))


def _brief(old: Window, new: Window) -> str:
    if old.leave == new.leave:
        return f"reminded after {_span(new.remind)} instead of {_span(old.remind)}"
    return f"{_span(new.leave)} instead of {_span(old.leave)}"


def _span(span: Duration | None) -> str:
    return "never" if span is None else WORDS.span(span)


def _spans(label: str, old: Duration | None, new: Duration | None) -> str:
    return instead(label, spoken(old), spoken(new))


def spoken(span: Duration | None) -> str | None:
    """`1 hour 30 minutes`; nothing of no span."""
    return None if span is None else WORDS.span(span)


def _plain(label: str, old: Any, new: Any) -> str:
    return instead(label, str(old), str(new))


def grant(amount: str) -> str:
    """`up to 100 EUR`, `any amount`."""
    return "any amount" if amount == "any" else f"up to {amount}"


def _grants(label: str, old: dict[str, str], new: dict[str, str]) -> str:
    said = []
    for what in dict.fromkeys([*old, *new]):
        was, is_ = old.get(what), new.get(what)
        if was != is_:
            said.append(instead(f"{label} {what}", was and grant(was), is_ and grant(is_)))
    return "; ".join(said)


Form = Callable[[str, Any, Any], str]
_FIELDS: Final[dict[str, tuple[str, Form]]] = {
    "kind": ("its kind", _plain),
    "calendar": ("its clock runs on the calendar", _plain),
    "acknowledge_within": ("asked again if nobody takes it after", _spans),
    "release_after": ("taken from an owner who is silent for", _spans),
    "repeat_every": ("told again every", _spans),
    "actions": ("actions", lists),
    "may_grant": ("may grant", _grants),
    "leaves_on": ("triggers to look out for", lists),
}
