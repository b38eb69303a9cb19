"""The ladder: who has a case, until when, and who hears when it moves."""

from datetime import timedelta

import pytest

from escalations import events
from escalations.clock import Then
from escalations.errors import Refused
from escalations.record import Status
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder, matrix, paris

MOVES = ("level_entered", "reminded", "acknowledgement_expired", "breached", "repeated")


def test_seven_levels_over_christmas() -> None:
    """Left alone, a case climbs the real matrix from minutes to business days, over holidays.

    24 and 31 December are the company's own days off, 25 December and 1 January France's; Friday
    closes an hour earlier and is one business day all the same.
    """
    desk = Desk(at=paris("2026-12-22 01:30"))

    desk.until(paris("2027-01-11 12:00"))

    assert desk.story(*MOVES) == [
        "Tue 22 Dec 01:30 level_entered",
        "Tue 22 Dec 01:35 acknowledgement_expired",
        "Tue 22 Dec 01:45 reminded",
        "Tue 22 Dec 02:00 breached",
        "Tue 22 Dec 02:00 level_entered",
        "Tue 22 Dec 02:30 reminded",
        "Tue 22 Dec 03:00 breached",
        "Tue 22 Dec 03:00 level_entered",
        "Tue 22 Dec 04:00 reminded",
        "Tue 22 Dec 05:00 breached",
        "Tue 22 Dec 05:00 level_entered",
        "Tue 22 Dec 07:00 reminded",
        "Tue 22 Dec 10:00 breached",
        "Tue 22 Dec 10:00 level_entered",
        "Wed 23 Dec 10:00 reminded",
        "Mon 28 Dec 10:00 breached",
        "Mon 28 Dec 10:00 level_entered",
        "Tue 29 Dec 10:00 reminded",
        "Mon 04 Jan 10:00 breached",
        "Mon 04 Jan 10:00 level_entered",
        "Tue 05 Jan 10:00 repeated",
        "Wed 06 Jan 10:00 repeated",
        "Thu 07 Jan 10:00 repeated",
        "Fri 08 Jan 09:52:30 repeated",
        "Mon 11 Jan 10:00 repeated",
    ]
    assert [entry.contact for entry in desk.entries("level_entered")] == [
        "representative",
        "support-manager",
        "account-manager",
        "sales-manager",
        "sales-director",
        "stakeholder",
        "senior-management",
    ]
    assert [entry.times for entry in desk.entries("repeated")] == [1, 2, 3, 4, 5]
    assert {entry.why for entry in desk.entries("left_level")} == {"time"}
    assert (desk.level, desk.record.hand_offs, desk.record.breached) == (7, 6, True)
    assert desk.next == ("Tue 12 Jan 10:00", Then.REPEAT)


def test_one_climb_tells_four(opened: OpenDesk) -> None:
    """Manager and level hear of the missed window, the next level and the customer of the move."""
    desk = opened()
    desk.until(paris("2026-12-22 01:59:59"))
    desk.expect(
        "unacknowledged → representative, escalation-manager",
        "reminder → representative",
    )

    desk.until(paris("2026-12-22 02:00"))

    desk.expect(
        "breach → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    handed_over = desk.last("customer_handed_over").particulars
    assert handed_over.why == "time"
    assert handed_over.contact_name == "Call-centre support manager"
    assert in_paris(handed_over.due_at) == "Tue 22 Dec 03:00"


def test_handed_up(opened: OpenDesk) -> None:
    """A level passes the case on by hand: the next has its full window, and the customer hears."""
    desk = opened()
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=7)
    desk.hand_up("needs a specialist")

    desk.expect("level_entered → support-manager", "customer_handed_over → customer")
    assert desk.last("level_entered").particulars.text == "needs a specialist"
    (left,) = desk.entries("left_level")
    assert (left.why, left.level, left.to_level, left.by) == ("handed_up", 1, 2, "rita")
    assert not desk.record.breached
    assert desk.record.owner is None
    assert desk.next == ("Tue 22 Dec 02:07", Then.REMIND)


def test_handed_up_twice(opened: OpenDesk) -> None:
    """Two people of a level pass the case on: the second is told where it stands by now."""
    desk = opened()
    desk.hand_up()
    desk.told()
    before = desk.record.model_dump_json()

    with pytest.raises(
        Refused,
        match=r"you saw level 1, and the case has moved; "
        r"T-1 is open at level 2 of 7 \(Support manager\), taken by nobody",
    ):
        desk.say(events.HandUp(by="sam", from_level=1, reason="needs a specialist"))
    assert desk.record.model_dump_json() == before


