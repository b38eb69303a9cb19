"""Triggers: facts that move a case at once, said outright or found in what the customer writes."""

import pytest

from escalations import events
from escalations.clock import Then
from escalations.phrases import triggers_in
from escalations.record import Status
from tests.domain.conftest import OpenDesk
from tests.domain.matrices import call_centre, ladder, paris


def test_a_trigger_with_a_named_level(opened: OpenDesk) -> None:
    """Data at risk goes to the director at once, past the levels between."""
    desk = opened(at=paris("2026-12-22 10:00"))
    desk.trigger("data-at-risk", "backup tapes lost")

    desk.expect("level_entered → sales-director", "customer_handed_over → customer")
    (left,) = desk.entries("left_level")
    assert (left.why, left.to_level, left.by) == ("trigger:data-at-risk", 5, "rita")
    assert desk.last("level_entered").particulars.text == "backup tapes lost"
    assert desk.next == ("Wed 23 Dec 10:00", Then.REMIND)
    assert not desk.record.breached


def test_a_trigger_to_the_next_level(opened: OpenDesk) -> None:
    """Where a trigger leads to the next level, that is the one above the present one."""
    desk = opened(category="billing")
    desk.trigger("skill-needed")

    desk.expect("level_entered → billing-team", "customer_handed_over → customer")
    assert desk.level == 3


def test_a_trigger_is_never_down(opened: OpenDesk) -> None:
    """A case above the target stays, and its clocks too; the fact is on record."""
    desk = opened()
    desk.trigger("formal-complaint")
    desk.told()
    before = desk.case.next_deadline
    desk.later(minutes=10)
    desk.trigger("manager-requested")
    desk.trigger("formal-complaint")

    desk.expect()
    assert (desk.level, desk.case.next_deadline) == (5, before)
    assert [(entry.trigger, entry.moved) for entry in desk.entries("trigger_raised")] == [
        ("formal-complaint", True),
        ("manager-requested", False),
        ("formal-complaint", False),
    ]


def test_the_next_of_the_last_level(opened: OpenDesk) -> None:
    """On the last level nothing is next: the fact is on record, and the case stays."""
    desk = opened()
    desk.trigger("legal-threat")
    desk.told()
    desk.trigger("unresolved")

    desk.expect()
    assert desk.level == 7
    assert [entry.moved for entry in desk.entries("trigger_raised")] == [True, False]


def test_an_unknown_trigger(opened: OpenDesk) -> None:
    """A trigger that the policy does not have is written down as refused, with those it has."""
    desk = opened()
    desk.trigger("bored", "of waiting")

    desk.expect()
    (refused,) = desk.refusals()
    assert (refused.what, refused.by, refused.text) == ("RaiseTrigger", "rita", "of waiting")
    assert "bored is no trigger of this policy: unable-to-resolve, manager-re" in refused.because
    assert desk.level == 1


@pytest.mark.parametrize(
    ("language", "text", "level"),
    [
        ("fr", "J’ai parlé à mon avocat.", 7),
        ("fr", "Je vais entamer une ACTION  EN\nJUSTICE", 7),
        ("fr", "je veux résilier", 4),
        ("fr", "je veux re\u0301silier", 4),
        ("fi", "Asianajaja ottaa yhteyttä", 7),
        ("fi", "haluan puhua ESIMIES", 2),
        ("en", "I will sue you!", 7),
        ("en", "Hear from my lawyer", 7),
        ("fr", "my lawyer will call you", 7),
        ("fr-CA", "mon avocat vous appellera", 7),
        (None, "my lawyer will call you", 7),
    ],
)
def test_a_phrase_in_a_reply(opened: OpenDesk, language: str | None, text: str, level: int) -> None:
    """What a customer threatens moves the case, in their language and in the policy's first one.

    Letter case, line breaks and the way an accent is typed do not count.
    """
    desk = opened(customer={"language": language})
    desk.reply(text)

    assert desk.level == level
    assert desk.told()[1:] == ["customer_handed_over → customer"]
    assert desk.last("level_entered").particulars.text == desk.entries("customer_replied")[0].text
    assert desk.entries("trigger_raised")[0].by == "Ada of ACME"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The issue is the same, I pursue it, and it is an Avocado"),
        ("en", "mon avocat vous appellera"),
        ("fr-CA", "asianajaja"),
        ("fi", "esimiesten lista"),
    ],
)
def test_no_phrase_in_a_reply(opened: OpenDesk, language: str, text: str) -> None:
    """`issue` does not contain `sue`, and a phrase of another language is none."""
    desk = opened(customer={"language": language})
    desk.reply(text)

    desk.expect("customer_replied → representative")
    assert desk.level == 1


