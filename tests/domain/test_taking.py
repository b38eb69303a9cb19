"""Taking a case: who has it is asked and reminded no more, and the climb goes on."""

import pytest

from escalations import events
from escalations.clock import Then
from escalations.errors import Refused
from tests.domain.conftest import OpenDesk
from tests.domain.matrices import paris

MOVES = ("level_entered", "reminded", "acknowledgement_expired", "breached", "repeated")


def test_acknowledged(opened: OpenDesk) -> None:
    """Whoever takes the case owns it and is not asked or reminded; the climb goes on (D7)."""
    desk = opened()
    desk.later(minutes=3)
    desk.say(events.Acknowledge(by="rita"))
    assert (desk.record.owner, desk.record.acknowledged) == ("rita", True)
    assert desk.next == ("Tue 22 Dec 02:00", Then.CLIMB)

    desk.until(paris("2026-12-22 01:59"))
    desk.expect()

    desk.until(paris("2026-12-22 02:00"))
    desk.expect(
        "breach → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    assert (desk.record.owner, desk.record.acknowledged) == (None, False)


def test_acknowledged_twice(opened: OpenDesk) -> None:
    """The same person may say so twice and it counts once; another one is refused."""
    desk = opened()
    desk.say(events.Acknowledge(by="rita"))
    desk.say(events.Acknowledge(by="rita"))
    assert desk.story("acknowledged") == ["Tue 22 Dec 01:30 acknowledged"]

    with pytest.raises(Refused, match=r"rita has it already: assign it .* T-1 is open at level 1"):
        desk.say(events.Acknowledge(by="sam"))


def test_acknowledged_after_the_reminder(opened: OpenDesk) -> None:
    """A reminder that was sent does not come again when somebody takes the case after it."""
    desk = opened()
    desk.later(minutes=20)
    desk.expect("unacknowledged → representative, escalation-manager", "reminder → representative")
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=9)
    desk.expect()


def test_acknowledgement_expires_and_the_level_keeps_it(opened: OpenDesk) -> None:
    """Nobody takes it in five minutes: asked again, once, and the level is not left."""
    desk = opened()
    desk.later(minutes=5)
    desk.expect("unacknowledged → representative, escalation-manager")
    assert desk.level == 1
    assert desk.next == ("Tue 22 Dec 01:45", Then.REMIND)

    desk.say(events.Acknowledge(by="rita"))
    assert desk.next == ("Tue 22 Dec 02:00", Then.CLIMB)


def test_assigned(opened: OpenDesk) -> None:
    """A coordinator gives the case to somebody, also to somebody else than has it."""
    desk = opened()
    desk.say(events.Assign(by="coordinator", to="rita"))
    assert (desk.record.owner, desk.record.acknowledged) == ("rita", True)
    desk.say(events.Assign(by="coordinator", to="sam"))
    assert desk.record.owner == "sam"

    desk.later(minutes=29)
    desk.expect()
    assert [(entry.by, entry.to) for entry in desk.entries("assigned")] == [
        ("coordinator", "rita"),
        ("coordinator", "sam"),
    ]