def test_handed_up_from_the_last_level(opened: OpenDesk) -> None:
    """Nobody is above senior management."""
    desk = opened()
    desk.trigger("legal-threat")
    desk.told()

    with pytest.raises(Refused, match="there is no level above this one"):
        desk.say(events.HandUp(by="ceo", from_level=7, reason="not mine"))


def test_handed_up_on_hold(opened: OpenDesk) -> None:
    """Passing a case on ends its hold."""
    desk = opened()
    desk.hold("vendor")
    desk.told()
    desk.hand_up("vendor needs a contract")

    desk.expect("level_entered → support-manager", "customer_handed_over → customer")
    assert (desk.status, desk.record.hold) == (Status.OPEN, None)
    assert [entry.why for entry in desk.entries("resumed")] == ["moved"]
    assert desk.next == ("Tue 22 Dec 02:00", Then.REMIND)


def test_a_late_worker_goes_on_from_now(opened: OpenDesk) -> None:
    """What came due while the worker was down happens when it is back, each thing once.

    The next level is told late, so its window begins when it is told.
    """
    desk = opened()
    desk.down_until(paris("2026-12-22 08:00"))
    desk.back()

    desk.expect(
        "unacknowledged → representative, escalation-manager",
        "reminder → representative",
        "breach → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    assert desk.next == ("Tue 22 Dec 08:30", Then.REMIND)


def test_who_speaks_first_wins_over_an_overdue_deadline(opened: OpenDesk) -> None:
    """Who acknowledged while the worker was down is not reminded when it is back."""
    desk = opened()
    desk.down_until(paris("2026-12-22 01:50"))
    desk.say(events.Acknowledge(by="rita"))
    desk.back()

    desk.expect()
    assert desk.next == ("Tue 22 Dec 02:00", Then.CLIMB)


def test_a_deadline_counts_only_as_it_stands(opened: OpenDesk) -> None:
    """A timer that rings early, or for what is not next any more, changes nothing."""
    desk = opened()
    asked_again = desk.case.next_deadline
    assert asked_again is not None
    early = asked_again.at - timedelta(microseconds=1)
    assert desk.case.fall_due(asked_again, early) == []

    desk.say(events.Acknowledge(by="rita"))
    before = desk.record.model_dump_json()
    assert desk.case.fall_due(asked_again, asked_again.at) == []
    assert desk.record.model_dump_json() == before


def test_an_owner_who_is_a_contact_hears_too(opened: OpenDesk) -> None:
    """On the last level whoever has the case hears of it again, once each."""
    desk = opened(
        snapshot=matrix(categories={"it-request": {"start": "Senior management"}}),
        category="it-request",
        at=paris("2026-12-22 10:00"),
    )
    desk.say(events.Assign(by="coordinator", to="stakeholder"))
    desk.until(paris("2026-12-23 10:00"))
    desk.expect("still_unresolved → stakeholder, senior-management")

    desk.say(events.Assign(by="coordinator", to="senior-management"))
    desk.until(paris("2026-12-28 10:00"))
    desk.expect("still_unresolved → senior-management")


def test_a_last_level_with_a_window(opened: OpenDesk) -> None:
    """Its window is missed once; then its people hear again and again, and there is no climb."""
    desk = opened(snapshot=ladder("30m..1h", level={"repeat_every": "2h"}))
    desk.until(paris("2026-12-22 07:00"))

    desk.expect(
        "reminder → one",
        "breach → manager, one",
        "still_unresolved → one",
        "still_unresolved → one",
    )
    assert desk.story("breached", "repeated", "left_level") == [
        "Tue 22 Dec 02:30 breached",
        "Tue 22 Dec 04:30 repeated",
        "Tue 22 Dec 06:30 repeated",
    ]
    assert desk.level == 1


def test_a_level_in_the_middle_until_resolved(opened: OpenDesk) -> None:
    """A level below the last may keep a case until it is resolved; it is left by hand."""
    desk = opened(snapshot=ladder("1h", "until-resolved", "1h", level={"repeat_every": "2h"}))
    desk.until(paris("2026-12-22 07:00"))
    assert desk.level == 2
    assert desk.story("repeated") == ["Tue 22 Dec 04:30 repeated", "Tue 22 Dec 06:30 repeated"]
    desk.told()

    desk.say(events.HandUp(by="zoe", from_level=2, reason="beyond us"))
    desk.expect("level_entered → three", "customer_handed_over → customer")
    assert desk.next == ("Tue 22 Dec 08:00", Then.BREACH)


def test_reminded_is_the_level(opened: OpenDesk) -> None:
    """A reminder asks the level to take the case, and nobody else."""
    desk = opened(snapshot=ladder("30m..1h", "1h"))
    desk.record.owner = "two"
    desk.later(minutes=30)
    desk.expect("reminder → one")
