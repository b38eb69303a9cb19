"""On call: who of a contact is asked, and who hears when the shift changes."""

from escalations import events
from escalations.clock import ClockName, Then
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


def test_the_same_person_at_the_next_level() -> None:
    """Who is on call for the next level too is asked for it, whoever was told of the one before."""
    desk = desk_of(staffed("1h", "1d"), roster("one", EVE))
    desk.later(hours=1)
    assert (desk.level, desk.record.on_call) == (2, [])


def test_a_level_without_a_rota_has_no_shifts() -> None:
    """A change of shift at the level before is nothing to the one that has the case now."""
    desk = desk_of(staffed("1h", "1d"), roster("one", EVE, BO))
    desk.later(hours=1)
    desk.told()
    assert ClockName.SHIFT not in desk.record.clocks
    assert desk.next == ("Wed 23 Dec 02:30", Then.BREACH)


def test_each_in_their_language_and_zone() -> None:
    """Somebody on call is written to as the calendar's people say, else as the contact is."""
    snapshot = staffed("1d", languages=["en", "fi"])
    contacts = snapshot.policy.model_dump(mode="json")["contacts"]
    contacts["one"] |= {"language": "fi", "timezone": "Europe/Helsinki"}
    known = roster("one", EVE, ("bo", "2026-12-22 01:00", "2026-12-22 06:00"))
    bo, eve = sorted(known.shifts, key=lambda each: each.key)
    tokyo = eve.model_copy(update={"language": "en", "timezone": "Asia/Tokyo"})
    desk = desk_of(
        staffed("1d", languages=["en", "fi"], contacts=contacts),
        known.model_copy(update={"shifts": [bo, tokyo]}),
    )
    told = {each.name: (each.language, each.timezone) for each in desk.last("level_entered").to}
    assert told == {"Bo": ("fi", "Europe/Helsinki"), "Eve": ("en", "Asia/Tokyo")}


def test_a_shift_changes_when_the_office_is_closed() -> None:
    """A shift changes by the wall clock, whatever the customer's opening hours."""
    calendars = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}}
    snapshot = staffed("1d", "1d", calendars=calendars, customer={"calendar": "office"})
    desk = desk_of(snapshot, roster("one", EVE, BO))
    assert desk.next == ("Tue 22 Dec 06:00", Then.HAND_OVER)


def test_on_call_in_quiet_hours() -> None:
    """The quiet hours of a contact are those of whoever is on call for it."""
    contacts = staffed("1d").policy.model_dump(mode="json")["contacts"]
    contacts["one"]["quiet_hours"] = ["22:00-05:00"]
    desk = desk_of(staffed("1d", contacts=contacts), roster("one", EVE))
    desk.expect(*OPENED)
    desk.until(paris("2026-12-22 05:00"))
    desk.expect("level_entered → one/eve")
