"""By when the customer was told that they hear: what stands still or moves is told anew."""

from datetime import timedelta
from typing import Any

import pytest

from escalations import events
from escalations.record import Baton
from tests.domain.adoptions import adopts
from tests.domain.conftest import MONDAY, OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder
from tests.domain.test_importance import says

UPDATE = "customer_update → customer"
WAITING = "customer_waiting → customer"
FAST = ladder("4h", "4h", priorities={"speed": {"P1": 0.25, "P2": 0.5}})
OFFICE: dict[str, Any] = {
    "calendars": {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}},
    "level": {"calendar": "office"},
}


def said(desk: Desk) -> tuple[str, str | None]:
    """What the last such message says: why, and by when they hear."""
    told = desk.last("customer_update").particulars
    return told.why, in_paris(told.due_at) if told.due_at else None


def resumes(desk: Desk) -> None:
    """Rita lets the clock go on."""
    desk.say(events.Resume(by="rita"))


@pytest.mark.parametrize("reason", ["vendor", "incident", "evidence"])
def test_it_stands_still_and_goes_on(opened: OpenDesk, reason: str) -> None:
    """The customer hears that we wait and for what; when it goes on, by when they hear now."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "4h"))
    desk.later(hours=1)
    desk.hold(reason)
    desk.expect(UPDATE)
    assert said(desk) == (reason, None)

    desk.later(hours=2)
    resumes(desk)
    desk.expect(UPDATE)
    assert said(desk) == ("resumed", "Mon 11 Jan 16:00")


@pytest.mark.parametrize(
    ("reason", "told"), [("vendor", [UPDATE, UPDATE]), ("customer", [WAITING])]
)
def test_a_hold_while_we_are_closed(opened: OpenDesk, reason: str, told: list[str]) -> None:
    """It costs no time: only who was told that the time stands still hears that it goes on."""
    desk = opened(at=MONDAY, snapshot=ladder("10h", "4h", **OFFICE))
    desk.until(MONDAY.replace(hour=18))
    desk.hold(reason)
    desk.later(hours=1)
    resumes(desk)
    desk.expect(*told)
    if reason == "vendor":
        assert said(desk) == ("resumed", "Tue 12 Jan 12:00")


def test_a_wait_for_the_customer(opened: OpenDesk) -> None:
    """The customer hears at once that we wait for them, until when, and then the new moment."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", holds={"customer": {"at_most": "5d"}}))
    desk.hold("customer")
    desk.expect(WAITING)
    waited = desk.last("customer_waiting").particulars
    assert (waited.why, in_paris(waited.due_at)) == ("customer", "Sat 16 Jan 10:00")


def test_an_answer_after_a_wait(opened: OpenDesk) -> None:
    """What the customer took for their answer is theirs; by when they hear now, they are told."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "4h"))
    desk.hold("customer")
    desk.later(hours=3)
    desk.reply("Here it is")
    desk.expect(WAITING, UPDATE, "customer_replied → one")
    assert said(desk) == ("resumed", "Mon 11 Jan 17:00")


def test_an_answer_that_moves_the_case(opened: OpenDesk) -> None:
    """One message tells of a hold that ends since the case is handed over."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "4h"))
    desk.hold("vendor")
    desk.later(hours=3)
    desk.hand_up()
    desk.expect(UPDATE, "level_entered → two", "customer_handed_over → customer")


def test_less_important(opened: OpenDesk) -> None:
    """A case that is less important takes longer, and the customer is told so, each time."""
    desk = opened(at=MONDAY, snapshot=FAST, priority="P1")
    says(desk, "P2")
    says(desk, "P3")
    desk.expect(*[UPDATE, "priority_changed → manager, one"] * 2)
    assert said(desk) == ("set", "Mon 11 Jan 14:00")


def test_more_important(opened: OpenDesk) -> None:
    """What becomes sooner needs no word; nor does what is then no later than was told."""
    desk = opened(at=MONDAY, snapshot=FAST, priority="P2")
    says(desk, "P1")
    says(desk, "P2")
    desk.expect(*["priority_changed → manager, one"] * 2)


def test_less_important_while_it_stands_still(opened: OpenDesk) -> None:
    """Nothing is promised on hold: one message tells the new moment when the clock goes on."""
    desk = opened(at=MONDAY, snapshot=FAST, priority="P2")
    desk.hold("vendor")
    says(desk, "P3")
    desk.later(hours=1)
    desk.expect(UPDATE, "priority_changed → manager, one")
    resumes(desk)
    desk.expect(UPDATE)
    assert said(desk) == ("resumed", "Mon 11 Jan 15:00")


