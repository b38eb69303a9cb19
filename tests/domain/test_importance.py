"""How important a case is, and what follows when that changes, by its age or by hand."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.errors import Refused
from escalations.policy import Priority
from escalations.record import Baton, Status
from tests.domain.conftest import MONDAY, OpenDesk, resolved
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder, matrix, paris

TEAM = {
    "customer-success-manager": {"name": "Cléa", "reach": ["mailto:clea@example.com"]},
    "account-executive": {"name": "Axel", "reach": ["mailto:axel@example.com"]},
}
OLD_IN_AN_HOUR = {"raise_after": "1h", "speed": {"P2": 0.5}}


def says(desk: Desk, priority: str, why: str = "the whole site is down") -> None:
    """Carla, who coordinates, says how important it is."""
    desk.say(events.SetPriority(by="carla", priority=Priority(priority), why=why))


def test_raised_for_its_age(opened: OpenDesk) -> None:
    """After two business days from its report a case is one step up, once, and its people hear."""
    desk = opened(at=MONDAY, snapshot=matrix(priorities={"raise_after": "2bd"}), team=TEAM)
    desk.until(paris("2027-01-13 09:59"))
    assert desk.record.priority == "P3"
    desk.told()

    desk.until(paris("2027-01-13 10:00"))

    desk.expect(
        "stakeholder_informed → customer-success-manager",
        "priority_changed → escalation-manager, sales-director",
    )
    (changed,) = desk.entries("priority_changed")
    assert (changed.was, changed.priority, changed.why, changed.by) == ("P3", "P2", "age", None)
    assert desk.last("priority_changed").particulars.why == "age"
    desk.until(paris("2027-02-13 10:00"))
    assert desk.record.priority == "P2"
    assert len(desk.entries("priority_changed")) == 1
    assert ClockName.AGE not in desk.record.clocks
    desk.told()


def test_old_from_the_report_on(opened: OpenDesk) -> None:
    """A case grows old from the moment the customer said so, whenever we opened it."""
    desk = opened(
        at=paris("2026-12-22 10:00"),
        reported_at=paris("2026-12-22 09:30"),
        snapshot=ladder("4h", "4h", priorities=OLD_IN_AN_HOUR),
    )
    assert desk.next == ("Tue 22 Dec 10:30", Then.RAISE_PRIORITY)


def test_too_old_when_it_is_opened(opened: OpenDesk) -> None:
    """A case that was reported long ago is raised at once."""
    desk = opened(
        at=paris("2026-12-22 10:00"),
        reported_at=paris("2026-12-22 08:30"),
        snapshot=ladder("4h", "4h", priorities=OLD_IN_AN_HOUR),
    )
    desk.later(minutes=0)
    desk.expect("priority_changed → manager, one")
    assert desk.record.priority == "P2"


def test_windows_shrink_on_the_way(opened: OpenDesk) -> None:
    """A raised case has the time of its new priority for the level, less what is consumed."""
    desk = opened(snapshot=ladder("2h..4h", "4h", priorities=OLD_IN_AN_HOUR))
    desk.until(paris("2026-12-22 02:29"))
    assert desk.next == ("Tue 22 Dec 02:30", Then.RAISE_PRIORITY)
    desk.until(paris("2026-12-22 02:30"))

    desk.expect("priority_changed → manager, one", "reminder → one")
    assert in_paris(desk.last("priority_changed").particulars.due_at) == "Tue 22 Dec 03:30"
    assert desk.next == ("Tue 22 Dec 03:30", Then.CLIMB)
    assert desk.record.clocks[ClockName.WINDOW].pauses == 0


def test_raised_while_on_hold(opened: OpenDesk) -> None:
    """A case on hold grows old too; its window, which stands still, is shorter when it goes on."""
    desk = opened(snapshot=ladder("4h", "4h", priorities=OLD_IN_AN_HOUR))
    desk.later(minutes=30)
    desk.hold("vendor")
    desk.later(minutes=30)
    desk.expect("customer_update → customer", "priority_changed → manager, one")
    desk.later(hours=1)
    desk.say(events.Resume(by="rita"))
    desk.expect("customer_update → customer")
    assert desk.next == ("Tue 22 Dec 05:00", Then.CLIMB)


def test_p1_stays(opened: OpenDesk) -> None:
    """Nothing is above P1: such a case does not grow old, nor one that somebody made P1."""
    first = opened(priority="P1", snapshot=matrix(priorities={"raise_after": "1h"}))
    assert ClockName.AGE not in first.record.clocks
    second = opened(snapshot=ladder("9h", "9h", priorities=OLD_IN_AN_HOUR))
    says(second, "P1")
    second.expect("priority_changed → manager, one")
    assert ClockName.AGE not in second.record.clocks
    second.later(hours=3)
    second.expect()
    assert second.record.priority is Priority.P1


def test_no_p1_after_all(opened: OpenDesk) -> None:
    """A P1 that is corrected grows old from then on, as any case of its new priority (C31)."""
    desk = opened(priority="P1", snapshot=ladder("9h", "9h", priorities=OLD_IN_AN_HOUR))
    desk.later(hours=2)
    says(desk, "P3", "only the test system")
    assert desk.next == ("Tue 22 Dec 04:30", Then.RAISE_PRIORITY)
    desk.told()
    desk.later(hours=1)
    desk.expect("priority_changed → manager, one")
    assert desk.record.priority is Priority.P2


def test_less_important_and_as_old(opened: OpenDesk) -> None:
    """Another priority below P1 makes a case no younger."""
    desk = opened(priority="P2", snapshot=ladder("9h", "9h", priorities=OLD_IN_AN_HOUR))
    desk.later(minutes=30)
    says(desk, "P3", "only the test system")
    assert desk.next == ("Tue 22 Dec 02:30", Then.RAISE_PRIORITY)
    desk.told()


def test_no_p1_after_all_nor_old_again(opened: OpenDesk) -> None:
    """What was raised for its age is not raised again, also where it was a P1 in between.

    Opened again, it is another story.
    """
    snapshot = ladder("9h", "9h", priorities=OLD_IN_AN_HOUR)
    desk = opened(snapshot=snapshot)
    desk.later(hours=1)
    says(desk, "P1")
    says(desk, "P3", "only the test system")
    assert ClockName.AGE not in desk.record.clocks
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    again = Desk(again=Baton(record=desk.record), snapshot=snapshot, priority="P1", at=desk.at)
    says(again, "P3", "only the test system")
    assert ClockName.AGE in again.record.clocks
    again.told()


def test_no_p1_while_the_customer_answers(opened: OpenDesk) -> None:
    """A P1 that is corrected while a resolution is tried grows old from the customer's no on."""
    for reopen in ("next", "same"):
        desk = opened(
            priority="P1",
            snapshot=ladder("9h", "9h", priorities=OLD_IN_AN_HOUR, customer={"reopen": reopen}),
        )
        desk.resolve()
        says(desk, "P3", "only the test system")
        desk.later(hours=5)
        assert desk.record.priority is Priority.P3
        desk.say(events.RejectResolution(by="ada", why="no"))
        assert desk.next == ("Tue 22 Dec 07:30", Then.RAISE_PRIORITY)
        desk.told()


