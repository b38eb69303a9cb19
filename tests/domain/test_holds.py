"""Holds: a clock stands still for a reason, with reminders, and for so long at most."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.errors import Refused
from escalations.record import Ending, Status
from tests.domain.conftest import OpenDesk
from tests.domain.matrices import in_paris, ladder, matrix, paris


def test_a_hold_keeps_the_time_that_was_left(opened: OpenDesk) -> None:
    """After a hold the level has the time it had left: reminder and climb move alike."""
    desk = opened(at=paris("2026-12-22 10:00"))
    desk.later(minutes=4)
    desk.hold("vendor")
    assert (desk.status, desk.next) == (Status.ON_HOLD, ("Wed 23 Dec 10:04", Then.REMIND_HOLD))

    desk.until(paris("2026-12-22 17:00"))
    desk.expect("customer_update → customer")
    desk.say(events.Resume(by="rita"))

    assert (desk.status, desk.record.hold) == (Status.OPEN, None)
    assert [(entry.why, entry.by) for entry in desk.entries("resumed")] == [("by_hand", "rita")]
    desk.until(paris("2026-12-22 17:26"))
    assert desk.story("acknowledgement_expired", "reminded", "breached") == [
        "Tue 22 Dec 17:01 acknowledgement_expired",
        "Tue 22 Dec 17:11 reminded",
        "Tue 22 Dec 17:26 breached",
    ]
    desk.told()


def test_many_short_holds(opened: OpenDesk) -> None:
    """Ten holds of a minute each: the level has its 30 minutes, and every pause is counted."""
    desk = opened()
    for _ in range(10):
        desk.later(minutes=1)
        desk.hold("evidence")
        desk.later(minutes=1)
        desk.say(events.Resume(by="rita"))
    told = desk.told()
    assert told.count("customer_update → customer") == 20
    assert set(told) == {
        "customer_update → customer",
        "unacknowledged → representative, escalation-manager",
    }
    (window,) = desk.record.clocks.values()
    assert (str(window.consumed), window.pauses) == ("10m", 10)
    assert desk.next == ("Tue 22 Dec 01:55", Then.REMIND)


def test_a_level_in_business_days_is_held(opened: OpenDesk) -> None:
    """A hold over a weekend costs a level the business days of it and no more."""
    desk = opened(
        category="it-request",
        at=paris("2027-01-05 09:00"),
        snapshot=matrix(categories={"it-request": {"start": "Stakeholder"}}),
    )
    desk.until(paris("2027-01-05 13:30"))
    desk.hold("incident")
    desk.until(paris("2027-01-07 13:30"))
    desk.say(events.Resume(by="rita"))

    desk.told()
    assert desk.next == ("Thu 07 Jan 18:00", Then.REMIND)


@pytest.mark.parametrize(
    ("reason", "until"),
    [
        ("customer", "Fri 08 Jan 09:52:30"),
        ("vendor", "Wed 30 Dec 10:00"),
        ("incident", None),
        ("evidence", "Wed 30 Dec 10:00"),
    ],
)
def test_limits(opened: OpenDesk, reason: str, until: str | None) -> None:
    """Each reason has its limit in the customer's business days; an incident has none."""
    desk = opened(at=paris("2026-12-21 10:00"))
    desk.hold(reason)

    assert in_paris(desk.entries("held")[0].until) == until
    desk.told()


def test_waiting_for_the_customer_in_vain(opened: OpenDesk) -> None:
    """The customer hears at once and every two business days that we wait, and then the end."""
    desk = opened(at=paris("2027-01-11 10:00"), reported_at=paris("2027-01-11 10:00"))
    desk.hold("customer")
    desk.until(paris("2027-01-25 11:00"))

    desk.expect(
        "customer_waiting → customer",
        "customer_waiting → customer",
        "customer_waiting → customer",
        "customer_waiting → customer",
        "customer_waiting → customer",
        "customer_closed → customer",
        "case_closed → escalation-manager, representative",
    )
    assert desk.story("hold_reminded", "closed") == [
        "Wed 13 Jan 10:00 hold_reminded",
        "Fri 15 Jan 09:52:30 hold_reminded",
        "Tue 19 Jan 10:00 hold_reminded",
        "Thu 21 Jan 10:00 hold_reminded",
        "Mon 25 Jan 10:00 closed",
    ]
    assert (desk.record.ending, desk.next) == (Ending.UNREACHABLE, None)
    assert desk.record.hold is None
    assert in_paris(desk.last("customer_waiting").particulars.due_at) == "Mon 25 Jan 10:00"


def test_a_vendor_in_vain(opened: OpenDesk) -> None:
    """After five business days a vendor's hold ends: the clock goes on, and the manager hears."""
    desk = opened(at=paris("2027-01-11 10:00"))
    desk.later(minutes=1)
    desk.say(events.Acknowledge(by="rita"))
    desk.hold("vendor")
    desk.until(paris("2027-01-18 10:00"))
    desk.expect(
        "customer_update → customer",
        "hold_reminder → escalation-manager, representative",
        "hold_reminder → escalation-manager, representative",
        "hold_reminder → escalation-manager, representative",
        "hold_reminder → escalation-manager, representative",
    )

    desk.until(paris("2027-01-18 10:02"))

    desk.expect("customer_update → customer", "hold_ended → escalation-manager, representative")
    assert desk.status is Status.OPEN
    assert [entry.why for entry in desk.entries("resumed")] == ["hold_over"]
    assert desk.next == ("Mon 18 Jan 10:30", Then.CLIMB)
    ended = desk.last("hold_ended").particulars
    assert (ended.why, in_paris(ended.due_at)) == ("vendor", "Mon 18 Jan 10:30")


