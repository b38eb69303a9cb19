"""No difference is silent: whatever key of a policy is changed, the comparison says so."""

from copy import deepcopy
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from escalations.policy import Cell, Level, Policy
from escalations.policy_pages.comparison import Comparison, compare
from escalations.policy_pages.diff_pages import as_document, as_markdown
from escalations.snapshot import revision
from tests.domain.every_key import FULL, OTHERS, Place, changed_policies, full, places, policy

YEARS = range(2026, 2028)
PLACES = [place for place in places(FULL) if place]


def _at(place: Place) -> Any:
    value: Any = FULL
    for key in place:
        value = value[key]
    return value


NEEDED: set[Place] = {
    ("languages", 0),
    ("languages", 1),
    ("levels", 1, "name"),
    ("levels", 2, "name"),
    ("calendars", "office", "holidays", "country"),
}
"""What cannot change alone, since the rest of the policy refers to it; other tests change it."""


def compared(other: Policy) -> Comparison:
    return compare(full(), other, YEARS)


def models(kind: Any) -> set[type[BaseModel]]:
    """The models that a policy is made of."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        inner = [models(each.annotation) for each in kind.model_fields.values()]
        return {kind}.union(*inner)
    return set().union(*(models(each) for each in get_args(kind)))


def written(value: Any) -> dict[type[BaseModel], set[str]]:
    """The keys that are written somewhere in a policy, by their model."""
    found: dict[type[BaseModel], set[str]] = {}
    below: list[Any] = []
    if isinstance(value, BaseModel):
        found[type(value)] = set(value.model_fields_set)
        below = [getattr(value, each) for each in value.model_fields_set]
    elif isinstance(value, dict | list):
        below = list(value.values() if isinstance(value, dict) else value)
    for each in below:
        for model, keys in written(each).items():
            found.setdefault(model, set()).update(keys)
    return found


def test_the_full_policy_writes_every_key() -> None:
    """A key that is added to the language has to be added to this test's policy."""
    keys = written(full())

    assert {
        model.__name__: missing
        for model in models(Policy)
        if (missing := model.model_fields.keys() - keys.get(model, set()))
    } == {}


@pytest.mark.parametrize("place", PLACES, ids=lambda place: ".".join(map(str, place)))
def test_one_change(place: Place) -> None:
    """The comparison is empty exactly where the revision is the same, seen from either side.

    And it is told in the domain's words, not by its place in the file.
    """
    others = list(changed_policies(place))

    for other in others:
        forth, back = compare(full(), other, YEARS), compare(other, full(), YEARS)
        different = revision(other) != revision(full())
        assert bool(forth.changes) == bool(back.changes) == different
        assert forth.found["writing"] == back.found["writing"] == []
    if not isinstance(_at(place), dict | list):
        assert others or place in NEEDED, "nothing else may stand there: no change was tried"


@given(st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from([*OTHERS, None])), max_size=4))
def test_several_changes(changes: list[tuple[Place, Any]]) -> None:
    """Several changes at once: still empty exactly where the revision is the same."""
    written = deepcopy(FULL)
    for (*above, last), value in changes:
        block: Any = written
        try:
            for key in above:
                block = block[key]
            if value is None:
                del block[last]
            else:
                block[last] = value
        except (KeyError, IndexError, TypeError):
            continue
    other = policy(written)
    if other is not None:
        found = compared(other)
        assert bool(found.changes) == (revision(other) != revision(full()))
        assert as_document(found)["equal"] is not bool(found.changes)
        assert as_markdown(found)


def test_a_key_nobody_has_words_for_is_named_by_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A part of the policy that no finder looks at is told all the same."""
    other = policy({**FULL, "summary": "Another one"})
    assert other is not None
    monkeypatch.setattr("escalations.policy_pages.changes.singles.SENTENCES", {})

    (change,) = compared(other).changes

    assert "summary: Another one instead of Every key is written" in change.text


def test_cells_have_every_key_of_a_level() -> None:
    """What a level has, a category may change, but its name."""
    assert Cell.model_fields.keys() == Level.model_fields.keys() - {"name"}
