"""What becomes of messages: delivered, not delivered, and how a flood of replies is passed on."""

from escalations import events, sending
from escalations.effects import Notify, ScheduleRetrospective, TellCustomer
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk, delivery, words
from tests.domain.matrices import ladder, paris


def test_delivered(opened: OpenDesk) -> None:
    """What was delivered stands in the timeline with who was reached where, and is done."""
    desk = opened()
    assert desk.record.outbox == []
    told = [(entry.key, entry.notice, entry.recipient) for entry in desk.entries("notified")]
    assert told == [
        ("T-1/1", "manager_briefed", "escalation-manager"),
        ("T-1/2", "customer_acknowledged", "customer"),
        ("T-1/3", "level_entered", "representative"),
    ]
    assert {entry.address for entry in desk.entries("notified")} == {"mailto:somebody@example.com"}


def test_nobody_of_a_level_is_reached(opened: OpenDesk) -> None:
    """Where nobody of a level is reached the fallback is told, and the timeline says so (A47)."""
    desk = opened()
    desk.unreachable.add("support-manager")
    desk.trigger("manager-requested")

    desk.expect(
        "level_entered → support-manager",
        "customer_handed_over → customer",
        "undelivered → escalation-manager",
    )
    (entry,) = desk.entries("undelivered")
    assert (entry.recipient, entry.notice, entry.detail) == (
        "support-manager",
        "level_entered",
        "no address took it",
    )
    told = desk.last("undelivered").particulars
    assert told.text == "support-manager: no address took it"
    assert desk.level == 2


def test_several_are_not_reached(opened: OpenDesk) -> None:
    """What one decision could not deliver is one message to the fallback, also of the customer."""
    desk = opened()
    desk.unreachable |= {"representative", "support-manager", "customer"}
    desk.later(minutes=5)
    desk.say(events.Acknowledge(by="rita"))
    desk.told()
    desk.later(minutes=25)

    assert desk.told().count("undelivered → escalation-manager") == 1
    assert desk.last("undelivered").particulars.text.splitlines() == [
        "representative: no address took it",
        "support-manager: no address took it",
        "customer: no address took it",
    ]


def test_the_fallback_is_not_reached(opened: OpenDesk) -> None:
    """That the fallback cannot be reached is told to nobody: it is in the timeline."""
    desk = opened()
    desk.unreachable |= {"escalation-manager", "representative"}
    desk.later(minutes=5)

    desk.expect(
        "unacknowledged → representative, escalation-manager",
        "undelivered → escalation-manager",
    )
    assert [entry.recipient for entry in desk.entries("undelivered")] == [
        "representative",
        "escalation-manager",
        "escalation-manager",
    ]


def test_no_fallback(opened: OpenDesk) -> None:
    """A policy that names neither fallback nor manager has the timeline alone."""
    desk = opened(snapshot=ladder("1h", "1h", escalation_manager=None))
    desk.unreachable |= {"two"}
    desk.later(hours=1)

    desk.expect("breach → one", "level_entered → two", "customer_handed_over → customer")
    assert len(desk.entries("undelivered")) == 1


def test_the_fallback_may_be_another_than_the_manager(opened: OpenDesk) -> None:
    """A fallback of its own is told instead of the manager, and also when the manager is lost."""
    desk = opened(snapshot=ladder("1h", "1h", fallback="two"))
    desk.unreachable |= {"manager"}
    desk.later(hours=1)

    desk.expect(
        "breach → manager, one",
        "level_entered → two",
        "customer_handed_over → customer",
        "undelivered → two",
    )


def test_undelivered_after_the_end(opened: OpenDesk) -> None:
    """What could not be delivered of the last messages is written down, and nobody is told."""
    desk = opened()
    desk.unreachable |= {"representative", "customer"}
    desk.say(events.Withdraw(by="ada", why="never mind"))

    desk.expect("customer_closed → customer", "case_closed → escalation-manager, representative")
    assert [entry.recipient for entry in desk.entries("undelivered")] == [
        "customer",
        "representative",
    ]
    assert desk.record.outbox == []


def test_channels_that_hang_delay_nothing(opened: OpenDesk) -> None:
    """While no send has a result the case climbs on time, and its effects wait in the outbox."""
    desk = opened()
    desk.hanging = True
    desk.until(paris("2026-12-22 05:00"))

    assert desk.level == 4
    assert [effect.key for effect in desk.record.outbox] == [f"T-1/{n}" for n in range(4, 17)]
    desk.recovered()
    assert desk.record.outbox == []
    assert len(desk.told()) == 13


def test_results_of_what_nobody_sent(opened: OpenDesk) -> None:
    """A result that came before, or that nobody asked for, is nothing."""
    desk = opened()
    before = desk.record.model_dump_json()
    desk.say(
        events.Delivered(
            deliveries=[
                delivery("T-1/1", "escalation-manager", reached=False),
                delivery("T-2/1", "representative", reached=False),
            ]
        )
    )
    desk.expect()
    assert desk.record.model_dump_json() == before