def test_over_for_the_customer_it_does_not_grow_old(opened: OpenDesk) -> None:
    """While the customer tries a resolution a case is not raised; refused, it goes on growing old.

    It has been open for half an hour and is raised half an hour after the customer's no.
    """
    for reopen in ("next", "same"):
        desk = opened(
            snapshot=ladder("9h", "9h", priorities=OLD_IN_AN_HOUR, customer={"reopen": reopen})
        )
        desk.later(minutes=30)
        desk.resolve()
        desk.later(hours=5)
        desk.expect("customer_confirmation_asked → customer")
        assert desk.record.priority == "P3"
        desk.say(events.RejectResolution(by="ada", why="no"))
        assert desk.next == ("Tue 22 Dec 07:30", Then.RAISE_PRIORITY)
        desk.told()


def test_a_workaround_does_not_grow_old(opened: OpenDesk) -> None:
    """The customer can live with it: the fix has a date of its own, and nobody is alarmed."""
    desk = resolved(opened, "workaround", snapshot=matrix(priorities={"raise_after": "2h"}))
    desk.say(events.ConfirmResolution(by="ada"))
    desk.until(paris("2027-01-12 10:00"))
    desk.expect("customer_workaround_confirmed → customer")
    assert desk.record.priority == "P3"


def test_set_up(opened: OpenDesk) -> None:
    """Who coordinates makes a case P1: new stakeholders hear, the window shrinks, it is written."""
    desk = opened(at=paris("2026-12-22 10:00"), team=TEAM)
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=10)
    says(desk, "P1")

    desk.expect(
        "stakeholder_informed → customer-success-manager, account-executive, senior-management",
        "priority_changed → escalation-manager, representative",
    )
    told = desk.last("priority_changed").particulars
    assert (told.why, told.by, told.text) == ("set", "carla", "the whole site is down")
    (changed,) = desk.entries("priority_changed")
    assert (changed.was, changed.by, changed.reason) == ("P3", "carla", told.text)
    assert desk.next == ("Tue 22 Dec 10:15", Then.CLIMB)
    assert desk.record.participants["person:carla"] == "carla"