@pytest.mark.parametrize("apostrophe", ["'", "\u2019", "\u02bc", "\u00b4", "`"])
def test_apostrophes(opened: OpenDesk, apostrophe: str) -> None:
    """However the customer's keyboard writes an apostrophe, it is the policy's."""
    snapshot = ladder(
        "1h", "1h", triggers={"court": {"to": "next", "phrases": {"en": ["I'll see you in court"]}}}
    )
    found = triggers_in(f"So I{apostrophe}ll see  you in court!", "en", snapshot.policy)
    assert found == ["court"]


def test_several_phrases_in_one_reply(opened: OpenDesk) -> None:
    """The highest of them moves the case, once; the others are on record."""
    desk = opened()
    desk.reply("Your manager and my lawyer should talk before I close my account")

    desk.expect("level_entered → senior-management", "customer_handed_over → customer")
    assert [(entry.trigger, entry.moved) for entry in desk.entries("trigger_raised")] == [
        ("closure-threatened", False),
        ("manager-requested", False),
        ("legal-threat", True),
    ]
    assert desk.record.hand_offs == 1


def test_the_same_phrase_again(opened: OpenDesk) -> None:
    """Once the case is as high as a threat goes, the threat is passed on as a reply."""
    desk = opened()
    desk.reply("I want to speak to a manager")
    desk.expect("level_entered → support-manager", "customer_handed_over → customer")
    desk.reply("I want to speak to a manager!!")
    desk.expect("customer_replied → support-manager")
    assert desk.level == 2


def test_a_phrase_while_on_hold(opened: OpenDesk) -> None:
    """A threat ends a hold of any reason, and the next level has its full window."""
    desk = opened()
    desk.hold("incident")
    desk.told()
    desk.reply("My lawyer will call you")

    desk.expect("level_entered → senior-management", "customer_handed_over → customer")
    assert (desk.status, desk.record.hold) == (Status.OPEN, None)
    assert [entry.why for entry in desk.entries("resumed")] == ["moved"]


def test_a_phrase_while_the_resolution_waits(opened: OpenDesk) -> None:
    """A customer who answers a resolution with a threat has not agreed: the case is open again."""
    desk = opened()
    desk.resolve()
    desk.told()
    desk.reply("That is no fix. My lawyer will call you")

    desk.expect("level_entered → senior-management", "customer_handed_over → customer")
    assert (desk.status, desk.record.resolution, desk.record.reopened) == (Status.OPEN, None, 1)
    assert [entry.why for entry in desk.entries("reopened")] == ["trigger:legal-threat"]
    with pytest.raises(Exception, match="no resolution waits"):
        desk.say(events.ConfirmResolution(by="ada"))


def test_a_policy_without_triggers(opened: OpenDesk) -> None:
    """A trigger says nothing to a policy that has none."""
    desk = opened(snapshot=ladder("1h", "1h"))
    desk.trigger("legal-threat")
    desk.reply("lawyer")

    desk.expect("customer_replied → one")
    assert len(desk.refusals()) == 1


def test_phrases_are_searched_quickly() -> None:
    """A reply of 20,000 characters that nearly is a phrase again and again is nothing special."""
    assert triggers_in("action en " * 2_000, "fr", call_centre().policy) == []
