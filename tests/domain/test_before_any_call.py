"""What is too large or cannot be shown is refused by our own models, before anybody is asked."""

from collections import Counter
from typing import Any

import pytest
from pydantic import ValidationError

from escalations import events, names
from escalations.request import EscalationRequest
from tests.domain.matrices import request

NFC, NFD = "Zo\u00e9", "Zoe\u0301"

HOSTILE = {
    "NUL": "T\x00-1",
    "newline": "T\n-1",
    "carriage return": "T\r-1",
    "escape": "T\x1b[2J",
    "right-to-left override": "T\u202e1",
    "isolate": "T\u20661",
    "line separator": "T\u20281",
    "lone surrogate": "T\ud8001",
}
"""What no line may hold, of an id, a name or a title."""


def asked(**said: Any) -> EscalationRequest:
    """A request as it comes in, read anew."""
    plain = request().model_dump(mode="json")
    return EscalationRequest.model_validate({**plain, **said})


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"statement": "x" * 2_100_000}, id="2.1 MB field"),
        pytest.param({"case": "T" * 300}, id="300-character id"),
        pytest.param({"category": "c" * 256}, id="256-character keyword"),
        pytest.param({"title": "t" * 201}, id="long title"),
        pytest.param({"tags": ["t"] * 31}, id="31 tags"),
        pytest.param(
            {"history": [{"at": "2026-01-01T00:00:00Z", "by": "x", "text": "y"}] * 101},
            id="101 things said before",
        ),
    ],
)
def test_too_large(said: dict[str, Any]) -> None:
    """What Temporal or its database would refuse, or take and choke on, is refused by us."""
    with pytest.raises(ValidationError):
        asked(**said)


def test_attributes_fit_the_database() -> None:
    """SQL visibility has room for ten keywords and three of each other type; ours are fewer."""
    kinds = Counter(names.SEARCH_ATTRIBUTES.values())

    assert kinds.pop("Keyword") <= 10
    assert max(kinds.values()) <= 3


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_would_forge_a_line(text: str) -> None:
    """It is refused in ids, titles and names, of people and of whoever speaks."""
    customer = request().customer.model_dump(mode="json")
    for said in (
        {"case": text},
        {"title": text},
        {"by": text},
        {"message_id": text},
        {"customer": {**customer, "name": text}},
        {"customer": {**customer, "id": text}},
    ):
        with pytest.raises(ValidationError):
            asked(**said)
    with pytest.raises(ValidationError):
        events.Acknowledge(by=text)


@pytest.mark.parametrize("case", ["../x", "a/b", "a b", "é", "\U0001f692", "", "a%2Fb", "a\\b"])
def test_an_id_is_no_path_and_no_picture(case: str) -> None:
    """An id of a case is letters, digits and four signs: it can stand in any address and file."""
    with pytest.raises(ValidationError):
        asked(case=case)


def test_twins_are_one() -> None:
    """The same name, its accent written in one character or in two, is the same name."""
    assert asked(title=NFC) == asked(title=NFD)
    assert events.Acknowledge(by=NFC) == events.Acknowledge(by=NFD)


@pytest.mark.parametrize(
    "name", ["\U0001f469\u200d\U0001f4bb Ops", "\u0634\u0631\u0643\u0629", "𠮷野"]
)
def test_names_of_people_are_kept(name: str) -> None:
    """Emoji, right-to-left scripts and four-byte characters are names like any other."""
    assert asked(title=name).title == name
