"""On call: who of a contact is asked, and who hears when the shift changes."""

from escalations import events
from escalations.clock import ClockName, Then
from tests.domain.matrices import in_paris, paris
from tests.domain.rosters import BO, EVE, OPENED, desk_of, on_call, roster, staffed


def test_whoever_is_on_call_is_asked() -> None:
    """The rota is read first, and then whoever is on call hears, at their own addresses."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, BO))
    desk.expect(*OPENED, "level_entered → one/eve")
    (asked,) = desk.last("level_entered").to
    assert (asked.name, asked.reach) == ("Eve", ["mailto:eve@example.com"])
    (entry,) = desk.entries("on_call")
    assert (entry.contact, entry.people, in_paris(entry.until)) == (
        "one",
        "Eve",
        "Tue 22 Dec 06:00",
    )
    assert desk.record.participants["on_call:one/eve"] == "Eve"
    assert desk.record.people_on_call == "Eve"
    assert desk.next == ("Tue 22 Dec 06:00", Then.HAND_OVER)


def test_two_on_call() -> None:
    """All who are on call hear, in one message."""
    both = ("bo", "2026-12-22 01:00", "2026-12-22 06:00")
    desk = desk_of(staffed("1d", "1d"), roster("one", both, EVE))
    desk.expect(*OPENED, "level_entered → one/bo, one/eve")
    assert desk.entries("on_call")[0].people == "Bo, Eve"


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


def test_handed_over_while_the_level_has_it() -> None:
    """At the change of shift the rota is read again, and who comes on call hears of the case."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, BO))
    desk.say(events.Acknowledge(by="eve"))
    desk.told()
    desk.until(paris("2026-12-22 05:59:59"))
    desk.expect()
    desk.later(seconds=1)

    desk.expect("rota of one", "level_entered → one/bo")
    told = desk.last("level_entered").particulars
    assert (told.why, told.by) == ("shift", "eve")
    assert on_call(desk) == ["Tue 22 Dec 01:30 Eve", "Tue 22 Dec 06:00 Bo"]
    assert desk.record.owner == "eve"
    assert desk.next == ("Tue 22 Dec 14:00", Then.HAND_OVER)
    assert desk.level == 1


def test_who_stays_is_not_told_again() -> None:
    """Where one goes and another stays, nobody hears of the case twice."""
    both = ("bo", "2026-12-22 01:00", "2026-12-22 14:00")
    desk = desk_of(staffed("1d", "1d"), roster("one", both, EVE))
    desk.told()
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one")
    assert on_call(desk) == ["Tue 22 Dec 01:30 Bo, Eve", "Tue 22 Dec 06:00 Bo"]


def test_what_is_said_later_goes_to_who_is_on_call_then() -> None:
    """A reminder after the change of shift goes to who is on call by now."""
    desk = desk_of(staffed("5h..1000h", "1d"), roster("one", EVE, BO))
    desk.told()
    desk.until(paris("2026-12-22 06:30"))
    desk.expect("rota of one", "level_entered → one/bo", "reminder → one/bo")


def test_each_level_reads_its_own() -> None:
    """A level that gets the case reads its rota; of the one before nothing is looked at again."""
    desk = desk_of(
        staffed("1h", "1d", who=("one", "two")),
        roster("one", EVE, BO),
        roster("two", ("ann", "2026-12-22 01:00", "2026-12-22 09:00")),
    )
    desk.told()
    desk.later(hours=1)
    desk.expect(
        "breach → manager, one/eve",
        "rota of two",
        "customer_handed_over → customer",
        "level_entered → two/ann",
    )
    assert desk.record.on_call == ["two/ann"]
    assert desk.next == ("Tue 22 Dec 09:00", Then.HAND_OVER)


def test_a_roster_that_ends() -> None:
    """Where what is known of a rota ends, it is read again, whoever is on call."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, until="2026-12-22 04:00"))
    desk.told()
    assert desk.next == ("Tue 22 Dec 04:00", Then.HAND_OVER)
    desk.rosters["one"] = roster("one", EVE, BO)
    desk.until(paris("2026-12-22 04:00"))
    desk.expect("rota of one")
    assert desk.next == ("Tue 22 Dec 06:00", Then.HAND_OVER)


def test_the_manager_has_a_rota() -> None:
    """Who drives cases may change by the week: it is found out before they are told."""
    desk = desk_of(staffed("1h", who=("manager",)), roster("manager", EVE))
    desk.expect(
        "rota of manager",
        "customer_acknowledged → customer",
        "level_entered → one",
        "manager_briefed → manager/eve",
    )
    assert ClockName.SHIFT not in desk.record.clocks
    desk.later(hours=1)
    desk.expect("breach → manager/eve, one")


def test_a_stakeholder_with_a_rota() -> None:
    """A stakeholder who is on call is informed when it is known who that is."""
    snapshot = staffed("1d", "1d", who=("two",), stakeholders=[{"contact": "two"}])
    desk = desk_of(snapshot, roster("two", EVE))
    assert desk.told()[-1] == "stakeholder_informed → two/eve"


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


def test_the_next_shift_after_the_end() -> None:
    """Nobody comes on call for a case that has ended, or is handed one that is resolved."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, BO))
    desk.resolve()
    desk.told()
    desk.until(paris("2026-12-22 06:00"))
    desk.expect("rota of one")
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_closed → customer", "case_closed → manager, one/bo")
    assert desk.next is None


def test_a_late_answer_changes_nothing_that_runs() -> None:
    """Whoever comes on call gets the case with the time that it has left."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE, BO))
    before = desk.record.clocks[ClockName.WINDOW]
    desk.until(paris("2026-12-22 06:00"))
    assert desk.record.clocks[ClockName.WINDOW] == before
    told = desk.last("level_entered").particulars
    assert in_paris(told.due_at) == "Wed 23 Dec 01:30"
