"""Word to the customer: how often they hear, who is reminded, and a broken promise."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.policy import Priority
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, ladder
from tests.domain.test_importance import says

HOURLY = {"customer": {"update_every": {"P1": "1h", "P2": "2h", "P3": "4h"}}}
LONG = ladder("2d", "2d", **HOURLY)


def due(desk: Desk) -> str | None:
    """When the customer is to hear at the latest."""
    clock = desk.record.clocks.get(ClockName.UPDATE)
    return in_paris(clock.due(Then.MISS_UPDATE)) if clock else None


def update(desk: Desk) -> None:
    """Rita tells the customer how it stands."""
    desk.say(events.UpdateCustomer(by="rita", text="We have found the broken card"))


def test_reminded_then_broken(opened: OpenDesk) -> None:
    """At three quarters whoever has it is reminded; a missed word is a breach; the next runs."""
    desk = opened(snapshot=LONG)
    desk.until(desk.at.replace(hour=3, minute=29))  # 04:29 in Paris
    desk.expect()
    desk.later(minutes=1)
    desk.expect("update_due → one")
    assert in_paris(desk.last("update_due").particulars.due_at) == "Tue 22 Dec 05:30"
    assert not desk.record.breached

    desk.later(hours=1)

    desk.expect("update_missed → manager, one")
    assert desk.record.breached
    assert desk.story("update_reminded", "breached") == [
        "Tue 22 Dec 04:30 update_reminded",
        "Tue 22 Dec 05:30 breached",
    ]
    assert [entry.what for entry in desk.entries("breached")] == ["update"]
    assert due(desk) == "Tue 22 Dec 09:30"
    desk.later(hours=4)
    desk.expect("update_due → one", "update_missed → manager, one")
    assert desk.level == 1


def test_word_in_time(opened: OpenDesk) -> None:
    """Who tells the customer how it stands has until the next word; nobody is reminded before."""
    desk = opened(snapshot=LONG)
    desk.later(hours=2)
    update(desk)
    desk.expect("customer_update → customer")
    told = desk.last("customer_update").particulars
    assert (told.by, told.text) == ("rita", "We have found the broken card")
    (entry,) = desk.entries("customer_updated")
    assert (entry.by, entry.text) == (told.by, told.text)
    assert due(desk) == "Tue 22 Dec 07:30"
    desk.later(hours=2)
    desk.expect()


def test_word_of_mouth(opened: OpenDesk) -> None:
    """A customer without an address is called: what is written down is word to them as well."""
    desk = opened(snapshot=LONG, customer={"contacts": []})
    desk.later(hours=2)
    update(desk)
    desk.expect()
    assert due(desk) == "Tue 22 Dec 07:30"


def test_every_move_is_word_to_the_customer(opened: OpenDesk) -> None:
    """A customer who hears of a handover has heard; one who cannot be written to has not."""
    desk = opened(snapshot=LONG)
    desk.later(hours=2)
    desk.hand_up()
    desk.expect("level_entered → two", "customer_handed_over → customer")
    assert due(desk) == "Tue 22 Dec 07:30"

    silent = opened(snapshot=LONG, customer={"contacts": []})
    silent.later(hours=2)
    silent.hand_up()
    silent.expect("level_entered → two")
    assert due(silent) == "Tue 22 Dec 05:30"


def test_a_reply_is_no_word_to_the_customer(opened: OpenDesk) -> None:
    """What the customer says does not keep our promise."""
    desk = opened(snapshot=LONG)
    desk.later(hours=2)
    desk.reply("Any news?")
    desk.expect("customer_replied → one")
    assert due(desk) == "Tue 22 Dec 05:30"


def test_the_customer_is_waited_for(opened: OpenDesk) -> None:
    """While the customer is waited for nothing is promised; then it goes on with what was left."""
    desk = opened(snapshot=LONG)
    desk.later(hours=2)
    desk.hold("customer")
    desk.later(hours=10)
    desk.expect("customer_waiting → customer")
    desk.reply("Here it is")
    desk.expect("customer_update → customer", "customer_replied → one")
    assert due(desk) == "Tue 22 Dec 15:30"


def test_word_while_the_customer_is_waited_for(opened: OpenDesk) -> None:
    """Told while we wait for them, the customer has the whole time ahead when it goes on."""
    desk = opened(snapshot=LONG)
    desk.later(hours=2)
    desk.hold("customer")
    update(desk)
    desk.expect("customer_waiting → customer", "customer_update → customer")
    assert due(desk) is None
    desk.later(hours=1)
    desk.say(events.Resume(by="rita"))
    desk.expect("customer_update → customer")
    assert due(desk) == "Tue 22 Dec 08:30"


def test_a_vendor_is_waited_for(opened: OpenDesk) -> None:
    """Whoever else is waited for, the customer hears: the promise runs on."""
    desk = opened(snapshot=LONG)
    desk.hold("vendor")
    desk.later(hours=4)
    desk.expect("customer_update → customer", "update_due → one", "update_missed → manager, one")


def test_an_answer_is_tried(opened: OpenDesk) -> None:
    """A customer who has a resolution to try has heard; refused, the promise begins anew."""
    desk = opened(snapshot=ladder("2d", customer={**HOURLY["customer"], "reopen": "same"}))
    desk.later(hours=2)
    desk.resolve()
    update(desk)
    assert due(desk) is None
    desk.later(hours=9)
    desk.expect("customer_confirmation_asked → customer", "customer_update → customer")
    desk.say(events.RejectResolution(by="ada", why="no"))
    desk.expect("reopened → manager, one", "customer_reopened → customer")
    assert due(desk) == "Tue 22 Dec 16:30"


def test_no_promise_for_this_priority(opened: OpenDesk) -> None:
    """Without a cadence nothing is promised, and word to the customer does not begin one."""
    desk = opened(snapshot=LONG, priority="P4")
    update(desk)
    desk.expect("customer_update → customer")
    assert due(desk) is None


@pytest.mark.parametrize("hold", [None, "vendor"])
def test_a_promise_begins_with_the_priority(opened: OpenDesk, hold: str | None) -> None:
    """A case that becomes important has the promise of its new priority, from now on."""
    desk = opened(snapshot=LONG, priority="P4")
    if hold:
        desk.hold(hold)
    desk.later(minutes=10)
    says(desk, "P1")
    desk.told()
    assert due(desk) == "Tue 22 Dec 02:40"


def test_a_promise_waits_for_the_customer_with_its_priority(opened: OpenDesk) -> None:
    """While the customer is waited for or has an answer to try, a new priority waits too."""
    desk = opened(snapshot=LONG, priority="P4")
    desk.hold("customer")
    says(desk, "P1")
    desk.expect("customer_waiting → customer", "priority_changed → manager, one")
    assert due(desk) is None
    desk.say(events.Resume(by="rita"))
    assert due(desk) == "Tue 22 Dec 02:30"
    desk.resolve()
    says(desk, "P2")
    desk.expect("customer_confirmation_asked → customer")
    assert due(desk) is None


def test_more_important_is_not_later(opened: OpenDesk) -> None:
    """Word that is due in ten minutes is not put off because the case became more important."""
    desk = opened(snapshot=LONG)
    desk.later(hours=3, minutes=50)
    desk.expect("update_due → one")
    says(desk, "P1")
    desk.expect("priority_changed → manager, one")
    assert due(desk) == "Tue 22 Dec 05:30"
    desk.later(minutes=10)
    desk.expect("update_missed → manager, one")
    assert due(desk) == "Tue 22 Dec 06:30"


def test_more_important_is_sooner(opened: OpenDesk) -> None:
    """A promise is never broken by a new priority: its time runs from the change on."""
    desk = opened(snapshot=LONG)
    desk.later(hours=2)
    says(desk, "P1")
    desk.expect("priority_changed → manager, one")
    assert due(desk) == "Tue 22 Dec 04:30"


def test_less_important_is_later(opened: OpenDesk) -> None:
    """A case that is less important has the longer promise, from the change on; or none."""
    desk = opened(snapshot=LONG, priority="P1")
    desk.later(minutes=30)
    says(desk, "P3")
    assert due(desk) == "Tue 22 Dec 06:00"
    desk.say(events.SetPriority(by="carla", priority=Priority.P4, why="no hurry"))
    assert due(desk) is None
    desk.expect(*["priority_changed → manager, one"] * 2)


def test_promised_in_the_customers_hours(opened: OpenDesk) -> None:
    """Word is promised in the customer's opening hours, whatever hours the level works."""
    calendars = {"office": {"hours": {"mon-fri": ["09:00-17:00"]}}}
    care = {"calendar": "office", "update_every": {"P3": "4h"}}
    desk = opened(snapshot=ladder("2d", calendars=calendars, customer=care))
    assert due(desk) == "Tue 22 Dec 13:00"
