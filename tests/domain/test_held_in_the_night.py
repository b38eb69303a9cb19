"""What waits for quiet hours to end while a case is put on hold, or becomes more important."""

from typing import Any

from escalations import events
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, paris
from tests.domain.rosters import EVE, desk_of, roster, staffed
from tests.domain.test_importance import says
from tests.domain.test_left_in_peace import NIGHT, asked_soon, quiet, recalled


def _held_in_the_night(opened: OpenDesk) -> Desk:
    """Reminded at two, and held at half past."""
    desk = opened(snapshot=quiet("30m..24h", "1d", levels=asked_soon()))
    desk.later(hours=1)
    desk.hold("vendor")
    desk.told()
    return desk


def test_held_in_the_night(opened: OpenDesk) -> None:
    """Nobody is reminded in the morning of a case that is on hold by then."""
    desk = _held_in_the_night(opened)
    assert recalled(desk) == ["unacknowledged → one", "reminder → one"]
    desk.until(paris("2026-12-22 08:00"))
    desk.expect("level_entered → one")


def test_reminded_after_the_hold(opened: OpenDesk) -> None:
    """No reminder is skipped: what the hold recalled is said when it ends, with the new moment."""
    desk = _held_in_the_night(opened)
    desk.until(paris("2026-12-22 09:30"))
    desk.told()
    desk.say(events.Resume(by="sam"))
    desk.expect("unacknowledged → one", "reminder → one", "customer_update → customer")
    for notice in ("unacknowledged", "reminder"):
        assert in_paris(desk.last(notice).particulars.due_at) == "Wed 23 Dec 08:30"


def test_a_hold_that_is_over_before_the_morning(opened: OpenDesk) -> None:
    """What is asked after the hold waits for the end of quiet hours again."""
    desk = _held_in_the_night(opened)
    desk.later(minutes=30)
    desk.say(events.Resume(by="sam"))
    desk.expect("customer_update → customer")
    desk.until(paris("2026-12-22 07:00"))
    desk.expect("level_entered → one", "unacknowledged → one", "reminder → one")


def test_taken_while_it_was_held(opened: OpenDesk) -> None:
    """Who takes the case on hold is not reminded of it after that."""
    desk = _held_in_the_night(opened)
    desk.say(events.Acknowledge(by="sam"))
    desk.until(paris("2026-12-22 09:30"))
    desk.told()
    desk.say(events.Resume(by="sam"))
    desk.expect("customer_update → customer")


def test_a_hold_over_a_new_run(opened: OpenDesk) -> None:
    """What is to be asked after the hold is in the record."""
    desk = _held_in_the_night(opened)
    desk.until(paris("2026-12-22 09:30"))
    desk.told()
    desk.continue_as_new()
    desk.say(events.Resume(by="sam"))
    desk.expect("unacknowledged → one", "reminder → one", "customer_update → customer")


def test_told_again_and_again_but_on_hold(opened: OpenDesk) -> None:
    """At a level without an end, nobody hears in the morning what is on hold."""
    desk = opened(snapshot=quiet("until-resolved", level={"repeat_every": "1h"}))
    desk.later(hours=1)
    desk.hold("vendor")
    assert recalled(desk) == ["still_unresolved → one"]


WORD: dict[str, Any] = {"customer": {"update_every": {"P2": "4h", "P3": "2h"}}}


def test_word_to_a_customer_who_is_waited_for(opened: OpenDesk) -> None:
    """No word is due to whom we wait for; after that it is, if nobody wrote meanwhile."""
    desk = opened(snapshot=quiet("2d", "1d", **WORD))
    desk.later(minutes=100)
    desk.hold("customer")
    assert recalled(desk) == ["update_due → one"]
    desk.until(paris("2026-12-22 09:10"))
    desk.told()
    desk.say(events.Resume(by="sam"))
    desk.expect("update_due → one", "customer_update → customer")
    assert in_paris(desk.last("update_due").particulars.due_at) == "Tue 22 Dec 09:30"


def test_written_to_while_they_were_waited_for(opened: OpenDesk) -> None:
    """Who has heard on hold has the whole time ahead, and nobody is reminded before."""
    desk = opened(snapshot=quiet("2d", "1d", **WORD))
    desk.later(minutes=100)
    desk.hold("customer")
    desk.say(events.UpdateCustomer(by="sam", text="Do you have the number?"))
    desk.until(paris("2026-12-22 09:10"))
    desk.told()
    desk.say(events.Resume(by="sam"))
    desk.expect("customer_update → customer")


def test_word_is_due_whoever_else_is_waited_for(opened: OpenDesk) -> None:
    """A hold for a vendor leaves the promise to the customer running, and its reminder waiting."""
    desk = opened(snapshot=quiet("2d", "1d", **WORD))
    desk.later(minutes=100)
    desk.hold("vendor")
    assert recalled(desk) == []
    desk.told()


def test_more_important_in_the_night(opened: OpenDesk) -> None:
    """A sooner promise is kept when the priority rises, and so is the reminder of it."""
    desk = opened(snapshot=quiet("2d", "1d", **WORD), at=paris("2026-12-22 05:25"))
    desk.later(minutes=90)
    says(desk, "P2")
    desk.expect("priority_changed → manager")
    assert recalled(desk) == []
    desk.later(minutes=10)
    desk.expect("level_entered → one", "update_due → one", "priority_changed → one")


def test_two_on_call_are_reminded_once() -> None:
    """Whoever is on call when the hold ends is reminded, each once."""
    contacts = staffed("30m..24h", "1d").policy.model_dump(mode="json")["contacts"]
    contacts["one"]["quiet_hours"] = NIGHT
    both = roster("one", EVE, ("pat", *EVE[1:]))
    desk = desk_of(staffed("30m..24h", "1d", contacts=contacts), both)
    desk.later(hours=1)
    assert recalled(desk) == []
    desk.hold("vendor")
    assert recalled(desk) == ["reminder → one/eve", "reminder → one/pat"]
    desk.told()
    desk.say(events.Resume(by="sam"))
    desk.until(paris("2026-12-22 07:00"))
    assert desk.told().count("reminder → one/eve, one/pat") == 1
    assert len([each for each in desk.entries("held_back") if each.notice == "reminder"]) == 4