def test_stakeholders_hear_once(opened: OpenDesk) -> None:
    """Who was informed of the case at its old priority is not informed again."""
    desk = opened(priority="P2", team=TEAM)
    says(desk, "P1")
    desk.expect(
        "stakeholder_informed → account-executive, senior-management",
        "priority_changed → escalation-manager, representative",
    )
    assert "role:account-executive" in desk.record.participants
    assert "contact:senior-management" in desk.record.participants


def test_set_down(opened: OpenDesk) -> None:
    """A case that is less important has more time at its level; nobody new is informed."""
    desk = opened(priority="P1", team=TEAM)
    desk.later(minutes=4)
    says(desk, "P3", "only the test system")
    desk.expect(
        "customer_update → customer", "priority_changed → escalation-manager, representative"
    )
    desk.say(events.Acknowledge(by="rita"))
    assert desk.next == ("Tue 22 Dec 02:00", Then.CLIMB)


def test_set_so_that_the_window_is_over(opened: OpenDesk) -> None:
    """What is overdue by the shorter window is due at once."""
    desk = opened()
    desk.later(minutes=14)
    desk.expect("unacknowledged → representative, escalation-manager")
    desk.later(minutes=6)
    says(desk, "P1")
    desk.told()
    desk.back()
    assert desk.level == 2
    assert desk.story("breached") == ["Tue 22 Dec 01:50 breached"]
    desk.told()


def test_set_to_what_it_is(opened: OpenDesk) -> None:
    """It is said back, and nothing changes."""
    desk = opened()
    with pytest.raises(Refused, match="it is P3 already; T-1 is open"):
        says(desk, "P3")


def test_set_while_the_customer_answers(opened: OpenDesk) -> None:
    """Whoever had the case has nothing to do; stakeholders of the new priority hear."""
    desk = resolved(opened, team=TEAM)
    says(desk, "P2")
    desk.expect("stakeholder_informed → customer-success-manager")
    assert desk.status is Status.RESOLVED


def test_a_report_of_the_future(opened: OpenDesk) -> None:
    """A report whose clock is ahead of ours counts from now on."""
    desk = opened(
        at=paris("2026-12-22 10:00"),
        reported_at=paris("2026-12-22 10:30"),
        snapshot=ladder("4h", "4h", priorities=OLD_IN_AN_HOUR),
    )
    assert desk.next == ("Tue 22 Dec 11:00", Then.RAISE_PRIORITY)


def test_old_in_the_customers_hours(opened: OpenDesk) -> None:
    """A case grows old in the customer's opening hours, whatever hours its level works."""
    calendars = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}}
    snapshot = ladder(
        "9h", calendars=calendars, customer={"calendar": "office"}, priorities=OLD_IN_AN_HOUR
    )
    desk = opened(snapshot=snapshot)
    assert desk.next == ("Tue 22 Dec 10:00", Then.RAISE_PRIORITY)


def test_the_highest_is_kept(opened: OpenDesk) -> None:
    """A case whose priority changes keeps the highest that it ever had, from its opening on."""
    desk = opened(snapshot=ladder("9h"))
    assert desk.record.highest_priority is None
    for set_to, highest in (("P4", "P3"), ("P2", "P2"), ("P1", "P1"), ("P3", "P1")):
        says(desk, set_to)
        assert desk.record.highest_priority == highest
    desk.told()
