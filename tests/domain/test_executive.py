"""An extraordinary threat: who drives the case hears that a sponsor may be due (A54)."""

from typing import Any

from escalations import events
from escalations.snapshot import Snapshot
from tests.domain.conftest import OpenDesk
from tests.domain.matrices import ladder

TRIGGERS: dict[str, Any] = {
    "lawyer": {"to": "L3", "executive": True, "phrases": {"en": ["lawyer"]}},
    "press": {"to": "L1", "executive": True, "phrases": {"en": ["newspaper"]}},
    "manager": {"to": "L2", "phrases": {"en": ["manager"]}},
}


def threatened(**keys: Any) -> Snapshot:
    """Three levels and what may be threatened with."""
    return ladder("1h", "1h", "1h", triggers=TRIGGERS, **keys)


def test_who_drives_the_case_hears(opened: OpenDesk) -> None:
    """The manager hears of the threat with its words, before the level that gets the case."""
    desk = opened(snapshot=threatened())
    desk.trigger("lawyer", "letter of 3 May")
    desk.expect(
        "executive_called → manager", "level_entered → three", "customer_handed_over → customer"
    )
    told = desk.last("executive_called").particulars
    assert (told.why, told.by, told.text) == ("trigger:lawyer", "rita", "letter of 3 May")
    assert [entry.trigger for entry in desk.entries("executive_called")] == ["lawyer"]
    assert desk.record.executive


def test_called_once(opened: OpenDesk) -> None:
    """However often a case is threatened with a lawyer, an executive is called for once."""
    desk = opened(snapshot=threatened())
    desk.trigger("lawyer")
    desk.trigger("lawyer")
    desk.trigger("press")
    assert desk.told().count("executive_called → manager") == 1
    assert len(desk.entries("executive_called")) == 1


def test_a_threat_that_moves_nothing(opened: OpenDesk) -> None:
    """A threat that leads to no other level calls an executive all the same."""
    desk = opened(snapshot=threatened())
    desk.reply("You will read of this in the newspaper")
    desk.expect("executive_called → manager", "customer_replied → one")
    assert desk.level == 1
    told = desk.last("executive_called").particulars
    assert told.text == "You will read of this in the newspaper"


def test_the_lesser_of_two_threats(opened: OpenDesk) -> None:
    """Of two triggers in one reply, the one that does not move the case may call an executive."""
    desk = opened(snapshot=threatened())
    desk.reply("I want your manager, or you will be in the newspaper")
    desk.expect(
        "executive_called → manager", "level_entered → two", "customer_handed_over → customer"
    )
    assert desk.record.executive


def test_no_other_trigger_calls(opened: OpenDesk) -> None:
    """A trigger without `executive` tells its level alone."""
    desk = opened(snapshot=threatened())
    desk.trigger("manager")
    desk.expect("level_entered → two", "customer_handed_over → customer")
    assert not desk.record.executive


def test_nobody_drives_the_case(opened: OpenDesk) -> None:
    """Without an escalation manager it is written down, for the sponsor programme to read."""
    desk = opened(snapshot=threatened(escalation_manager=None))
    desk.say(events.RaiseTrigger(by="rita", trigger="press"))
    desk.expect()
    assert desk.record.executive
