"""Social customer care: by severity, the same day, each class with people of its own."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.errors import Refused
from escalations.policy import Priority
from tests.domain.desk import Desk
from tests.domain.ladders import asked, due, moment, open_desk, policies, wall

POLICY = policies()["social-care"]
COMMON, PERSONAL, HIGH = range(1, 4)
OPEN, SHUT = 8, 19
"""The hours that the profiles promise; the desk stays on for those who came late."""


def paris(written: str) -> datetime:
    return moment(written, "Europe/Paris")


MONDAY = paris("2027-01-11 10:00")


def opened(at: datetime = MONDAY, category: str = "common-question", **changes: Any) -> Desk:
    return open_desk("social-care", at, **{"category": category, "priority": "P3"} | changes)


def day(at: datetime) -> str:
    return wall(at, "Europe/Paris")[:10]


def unanswered_all_day(came: datetime, **changes: Any) -> Desk:
    """Nobody does anything until midnight; at every moment of it an answer is due that day."""
    desk = opened(came, **changes)
    midnight = came + timedelta(hours=24)
    while True:
        assert day(due(desk, ClockName.UPDATE, Then.MISS_UPDATE)) == day(came), "not today"
        climb = desk.record.clocks.get(ClockName.WINDOW)
        at = climb.due(Then.CLIMB) if climb else None
        if at is None or at >= midnight:
            return desk
        desk.until(at)


@pytest.mark.parametrize("date", ["2027-01-11", "2026-12-25", "2026-03-29", "2026-10-25"])
def test_the_same_day(date: str) -> None:
    """B9: whatever quarter of an hour it came while we are open, on Christmas and on the days on
    which the clocks change too: an answer is due that day, and if none is given, the seniors have
    the case that day."""
    for quarter in range(OPEN * 4, SHUT * 4 + 1):
        came = paris(f"{date} {quarter // 4:02}:{quarter % 4 * 15:02}")
        desk = unanswered_all_day(came, priority="P4")
        assert (desk.level, day(desk.at)) == (HIGH, day(came)), came


@pytest.mark.parametrize("category", POLICY.categories)
@pytest.mark.parametrize("priority", Priority)
def test_the_same_day_for_every_class(category: str, priority: Priority) -> None:
    """B9: the default holds for every category and priority, for the last message of the day."""
    came = paris("2027-01-11 19:00")
    desk = unanswered_all_day(came, category=category, priority=priority)

    desk.until(paris("2027-01-11 23:59"))
    assert desk.level == HIGH
    assert {day(each.at) for each in desk.entries("breached") if each.what == "update"} == {
        day(came)
    }


def test_at_night() -> None:
    """B9: what comes at night has its answer the next morning, and a person by nine."""
    desk = opened(at=paris("2027-01-12 02:00"))

    promised = due(desk, ClockName.UPDATE, Then.MISS_UPDATE)
    assert wall(promised, "Europe/Paris") == "Tue 12 Jan 10:00"
    window = due(desk, ClockName.WINDOW, Then.CLIMB)
    assert wall(window, "Europe/Paris") == "Tue 12 Jan 09:00"


@pytest.mark.parametrize("category", ["billing-surprise", "outage", "undelivered"])
def test_grave_from_the_start(category: str) -> None:
    """B5, B6, B7, B18: wrong bills, outages and goods that never came begin with seniors."""
    desk = opened(category=category)

    assert desk.level == HIGH
    assert asked(desk) == ["duty-senior" if category == "outage" else "senior-care"]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "And by the way I was charged twice"),
        ("fr", "D’ailleurs j’ai été débité deux fois !"),
        ("fi", "Minulta veloitettiin kahdesti"),
        ("en", "Your site is down, by the way"),
        ("fr", "Votre site est en panne"),
        ("fi", "Sovelluksessa on käyttökatko"),
        ("en", "The parcel never arrived."),
        ("fr", "Je n’ai jamais reçu le colis"),
        ("fi", "Paketti ei ole saapunut"),
    ],
)
def test_grave_in_passing(language: str, words: str) -> None:
    """B5, B6, B7: said under a harmless question, in any of the languages, it is as grave."""
    desk = opened(customer={"language": language})
    desk.reply(words)

    assert (desk.level, asked(desk)[-1]) == (HIGH, "senior-care")


def test_an_outage_does_not_wait_for_the_morning() -> None:
    """B6: at three at night the senior on duty is told, and asked again when it is silent."""
    desk = opened(at=paris("2027-01-12 03:00"), category="outage")
    assert asked(desk) == ["duty-senior"]

    desk.later(minutes=10)
    assert asked(desk, "unacknowledged") == ["duty-senior", "social-lead"]


def test_three_levels_by_severity() -> None:
    """B16, B17, B18: common questions, personal ones that can wait, and what is grave."""
    assert [level.name for level in POLICY.levels] == [
        "Common questions",
        "Personal, not urgent",
        "High priority",
    ]
    assert asked(opened(category="common-question")) == ["community-agents"]
    assert asked(opened(category="personal-matter")) == ["personal-care"]
    assert asked(opened(category="undelivered")) == ["senior-care"]


@pytest.mark.parametrize(
    ("category", "people"),
    [
        ("common-question", ["community-agents", "personal-care", "senior-care"]),
        ("moderation", ["moderators", "moderation-lead", "trust-and-safety"]),
        ("sales-lead", ["sales-desk", "account-executives", "head-of-sales"]),
    ],
)
def test_own_staff(category: str, people: list[str]) -> None:
    """B8, B13, B14, B19: left unanswered, a case climbs through the people of its own class."""
    desk = opened(category=category)
    desk.until(paris("2027-01-11 14:00"))

    assert asked(desk) == people


def test_classes_share_nobody() -> None:
    """B13, B14, B19: nobody who cares for customers moderates or sells, at any level."""
    staff = [
        {POLICY.level(n, category).contact for n in range(POLICY.start(category), HIGH + 1)}
        for category in ("common-question", "moderation", "sales-lead")
    ]
    assert len(set.union(*staff)) == sum(map(len, staff)) == 9


def test_moderation_gives_nothing_away() -> None:
    """B13, B21: a troll gets no voucher, and only seniors give money back."""
    grants = {
        category: [POLICY.level(n, category).may_grant for n in (COMMON, PERSONAL, HIGH)]
        for category in ("common-question", "moderation")
    }
    assert grants["moderation"] == [{}, {}, {}]
    assert ["refund" in each for each in grants["common-question"]] == [False, False, True]


def test_leads_are_hotter_than_questions() -> None:
    """B14: somebody who wants to buy is passed on sooner than somebody who asks."""
    lead, question = opened(category="sales-lead"), opened()
    assert due(lead, ClockName.WINDOW, Then.CLIMB) < due(question, ClockName.WINDOW, Then.CLIMB)


def test_nobody_posts_alone() -> None:
    """B28, B31: a personal case is not passed on by hand before its history was read, and at the
    top a second person looks at the answer."""
    desk = opened(category="personal-matter")
    with pytest.raises(Refused, match="read-the-history, move-to-private"):
        desk.say(events.HandUp(by="rita", from_level=PERSONAL, reason="too delicate"))

    desk.work()
    desk.say(events.HandUp(by="rita", from_level=PERSONAL, reason="too delicate"))
    assert desk.record.open_actions == ["read-the-history", "second-pair-of-eyes"]


def test_who_is_heard_far() -> None:
    """B11: the same complaint of somebody whom many hear is more important."""
    said = {
        tier: opened(priority=None, impact="medium", urgency="medium", customer={"tier": tier})
        for tier in (None, "influencer", "press")
    }
    assert [desk.record.priority for desk in said.values()] == ["P3", "P2", "P1"]


def test_the_press_office_sleeps_unless_it_burns() -> None:
    """B42: whoever has the crisis plan hears of a P2 in the morning and of a P1 at once."""
    night = paris("2027-01-11 23:00")
    calm, burning = opened(at=night, priority="P2"), opened(at=night, priority="P1")

    assert asked(burning, "stakeholder_informed") == ["press-office"]
    assert asked(calm, "stakeholder_informed") == []
    calm.until(paris("2027-01-12 07:00"))
    assert asked(calm, "stakeholder_informed") == ["press-office"]
