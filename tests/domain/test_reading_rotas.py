"""Reading rotas: what waits for it, what is known meanwhile, and until when."""

from escalations import events
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.policy import Priority
from tests.domain.matrices import in_paris, paris
from tests.domain.rosters import (
    BO,
    EVE,
    OPENED,
    desk_of,
    on_call,
    roster,
    staffed,
)

EARLIER = "2026-12-22 01:00"


def test_nothing_is_said_before_the_rota_is_read() -> None:
    """While it is being read nobody of the contact is told, and it is read once; time goes on."""
    desk = desk_of(staffed("15m..30m", "1d"), roster("one", EVE), reading=True)
    desk.expect(*OPENED)
    desk.later(minutes=15)
    desk.expect()
    assert [each.notice for each in desk.record.unaddressed] == ["level_entered", "reminder"]

    desk.rotas_read()

    desk.expect("level_entered → one/eve", "reminder → one/eve")
    assert desk.record.unaddressed == []
    assert in_paris(desk.last("reminder").particulars.due_at) == "Tue 22 Dec 02:00"


def test_a_roster_that_ends() -> None:
    """Where what is known of a rota ends, it is read again, whoever is on call."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, until="2026-12-22 04:00"))
    desk.told()
    assert desk.next == ("Tue 22 Dec 04:00", Then.HAND_OVER)
    desk.rosters["one"] = roster("one", EVE, BO)
    desk.until(paris("2026-12-22 04:00"))
    desk.expect("rota of one")
    assert desk.next == ("Tue 22 Dec 06:00", Then.HAND_OVER)


def test_the_level_is_left_while_the_rota_is_read() -> None:
    """What was to be asked of a level that has been left is not said when its rota comes."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True)
    desk.say(events.HandUp(by="rita", from_level=1, reason="no idea"))
    desk.told()
    desk.rotas_read()
    desk.expect()
    assert desk.level == 2
    assert ClockName.SHIFT not in desk.record.clocks


def test_the_end_while_the_rota_is_read() -> None:
    """A case that ends before it is known who is on call tells them its end, and nothing else."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True)
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    desk.rotas_read()
    desk.expect("case_closed → one/eve")
    assert (desk.next, desk.record.clocks) == (None, {})


def test_a_level_reads_its_rota_though_it_is_known() -> None:
    """Who gets the case is found out at that moment: a swap made since yesterday counts."""
    manager_too = staffed("1h", "1d", who=("two",), escalation_manager="two")
    desk = desk_of(manager_too, roster("two", EVE))
    desk.told()
    desk.rosters["two"] = roster("two", ("bo", "2026-12-22 01:00", "2026-12-22 06:00"))
    desk.later(hours=1)
    desk.expect(
        "breach → two/eve, one",
        "rota of two",
        "customer_handed_over → customer",
        "level_entered → two/bo",
    )


def test_who_is_still_on_call_is_written_once() -> None:
    """A rota that is read again and says the same is no news."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, until="2026-12-22 04:00"))
    desk.rosters["one"] = roster("one", EVE, BO)
    desk.until(paris("2026-12-22 05:00"))
    assert on_call(desk) == ["Tue 22 Dec 01:30 Eve"]


def test_a_reminder_when_the_roster_has_ended() -> None:
    """At the moment up to which it tells, a roster tells nothing any more."""
    desk = desk_of(
        staffed("1d", "1d", who=("manager",)), roster("manager", EVE, until="2026-12-22 02:30")
    )
    desk.told()
    desk.rosters["manager"] = roster("manager", ("bo", "2026-12-22 02:00", "2026-12-22 09:00"))
    desk.down_until(paris("2026-12-22 02:30"))
    desk.say(events.SetPriority(by="carla", priority=Priority.P2, why="they called"))
    desk.expect("rota of manager", "priority_changed → one", "priority_changed → manager/bo")


def test_read_before_its_own_address() -> None:
    """A contact's own address is for when nobody is on call, not for the time of reading."""
    desk = desk_of(staffed("1d", "1d", own=True), roster("one", EVE))
    desk.expect(*OPENED, "level_entered → one/eve")


def test_a_change_that_has_passed() -> None:
    """A change of shift that is looked for too late is due at once."""
    desk = desk_of(staffed("1d"), roster("one", EVE))
    CaseFile(desk.record, desk.at).set_alarm(ClockName.SHIFT, Then.HAND_OVER, paris(EARLIER))
    assert desk.next == ("Tue 22 Dec 01:30", Then.HAND_OVER)


def test_taken_while_the_rota_is_read() -> None:
    """What asks somebody to take it is not said any more; that it is their level's still is."""
    desk = desk_of(staffed("15m..30m", "1d"), roster("one", EVE), reading=True)
    desk.later(minutes=15)
    desk.told()
    desk.say(events.Acknowledge(by="rita"))
    desk.rotas_read()
    desk.expect("level_entered → one/eve")
    assert desk.last("level_entered").particulars.why == "opened"


def test_two_rotas_at_once() -> None:
    """Each contact's rota is read, while another one is, too, and of the same calendar."""
    desk = desk_of(
        staffed("1d", who=("one", "manager"), calendar="all.ics"),
        roster("one", EVE),
        roster("manager", EVE),
        reading=True,
    )
    desk.expect("rota of manager", "customer_acknowledged → customer", "rota of one")
    desk.rotas_read()
    desk.expect("manager_briefed → manager/eve", "level_entered → one/eve")
