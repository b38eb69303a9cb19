"""What is said to a case: facts are never refused, commands may be, and a repetition is nothing."""

import sys
from unicodedata import category, normalize

import pytest
from pydantic import ValidationError

from escalations import events
from escalations.errors import Refused
from escalations.events import Command, Event, Fact
from escalations.policy import HoldReason, Priority
from escalations.record import Status
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.matrices import PARIS, matrix

COMMANDS: list[Command] = [
    events.Acknowledge(by="rita"),
    events.Assign(by="coordinator", to="rita"),
    events.HandUp(by="rita", from_level=1, reason="no idea"),
    events.HandBack(by="zoe", from_level=2, to_level=1, advice="try again"),
    events.CompleteAction(by="rita", action="record-statement"),
    events.UpdateCustomer(by="rita", text="we are on it"),
    events.SetPriority(by="rita", priority=Priority.P2, why="more are hit"),
    events.Rate(score=5, comment="thanks"),
    events.Hold(by="rita", reason=HoldReason.VENDOR),
    events.Resume(by="rita"),
    events.ProposeResolution(by="rita", summary="done"),
    events.ConfirmResolution(by="ada"),
    events.RejectResolution(by="ada", why="no"),
]
FACTS: list[Fact] = [
    events.CustomerReplied(text="It works", by="ada"),
    events.RaiseTrigger(trigger="data-at-risk", by="rita", note="tapes lost"),
    events.Withdraw(by="ada", why="never mind"),
    events.Resolve(by="monitoring", summary="all green"),
]


def named(event: Event) -> str:
    return type(event).__name__


def closed(opened: OpenDesk) -> Desk:
    """A case that was withdrawn."""
    desk = opened()
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    return desk


def ready_for(command: Command, opened: OpenDesk) -> Desk:
    """A case to which this command can be said."""
    desk = opened(snapshot=matrix(customer={"survey": {"within": "7d"}}))
    match command:
        case events.HandUp():
            desk.work()
        case events.HandBack():
            desk.hand_up()
        case events.Resume():
            desk.hold("vendor")
        case events.ConfirmResolution() | events.RejectResolution():
            desk.resolve()
        case events.Rate():
            desk.resolve()
            desk.say(events.ConfirmResolution(by="ada"))
    desk.told()
    return desk


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_command_after_the_end(opened: OpenDesk, command: Command) -> None:
    """A command to an ended case is refused with how it ended, and changes nothing."""
    desk = closed(opened)
    before = desk.record.model_dump_json()

    with pytest.raises(Refused, match=r"too late to [a-z ]+; T-1 has ended: withdrawn$"):
        desk.case.check(command)
    with pytest.raises(Refused, match=r"too late to [a-z ]+; T-1 has ended: withdrawn$"):
        desk.say(command)
    assert desk.record.model_dump_json() == before


@pytest.mark.parametrize("fact", FACTS, ids=named)
def test_a_fact_after_the_end(opened: OpenDesk, fact: Fact) -> None:
    """A fact that comes too late is written down with its words, and nothing else changes."""
    desk = closed(opened)
    before = desk.record.model_dump(exclude={"timeline"})
    desk.later(hours=1)
    desk.say(fact)

    desk.expect()
    (refused,) = desk.refusals()
    assert (refused.what, refused.because) == (named(fact), "the case has ended: withdrawn")
    assert refused.by == getattr(fact, "by", None)
    words = {"CustomerReplied": "It works", "RaiseTrigger": "tapes lost", "Resolve": "all green"}
    assert refused.text == words.get(named(fact), "never mind")
    assert desk.record.model_dump(exclude={"timeline"}) == before


def test_a_note_after_the_end(opened: OpenDesk) -> None:
    """Something the others should know may be written down whenever it is known (C26)."""
    desk = closed(opened)
    desk.say(events.AddNote(by="rita", text="They called to say thanks"))
    assert [(entry.by, entry.text) for entry in desk.entries("noted")] == [
        ("rita", "They called to say thanks")
    ]
    assert desk.refusals() == []


