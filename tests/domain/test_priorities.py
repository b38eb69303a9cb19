"""The checklist that yields the priority from nature and customer (C30)."""

import pytest

from escalations.policy import Priority
from escalations.priorities import priority_of
from tests.domain.matrices import call_centre, ladder, request


@pytest.mark.parametrize(
    ("impact", "priorities"),
    [
        ("high", ["P3", "P2", "P1"]),
        ("medium", ["P4", "P3", "P2"]),
        ("low", ["P4", "P4", "P3"]),
    ],
)
@pytest.mark.parametrize("tier", [None, "basic", "strategic"])
def test_the_checklist(impact: str, priorities: list[str], tier: str | None) -> None:
    """Impact down, urgency across; a strategic customer is one step up, and P1 stays P1."""
    raised = {"P1": "P1", "P2": "P1", "P3": "P2", "P4": "P3"}
    for urgency, listed in zip(("low", "medium", "high"), priorities, strict=True):
        asked = request(impact=impact, urgency=urgency, priority=None, customer={"tier": tier})
        expected = raised[listed] if tier == "strategic" else listed
        assert priority_of(asked, call_centre().policy) == expected


def test_said_outright() -> None:
    """Whoever opens a case may say its priority, and no tier raises that."""
    asked = request(priority="P4", impact="high", urgency="high", customer={"tier": "strategic"})
    assert priority_of(asked, call_centre().policy) is Priority.P4


def test_nothing_said() -> None:
    """A request that says nothing of impact and urgency is in the middle: P3."""
    assert priority_of(request(priority=None), ladder("1h").policy) is Priority.P3


@pytest.mark.parametrize(("steps", "raised"), [(0, "P3"), (1, "P2"), (2, "P1"), (3, "P1")])
def test_raised(steps: int, raised: str) -> None:
    """Steps up end at P1."""
    assert Priority.P3.raised(steps) == raised
