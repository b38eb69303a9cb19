"""Silence is an answer of somebody who was asked: what a case does until the customer was."""

from typing import Any

import pytest

from escalations import events
from escalations.clock import Then
from escalations.record import Ending, Status
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import matrix, paris

NOBODY: dict[str, list[str]] = {"contacts": []}
"""A customer who left no address."""
LEFT_IN_PEACE = {"representative": {"quiet_hours": ["18:00-08:00"]}}
BOUNCE = "mailto:ada@acme.example: no such mailbox"


def unasked(opened: OpenDesk, kind: str = "fix", **changes: Any) -> Desk:
    """A resolved case whose question came back, on Monday at ten."""
    desk = opened(**{"at": MONDAY, **changes})
    desk.unreachable = {"customer"}
    desk.resolve(kind)
    desk.told()
    return desk


def asked_by_phone(desk: Desk) -> None:
    """Rita calls the customer and writes it down."""
    desk.say(events.UpdateCustomer(by="rita", text="Asked by phone whether it works"))


def bounce(desk: Desk, key: str) -> None:
    """A message that was accepted comes back."""
    desk.say(events.ReportDelivery(key=key, recipient="customer", delivered=False, detail=BOUNCE))


def test_the_question_came_back(opened: OpenDesk) -> None:
    """Who answers the customer and the manager hear that they have to ask, and no case ends of it.

    When the time is over the customer is asked again, and so are they; again and again.
    """
    desk = opened(at=MONDAY)
    desk.unreachable = {"customer"}
    desk.resolve()
    again = [
        "customer_confirmation_asked → customer",
        "ask_customer → escalation-manager, representative",
    ]
    desk.expect(*again)
    told = desk.last("ask_customer").particulars
    assert (told.why, told.text) == ("resolved", "customer: no address took it")
    assert desk.next == ("Thu 14 Jan 10:00", Then.PRESUME)

    desk.until(paris("2027-01-14 10:00"))
    desk.expect(*again)
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Tue 19 Jan 10:00", Then.PRESUME))
    desk.until(paris("2027-01-19 10:00"))
    desk.expect(*again)
    assert desk.entries("confirmed", "closed") == []


def test_reached_at_last(opened: OpenDesk) -> None:
    """A question that arrives the second time is answered by silence as one that arrived at once.

    The customer has the whole time from when they were asked again.
    """
    desk = unasked(opened)
    desk.unreachable = set()
    desk.until(paris("2027-01-19 09:59"))
    desk.expect("customer_confirmation_asked → customer")
    desk.until(paris("2027-01-19 10:00"))

    desk.told()
    assert desk.record.ending is Ending.PRESUMED


def test_no_address(opened: OpenDesk) -> None:
    """Who left no address is asked by somebody of ours, who hears it at once, and again later."""
    desk = opened(at=MONDAY, customer=NOBODY)
    desk.resolve()
    desk.expect("ask_customer → escalation-manager, representative")
    desk.until(paris("2027-01-14 10:00"))
    desk.expect("ask_customer → escalation-manager, representative")
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Tue 19 Jan 10:00", Then.PRESUME))


@pytest.mark.parametrize("changes", [{}, {"customer": NOBODY}])
def test_asked_by_hand(opened: OpenDesk, changes: dict[str, Any]) -> None:
    """Once somebody says that they spoke with the customer, the time begins, and silence counts.

    Not even that word of it comes back, too, changes that.
    """
    desk = unasked(opened, **changes)
    desk.later(hours=2)
    asked_by_phone(desk)
    assert desk.next == ("Thu 14 Jan 12:00", Then.PRESUME)

    desk.until(paris("2027-01-14 12:00"))
    assert desk.record.ending is Ending.PRESUMED
    assert not any("ask_customer" in said for said in desk.told())


def test_word_to_a_customer_who_was_asked(opened: OpenDesk) -> None:
    """Word to a customer whom the question has reached gives them no more time."""
    desk = opened(at=MONDAY)
    desk.resolve()
    desk.later(hours=2)
    asked_by_phone(desk)
    desk.told()
    assert desk.next == ("Thu 14 Jan 10:00", Then.PRESUME)


def test_the_question_bounces_later(opened: OpenDesk) -> None:
    """A question that was accepted and comes back after hours has asked nobody."""
    desk = opened(at=MONDAY)
    desk.resolve()
    desk.told()
    desk.later(hours=5)
    bounce(desk, desk.last("customer_confirmation_asked").key)
    desk.expect("ask_customer → escalation-manager, representative")
    assert desk.last("ask_customer").particulars.text == f"customer: {BOUNCE}"

    desk.until(paris("2027-01-14 10:00"))
    desk.expect("customer_confirmation_asked → customer")
    assert desk.status is Status.RESOLVED


def test_a_question_of_before_bounces(opened: OpenDesk) -> None:
    """What comes back of a question that has been answered does not concern the present one."""
    desk = opened(at=MONDAY)
    desk.resolve()
    first = desk.last("customer_confirmation_asked").key
    desk.say(events.RejectResolution(by="ada", why="no"))
    bounce(desk, first)
    desk.resolve()
    bounce(desk, first)
    bounce(desk, "T-1/1")
    assert not any("ask_customer" in said for said in desk.told())

    desk.until(paris("2027-01-14 10:00"))
    desk.told()
    assert desk.record.ending is Ending.PRESUMED


