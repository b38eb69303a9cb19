"""A customer's replies: who hears them, and when, while somebody sleeps or is not found yet."""

from escalations import events
from escalations.effects import Notify
from escalations.policy import Priority
from escalations.record import Baton
from escalations.snapshot import Snapshot
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import ladder, paris
from tests.domain.rosters import BO, EVE, desk_of, roster, staffed
from tests.domain.test_external_level import with_vendor
from tests.domain.test_left_in_peace import quiet, waiting

MORNING = paris("2026-12-22 07:00")


def two_answer(desk: Desk, other: str = "manager") -> Desk:
    """Besides the level's contact, whoever owns the case hears of replies."""
    desk.say(events.Assign(by="rita", to=other))
    desk.told()
    return desk


def texts(desk: Desk) -> list[str]:
    """The words of all replies that were passed on, with who read them."""
    return [
        f"{effect.particulars.text} → {', '.join(to.key for to in effect.to)}"
        for effect in desk.sent
        if isinstance(effect, Notify) and effect.notice == "customer_replied"
    ]


def test_who_sleeps_holds_nobody_back(opened: OpenDesk) -> None:
    """Who is awake reads each reply when it comes; who sleeps, the newest in the morning (B2)."""
    desk = two_answer(opened(snapshot=quiet("1d", "1d")))
    for text in ("one", "two", "three"):
        desk.reply(text)
    desk.expect(*["customer_replied → manager"] * 3)
    assert waiting(desk).count("customer_replied → one") == 1
    desk.until(MORNING)

    desk.expect("level_entered → one", "customer_replied → one")
    assert texts(desk) == ["one → manager", "two → manager", "three → manager", "three → one"]
    assert (desk.record.replies_untold, desk.record.replies_told_to) == (0, [])


def test_a_flood_at_night(opened: OpenDesk) -> None:
    """However many replies come while all sleep, one message waits; it says where the case is."""
    desk = opened(snapshot=quiet("1d", "1d"))
    for n in range(1, 101):
        desk.reply(f"reply {n}")
    assert waiting(desk) == ["level_entered → one", "customer_replied → one"]
    assert len(desk.record.outbox) == 2
    desk.continue_as_new()
    desk.until(MORNING)

    desk.expect("level_entered → one", "customer_replied → one")
    assert texts(desk) == ["reply 100 → one"]
    desk.reply("reply 101")
    desk.expect("customer_replied → one")


def test_a_flood_while_one_sleeps_and_one_is_being_told(opened: OpenDesk) -> None:
    """Who was being told hears the newest afterwards, who sleeps in the morning; each once."""
    desk = two_answer(opened(snapshot=quiet("1d", "1d")))
    desk.hanging = True
    for n in range(1, 101):
        desk.reply(f"reply {n}")
    desk.recovered()
    desk.until(MORNING)

    assert texts(desk) == ["reply 1 → manager", "reply 100 → manager", "reply 100 → one"]
    desk.told()


def test_who_is_being_told_holds_nobody_back(opened: OpenDesk) -> None:
    """While a channel hangs for one of those who answer, the other reads at once, and once."""
    desk = opened(snapshot=ladder("1d", "1d"))
    desk.hanging = True
    desk.reply("one")
    desk.say(events.Assign(by="rita", to="manager"))
    desk.reply("two")
    assert texts(desk) == ["one → one", "two → manager"]
    assert desk.record.replies_told_to == ["manager"]
    first, second = (each for each in desk.record.outbox if isinstance(each, Notify))
    desk.report([second])
    desk.carry_out()
    assert texts(desk) == ["one → one", "two → manager"]
    desk.report([first])
    desk.carry_out()

    assert texts(desk) == ["one → one", "two → manager", "two → one"]
    assert (desk.record.replies_untold, desk.record.replies_told_to) == (0, [])
    desk.told()


def test_a_case_that_moves_on_while_they_sleep(opened: OpenDesk) -> None:
    """Words that somebody sleeps through reach whoever has the case by then; and the sleeper."""
    desk = opened(snapshot=quiet("1h", "1d"))
    desk.reply("one")
    desk.told()
    desk.later(hours=1)
    desk.expect(
        "breach → manager",
        "level_entered → two",
        "customer_replied → two",
        "customer_handed_over → customer",
    )
    desk.reply("two")
    desk.expect("customer_replied → two")
    desk.until(MORNING)

    desk.expect("customer_replied → one", "breach → one")
    assert texts(desk) == ["one → two", "two → two", "two → one"]


def test_words_that_were_heard_do_not_go_along(opened: OpenDesk) -> None:
    """What its level has heard is not said again to the next one."""
    desk = opened(snapshot=ladder("1h", "1d"))
    desk.reply("one")
    desk.told()
    desk.later(hours=1)
    desk.expect("breach → manager, one", "level_entered → two", "customer_handed_over → customer")


