"""Support in tiers: an answer first, twenty minutes with a generalist, then those who know."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.knowledge import suggestion
from escalations.policy import Kind
from escalations.record import Status
from escalations.rota import Roster, Shift
from tests.domain.desk import Desk
from tests.domain.ladders import asked, due, leaves_at, moment, open_desk, policies, wall

POLICY = policies()["ticket-tiers"]
HELP, TIER_1, TIER_2, TIER_3, VENDOR, HEAD = range(1, 7)


def paris(written: str) -> datetime:
    return moment(written, "Europe/Paris")


MONDAY = paris("2027-01-11 10:00")
QUESTION: dict[str, Any] = {
    "title": "Help",
    "statement": "I cannot remember my password.",
    "category": "how-to",
}
NO_ARTICLE: dict[str, Any] = {
    "title": "Help",
    "statement": "The total is wrong.",
    "category": "defect",
}


def opened(at: datetime = MONDAY, **changes: Any) -> Desk:
    return open_desk("ticket-tiers", at, **NO_ARTICLE | changes)


def on_call(at: datetime) -> dict[str, Roster]:
    """Owen has this week."""
    shift = Shift(
        start=at - timedelta(days=1),
        end=at + timedelta(days=6),
        key="owen price",
        name="Owen Price",
        reach=["mailto:owen.price@tickets.example"],
    )
    until = at + timedelta(days=14)
    contact = "engineer-on-call"
    return {contact: Roster(contact=contact, read_at=at, until=until, shifts=[shift])}


def test_an_answer_is_tried_first() -> None:
    """C6: where an article fits, the customer has it, and no agent is asked."""
    desk = opened(**QUESTION)

    assert (desk.level, asked(desk)) == (HELP, [])
    suggested = desk.last("customer_suggestion")
    assert suggested.particulars.by == "Choose a new password"
    desk.say(events.ConfirmResolution(by="Ada"))
    assert [each.type for each in desk.entries("confirmed", "survey_asked")] == [
        "confirmed",
        "survey_asked",
    ]


def test_no_article_no_waiting() -> None:
    """C6: where none fits, tier 1 has the case in the same minute."""
    desk = opened()

    assert (desk.level, asked(desk)) == (TIER_1, ["generalists"])


@pytest.mark.parametrize("says_so", [True, False])
def test_an_answer_that_does_not_help(says_so: bool) -> None:
    """C6: "That is not it" brings a person at once, silence after half an hour; no breach."""
    desk = opened(**QUESTION)
    if says_so:
        desk.later(minutes=2)
        desk.reply("That is not it, the link is dead")
    else:
        desk.later(minutes=30)

    assert (desk.level, asked(desk), desk.record.breached) == (TIER_1, ["generalists"], False)


def test_every_article_is_found_in_every_language() -> None:
    """C6: each phrase finds the article it stands under, in a problem of its categories."""
    for article in POLICY.knowledge:
        assert sorted(article.phrases) == sorted(POLICY.languages)
        for language, phrases in article.phrases.items():
            for category in article.categories:
                found = {
                    phrase: suggestion(POLICY.knowledge, f"… {phrase}!", category, [language])
                    for phrase in phrases
                }
                titles = {each and each.title for each in found.values()}
                assert titles == {article.title[language]}, (article.id, found)


def test_tier_1_has_the_shortest_limit() -> None:
    """C16: twenty minutes, and no level anywhere, for whatever category, has less."""
    desk = opened(priority="P3")
    assert leaves_at(desk) - MONDAY == timedelta(minutes=20)

    limits = {
        level.name: level.within.leave
        for category in POLICY.categories
        for level in (POLICY.level(n, category) for n in range(POLICY.start(category), HEAD))
    }
    others = [limit for name, limit in limits.items() if name != "Tier 1 generalists"]
    assert limits["Tier 1 generalists"] == Duration.parse("20m")
    assert all(isinstance(limit, Duration) for limit in others)
    assert not [x for x in others if x and x.unit == "hours" and x <= Duration.parse("20m")]


def test_every_tier_has_its_limit_and_a_longer_one() -> None:
    """C15, C25, C8, C9: left alone, a case climbs through the tiers, on working days; Boston's
    Monday is a holiday."""
    desk = opened(priority="P4")
    desk.until(paris("2027-02-05 12:00"))

    climbed = [(each.name, wall(each.at, "Europe/Paris")) for each in desk.entries("level_entered")]
    assert climbed[1:] == [
        ("Tier 1 generalists", "Mon 11 Jan 10:00"),
        ("Tier 2 specialists", "Mon 11 Jan 10:20"),
        ("Tier 3 developers", "Mon 11 Jan 14:20"),
        ("Platform vendor", "Wed 13 Jan 14:20"),
        ("Head of support", "Wed 20 Jan 14:20"),
    ]


def test_the_night_does_not_count() -> None:
    """On business time: who comes ten minutes before closing has ten more on Monday morning."""
    desk = opened(at=paris("2027-01-15 18:20"))

    assert wall(leaves_at(desk), "Europe/Paris") == "Mon 18 Jan 08:10"


@pytest.mark.parametrize(
    ("category", "who"),
    [
        ("how-to", "specialists"),
        ("billing", "billing-specialists"),
        ("integration", "integration-specialists"),
    ],
)
def test_a_generalist_names_who_is_needed(category: str, who: str) -> None:
    """C7: the case goes to those who know that field."""
    desk = opened(category=category)
    desk.trigger("specialist-needed")

    assert (desk.level, asked(desk)) == (TIER_2, ["generalists", who])


@pytest.mark.parametrize("fact", ["defect-found", "affects-many", "data-lost"])
def test_developers_at_once(fact: str) -> None:
    """C9, C18: what only developers can mend, or hits many, does not climb to them."""
    desk = opened()
    desk.trigger(fact)

    assert (desk.level, asked(desk)[-1]) == (TIER_3, "developers")


def test_money_is_given_back_by_one_level() -> None:
    """C13, C14: who asks for their money back is with somebody who may give it."""
    assert [level.name for level in POLICY.levels if "refund" in level.may_grant] == [
        "Head of support"
    ]
    for language, words in (
        ("en", "I want my money back."),
        ("fr", "Je demande un remboursement !"),
        ("fi", "Haluan rahat takaisin."),
    ):
        desk = opened(customer={"language": language})
        desk.reply(words)
        assert (desk.level, asked(desk)[-1]) == (HEAD, "head-of-support")


def test_the_vendor_has_somebody_of_ours_above() -> None:
    """C47: outside the company, on its own days, and never the end of the ladder."""
    assert [n for n, each in enumerate(POLICY.levels, 1) if each.kind is Kind.EXTERNAL] == [VENDOR]
    desk = opened(at=paris("2027-01-15 16:00"))
    desk.trigger("defect-of-the-platform")
    assert asked(desk)[-1] == "platform-vendor"
    assert wall(leaves_at(desk), "America/New_York") == "Fri 22 Jan 10:00"

    desk.until(paris("2027-01-25 12:00"))
    assert asked(desk)[-1] == "head-of-support"


def test_an_outage_at_night() -> None:
    """Out of hours: the engineer on call has it in the same minute, and the climb does not wait."""
    at = paris("2027-01-17 03:00")
    desk = opened(at=at, category="outage", priority="P1", rosters=on_call(at))
    assert asked(desk) == ["engineer-on-call/owen price"]

    desk.until(paris("2027-01-17 06:00"))
    assert asked(desk)[1:] == ["developer-on-call", "platform-vendor"]


def test_a_question_at_night_waits() -> None:
    """Out of hours, for anything but an outage: the clock starts when somebody is there."""
    desk = opened(at=paris("2027-01-17 03:00"))

    assert wall(leaves_at(desk), "Europe/Paris") == "Mon 18 Jan 08:20"


def test_a_case_that_sleeps() -> None:
    """C1: a specialist who takes it and is silent for an hour and a half has it no more."""
    desk = opened()
    desk.trigger("specialist-needed")
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=89)
    assert desk.record.owner == "rita"
    desk.later(minutes=1)

    assert desk.record.owner is None
    assert "specialists" in asked(desk, "released")


def test_old_cases_become_important() -> None:
    """C31: three working days after the report, a P4 is a P3."""
    desk = opened(priority="P4")
    desk.until(paris("2027-01-14 09:59"))
    assert desk.record.priority == "P4"
    desk.until(paris("2027-01-14 10:00"))
    assert desk.record.priority == "P3"


def test_word_to_the_customer() -> None:
    """C23: a P1 is promised word every two hours; broken, the duty manager hears of it."""
    desk = opened(priority="P1", category="defect")
    promised = due(desk, ClockName.UPDATE, Then.MISS_UPDATE)
    assert promised - MONDAY == timedelta(hours=2)

    desk.until(paris("2027-01-11 18:00"))
    assert "duty-manager" in asked(desk, "update_missed")


def test_the_first_measures_had_no_effect() -> None:
    """C3, C43: a refused solution is looked at by the next tier, and a survey of 1 opens the case
    again; a 2 does not."""
    desk = opened()
    desk.resolve()
    desk.say(events.RejectResolution(by="Ada", why="still wrong"))
    assert desk.level == TIER_2

    desk.resolve()
    desk.say(events.ConfirmResolution(by="Ada"))
    desk.say(events.Rate(score=1))
    assert (desk.level, desk.status) == (TIER_3, Status.OPEN)

    desk.resolve()
    desk.say(events.ConfirmResolution(by="Ada"))
    desk.say(events.Rate(score=2))
    assert desk.status is Status.CLOSED