def test_something_else_comes_back(opened: OpenDesk) -> None:
    """Who has been told to ask is not told again because of a message that asked nothing."""
    desk = unasked(opened)
    bounce(desk, "T-1/2")
    desk.expect("undelivered → escalation-manager")


def test_the_question_is_on_its_way(opened: OpenDesk) -> None:
    """Nobody is asked twice because channels are slow: the time begins again, and then counts."""
    desk = opened(at=MONDAY)
    desk.hanging = True
    desk.resolve()
    desk.until(paris("2027-01-14 10:00"))
    desk.expect("customer_confirmation_asked → customer")
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Tue 19 Jan 10:00", Then.PRESUME))

    desk.recovered()
    desk.until(paris("2027-01-19 10:00"))
    desk.told()
    assert desk.record.ending is Ending.PRESUMED


def test_a_reply_shows_that_they_know(opened: OpenDesk) -> None:
    """Who writes on another way has evidently heard, and is not called about it."""
    desk = unasked(opened)
    desk.later(hours=2)
    desk.reply("I heard from a colleague of yours, and will try it")
    desk.until(paris("2027-01-14 12:00"))

    desk.expect(
        "customer_replied → representative",
        "customer_closed → customer",
        "case_closed → escalation-manager, representative",
    )
    assert desk.record.ending is Ending.PRESUMED


def test_a_workaround_nobody_heard_of(opened: OpenDesk) -> None:
    """Silence agrees to no workaround either, where the customer was not asked."""
    desk = unasked(opened, "workaround")
    desk.until(paris("2027-01-14 10:00"))
    desk.told()
    assert (desk.status, desk.entries("confirmed")) == (Status.RESOLVED, [])
    assert desk.last("customer_confirmation_asked").particulars.why == "workaround"


def test_the_fallback_hears_with_them(opened: OpenDesk) -> None:
    """Who is told whenever somebody was not reached hears this, too; each hears it once."""
    snapshot = matrix(fallback="senior-management")
    desk = opened(at=MONDAY, snapshot=snapshot)
    desk.unreachable = {"customer"}
    desk.resolve()
    desk.expect(
        "customer_confirmation_asked → customer",
        "ask_customer → senior-management, escalation-manager, representative",
    )


def test_not_asked_for_any_more(opened: OpenDesk) -> None:
    """Who is left in peace meanwhile does not hear in the morning of what is settled by then."""
    quiet = matrix(contacts=LEFT_IN_PEACE)
    for settled in (
        events.ConfirmResolution(by="ada"),
        events.CustomerReplied(text="I shall see tomorrow"),
        events.UpdateCustomer(by="rita", text="Called them"),
    ):
        desk = opened(at=paris("2027-01-11 17:55"), customer=NOBODY, snapshot=quiet)
        desk.later(minutes=10)
        desk.resolve("workaround")
        desk.say(settled)
        desk.until(paris("2027-01-12 08:00"))
        recalled = [each.notice for each in desk.entries("recalled")]
        assert "ask_customer" in recalled
        desk.told()


def test_a_new_run_knows_who_was_asked(opened: OpenDesk) -> None:
    """Whether the customer was asked is part of the record."""
    desk = unasked(opened)
    desk.continue_as_new()
    desk.until(paris("2027-01-14 10:00"))
    desk.told()
    assert desk.status is Status.RESOLVED


def test_a_record_of_before(opened: OpenDesk) -> None:
    """A record that says nothing of it is of a time when silence always counted."""
    desk = opened(at=MONDAY)
    desk.resolve()
    written = desk.record.model_dump(mode="json")
    del written["asked"]
    desk.case = type(desk.case)(type(desk.record).model_validate(written))
    desk.until(paris("2027-01-14 10:00"))
    desk.told()
    assert desk.record.ending is Ending.PRESUMED


def test_refused_nobody_has_to_ask(opened: OpenDesk) -> None:
    """Who has refused a resolution need not be asked about it in the morning."""
    desk = opened(
        at=paris("2027-01-11 17:55"),
        customer=NOBODY,
        snapshot=matrix(customer={"reopen": "same"}, contacts=LEFT_IN_PEACE),
    )
    desk.later(minutes=10)
    desk.resolve()
    desk.say(events.RejectResolution(by="ada", why="no"))
    assert "ask_customer" in [each.notice for each in desk.entries("recalled")]
    desk.told()


def test_told_once_in_the_morning(opened: OpenDesk) -> None:
    """Who is left in peace all night hears once that the customer is to be asked."""
    desk = opened(
        at=paris("2027-01-11 17:55"),
        customer=NOBODY,
        snapshot=matrix(
            customer={"calendar": "always", "confirm_within": "2h"}, contacts=LEFT_IN_PEACE
        ),
    )
    desk.later(minutes=10)
    desk.resolve()
    desk.until(paris("2027-01-12 07:59"))
    desk.told()
    desk.later(minutes=1)
    assert desk.told().count("ask_customer → representative") == 1
