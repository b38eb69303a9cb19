"""What changes of the keys that hold one value each: promises, people in charge, retrospective."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from escalations.durations import Duration
from escalations.policy import Policy, RetrospectiveRule, Survey
from escalations.policy_pages.changes.model import WORDS, Change, Pair, Path, instead

SENTENCES: Final[Mapping[Path, str]] = {
    ("policy",): "The policy’s name",
    ("summary",): "Its summary",
    ("timezone",): "Times are shown, and its calendars count, in the zone",
    ("languages",): "Languages, the default first",
    ("escalation_manager",): "The escalation manager, who drives every case",
    ("fallback",): "Told when nobody of a level can be reached",
    ("customer", "calendar"): "The business hours of what the customer is promised: calendar",
    ("customer", "acknowledge"): "The customer is told at once that the case is open",
    ("customer", "confirm_within"): "The customer’s silence after a solution is agreement after",
    ("customer", "reopen"): "A refused solution goes on",
    ("customer", "fix_within"): "After a workaround the real fix follows within",
    ("customer", "survey", "within"): "The survey is to be answered within",
    ("customer", "survey", "reopen_at_or_below"): "A survey opens the case again at or below",
    ("retrospective", "within"): "The retrospective is held within",
    ("retrospective", "duration"): "The retrospective lasts",
    ("retrospective", "calendar"): "The retrospective is held in the hours of the calendar",
    ("retrospective", "when", "level"): "A retrospective follows once a case reached",
    ("retrospective", "when", "priority"): "A retrospective follows a case at or above",
    ("retrospective", "when", "breached"): "A retrospective follows a broken promise",
    ("retrospective", "when", "reopened"): "A retrospective follows a case that was opened again",
    ("retrospective", "when", "survey_at_or_below"): "A retrospective follows a mark at or below",
}
"""Where a value is written → what is said when it is another."""

_BLOCKS: Final[Mapping[Path, type]] = {
    ("customer", "survey"): Survey,
    ("retrospective",): RetrospectiveRule,
}
"""Blocks that may be left out."""


def single_changes(pair: Pair) -> Iterator[Change]:
    """The differences, in the order of the keys."""
    for path, block in _BLOCKS.items():
        old, new = _value(pair.before, path), _value(pair.after, path)
        if (old is None) != (new is None):
            name = block.__name__.removesuffix("Rule").lower()
            text = f"There is {'now a' if new else 'no'} {name}{'' if new else ' any more'}"
            given = pair.after if new else pair.before
            said = [
                f"{label}: {_told(given, _value(given, each))}"
                for each, label in SENTENCES.items()
                if each[: len(path)] == path and _value(given, each) not in (None, False)
            ]
            yield Change(text, (path,), tuple(said))
    for path, label in SENTENCES.items():
        old, new = _value(pair.before, path), _value(pair.after, path)
        if old != new and not _block_is_new(pair, path):
            words = [
                None if each is None else _told(policy, each)
                for policy, each in ((pair.before, old), (pair.after, new))
            ]
            yield Change(instead(label, *words), (path,))


def _block_is_new(pair: Pair, path: Path) -> bool:
    return any(
        path[: len(block)] == block
        and (_value(pair.before, block) is None or _value(pair.after, block) is None)
        for block in _BLOCKS
    )


def _value(policy: Policy, path: Path) -> Any:
    value: Any = policy
    for key in path:
        value = None if value is None else getattr(value, key)
    return value


def _told(policy: Policy, value: Any) -> str:
    match value:
        case Duration():
            return WORDS.span(value)
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(map(str, value))
        case "next" | "same":
            return WORDS(f"reopen.{value}")
        case str() if value in policy.contacts:
            return policy.contacts[value].name
        case str() if any(level.name == value for level in policy.levels):
            return f"level {policy.number(value)} {value}"
        case _:
            return str(value)