@pytest.mark.parametrize("fact", [*FACTS, events.AddNote(by="rita", text="x")], ids=named)
def test_a_fact_told_twice(opened: OpenDesk, fact: Fact) -> None:
    """A fact with the same message id again changes nothing at all."""
    told = fact.model_copy(update={"message_id": "m-1"})
    desk = opened()
    desk.say(told)
    desk.told()
    before = desk.record.model_dump_json()
    desk.later(minutes=1)
    desk.say(told)

    desk.expect()
    assert desk.record.model_dump_json() == before


@pytest.mark.parametrize("fact", FACTS, ids=named)
def test_a_late_fact_told_twice(opened: OpenDesk, fact: Fact) -> None:
    """What came too late is written down once, however often it is repeated."""
    desk = closed(opened)
    for _ in range(3):
        desk.say(fact.model_copy(update={"message_id": "late-1"}))
    assert len(desk.refusals()) == 1


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_a_command_told_twice(opened: OpenDesk, command: Command) -> None:
    """A command with the same message id again is answered and changes nothing, even too late."""
    desk = ready_for(command, opened)
    told = command.model_copy(update={"message_id": "m-1"})
    desk.say(told)
    desk.told()
    before = desk.record.model_dump_json()
    desk.case.check(told)
    desk.say(told)
    assert desk.record.model_dump_json() == before

    if desk.status is not Status.CLOSED:
        desk.say(events.Withdraw(by="ada", why="never mind"))
        desk.told()
    desk.say(told)
    desk.expect()


def test_ids_belong_to_their_kind_of_message(opened: OpenDesk) -> None:
    """Two systems that number alike do not hide each other's messages."""
    desk = opened()
    desk.say(events.AddNote(by="rita", text="first", message_id="1"))
    desk.reply("hello", message_id="1")
    desk.expect("customer_replied → representative")
    assert desk.record.replies == 1


def test_messages_without_id_all_count(opened: OpenDesk) -> None:
    """Without an id every message counts, the same words or not."""
    desk = opened()
    desk.reply("hello")
    desk.reply("hello")
    assert desk.record.replies == 2
    assert len(desk.told()) == 2


def test_a_refused_command_may_be_repeated(opened: OpenDesk) -> None:
    """An id that was refused has not counted: the command may be right later."""
    desk = opened(customer={"contacts": []})
    resume = events.Resume(by="rita", message_id="m-1")
    with pytest.raises(Refused):
        desk.say(resume)
    desk.hold("vendor")
    desk.say(resume)
    assert desk.status is Status.OPEN


@pytest.mark.parametrize("command", COMMANDS, ids=named)
def test_checking_changes_nothing(opened: OpenDesk, command: Command) -> None:
    """A command may be checked any number of times before it is carried out."""
    desk = ready_for(command, opened)
    before = desk.record.model_dump_json()
    for _ in range(2):
        desk.case.check(command)
    assert desk.record.model_dump_json() == before


def test_an_unreadable_signal(opened: OpenDesk) -> None:
    """A signal that cannot be understood is an entry with what is wrong, also after the end."""
    desk = opened()
    unreadable = events.Unreadable(signal="customer_replied", problem="text: found nothing")
    desk.say(unreadable)
    desk.say(events.Withdraw(by="ada", why="never mind"))
    desk.told()
    desk.say(unreadable)

    assert [(entry.what, entry.because, entry.by) for entry in desk.refusals()] == [
        ("customer_replied", "text: found nothing", None)
    ] * 2


