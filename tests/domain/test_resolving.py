"""The end of a case: a resolution, and the customer's yes, no or silence."""

import pytest

from escalations import events
from escalations.clock import Then
from escalations.errors import Refused
from escalations.record import Ending, Status
from tests.domain.conftest import MONDAY, OpenDesk, resolved
from tests.domain.matrices import in_paris, ladder, matrix, paris


def test_the_customer_is_asked(opened: OpenDesk) -> None:
    """A resolution goes to the customer with what was done and until when they may say no."""
    desk = opened(at=MONDAY)
    desk.later(minutes=10)
    desk.expect("unacknowledged → representative, escalation-manager")
    desk.resolve()

    desk.expect("customer_confirmation_asked → customer")
    asked = desk.last("customer_confirmation_asked").particulars
    assert (asked.text, asked.why, asked.by) == ("Cable replaced", "fix", "rita")
    assert in_paris(asked.due_at) == "Thu 14 Jan 10:10"
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Thu 14 Jan 10:10", Then.PRESUME))
    (entry,) = desk.entries("resolved")
    assert (entry.by, entry.kind, entry.summary) == ("rita", "fix", "Cable replaced")


def test_yes(opened: OpenDesk) -> None:
    """The customer agrees: the case is closed, and everybody who had it hears."""
    desk = resolved(opened)
    desk.later(hours=3)
    desk.say(events.ConfirmResolution(by="ada"))

    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert (desk.status, desk.record.ending) == (Status.CLOSED, Ending.CONFIRMED)
    assert in_paris(desk.record.closed_at) == "Mon 11 Jan 13:10"
    assert (desk.next, desk.record.clocks) == (None, {})
    assert [entry.by for entry in desk.entries("confirmed")] == ["ada"]


def test_silence(opened: OpenDesk) -> None:
    """Three business days of silence are a yes, and the record says that it was silence."""
    desk = resolved(opened)
    desk.until(paris("2027-01-14 10:10"))

    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert desk.record.ending is Ending.PRESUMED
    assert [entry.by for entry in desk.entries("confirmed")] == [None]


def test_a_reply_while_the_answer_is_awaited(opened: OpenDesk) -> None:
    """Who writes is not silent: the time to answer begins anew, and the level reads it."""
    desk = resolved(opened)
    desk.until(paris("2027-01-14 10:00"))
    desk.reply("I will try it tomorrow")

    desk.expect("customer_replied → representative")
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Tue 19 Jan 10:00", Then.PRESUME))
    assert in_paris(desk.last("customer_replied").particulars.due_at) == "Tue 19 Jan 10:00"


def test_no_goes_one_level_up(opened: OpenDesk) -> None:
    """The customer does not agree: the next level has it, for its full window, and knows why."""
    desk = resolved(opened)
    desk.later(hours=2)
    desk.say(events.RejectResolution(by="ada", why="Still no signal"))

    desk.expect(
        "reopened → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    assert desk.last("reopened").particulars.text == "Still no signal"
    assert desk.last("level_entered").particulars.text == "Still no signal"
    assert (desk.status, desk.level, desk.record.reopened) == (Status.OPEN, 2, 1)
    assert desk.record.resolution is None
    assert not desk.record.breached
    assert [entry.why for entry in desk.entries("left_level", "reopened")] == ["rejected"] * 2
    assert desk.next == ("Mon 11 Jan 12:40", Then.REMIND)


def test_no_stays_where_it_was(opened: OpenDesk) -> None:
    """Where the policy says `same`, the level goes on with the time it had left, and its owner."""
    desk = resolved(opened, snapshot=matrix(customer={"reopen": "same"}))
    desk.later(hours=2)
    desk.say(events.RejectResolution(by="ada", why="Still no signal"))

    desk.expect("reopened → escalation-manager, representative", "customer_reopened → customer")
    assert (desk.level, desk.record.owner, desk.record.resolution) == (1, "rita", None)
    assert desk.next == ("Mon 11 Jan 12:30", Then.CLIMB)


def test_no_on_the_last_level(opened: OpenDesk) -> None:
    """Nobody is above the last level: it has the case again, from the beginning."""
    desk = opened(snapshot=ladder("1h"))
    desk.later(minutes=50)
    desk.resolve()
    desk.told()
    desk.say(events.RejectResolution(by="ada", why="Still no signal"))

    desk.expect("reopened → manager, one", "level_entered → one", "customer_handed_over → customer")
    assert (desk.level, desk.record.stays, desk.record.hand_offs) == (1, 2, 0)
    assert desk.entries("left_level") == []
    assert desk.next == ("Tue 22 Dec 03:20", Then.BREACH)


def test_a_breach_comes_again_after_a_no(opened: OpenDesk) -> None:
    """A level that gets the case a second time can miss its window a second time."""
    desk = opened(snapshot=ladder("1h"))
    desk.later(hours=1)
    desk.resolve()
    desk.say(events.RejectResolution(by="ada", why="Still no signal"))
    desk.later(hours=1)
    desk.told()
    assert desk.story("breached") == ["Tue 22 Dec 02:30 breached", "Tue 22 Dec 03:30 breached"]


def test_resolved_on_hold(opened: OpenDesk) -> None:
    """A resolution ends a hold: nobody is reminded of it any more."""
    desk = opened(at=MONDAY)
    desk.hold("customer")
    desk.resolve()
    desk.expect("customer_waiting → customer", "customer_confirmation_asked → customer")
    assert [entry.why for entry in desk.entries("resumed")] == ["resolved"]

    desk.until(paris("2027-01-14 10:00"))
    assert desk.record.ending is Ending.PRESUMED
    assert desk.entries("hold_reminded") == []
    desk.told()


def test_held_and_resolved_and_refused(opened: OpenDesk) -> None:
    """Neither the time on hold nor the time the customer took to say no is the level's."""
    desk = opened(at=MONDAY, snapshot=matrix(customer={"reopen": "same"}))
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=10)
    desk.hold("vendor")
    desk.later(hours=1)
    desk.resolve()
    desk.later(hours=1)
    desk.say(events.RejectResolution(by="ada", why="no"))
    desk.told()
    assert desk.next == ("Mon 11 Jan 12:30", Then.CLIMB)


