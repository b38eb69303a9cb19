"""Which cases call for a retrospective when they end (A31)."""

import pytest

from escalations import events
from escalations.policy import Priority
from escalations.record import Baton
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import ladder, matrix

OF_P1 = {"when": {"priority": "P1", "level": None, "breached": False, "reopened": False}}


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


@pytest.mark.parametrize(("priorities", "held"), [(["P1", "P4"], True), (["P3", "P2"], False)])
def test_of_the_highest_priority_it_ever_had(
    opened: OpenDesk, priorities: list[str], held: bool
) -> None:
    """A case that was P1 for a while has its retrospective, whatever it ends as (A31)."""
    desk = opened(at=MONDAY, priority="P4")
    for each in priorities:
        desk.say(events.SetPriority(by="carla", priority=Priority(each), why="as it looks now"))
    desk.say(events.Withdraw(by="ada", why="never mind"))

    assert ("retrospective" in desk.told()) is held


def test_opened_as_a_p1(opened: OpenDesk) -> None:
    """So has one that was P1 when it was opened, also where it is opened again as less."""
    for again in (False, True):
        desk = opened(at=MONDAY, priority="P1", snapshot=matrix(retrospective=OF_P1))
        desk.say(events.SetPriority(by="carla", priority=Priority.P3, why="the test system"))
        desk.say(events.Withdraw(by="ada", why="never mind"))
        if again:
            desk.told()
            baton = Baton(record=desk.record)
            desk = Desk(again=baton, priority="P3", snapshot=matrix(retrospective=OF_P1))
            desk.say(events.Withdraw(by="ada", why="never mind"))
        assert "retrospective" in desk.told()
