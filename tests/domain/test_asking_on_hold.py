"""A hold for the customer ends out of their silence only where something has asked them."""

from escalations import events
from escalations.asking import MAX_KEYS
from escalations.clock import Then
from escalations.record import Ending, Status
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.matrices import in_paris, matrix, paris
from tests.domain.test_asking import LEFT_IN_PEACE, NOBODY, asked_by_phone, bounce


def test_a_hold_nobody_heard_of(opened: OpenDesk) -> None:
    """No case ends as unreachable whose customer was never asked: each reminder is told on to us.

    It ends ten business days after somebody has asked by hand.
    """
    desk = opened(at=MONDAY)
    desk.unreachable = {"customer"}
    desk.hold("customer")
    desk.until(paris("2027-02-25 10:00"))
    assert desk.status is Status.ON_HOLD
    assert desk.told()[-2:] == [
        "customer_waiting → customer",
        "ask_customer → escalation-manager, representative",
    ]
    assert desk.last("ask_customer").particulars.why == "on_hold"

    asked_by_phone(desk)
    desk.until(paris("2027-03-11 09:59"))
    assert desk.status is Status.ON_HOLD
    assert "ask_customer → escalation-manager, representative" not in desk.told()
    desk.later(minutes=1)
    assert desk.record.ending is Ending.UNREACHABLE
    desk.told()


def test_a_hold_for_a_customer_without_an_address(opened: OpenDesk) -> None:
    """Somebody of ours is reminded to ask; who asks at the very end of it has the hold go on."""
    desk = opened(at=MONDAY, customer=NOBODY)
    desk.hold("customer")
    desk.until(paris("2027-01-15 10:00"))
    assert {*desk.told()} == {"ask_customer → escalation-manager, representative"}
    desk.until(paris("2027-01-28 10:00"))
    assert desk.status is Status.ON_HOLD
    asked_by_phone(desk)
    desk.until(paris("2027-02-11 09:59"))
    assert desk.status is Status.ON_HOLD
    desk.later(minutes=1)
    desk.told()
    assert desk.record.ending is Ending.UNREACHABLE


def test_a_hold_that_ends_before_its_first_reminder(opened: OpenDesk) -> None:
    """Who was to be reminded after the end is asked when it begins, and at the end: it goes on."""
    desk = opened(
        at=MONDAY,
        customer=NOBODY,
        snapshot=matrix(holds={"customer": {"remind_every": "5bd", "at_most": "2bd"}}),
    )
    desk.hold("customer")
    assert "ask_customer → escalation-manager, representative" in desk.told()
    desk.until(paris("2027-01-13 10:00"))
    assert "ask_customer → escalation-manager, representative" in desk.told()
    assert (desk.status, desk.next) == (Status.ON_HOLD, ("Fri 15 Jan 09:52:30", Then.END_HOLD))


def test_one_reminder_comes_back(opened: OpenDesk) -> None:
    """Who was reached once knows that we wait: a reminder that comes back puts nothing off."""
    desk = opened(at=MONDAY)
    desk.hold("customer")
    desk.until(paris("2027-01-14 10:00"))
    desk.told()
    desk.unreachable = {"customer"}
    desk.until(paris("2027-01-15 10:00"))
    desk.expect("customer_waiting → customer", "undelivered → escalation-manager")
    desk.until(paris("2027-01-25 10:00"))
    desk.told()
    assert desk.record.ending is Ending.UNREACHABLE


def test_a_hold_that_is_over_is_not_asked_about(opened: OpenDesk) -> None:
    """A case that is worked on again has nobody asked in the morning."""
    desk = opened(
        at=paris("2027-01-11 17:55"),
        customer=NOBODY,
        snapshot=matrix(
            contacts=LEFT_IN_PEACE,
            customer={"calendar": "always"},
            holds={"customer": {"remind_every": "1h", "at_most": "10d"}},
        ),
    )
    desk.hold("customer")
    desk.later(hours=1, minutes=1)
    desk.say(events.Resume(by="rita"))
    assert "ask_customer" in [each.notice for each in desk.entries("recalled")]
    desk.told()


def test_a_hold_of_years(opened: OpenDesk) -> None:
    """Of a wait with many reminders the last ones are remembered."""
    desk = opened(at=MONDAY, snapshot=matrix(holds={"customer": {"at_most": None}}))
    desk.hold("customer")
    desk.until(paris("2027-06-11 10:00"))
    desk.told()
    asked = desk.record.asked
    assert asked is not None
    assert len(asked.keys) == MAX_KEYS
    assert asked.keys[-1] == desk.last("customer_waiting").key


def test_reminded_at_last(opened: OpenDesk) -> None:
    """A customer whom a late reminder of a hold reaches has the whole time of it from then."""
    desk = opened(at=MONDAY)
    desk.unreachable = {"customer"}
    desk.hold("customer")
    desk.until(paris("2027-01-18 10:00"))
    desk.unreachable = set()
    desk.until(paris("2027-01-19 10:00"))
    desk.told()
    assert in_paris(desk.last("customer_waiting").particulars.due_at) == "Tue 02 Feb 10:00"
    desk.until(paris("2027-02-02 10:00"))
    desk.told()
    assert desk.record.ending is Ending.UNREACHABLE
    assert in_paris(desk.record.closed_at) == "Tue 02 Feb 10:00"


def test_asked_by_hand_before_the_end_of_a_hold(opened: OpenDesk) -> None:
    """A hold that goes on because somebody has asked is reminded of as before."""
    desk = opened(
        at=MONDAY,
        snapshot=matrix(holds={"customer": {"remind_every": "3bd", "at_most": "5bd"}}),
    )
    desk.hold("customer")
    at_once = desk.last("customer_waiting").key
    desk.until(paris("2027-01-14 11:00"))
    bounce(desk, at_once)
    bounce(desk, desk.last("customer_waiting").key)
    asked_by_phone(desk)
    desk.told()
    desk.until(paris("2027-01-19 12:00"))
    assert "customer_waiting → customer" in desk.told()
