"""Whatever happens to a policy file, it is read or its mistakes are shown: it never goes wrong."""

import json
from copy import deepcopy
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from escalations.policy_file import findings, read
from escalations.policy_files.document import Document
from escalations.references import Place
from escalations.snapshot import Snapshot, take
from tests.house import CHECKOUT

TEXT: Final = (CHECKOUT / "policies" / "call-centre.yaml").read_text("utf-8")
REAL: Final = Document(TEXT, "call-centre.yaml").data

NONSENSE: Final[tuple[Any, ...]] = (
    None, True, 0, -1, 30, 2.5, 10**400, float("inf"), "", " ", "nonsense", "2026-02-30", "0m",
    "30m..15m", "99999999h", "400bd", "next", "always", "any", "\u202e", "\ud800", "a" * 300,
    "a'b\"c: d; e\\",
    [], [None], [[]], {}, {"x": 1}, {"name": "Boss"}, ["P1", "P2", "P3"], {"mon": ["09:00-09:05"]},
)  # fmt: skip


def places(value: Any, place: Place = ()) -> list[Place]:
    """The way to everything in a policy."""
    if not isinstance(value, dict | list):
        return [place]
    keys = value.items() if isinstance(value, dict) else enumerate(value)
    return [place, *(each for key, inner in keys for each in places(inner, (*place, key)))]


@st.composite
def after_accidents(draw: st.DrawFn) -> str:
    """The real matrix with keys deleted or renamed and values replaced, as JSON, which is YAML."""
    policy = deepcopy(REAL)
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(places(policy)[1:]))
        block = policy
        for part in above:
            block = block[part]
        match draw(st.sampled_from(["delete", "rename", "replace"])):
            case "delete":
                del block[last]
            case "rename" if isinstance(block, dict):
                block[draw(st.sampled_from([f"{last}s", "Ünder", "1", "\ud800", "a'b\"c: d"]))] = (
                    block.pop(last)
                )
            case _:
                block[last] = deepcopy(draw(st.sampled_from(NONSENSE)))
    return json.dumps(policy, default=str, indent=1)


def holds(text: str) -> None:
    """The claim of these tests, about one text."""
    found = findings(text)
    for finding in found:
        assert 1 <= finding.line <= max(1, len(text.splitlines()))
        assert len(str(finding).splitlines()) == 1
        assert str(finding).isprintable()
    if not found:
        snapshot = take(read(text), 2026)
        assert Snapshot.model_validate_json(snapshot.model_dump_json()) == snapshot


@settings(max_examples=150, deadline=None)
@given(after_accidents())
def test_keys_lost_and_values_replaced(text: str) -> None:
    """A policy after some accidents is valid, or each finding is a line of the file."""
    holds(text)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_characters_lost_and_inserted(data: st.DataObject) -> None:
    """So is the text of a policy after a slip of the hand."""
    at = data.draw(st.integers(0, len(TEXT)))
    length = data.draw(st.integers(0, 40))
    inserted = data.draw(st.text("[]{}'\"#&*!|>%@`:-? \t\n\\\r,<~\u2028\x85aé1", max_size=5))
    holds(TEXT[:at] + inserted + TEXT[at + length :])


@settings(max_examples=150, deadline=None)
@given(st.text())
def test_any_text(text: str) -> None:
    """So is any text at all."""
    holds(text)
