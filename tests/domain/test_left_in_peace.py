"""Quiet hours: what is for a contact then waits until they end, unless it is a P1."""

from escalations import events
from escalations.clock import ClockName, Then
from escalations.record import Status
from escalations.snapshot import Snapshot
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk, words
from tests.domain.matrices import in_paris, ladder, paris
from tests.domain.test_importance import says

NIGHT = ["22:00-07:00"]


def quiet(*windows: str, who: tuple[str, ...] = ("one",), **keys: object) -> Snapshot:
    """A ladder some of whose contacts are left in peace at night."""
    contacts = ladder(*windows).policy.model_dump(mode="json")["contacts"]
    for name in who:
        contacts[name]["quiet_hours"] = NIGHT
    return ladder(*windows, **{"contacts": contacts, **keys})


def waiting(desk: Desk) -> list[str]:
    """What has been held back, as the timeline says it: `level_entered → one`."""
    return [f"{entry.notice} → {entry.recipient}" for entry in desk.entries("held_back")]


def recalled(desk: Desk) -> list[str]:
    """What was not said at all."""
    return [f"{entry.notice} → {entry.recipient}" for entry in desk.entries("recalled")]


def test_held_back_until_the_morning() -> None:
    """At half past one the level's contact is not told but at seven; the others are at once."""
    desk = Desk(snapshot=quiet("1d", "1d"))
    desk.expect("manager_briefed → manager", "customer_acknowledged → customer")
    (held,) = desk.entries("held_back")
    assert (held.notice, held.recipient) == ("level_entered", "one")
    assert in_paris(held.until) == "Tue 22 Dec 07:00"
    assert desk.next == ("Tue 22 Dec 07:00", Then.DELIVER)
    deadline = desk.case.next_deadline
    assert deadline is not None
    assert deadline.clock is ClockName.QUIET

    desk.until(paris("2026-12-22 06:59:59"))
    desk.expect()
    desk.later(seconds=1)

    desk.expect("level_entered → one")
    assert desk.next == ("Wed 23 Dec 01:30", Then.CLIMB)
    assert [entry.recipient for entry in desk.entries("notified")][-1] == "one"


def test_one_of_two_is_left_in_peace(opened: OpenDesk) -> None:
    """Of those who are told together, who is awake hears at once, and each hears once."""
    desk = opened(snapshot=quiet("30m", "1d"))
    desk.later(minutes=30)
    desk.expect("breach → manager", "level_entered → two", "customer_handed_over → customer")
    desk.until(paris("2026-12-22 07:00"))
    desk.expect("breach → one")


def test_several_with_the_same_night(opened: OpenDesk) -> None:
    """Those whose quiet hours end together are told in one message."""
    desk = opened(snapshot=quiet("30m", "1d", who=("one", "manager")))
    desk.until(paris("2026-12-22 07:00"))
    desk.expect(
        "level_entered → two",
        "customer_handed_over → customer",
        "manager_briefed → manager",
        "breach → manager, one",
    )


def test_recalled_when_the_level_is_left(opened: OpenDesk) -> None:
    """Who slept through their level is not asked for it in the morning; the breach they do hear."""
    desk = opened(snapshot=quiet("15m..30m", "1d"))
    desk.later(minutes=30)
    desk.told()
    assert waiting(desk) == ["level_entered → one", "reminder → one", "breach → one"]
    assert recalled(desk) == ["level_entered → one", "reminder → one"]
    desk.until(paris("2026-12-22 08:00"))
    desk.expect("breach → one")


def test_recalled_when_it_is_resolved(opened: OpenDesk) -> None:
    """What is resolved in the night asks nobody in the morning."""
    desk = opened(snapshot=quiet("1d", "1d"))
    desk.say(events.Resolve(by="monitoring", summary="Back up"))
    desk.expect("customer_confirmation_asked → customer")
    assert recalled(desk) == ["level_entered → one"]
    desk.until(paris("2026-12-22 08:00"))
    desk.expect()


def test_what_follows_when_something_is_recalled(opened: OpenDesk) -> None:
    """Of what waits, one is recalled and one is not: what follows is only what is issued then."""
    desk = opened(snapshot=quiet("1d", "1d"))
    desk.reply("Any news?")
    assert waiting(desk) == ["level_entered → one", "customer_replied → one"]
    effects = desk.case.handle(events.Resolve(by="monitoring", summary="Back up"), desk.at)
    assert recalled(desk) == ["level_entered → one"]
    assert [words(each) for each in effects] == ["customer_confirmation_asked → customer"]


def test_taken_in_the_night(opened: OpenDesk) -> None:
    """Where somebody takes the case, nobody is reminded in the morning to take it."""
    desk = opened(snapshot=quiet("30m..24h", "1d", levels=asked_soon()))
    desk.later(hours=1)
    desk.expect("unacknowledged → manager")
    assert waiting(desk) == ["level_entered → one", "unacknowledged → one", "reminder → one"]
    desk.say(events.Acknowledge(by="sam"))
    assert recalled(desk) == ["unacknowledged → one", "reminder → one"]
    desk.until(paris("2026-12-22 08:00"))
    desk.expect("level_entered → one")


