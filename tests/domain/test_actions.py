"""What is to be done at a level before it is left by hand, and what was not done (D28)."""

import pytest

from escalations import events
from escalations.errors import Refused
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import ladder, matrix

TWO = ladder(
    "1h", "1h", "1h", level={"actions": ["apologise", "call"]}, triggers={"up": {"to": "next"}}
)


def done(desk: Desk, action: str, evidence: str = "") -> None:
    """Rita has done something."""
    desk.say(events.CompleteAction(by="rita", action=action, evidence=evidence))


def undone(desk: Desk) -> list[list[str]]:
    """What was not done at each level that was left."""
    return [entry.undone for entry in desk.entries("left_level")]


def test_handed_up_when_all_is_done(opened: OpenDesk) -> None:
    """A level hands up only when it has done its part; the refusal names what is left."""
    desk = opened(snapshot=TWO)
    up = events.HandUp(by="rita", from_level=1, reason="no idea")
    with pytest.raises(Refused, match=r"this level has still to do: apologise, call \(complete"):
        desk.say(up)
    done(desk, "call", "ticket 5, 12 minutes")
    with pytest.raises(Refused, match=r"this level has still to do: apologise \(complete"):
        desk.say(up)
    done(desk, "apologise")
    desk.expect()

    desk.say(up)

    desk.expect("level_entered → two", "customer_handed_over → customer")
    assert desk.last("level_entered").particulars.actions == ["apologise", "call"]
    assert undone(desk) == [[]]
    assert [
        (entry.action, entry.by, entry.evidence) for entry in desk.entries("action_completed")
    ] == [
        ("call", "rita", "ticket 5, 12 minutes"),
        ("apologise", "rita", ""),
    ]


def test_the_clock_waits_for_no_action(opened: OpenDesk) -> None:
    """When its time is over a case goes on, and what was not done is on record."""
    desk = opened(snapshot=TWO)
    done(desk, "call")
    desk.later(hours=1)
    assert desk.level == 2
    assert undone(desk) == [["apologise"]]
    desk.told()


def test_a_trigger_waits_for_no_action(opened: OpenDesk) -> None:
    """A fact moves a case at once, and what was not done is on record."""
    desk = opened(snapshot=TWO)
    desk.trigger("up")
    assert desk.level == 2
    assert undone(desk) == [["apologise", "call"]]
    desk.told()


def test_people_are_reminded_of_what_is_open(opened: OpenDesk) -> None:
    """A reminder, and word on the last level, names what is still to be done, and no more."""
    desk = opened(
        snapshot=ladder(
            "until-resolved", level={"actions": ["apologise", "call"], "repeat_every": "2h"}
        )
    )
    done(desk, "call")
    desk.later(hours=2)
    desk.expect("still_unresolved → one")
    assert desk.last("still_unresolved").particulars.actions == ["apologise"]

    soon = opened(snapshot=ladder("30m..1h", "1h", level={"actions": ["apologise", "call"]}))
    done(soon, "call")
    soon.later(minutes=30)
    soon.expect("reminder → one")
    assert soon.last("reminder").particulars.actions == ["apologise"]


def test_what_cannot_be_done(opened: OpenDesk) -> None:
    """An action of another level and one that is done already are refused with what there is."""
    desk = opened(snapshot=TWO)
    done(desk, "call")
    with pytest.raises(Refused, match="call is done already; T-1 is open"):
        done(desk, "call")
    with pytest.raises(Refused, match="sing is no action of this level: there are apologise, call"):
        done(desk, "sing")
    none = opened(snapshot=ladder("1h"))
    with pytest.raises(Refused, match="call is no action of this level: it has none"):
        done(none, "call")


def test_each_level_has_its_own(opened: OpenDesk) -> None:
    """The same action at the next level is to be done again, there."""
    desk = opened(snapshot=TWO)
    desk.hand_up()
    desk.told()
    assert desk.record.open_actions == ["apologise", "call"]
    done(desk, "call")
    assert desk.record.open_actions == ["apologise"]


def test_actions_of_the_category(opened: OpenDesk) -> None:
    """Where a category has other actions at a level, those are asked for (D31)."""
    cell = {"Representative": {"actions": ["check-serial-number"]}}
    desk = opened(
        snapshot=matrix(categories={"it-request": {"levels": cell}}), category="it-request"
    )
    assert desk.last("level_entered").particulars.actions == ["check-serial-number"]
    with pytest.raises(Refused, match="record-statement is no action of this level"):
        done(desk, "record-statement")


def test_handed_back_it_is_still_done(opened: OpenDesk) -> None:
    """A level that gets a case back has done what it had done."""
    desk = opened(snapshot=TWO)
    desk.hand_up()
    desk.say(events.HandBack(by="zoe", from_level=2, to_level=1, advice="ask for the log"))
    assert desk.record.open_actions == []
    assert undone(desk) == [[], ["apologise", "call"]]
    desk.told()


def test_what_may_be_granted(opened: OpenDesk) -> None:
    """Whoever gets a case reads what they may grant (C14), and is reminded of it."""
    desk = opened()
    desk.trigger("closure-threatened")
    desk.expect("level_entered → sales-manager", "customer_handed_over → customer")
    assert desk.last("level_entered").particulars.may_grant == {"credit": "100 EUR"}
    desk.later(hours=2)
    desk.expect("reminder → sales-manager")
    assert desk.last("reminder").particulars.may_grant == {"credit": "100 EUR"}


def test_what_shows_it_is_kept(opened: OpenDesk) -> None:
    """The record knows who did what when at which level, and what shows it."""
    desk = opened(snapshot=TWO)
    done(desk, "call", "https://phone.example/5")
    (kept,) = desk.record.actions_done
    assert (kept.action, kept.level, kept.by, kept.at) == ("call", 1, "rita", desk.at)
    assert kept.evidence == "https://phone.example/5"
