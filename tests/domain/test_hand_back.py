"""Handing a case back to a lower level, with advice (B36)."""

import pytest

from escalations import events
from escalations.clock import Then
from escalations.errors import Refused
from escalations.record import Status
from tests.domain.conftest import OpenDesk, resolved
from tests.domain.desk import Desk
from tests.domain.matrices import ladder


def back(desk: Desk, to_level: int, from_level: int | None = None) -> None:
    """Zoe hands it back."""
    seen = desk.level if from_level is None else from_level
    desk.say(
        events.HandBack(by="zoe", from_level=seen, to_level=to_level, advice="Ask for the log")
    )


def test_handed_back_with_advice(opened: OpenDesk) -> None:
    """The lower level gets the case with the advice and its full window; it is a hand-off (C12)."""
    desk = opened()
    desk.hand_up()
    desk.told()
    desk.say(events.Acknowledge(by="zoe"))
    desk.later(minutes=20)

    back(desk, 1)

    desk.expect("level_entered → representative", "customer_handed_over → customer")
    asked = desk.last("level_entered").particulars
    assert (asked.why, asked.text) == ("handed_back", "Ask for the log")
    assert desk.last("customer_handed_over").particulars.why == "handed_back"
    left = desk.entries("left_level")[-1]
    assert (left.why, left.level, left.to_level, left.by) == ("handed_back", 2, 1, "zoe")
    assert left.reason == "Ask for the log"
    assert (desk.level, desk.record.highest_level, desk.record.hand_offs) == (1, 2, 2)
    assert (desk.record.owner, desk.record.acknowledged, desk.record.breached) == (
        None,
        False,
        False,
    )
    assert desk.next == ("Tue 22 Dec 01:55", Then.ASK_AGAIN)


def test_handed_back_far(opened: OpenDesk) -> None:
    """Any lower level may get it."""
    desk = opened(snapshot=ladder("1h", "1h", "1h"))
    desk.hand_up()
    desk.hand_up()
    desk.told()
    back(desk, 1)
    desk.expect("level_entered → one", "customer_handed_over → customer")


def test_handed_back_on_hold(opened: OpenDesk) -> None:
    """Handing it back ends a hold."""
    desk = opened(snapshot=ladder("1h", "1h"))
    desk.hand_up()
    desk.hold("vendor")
    desk.told()
    back(desk, 1)
    desk.expect("level_entered → one", "customer_handed_over → customer")
    assert (desk.status, desk.record.hold) == (Status.OPEN, None)
    assert [entry.why for entry in desk.entries("resumed")] == ["moved"]


def test_not_up_and_not_where_it_is(opened: OpenDesk) -> None:
    """Back is down: the level itself and those above are refused."""
    desk = opened(snapshot=ladder("1h", "1h", "1h"))
    desk.hand_up()
    desk.told()
    for to_level in (2, 3, 9):
        with pytest.raises(Refused, match=f"level {to_level} is not below: hand it up, or raise"):
            back(desk, to_level)


def test_of_what_was_seen(opened: OpenDesk) -> None:
    """Who saw the case at another level than it is at now is told so."""
    desk = opened(snapshot=ladder("1h", "1h", "1h"))
    desk.hand_up()
    desk.hand_up()
    desk.told()
    with pytest.raises(
        Refused, match="you saw level 2, and the case has moved; T-1 is open at lev"
    ):
        back(desk, 1, from_level=2)


def test_not_while_the_customer_answers(opened: OpenDesk) -> None:
    """A case that waits for the customer is not handed about."""
    desk = resolved(opened)
    with pytest.raises(Refused, match="it waits for the customer or for the fix: reject the resol"):
        back(desk, 1)


def test_the_customer_reads_the_level(opened: OpenDesk) -> None:
    """What the customer is told names the level that has the case now."""
    desk = opened(snapshot=ladder("1h", "1h"))
    desk.hand_up()
    back(desk, 1)
    assert desk.last("customer_handed_over").particulars.level == 1
    desk.told()
