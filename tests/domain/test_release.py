"""An owner of whom nothing is heard: the case is released, and its level is asked again."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.events import Event
from escalations.policy import Priority
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder

FORGETFUL = ladder("1d", "1d", level={"release_after": "4h", "actions": ["call"]})
RITA = events.Acknowledge(by="rita")


def due(desk: Desk) -> str | None:
    """When the owner loses the case."""
    clock = desk.record.clocks.get(ClockName.RELEASE)
    return in_paris(clock.due(Then.RELEASE)) if clock else None


def test_released(opened: OpenDesk) -> None:
    """Nothing happens for four hours: the owner loses the case, manager and level hear, once."""
    desk = opened(snapshot=FORGETFUL)
    assert due(desk) is None
    desk.say(RITA)
    desk.until(desk.at.replace(hour=4, minute=29))  # 05:29 in Paris
    desk.expect()
    desk.later(minutes=1)

    desk.expect("released → manager, one")
    told = desk.last("released").particulars
    assert (told.by, in_paris(told.due_at)) == ("rita", "Wed 23 Dec 01:30")
    assert (desk.record.owner, desk.record.acknowledged) == (None, False)
    assert [entry.owner for entry in desk.entries("released")] == ["rita"]
    assert desk.next == ("Wed 23 Dec 01:30", Then.CLIMB)


def test_an_owner_with_an_address_hears(opened: OpenDesk) -> None:
    """An owner who is a contact of the policy hears that they have lost it."""
    desk = opened(snapshot=FORGETFUL)
    desk.say(events.Assign(by="carla", to="two"))
    desk.later(hours=4)
    desk.expect("released → manager, two, one")


def test_taken_again(opened: OpenDesk) -> None:
    """Anybody may take a released case, and may lose it in turn."""
    desk = opened(snapshot=FORGETFUL)
    desk.say(RITA)
    desk.later(hours=5)
    desk.expect("released → manager, one")
    desk.say(events.Acknowledge(by="sam"))
    assert desk.record.owner == "sam"
    assert due(desk) == "Tue 22 Dec 10:30"


@pytest.mark.parametrize(
    "sign",
    [
        events.AddNote(by="rita", text="I am at it"),
        events.CompleteAction(by="rita", action="call"),
        events.UpdateCustomer(by="rita", text="We are at it"),
        events.SetPriority(by="carla", priority=Priority.P2, why="they called"),
        events.RaiseTrigger(by="rita", trigger="small"),
        events.Assign(by="carla", to="sam"),
        RITA,
    ],
    ids=lambda sign: type(sign).__name__,
)
def test_anything_done_inside_keeps_it(opened: OpenDesk, sign: Event) -> None:
    """Whoever notes, calls, tells the customer or decides is at work: the time restarts."""
    snapshot = ladder(
        "1d",
        "1d",
        level={"release_after": "4h", "actions": ["call"]},
        triggers={"small": {"to": "L1"}},
    )
    desk = opened(snapshot=snapshot)
    desk.say(RITA)
    desk.later(hours=3)
    desk.say(sign)
    desk.told()
    assert due(desk) == "Tue 22 Dec 08:30"


def test_the_customer_does_not_keep_it(opened: OpenDesk) -> None:
    """A reply is no sign of life of the owner, and neither is what became of a message."""
    desk = opened(snapshot=FORGETFUL)
    desk.say(RITA)
    desk.later(hours=3)
    desk.reply("Anybody there?")
    desk.say(events.ReportDelivery(key="T-1/1", recipient="manager", delivered=True))
    desk.expect("customer_replied → one")
    assert due(desk) == "Tue 22 Dec 05:30"


def test_nobody_loses_what_waits(opened: OpenDesk) -> None:
    """On hold the time stands still, and what is done then restarts it without letting it run."""
    desk = opened(snapshot=FORGETFUL)
    desk.say(RITA)
    desk.later(hours=3)
    desk.hold("vendor")
    assert due(desk) is None
    desk.later(hours=3)
    desk.say(events.AddNote(by="rita", text="called them"))
    assert due(desk) is None
    desk.later(hours=3)
    desk.say(events.Resume(by="rita"))
    assert due(desk) == "Tue 22 Dec 14:30"
    desk.told()


def test_time_on_hold_is_not_lost(opened: OpenDesk) -> None:
    """A hold that ends by itself leaves the owner the time they had when they set it."""
    desk = opened(
        snapshot=ladder("1d", level={"release_after": "4h"}, holds={"customer": {"at_most": "1d"}})
    )
    desk.say(RITA)
    desk.later(hours=3)
    desk.hold("customer")
    desk.later(hours=3)
    desk.reply("Here it is")
    desk.expect("customer_waiting → customer", "customer_replied → one")
    assert due(desk) == "Tue 22 Dec 11:30"


def test_the_next_level_begins_without_an_owner(opened: OpenDesk) -> None:
    """Who had the case at a level does not lose it at the next, where nobody has it."""
    desk = opened(snapshot=FORGETFUL)
    desk.say(RITA)
    desk.hand_up()
    assert due(desk) is None
    desk.told()


def test_an_owner_keeps_it_where_nothing_is_said(opened: OpenDesk) -> None:
    """A level without `release_after` never takes a case away."""
    desk = opened(snapshot=ladder("1d"))
    desk.say(RITA)
    desk.later(hours=23)
    desk.expect()
    assert desk.record.owner == "rita"


def test_nobody_has_it(opened: OpenDesk) -> None:
    """A note about a case that nobody has begins nothing."""
    desk = opened(snapshot=FORGETFUL)
    desk.say(events.AddNote(by="rita", text="seen"))
    assert due(desk) is None
