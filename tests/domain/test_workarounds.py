"""Workarounds: the customer can live with it, and the case waits for the real fix (A29)."""

import pytest

from escalations import events
from escalations.clock import Then
from escalations.errors import Refused
from escalations.record import Ending, Status
from tests.domain.conftest import OpenDesk, resolved
from tests.domain.matrices import in_paris, paris


def test_a_workaround_waits_for_its_fix(opened: OpenDesk) -> None:
    """A workaround the customer agrees to stays open for the real fix, ten business days (A29)."""
    desk = resolved(opened, "workaround")
    desk.say(events.ConfirmResolution(by="ada"))

    desk.expect("customer_workaround_confirmed → customer")
    assert (desk.status, desk.record.ending) == (Status.WORKAROUND, None)
    assert desk.next == ("Mon 25 Jan 10:10", Then.FIX_OVERDUE)
    promised = desk.last("customer_workaround_confirmed").particulars.due_at
    assert in_paris(promised) == "Mon 25 Jan 10:10"


def test_silence_about_a_workaround(opened: OpenDesk) -> None:
    """Silence agrees to a workaround too, and the case goes on waiting for its fix."""
    desk = resolved(opened, "workaround")
    desk.until(paris("2027-01-14 10:10"))

    desk.expect("customer_workaround_confirmed → customer")
    assert (desk.status, desk.next) == (
        Status.WORKAROUND,
        ("Thu 28 Jan 10:10", Then.FIX_OVERDUE),
    )


def test_the_fix_in_time(opened: OpenDesk) -> None:
    """The real fix is asked about as any other, and the customer's yes closes the case."""
    desk = resolved(opened, "workaround")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.until(paris("2027-01-20 10:00"))
    desk.say(events.Resolve(by="monitoring", summary="Cable replaced"))
    desk.expect(
        "customer_workaround_confirmed → customer", "customer_confirmation_asked → customer"
    )
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Mon 25 Jan 10:00", Then.PRESUME))

    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert desk.record.ending is Ending.CONFIRMED
    assert not desk.record.breached


def test_the_fix_on_the_last_day(opened: OpenDesk) -> None:
    """A fix is in time when it is there, however long the customer takes to look at it."""
    desk = resolved(opened, "workaround")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.until(paris("2027-01-25 10:00"))
    desk.resolve()
    desk.told()
    assert desk.next == ("Thu 28 Jan 10:00", Then.PRESUME)

    desk.until(paris("2027-01-28 10:00"))
    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert not desk.record.breached


def test_the_fix_overdue(opened: OpenDesk) -> None:
    """A fix that does not come in time is a breach, and the case is open again one level up."""
    desk = resolved(opened, "workaround")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.told()
    desk.until(paris("2027-01-25 10:10"))

    desk.expect(
        "fix_overdue → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    assert (desk.status, desk.level, desk.record.reopened) == (Status.OPEN, 2, 1)
    assert desk.record.breached
    assert [entry.what for entry in desk.entries("breached")] == ["fix"]
    assert desk.last("customer_handed_over").particulars.why == "fix_overdue"


def test_a_reply_to_a_workaround(opened: OpenDesk) -> None:
    """Words about a workaround are passed on; its fix is due as promised."""
    desk = resolved(opened, "workaround")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.told()
    desk.reply("When is the fix coming?")

    desk.expect("customer_replied → representative")
    assert desk.next == ("Mon 25 Jan 10:10", Then.FIX_OVERDUE)


def test_another_workaround(opened: OpenDesk) -> None:
    """A better workaround does not put off the fix: it is due with the time that it had left."""
    desk = resolved(opened, "workaround")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.until(paris("2027-01-13 10:10"))
    desk.resolve("workaround")
    desk.until(paris("2027-01-14 10:10"))
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect(
        "customer_workaround_confirmed → customer",
        "customer_confirmation_asked → customer",
        "customer_workaround_confirmed → customer",
    )
    assert desk.next == ("Tue 26 Jan 10:10", Then.FIX_OVERDUE)


@pytest.mark.parametrize("reported", [events.Resolve, events.ProposeResolution])
def test_the_fix_is_there_before_the_answer(
    opened: OpenDesk, reported: type[events.Resolve | events.ProposeResolution]
) -> None:
    """A fix takes the place of a workaround that the customer has not answered yet.

    They are asked about the fix, and have the whole time for it.
    """
    desk = resolved(opened, "workaround")
    desk.until(paris("2027-01-11 15:10"))
    desk.say(reported(by="monitoring", summary="Line repaired"))

    desk.expect("customer_confirmation_asked → customer")
    asked = desk.last("customer_confirmation_asked").particulars
    assert (asked.why, asked.text) == ("fix", "Line repaired")
    assert (desk.status, desk.next) == (Status.RESOLVED, ("Thu 14 Jan 15:10", Then.PRESUME))
    assert [entry.kind for entry in desk.entries("resolved")] == ["workaround", "fix"]
    assert desk.refusals() == []

    desk.until(paris("2027-01-14 15:10"))
    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert desk.record.ending is Ending.PRESUMED


def test_another_resolution_before_the_answer(opened: OpenDesk) -> None:
    """A second workaround, or anything after a fix, waits until the customer has answered."""
    for first, second in (("workaround", "workaround"), ("fix", "workaround"), ("fix", "fix")):
        desk = resolved(opened, first)
        with pytest.raises(Refused, match="a resolution waits for the customer's answer already"):
            desk.resolve(second)
        desk.expect()