def asked_soon() -> list[dict[str, object]]:
    levels = ladder("30m..24h", "1d").policy.model_dump(mode="json")["levels"]
    return [level | {"acknowledge_within": "5m"} for level in levels]


def test_the_customer_heard_in_the_night(opened: OpenDesk) -> None:
    """Nobody is reminded of word that has reached the customer meanwhile."""
    care = {"update_every": {"P3": "2h"}}
    desk = opened(snapshot=quiet("1d", "1d", customer=care))
    desk.later(minutes=100)
    assert waiting(desk) == ["level_entered → one", "update_due → one"]
    desk.say(events.UpdateCustomer(by="sam", text="We are at it"))
    desk.expect("customer_update → customer")
    assert recalled(desk) == ["update_due → one"]


def test_a_hold_of_the_night(opened: OpenDesk) -> None:
    """Nobody is reminded of a hold that is over."""
    holds = {"vendor": {"remind_every": "1h"}}
    desk = opened(snapshot=quiet("1d", "1d", holds=holds))
    desk.hold("vendor")
    desk.later(hours=1)
    desk.expect("customer_update → customer", "hold_reminder → manager")
    desk.say(events.Resume(by="sam"))
    assert recalled(desk) == ["hold_reminder → one"]
    desk.expect("customer_update → customer")


def test_a_p1_wakes_everybody(opened: OpenDesk) -> None:
    """Of a P1 everybody hears at once."""
    desk = Desk(snapshot=quiet("1d", "1d"), priority="P1")
    assert desk.told()[-1] == "level_entered → one"
    assert waiting(desk) == []


def test_a_case_that_becomes_p1(opened: OpenDesk) -> None:
    """What was held back goes out the moment the case is P1; not for less."""
    desk = opened(snapshot=quiet("1d", "1d"))
    says(desk, "P2")
    desk.expect("priority_changed → manager")
    says(desk, "P1")
    desk.expect(
        "level_entered → one",
        "priority_changed → one",
        "priority_changed → manager, one",
    )
    assert desk.next == ("Wed 23 Dec 01:30", Then.CLIMB)


def test_the_last_word(opened: OpenDesk) -> None:
    """A case that ends in the night is over when its last word has reached who slept."""
    desk = opened(snapshot=quiet("1d", "1d"))
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.expect("customer_closed → customer", "case_closed → manager")
    assert (desk.status, desk.case.closed, desk.case.over) == (Status.CLOSED, True, False)
    assert recalled(desk) == ["level_entered → one"]
    assert desk.next == ("Tue 22 Dec 07:00", Then.DELIVER)
    assert desk.record.summary().due is None

    desk.until(paris("2026-12-22 07:00"))

    desk.expect("case_closed → one")
    assert desk.case.over
    assert desk.next is None


def test_the_night_of_their_own_zone(opened: OpenDesk) -> None:
    """Quiet hours are those of the contact's wall clock: in Tokyo it is half past nine."""
    contacts = quiet("1d", "1d").policy.model_dump(mode="json")["contacts"]
    contacts["one"]["timezone"] = "Asia/Tokyo"
    desk = Desk(snapshot=quiet("1d", "1d", contacts=contacts))
    assert desk.told()[-1] == "level_entered → one"


def test_by_day_nothing_waits(opened: OpenDesk) -> None:
    """At seven sharp the quiet hours are over."""
    desk = Desk(snapshot=quiet("1d", "1d"), at=paris("2026-12-22 07:00"))
    assert desk.told()[-1] == "level_entered → one"


def test_the_night_outlives_a_new_run(opened: OpenDesk) -> None:
    """What waits is in the record: a new run delivers it at seven."""
    desk = opened(snapshot=quiet("1d", "1d"))
    desk.continue_as_new()
    desk.until(paris("2026-12-22 07:00"))
    desk.expect("level_entered → one")


def test_two_nights(opened: OpenDesk) -> None:
    """Each is told when their own night ends."""
    contacts = quiet("1d").policy.model_dump(mode="json")["contacts"]
    contacts["manager"]["quiet_hours"] = ["00:00-05:00"]
    desk = opened(snapshot=quiet("1d", contacts=contacts))
    desk.until(paris("2026-12-22 05:00"))
    desk.expect("manager_briefed → manager")
    desk.until(paris("2026-12-22 07:00"))
    desk.expect("level_entered → one")


def test_what_is_on_its_way_is_not_recalled(opened: OpenDesk) -> None:
    """What has gone out and hangs in a channel is told to a new run again, and not recalled."""
    desk = Desk(snapshot=ladder("15m..30m", "1d"))
    desk.hanging = True
    desk.later(minutes=30)
    assert recalled(desk) == []
    assert "reminder" in [getattr(effect, "notice", "") for effect in desk.record.outbox]