def test_words_that_move_the_case_are_said_once(opened: OpenDesk) -> None:
    """Whoever gets the case by a reply reads it there, and not a second time as a reply."""
    desk = opened()
    desk.hanging = True
    desk.reply("one")
    desk.reply("two")
    desk.told()
    desk.reply("I want to speak to a manager")
    desk.expect("level_entered → support-manager", "customer_handed_over → customer")
    desk.recovered()
    desk.expect()
    assert desk.last("level_entered").particulars.text == "I want to speak to a manager"


def test_words_that_open_the_case_again_are_said_once(opened: OpenDesk) -> None:
    """A reply that opens it again is read in that message, and not a second time as a reply."""
    desk = opened(snapshot=_on_the_word("L1", customer={"reopen": "same"}))
    desk.hanging = True
    desk.resolve()
    desk.reply("one")
    desk.reply("My lawyer will write to you")
    assert "reopened → manager, one" in desk.told()
    desk.recovered()
    desk.expect()


def _on_the_word(to: str, **keys: object) -> Snapshot:
    trigger = {"legal": {"to": to, "phrases": {"en": ["lawyer"]}}}
    return with_vendor(triggers=trigger, **keys)


def test_words_that_move_the_case_outside(opened: OpenDesk) -> None:
    """A reply that moves the case to a vendor is read by those of ours who answer (C47)."""
    desk = opened(snapshot=_on_the_word("L2"), priority="P3")
    desk.reply("My lawyer will write to you")
    desk.expect(
        "level_entered → two", "customer_replied → manager", "customer_handed_over → customer"
    )
    assert desk.last("level_entered").particulars.text == ""


def test_a_flood_while_the_rota_is_read() -> None:
    """However many replies come before it is known who is on call, they read the newest."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True)
    for n in range(1, 101):
        desk.reply(f"reply {n}")
    assert [each.notice for each in desk.record.unaddressed] == [
        "level_entered",
        "customer_replied",
    ]
    desk.told()
    desk.rotas_read()

    desk.expect("level_entered → one/eve", "customer_replied → one/eve")
    assert texts(desk) == ["reply 100 → one/eve"]
    assert (desk.record.replies_untold, desk.record.replies_told_to) == (0, [])


def test_a_rota_that_is_read_holds_nobody_back() -> None:
    """Who is known hears at once, who is found on call when they are found; each once."""
    desk = two_answer(desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True))
    desk.reply("one")
    desk.reply("two")
    desk.expect(*["customer_replied → manager"] * 2)
    desk.rotas_read()

    desk.expect("level_entered → one/eve", "customer_replied → one/eve")
    assert texts(desk) == ["one → manager", "two → manager", "two → one/eve"]


def test_nobody_on_call_and_a_reply_meanwhile() -> None:
    """A reply that came while the rota was read reaches the level that gets the case (A47)."""
    desk = desk_of(staffed("1d", "1d"), roster("one", BO), reading=True)
    desk.reply("Any news?")
    desk.told()
    desk.rotas_read()

    desk.expect(
        "nobody_on_call → manager",
        "level_entered → two",
        "customer_replied → two",
        "customer_handed_over → customer",
    )


def test_nobody_on_call_for_what_was_not_to_ask() -> None:
    """What else was for that level and does not ask for it reaches the fallback in its place."""
    desk = desk_of(staffed("1d", "1d"), roster("one", BO), reading=True)
    desk.hold("vendor")
    desk.say(events.SetPriority(by="rita", priority=Priority.P2, why="more are affected"))
    desk.say(events.Resume(by="rita"))
    desk.told()
    desk.rotas_read()
    assert desk.told() == [
        "nobody_on_call → manager",
        "level_entered → two",
        "customer_handed_over → customer",
        "priority_changed → manager",
    ]


def test_nobody_on_call_and_no_fallback() -> None:
    """Without one, the level that gets the case hears what was for the one that was empty."""
    desk = desk_of(staffed("1d", "1d", escalation_manager=None), roster("one", BO), reading=True)
    desk.say(events.SetPriority(by="rita", priority=Priority.P2, why="more are affected"))
    desk.told()
    desk.rotas_read()
    desk.expect("level_entered → two", "customer_handed_over → customer", "priority_changed → two")


def test_a_policy_is_adopted_while_the_rota_is_read() -> None:
    """Words that waited for a rota reach whoever answers by the new policy, once."""
    desk = desk_of(staffed("1d", "1d"), roster("one", EVE), reading=True)
    desk.reply("one")
    desk.told()
    desk.say(events.Adopt(by="rita", snapshot=staffed("2d", "1d", who=("two",))))
    desk.expect("level_entered → one", "customer_replied → one", "customer_update → customer")
    desk.rotas_read()
    desk.expect()


def test_opened_again_with_words_of_before(opened: OpenDesk) -> None:
    """What was still to be said when the case ended is not said in its next life."""
    desk = opened(snapshot=ladder("1d", "1d"))
    desk.hanging = True
    desk.reply("one")
    desk.reply("two")
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    again = Desk(again=Baton(record=desk.record), snapshot=ladder("1d", "1h", "1d"))
    again.later(hours=1)
    again.expect(
        "manager_briefed → manager",
        "customer_acknowledged → customer",
        "level_entered → two",
        "breach → manager, two",
        "level_entered → three",
        "customer_handed_over → customer",
    )
