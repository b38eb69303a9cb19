"""Which cases call for a retrospective when they end (A31)."""

import pytest

from escalations import events
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.matrices import ladder


@pytest.mark.parametrize(
    ("changes", "held"),
    [
        ({}, False),
        ({"priority": "P1"}, True),
        ({"level": 4}, True),
        ({"level": 3}, False),
        ({"breached": True}, True),
        ({"reopened": True}, True),
    ],
)
def test_which_cases_have_a_retrospective(
    opened: OpenDesk, changes: dict[str, object], held: bool
) -> None:
    """One is enough: Sales manager or above, P1, breached, reopened (A31); else there is none."""
    desk = opened(at=MONDAY, priority=changes.get("priority", "P4"))
    if "breached" in changes:
        desk.later(minutes=31)
    level = changes.get("level", 1)
    assert isinstance(level, int)
    while desk.level < level:
        desk.hand_up()
    if "reopened" in changes:
        desk.resolve()
        desk.say(events.RejectResolution(by="ada", why="no"))
    desk.told()
    desk.say(events.Withdraw(by="ada", why="never mind"))

    assert ("retrospective" in desk.told()) is held
    assert (desk.entries("retrospective_scheduled") != []) is held
    assert desk.record.outbox == []


def test_a_policy_without_retrospectives(opened: OpenDesk) -> None:
    """None is held where the policy has no rule for it."""
    desk = opened(snapshot=ladder("1h"))
    desk.later(hours=2)
    desk.told()
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.expect("customer_closed → customer", "case_closed → manager, one")