def test_less_important_while_a_resolution_is_tried(opened: OpenDesk) -> None:
    """Who has a solution to try is not told that they wait longer for it."""
    desk = opened(at=MONDAY, snapshot=FAST, priority="P2")
    desk.resolve()
    says(desk, "P3")
    desk.expect("customer_confirmation_asked → customer")


@pytest.mark.parametrize("changes", [{"acknowledge": False}, None])
def test_never_told(opened: OpenDesk, changes: dict[str, bool] | None) -> None:
    """Where no moment was told, since nobody said one or nobody could, none is corrected."""
    desk = opened(
        at=MONDAY,
        snapshot=ladder("4h", "4h", customer=changes or {}),
        **({} if changes else {"customer": {"contacts": []}}),
    )
    desk.hold("vendor")
    desk.later(hours=1)
    resumes(desk)
    desk.expect()
    assert desk.record.promised_at is None


def test_told_at_another_level(opened: OpenDesk) -> None:
    """What was promised for a level that is left does not count: the last one has no end."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "until-resolved"))
    desk.hand_up()
    desk.expect("level_entered → two", "customer_handed_over → customer")
    desk.hold("vendor")
    resumes(desk)
    desk.expect()


def test_opened_again_and_not_told(opened: OpenDesk) -> None:
    """What was told before the case had ended does not count when it is opened again."""
    ended = opened(at=MONDAY, snapshot=ladder("4h", "4h"))
    ended.say(events.Withdraw(by="ada", why="never mind"))
    ended.told()
    desk = opened(
        again=Baton(record=ended.record),
        at=MONDAY.replace(hour=11),
        snapshot=ladder("4h", "4h", customer={"acknowledge": False}),
        reopen=True,
    )
    desk.hold("vendor")
    desk.expect()


def test_told_when_it_was_taken_up_again(opened: OpenDesk) -> None:
    """After a no in the same hands the moment that counts is the one told with the apology."""
    care = {"reopen": "same"}
    desk = opened(at=MONDAY, snapshot=ladder("4h", "4h", customer=care))
    desk.resolve()
    desk.later(hours=1)
    desk.say(events.RejectResolution(by="ada", why="no"))
    desk.told()
    desk.hold("customer")
    resumes(desk)
    desk.expect(WAITING)


def test_what_is_over_is_handed_over(opened: OpenDesk) -> None:
    """A hold that ends when the level's time is over: one message, of who takes over."""
    desk = opened(at=MONDAY, snapshot=ladder("1h", "4h"))
    desk.down_until(MONDAY.replace(hour=12))
    desk.hold("vendor")
    resumes(desk)
    desk.expect(UPDATE)
    desk.back()
    desk.expect("breach → manager, one", "level_entered → two", "customer_handed_over → customer")


def test_a_slower_matrix(opened: OpenDesk) -> None:
    """By a matrix with longer windows the customer hears later, and is told; not by a faster."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "4h"))
    adopts(desk, ladder("2h", "4h"))
    desk.expect()
    adopts(desk, ladder("6h", "4h"))
    desk.expect(UPDATE)
    assert said(desk) == ("adopted", "Mon 11 Jan 16:00")
    adopts(desk, ladder("until-resolved", "4h"))
    desk.expect(UPDATE)
    assert said(desk) == ("adopted", None)


@pytest.mark.parametrize(("hours", "told"), [(3, "Mon 11 Jan 11:00"), (4, None), (90, None)])
def test_reported_long_ago(opened: OpenDesk, hours: int, told: str | None) -> None:
    """A customer is told no moment that has passed; the level is left at once then."""
    desk = Desk(at=MONDAY, reported_at=MONDAY - timedelta(hours=hours), snapshot=ladder("4h", "4h"))
    acknowledged = desk.last("customer_acknowledged").particulars.due_at
    assert (in_paris(acknowledged) if acknowledged else None) == told


def test_what_was_told_outlives_a_new_run(opened: OpenDesk) -> None:
    """A new run knows what the customer was told."""
    desk = opened(at=MONDAY, snapshot=ladder("4h", "4h"))
    desk.continue_as_new()
    desk.hold("vendor")
    desk.expect(UPDATE)