def test_a_reply_on_another_channel(opened: OpenDesk) -> None:
    """Whatever the channel, it is one case, and the words reach whoever has it (C33)."""
    desk = opened()
    desk.say(events.Assign(by="coordinator", to="sales-manager"))
    desk.reply("Any news?", channel="phone", by="Ada")

    desk.expect("customer_replied → sales-manager, representative")
    (entry,) = desk.entries("customer_replied")
    assert (entry.text, entry.channel, entry.by) == ("Any news?", "phone", "Ada")
    assert desk.last("customer_replied").particulars.text == "Any news?"
    assert desk.record.last_words == "Any news?"


def test_a_role_may_own_a_case(opened: OpenDesk) -> None:
    """An owner whom the request names by role hears of replies; an unknown name cannot."""
    desk = opened(
        team={"customer-success-manager": {"name": "Cléa", "reach": ["mailto:clea@example.com"]}}
    )
    desk.say(events.Assign(by="coordinator", to="customer-success-manager"))
    desk.reply("Any news?")
    desk.say(events.Assign(by="coordinator", to="rita"))
    desk.reply("Any news now?")

    desk.expect(
        "customer_replied → customer-success-manager, representative",
        "customer_replied → representative",
    )


def test_who_took_part(opened: OpenDesk) -> None:
    """Everyone on our side who was told or said something is remembered, once, in order (A17)."""
    desk = opened()
    desk.say(events.Acknowledge(by="rita"))
    desk.say(events.AddNote(by="sam", text="cable cut"))
    desk.say(events.AddNote(by="sam", text="cable found"))
    desk.trigger("manager-requested")
    desk.say(events.ProposeResolution(by="tess", summary="spliced"))
    desk.say(events.RejectResolution(by="ada", why="no"))
    desk.told()

    assert desk.record.participants == {
        "contact:representative": "Call-centre representative",
        "contact:escalation-manager": "Escalation manager",
        "person:rita": "rita",
        "person:sam": "sam",
        "contact:support-manager": "Call-centre support manager",
        "person:tess": "tess",
        "contact:account-manager": "Account manager",
    }


def test_where_a_case_stands(opened: OpenDesk) -> None:
    """A refusal says status, level and owner, so that its reader knows what to do instead."""
    desk = opened(customer={"contacts": []})
    desk.say(events.Acknowledge(by="rita"))
    desk.hold("vendor")
    with pytest.raises(
        Refused,
        match=r"T-1 is on hold \(vendor\) at level 1 of 7 \(Representative\), taken by rita$",
    ):
        desk.hold("vendor")


def test_moments_are_aware(opened: OpenDesk) -> None:
    """The engine takes no moment without a zone, and keeps any zone's moments in UTC."""
    desk = opened()
    with pytest.raises(ValueError, match="has no time zone"):
        desk.case.handle(events.Acknowledge(by="rita"), desk.at.replace(tzinfo=None))
    local = desk.at.astimezone(PARIS)
    desk.case.handle(events.AddNote(by="rita", text="x"), local)
    assert '"at":"2026-12-22T00:30:00Z"' in desk.record.timeline[-1].model_dump_json()


def test_what_is_no_text() -> None:
    """Words that would forge another line or direction on a screen are refused, with the place."""
    overrides = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    for number in range(sys.maxunicode + 1):
        character = chr(number)
        bad = category(character) in ("Cc", "Cs", "Zl", "Zp") or character in overrides
        if bad and character not in "\n\t":
            place = rf"U\+{number:04X} at position 2 |unable to parse raw data as a unicode"
            with pytest.raises(ValidationError, match=place):
                events.AddNote(by="rita", text=f"ab{character}c")
            with pytest.raises(ValidationError, match=place):
                events.AddNote(by=f"ab{character}c", text="x")
    printable = "".join(
        chr(number)
        for number in range(0x20, sys.maxunicode + 1)
        if category(chr(number)) not in ("Cc", "Cs", "Zl", "Zp") and chr(number) not in overrides
    )
    for start in range(0, len(printable), 9_000):
        text = f"x{printable[start : start + 9_000]}x"
        assert events.AddNote(by="rita", text=text).text == normalize("NFC", text)