def test_an_incident_is_waited_for_without_end(opened: OpenDesk) -> None:
    """A hold without a limit reminds once a business day, and the case always has a deadline."""
    desk = opened(at=paris("2027-01-11 10:00"))
    desk.hold("incident")
    desk.told()
    desk.until(paris("2027-02-11 10:00"))

    assert desk.told() == ["hold_reminder → escalation-manager, representative"] * 23
    assert desk.status is Status.ON_HOLD
    assert desk.next is not None


def test_no_reminder_at_the_very_end_of_a_hold(opened: OpenDesk) -> None:
    """Where reminder and limit fall on the same moment, the hold ends and nobody is reminded."""
    desk = opened(
        snapshot=ladder("1h", "1h", holds={"vendor": {"remind_every": "1h", "at_most": "2h"}})
    )
    desk.hold("vendor")
    desk.later(hours=2)

    desk.expect(
        "customer_update → customer",
        "hold_reminder → manager, one",
        "customer_update → customer",
        "hold_ended → manager, one",
    )


def test_a_reply_ends_the_wait_for_the_customer(opened: OpenDesk) -> None:
    """A reply while the customer is waited for: the clock goes on with the time it had left."""
    desk = opened()
    desk.later(minutes=4)
    desk.hold("customer")
    desk.later(hours=1)
    desk.reply("Here is the serial number", by="Ada")

    desk.expect(
        "customer_waiting → customer",
        "customer_update → customer",
        "customer_replied → representative",
    )
    assert desk.status is Status.OPEN
    assert [(entry.why, entry.by) for entry in desk.entries("resumed")] == [
        ("customer_replied", "Ada")
    ]
    assert desk.next == ("Tue 22 Dec 02:35", Then.ASK_AGAIN)
    desk.say(events.Acknowledge(by="rita"))
    assert desk.next == ("Tue 22 Dec 03:00", Then.CLIMB)
    assert not {ClockName.HOLD, ClockName.HOLD_REMINDER} & desk.record.clocks.keys()


@pytest.mark.parametrize("reason", ["vendor", "incident", "evidence"])
def test_a_reply_ends_no_other_wait(opened: OpenDesk, reason: str) -> None:
    """Where somebody else is waited for, a reply is passed on and the clock stands still."""
    desk = opened()
    desk.hold(reason)
    before = desk.case.next_deadline
    desk.reply("Any news?")

    desk.expect("customer_update → customer", "customer_replied → representative")
    assert (desk.status, desk.case.next_deadline) == (Status.ON_HOLD, before)


def test_what_cannot_be_held(opened: OpenDesk) -> None:
    """A hold is for an open case, a reason of the policy, and once at a time."""
    desk = opened(snapshot=ladder("1h", "1h", holds={"vendor": {}}))
    with pytest.raises(Refused, match="no hold for customer: allowed are vendor; T-1 is open"):
        desk.hold("customer")
    with pytest.raises(Refused, match="it is not on hold; T-1 is open at level 1 of 2"):
        desk.say(events.Resume(by="rita"))

    desk.hold("vendor")
    with pytest.raises(Refused, match=r"only an open case can be held; T-1 is on hold \(vendor\)"):
        desk.hold("vendor")

    desk.resolve()
    desk.told()
    with pytest.raises(Refused, match="only an open case can be held; T-1 is resolved"):
        desk.hold("vendor")


def test_a_policy_without_holds(opened: OpenDesk) -> None:
    """A policy may allow none at all, and says so."""
    desk = opened(snapshot=ladder("1h", holds={}))
    with pytest.raises(Refused, match="allowed are none"):
        desk.hold("vendor")


def test_taken_while_on_hold(opened: OpenDesk) -> None:
    """Who takes a case on hold is not reminded after it either."""
    desk = opened()
    desk.hold("vendor")
    desk.say(events.Acknowledge(by="rita"))
    desk.later(hours=1)
    desk.say(events.Resume(by="rita"))
    assert desk.next == ("Tue 22 Dec 03:00", Then.CLIMB)
    desk.told()
    desk.later(minutes=29)
    desk.expect()


def test_held_while_overdue(opened: OpenDesk) -> None:
    """A hold set before an overdue climb was carried out keeps it: it is due when the hold ends."""
    desk = opened()
    desk.down_until(paris("2026-12-22 02:10"))
    desk.hold("vendor")
    desk.back()
    desk.expect("customer_update → customer")

    desk.later(hours=1)
    desk.say(events.Resume(by="rita"))
    desk.expect()
    desk.back()
    assert desk.told()[-2:] == [
        "level_entered → support-manager",
        "customer_handed_over → customer",
    ]
    assert desk.story("breached") == ["Tue 22 Dec 03:10 breached"]


def test_the_hold_of_a_late_worker(opened: OpenDesk) -> None:
    """A hold whose reminders were missed reminds once when the worker is back, and then ends."""
    desk = opened(at=paris("2027-01-11 10:00"))
    desk.hold("vendor")
    desk.down_until(paris("2027-01-20 10:00"))
    desk.back()

    assert desk.told() == [
        "customer_update → customer",
        "hold_reminder → escalation-manager, representative",
        "customer_update → customer",
        "hold_ended → escalation-manager, representative",
    ]
    assert desk.next == ("Wed 20 Jan 10:05", Then.ASK_AGAIN)


def test_a_hold_on_the_last_level(opened: OpenDesk) -> None:
    """The word that goes on and on stands still as well, with the time it had left."""
    desk = opened(snapshot=ladder("until-resolved", level={"repeat_every": "2h"}))
    desk.later(minutes=90)
    desk.hold("vendor")
    desk.later(hours=5)
    desk.say(events.Resume(by="rita"))
    assert desk.next == ("Tue 22 Dec 08:30", Then.REPEAT)
