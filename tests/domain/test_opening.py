"""The opening: who is told, where a case begins, and since when its clock runs."""

import pytest

from escalations.clock import Then
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder, matrix, paris

MOVES = ("level_entered", "reminded", "acknowledgement_expired", "breached", "repeated")


def test_everybody_is_told_at_the_opening() -> None:
    """Manager, stakeholders of that priority, customer and level hear of a P1 case at once."""
    desk = Desk(
        priority="P1",
        team={
            "customer-success-manager": {"name": "Cléa", "reach": ["mailto:clea@example.com"]},
            "account-executive": {"name": "Axel", "reach": ["mailto:axel@example.com"]},
        },
    )

    desk.expect(
        "manager_briefed → escalation-manager",
        "stakeholder_informed → customer-success-manager, account-executive, senior-management",
        "customer_acknowledged → customer",
        "level_entered → representative",
    )
    asked = desk.last("level_entered").particulars
    assert (asked.why, desk.entries("reopened")) == ("opened", [])
    assert asked.actions == ["record-statement"]
    assert asked.leaves_on == ["unable-to-resolve", "manager-requested"]
    assert in_paris(asked.due_at) == "Tue 22 Dec 01:45"
    assert list(desk.record.participants) == [
        "contact:representative",
        "contact:escalation-manager",
        "role:customer-success-manager",
        "role:account-executive",
        "contact:senior-management",
    ]


def test_stakeholders_are_those_of_the_priority() -> None:
    """A P2 case informs the customer success manager alone; nobody is informed of a P3 case."""
    team = {"customer-success-manager": {"name": "Cléa", "reach": ["mailto:clea@example.com"]}}
    second, third = Desk(priority="P2", team=team), Desk(priority="P3", team=team)

    assert "stakeholder_informed → customer-success-manager" in second.told()
    assert not any(line.startswith("stakeholder") for line in third.told())


def test_a_category_with_a_window_of_its_own(opened: OpenDesk) -> None:
    """Where a cell of the matrix has another window and contact, its cases keep these."""
    cell = {"levels": {"L1": {"within": "10m", "contact": "two"}}}
    desk = opened(snapshot=ladder("30m", "1h", categories={"billing": cell}), category="billing")
    asked = desk.last("level_entered")
    assert (asked.to[0].key, asked.particulars.contact_name) == ("two", "Two")

    desk.later(minutes=10)

    desk.expect("breach → manager, two", "level_entered → two", "customer_handed_over → customer")


def test_billing_begins_at_the_support_manager(opened: OpenDesk) -> None:
    """A billing case skips the representative, and its account managers are the billing team."""
    desk = opened(category="billing", at=paris("2026-12-22 08:00"))
    assert (desk.level, desk.record.level_name) == (2, "Support manager")

    desk.until(paris("2026-12-22 09:00"))

    desk.expect(
        "reminder → support-manager",
        "breach → escalation-manager, support-manager",
        "level_entered → billing-team",
        "customer_handed_over → customer",
    )
    assert desk.next == ("Tue 22 Dec 10:00", Then.REMIND)


@pytest.mark.parametrize(
    ("priority", "reminded", "climbs"),
    [("P1", "01:37:30", "01:45"), ("P2", "01:41:15", "01:52:30"), ("P4", "01:45", "02:00")],
)
def test_speed(opened: OpenDesk, priority: str, reminded: str, climbs: str) -> None:
    """The windows of an important case shrink to its priority's share (D10)."""
    desk = opened(priority=priority)
    desk.until(paris("2026-12-22 02:00"))
    desk.told()

    assert desk.story("reminded")[0] == f"Tue 22 Dec {reminded} reminded"
    assert desk.story("breached")[0] == f"Tue 22 Dec {climbs} breached"


def test_the_clock_starts_when_the_customer_said_so(opened: OpenDesk) -> None:
    """Of a case reported 20 minutes before it was opened, 10 minutes of level 1 are left (C17).

    Whoever has to acknowledge it has the full time from now: they hear of it now.
    """
    desk = opened(at=paris("2026-12-22 09:20"), reported_at=paris("2026-12-22 09:00"))
    asked = desk.last("level_entered").particulars
    assert in_paris(asked.due_at) == "Tue 22 Dec 09:30"

    desk.until(paris("2026-12-22 09:30"))

    assert desk.story("reminded", "acknowledgement_expired", "breached") == [
        "Tue 22 Dec 09:20 reminded",
        "Tue 22 Dec 09:25 acknowledgement_expired",
        "Tue 22 Dec 09:30 breached",
    ]
    desk.told()


def test_reported_long_ago(opened: OpenDesk) -> None:
    """A case reported days ago leaves its first level at once; the next has its full window."""
    desk = opened(at=paris("2026-12-22 09:00"), reported_at=paris("2026-12-14 09:00"))

    desk.until(paris("2026-12-22 09:00"))

    desk.expect(
        "reminder → representative",
        "breach → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    assert desk.next == ("Tue 22 Dec 09:30", Then.REMIND)


def test_reported_in_the_future(opened: OpenDesk) -> None:
    """A caller whose clock is fast gains nothing: time counts from the opening."""
    desk = opened(at=paris("2026-12-22 09:00"), reported_at=paris("2026-12-22 11:00"))

    assert desk.next == ("Tue 22 Dec 09:05", Then.ASK_AGAIN)
    assert in_paris(desk.entries("level_entered")[0].due_at) == "Tue 22 Dec 09:30"


def test_nothing_to_the_customer() -> None:
    """Where the policy says so, the customer does not hear that the case is open."""
    desk = Desk(snapshot=matrix(customer={"acknowledge": False}))
    desk.expect("manager_briefed → escalation-manager", "level_entered → representative")


def test_a_role_that_nobody_has() -> None:
    """A stakeholder's role that the request does not name is nobody."""
    desk = Desk(priority="P2")
    assert not any(line.startswith("stakeholder") for line in desk.told())


def test_each_in_their_language() -> None:
    """Contacts and customers are written to in their languages, else in the policy's first one."""
    contacts = {"representative": {"language": "fi"}}
    desk = Desk(snapshot=matrix(contacts=contacts), customer={"language": "fr"})
    languages = {
        recipient.key: recipient.language
        for notice in ("manager_briefed", "customer_acknowledged", "level_entered")
        for recipient in desk.last(notice).to
    }
    assert languages == {"escalation-manager": "en", "customer": "fr", "representative": "fi"}
