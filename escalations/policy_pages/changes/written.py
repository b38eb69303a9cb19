"""What is written otherwise and changes nothing for a case: the rest of two policies' difference.

It holds the promise that a difference is never silent: whatever part of a policy no sentence
covers, and a key that this code does not know yet, is named by its place.
"""

from collections.abc import Iterator
from typing import Any

from escalations.policy import Policy
from escalations.policy_pages.changes.model import Change, Pair, Path


def uncovered(pair: Pair, told: list[Change]) -> Iterator[Change]:
    """The parts that differ and that no change tells."""
    before, after = _parts(pair.before), _parts(pair.after)
    covers = {path for change in told for path in change.covers}
    other = sorted(path for path in before.keys() | after.keys() if _differ(before, after, path))
    above = {path[:n] for path in other for n in range(len(path))}
    exact = {each for each in covers if "*" not in each}
    patterns = covers - exact
    for path in other:
        told_above = any(path[:n] in exact for n in range(1, len(path) + 1))
        if path not in above and not told_above and not any(_within(path, e) for e in patterns):
            shown = f"{_shown(after.get(path))} instead of {_shown(before.get(path))}"
            text = f"Written otherwise, and nothing else changes by it: {'.'.join(path)}: {shown}"
            yield Change(text, (path,))


def _differ(before: dict[Path, Any], after: dict[Path, Any], path: Path) -> bool:
    """Whether a part is another one; of an order, whether what both have comes in another."""
    old: Any = before.get(path)
    new: Any = after.get(path)
    if path[0] == "order":
        return [one for one in old if one in new] != [one for one in new if one in old]
    return bool(old != new)


def _within(path: Path, covered: Path) -> bool:
    here = path[: len(covered)]
    return len(here) == len(covered) and all(
        each in (key, "*") for key, each in zip(here, covered, strict=True)
    )


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)


def _parts(policy: Policy) -> dict[Path, Any]:
    """Every value of a policy by its place; of what is ordered, the order has a place too."""
    written = policy.model_dump(mode="json", exclude_none=True)
    order = {
        "levels": [level["name"] for level in written["levels"]],
        "triggers": list(written["triggers"]),
        "knowledge": [article["id"] for article in written["knowledge"]],
    }
    written["levels"] = {level["name"]: level for level in written["levels"]}
    written["knowledge"] = {article["id"]: article for article in written["knowledge"]}
    parts = dict(_leaves(written, ()))
    for key, names in order.items():
        parts["order", key] = names
    return parts


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        if not value:
            yield path, "nothing in it"
        for key, each in value.items():
            yield from _leaves(each, (*path, str(key)))
    elif isinstance(value, list) and path[:2] == ("priorities", "matrix"):
        for n, each in enumerate(value):
            yield (*path, str(n)), each
    else:
        yield path, value