def test_what_cannot_be_answered(opened: OpenDesk) -> None:
    """A yes or no to nothing is refused with where the case stands; so is a second resolution."""
    desk = opened(at=MONDAY)
    for answer in (
        events.ConfirmResolution(by="ada"),
        events.RejectResolution(by="ada", why="no"),
    ):
        with pytest.raises(
            Refused,
            match=r"no resolution waits for the customer's answer; T-1 is open at level 1 of 7 "
            r"\(Representative\), taken by nobody",
        ):
            desk.say(answer)

    desk.resolve()
    desk.told()
    with pytest.raises(Refused, match="a resolution waits for the customer's answer already"):
        desk.resolve("workaround")
    with pytest.raises(Refused, match="there is nothing to take: it waits for the customer"):
        desk.say(events.Acknowledge(by="rita"))
    with pytest.raises(Refused, match="reject the resolution or raise a trigger"):
        desk.say(events.HandUp(by="rita", from_level=1, reason="x"))


def test_resolved_twice_by_a_system(opened: OpenDesk) -> None:
    """A second report that it is solved is written down, and the customer is asked once."""
    desk = resolved(opened)
    due = desk.next
    desk.later(hours=1)
    desk.say(events.Resolve(by="monitoring", summary="all green"))

    desk.expect()
    assert desk.next == due
    assert [(entry.what, entry.text) for entry in desk.refusals()] == [("Resolve", "all green")]


@pytest.mark.parametrize("status", list(Status)[:-1])
def test_withdrawn(opened: OpenDesk, status: Status) -> None:
    """A case is given up whatever its status, with who and why; it is over at once."""
    desk = opened(at=MONDAY)
    match status:
        case Status.ON_HOLD:
            desk.hold("vendor")
        case Status.RESOLVED:
            desk.resolve()
        case Status.WORKAROUND:
            desk.resolve("workaround")
            desk.say(events.ConfirmResolution(by="ada"))
    desk.told()
    assert desk.status is status

    desk.say(events.Withdraw(by="ada", why="We changed supplier"))

    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert (desk.record.ending, desk.next) == (Ending.WITHDRAWN, None)
    (closed,) = desk.entries("closed")
    assert (closed.by, closed.reason) == ("ada", "We changed supplier")
    desk.until(paris("2027-02-11 10:00"))
    desk.expect()


def test_a_customer_without_an_address(opened: OpenDesk) -> None:
    """A customer who left no address is not written to, and somebody of ours has to ask them."""
    desk = opened(customer={"contacts": []})
    desk.resolve()
    desk.expect("ask_customer → escalation-manager, representative")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("case_closed → escalation-manager, representative")


def test_who_resolves_took_part(opened: OpenDesk) -> None:
    """A system that reports a case as solved is remembered by name."""
    desk = opened()
    desk.say(events.Resolve(by="monitoring", summary="all green"))
    assert desk.record.participants["person:monitoring"] == "monitoring"
    desk.told()