def test_what_was_not_tried_stays_in_the_outbox(opened: OpenDesk) -> None:
    """A send without a result is still to be carried out, under its own key."""
    desk = opened()
    desk.hanging = True
    desk.trigger("manager-requested")
    desk.told()
    first, second = desk.record.outbox
    desk.report([second])

    assert desk.record.outbox == [first]
    desk.continue_as_new()
    assert desk.case.take_effects() == [first]
    assert desk.case.take_effects() == []


def test_a_flood_of_replies(opened: OpenDesk) -> None:
    """While word of one reply is on its way the next ones wait, and then the newest goes (B2)."""
    desk = opened()
    desk.hanging = True
    for n in range(1, 101):
        desk.reply(f"reply {n}")
    desk.expect("customer_replied → representative")
    assert desk.last("customer_replied").particulars.text == "reply 1"
    assert (desk.record.replies, desk.record.replies_untold) == (100, 99)

    desk.recovered()

    desk.expect("customer_replied → representative")
    assert desk.last("customer_replied").particulars.text == "reply 100"
    assert desk.record.replies_untold == 0
    assert [entry.text for entry in desk.entries("customer_replied")] == [
        f"reply {n}" for n in range(1, 101)
    ]


def test_a_flood_that_goes_on_at_the_next_level(opened: OpenDesk) -> None:
    """Words that waited reach whoever has the case by then, who waits for nobody."""
    desk = opened()
    desk.hanging = True
    desk.reply("one")
    desk.reply("two")
    desk.told()
    desk.hand_up()
    desk.expect(
        "level_entered → support-manager",
        "customer_replied → support-manager",
        "customer_handed_over → customer",
    )
    desk.recovered()
    desk.expect()
    assert desk.last("customer_replied").particulars.text == "two"


def test_words_that_waited_for_the_end(opened: OpenDesk) -> None:
    """Of a case that has ended nobody hears any more what was said before."""
    desk = opened()
    desk.hanging = True
    desk.reply("one")
    desk.reply("two")
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    desk.recovered()
    desk.expect()


def test_long_words_are_cut(opened: OpenDesk) -> None:
    """A message carries the first 500 characters of a reply; the timeline has all of them."""
    desk = opened()
    desk.reply("x" * 20_000)
    desk.expect("customer_replied → representative")
    assert len(desk.last("customer_replied").particulars.text) == 500
    assert len(desk.entries("customer_replied")[0].text) == 20_000


def test_a_send_that_failed_as_a_whole(opened: OpenDesk) -> None:
    """If the activity fails, nobody of its sends was reached, and the reason is not endless."""
    desk = opened()
    desk.hanging = True
    desk.later(minutes=5)
    desk.told()
    sends = [each for each in desk.record.outbox if isinstance(each, Notify | TellCustomer)]
    missed = sending.unreachable(sends, "boom " * 2_000)

    assert [(each.key, each.recipient, each.outcome) for each in missed] == [
        ("T-1/4", "representative", "unreachable"),
        ("T-1/4", "escalation-manager", "unreachable"),
    ]
    assert {len(each.detail) for each in missed} == {2_000 - 1}


def test_the_retrospective_has_started(opened: OpenDesk) -> None:
    """The outbox of an ended case holds its retrospective until that has started."""
    desk = opened()
    desk.hanging = True
    desk.trigger("formal-complaint")
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    effect = desk.record.outbox[-1]
    assert isinstance(effect, ScheduleRetrospective)

    desk.recovered()
    assert desk.record.outbox == []
    assert [entry.workflow_id for entry in desk.entries("retrospective_scheduled")] == [
        "retrospective/1"
    ]


def test_the_life_of_a_key() -> None:
    """In a new run keys go on where they were: none is ever used twice, none left out."""
    desk = Desk()
    desk.later(hours=10)
    desk.continue_as_new()
    desk.later(hours=100)
    keys = [effect.key for effect in desk.sent]
    assert keys == [f"T-1/{n}" for n in range(1, len(keys) + 1)]


def test_what_follows(opened: OpenDesk) -> None:
    """What is said is answered with what follows from it: these effects, and none of before."""
    desk = opened(snapshot=ladder("1h", "1h"))
    desk.hanging = True
    desk.reply("Any news?")
    desk.expect("customer_replied → one")
    issued = desk.record.effects_issued
    effects = desk.case.handle(events.HandUp(by="rita", from_level=1, reason="no idea"), desk.at)
    assert [words(effect) for effect in effects] == [
        "level_entered → two",
        "customer_handed_over → customer",
    ]
    assert [effect.key for effect in effects] == [f"T-1/{issued + 1}", f"T-1/{issued + 2}"]
    assert desk.case.handle(events.AddNote(by="rita", text="done"), desk.at) == []
