"""Customer success: one manager through all of it, executives when it is extraordinary."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.effects import ScheduleRetrospective, TellCustomer
from escalations.policy import Priority
from escalations.record import Status
from tests.domain.desk import Desk
from tests.domain.ladders import asked, due, leaves_at, moment, open_desk, policies, wall

POLICY = policies()["customer-success"]
INTAKE, INVESTIGATION, RESOLUTION, EXECUTIVE = range(1, 5)
TEAM = {
    role: {"name": role.title(), "reach": [f"mailto:{role}@acme-team.example"]}
    for role in ("customer-success-manager", "account-executive", "executive-sponsor")
}


def helsinki(written: str) -> datetime:
    return moment(written, "Europe/Helsinki")


MONDAY = helsinki("2027-01-11 10:00")


def opened(at: datetime = MONDAY, **changes: Any) -> Desk:
    said = {"category": "defect", "priority": "P3", "team": TEAM}
    return open_desk("customer-success", at, **said | changes)


def told(desk: Desk) -> list[str]:
    """What the customer was told, in order."""
    return [each.notice for each in desk.sent if isinstance(each, TellCustomer)]


@pytest.mark.parametrize("priority", Priority)
@pytest.mark.parametrize("at", ["2027-01-11 10:00", "2027-01-17 03:00"])
def test_from_the_first_minute(priority: Priority, at: str) -> None:
    """A4, A5, A6, A15: at any hour the manager is briefed, the customer told and the desk asked,
    all in the moment in which the case opens."""
    desk = opened(at=helsinki(at), priority=priority)

    assert desk.at == helsinki(at)
    assert asked(desk, "manager_briefed") == ["escalation-manager"]
    assert asked(desk) == ["service-desk"]
    assert told(desk) == ["customer_acknowledged"]


def test_at_night_the_clock_runs() -> None:
    """A5, A8: what comes at three on Sunday is with those who can solve it by twenty to four."""
    desk = opened(at=helsinki("2027-01-17 03:00"))
    desk.until(helsinki("2027-01-17 03:40"))

    assert asked(desk) == ["service-desk", "solution-engineers"]


@pytest.mark.parametrize(
    ("priority", "informed"),
    [
        (
            "P1",
            [
                "customer-success-manager",
                "account-executive",
                "executive-sponsor",
                "executive-office",
            ],
        ),
        ("P2", ["customer-success-manager", "account-executive", "executive-sponsor"]),
        ("P3", ["customer-success-manager", "executive-sponsor"]),
        ("P4", ["executive-sponsor"]),
    ],
)
def test_stakeholders(priority: str, informed: list[str]) -> None:
    """A7, A57: the more important, the more people know; a sponsor hears of every case."""
    assert asked(opened(priority=priority), "stakeholder_informed") == informed


def test_more_important_more_people() -> None:
    """A7: whoever becomes a stakeholder when the priority rises is told then, the others not
    again."""
    desk = opened(priority="P3")
    desk.say(events.SetPriority(by="manager", priority=Priority.P1, why="production stands still"))

    assert asked(desk, "stakeholder_informed")[2:] == ["account-executive", "executive-office"]


@pytest.mark.parametrize(
    ("category", "who"),
    [
        ("defect", "solution-engineers"),
        ("data", "data-engineers"),
        ("security", "security-team"),
        ("contract", "contracts"),
    ],
)
def test_to_the_team_that_can_solve_it(category: str, who: str) -> None:
    """A8: investigation is with those who know the field, whatever their rank."""
    desk = opened(category=category)
    desk.trigger("skill-needed")

    assert (desk.level, asked(desk)[-1]) == (INVESTIGATION, who)


EXTRAORDINARY = [
    ("en", "We will cancel our contract."),
    ("fr", "Nous allons résilier notre contrat."),
    ("fi", "Irtisanomme sopimuksen."),
    ("en", "You will hear from our lawyers"),
    ("fr", "Notre avocat vous écrira"),
    ("fi", "Ryhdymme oikeustoimiin"),
    ("en", "I want to speak to your CEO."),
    ("fr", "Passez-moi votre direction générale"),
    ("fi", "Haluan puhua toimitusjohtajanne kanssa"),
]


@pytest.mark.parametrize(("language", "words"), EXTRAORDINARY)
def test_executives_when_it_is_extraordinary(language: str, words: str) -> None:
    """A54, A55, A56: cancelling, suing, insisting on the top: executives have it at once, and the
    manager hears that a sponsor may be due."""
    desk = opened(customer={"language": language})
    desk.reply(words)

    assert (desk.level, asked(desk)[-1]) == (EXECUTIVE, "executive-office")
    assert asked(desk, "executive_called") == ["escalation-manager"]
    assert desk.record.executive


def test_executives_also_from_a_finished_case() -> None:
    """A54: a threat while a solution waits for the customer opens the case again, at the top."""
    desk = opened()
    desk.resolve()
    desk.reply("Too late. We will cancel our contract.")

    assert (desk.level, desk.status) == (EXECUTIVE, Status.OPEN)


def test_no_executive_for_ordinary_anger() -> None:
    """A9 to A12: who feels unheard is a level up, and no executive is called for that."""
    for language, words in (
        ("en", "Nobody answers me!"),
        ("fr", "Personne n’écoute."),
        ("fi", "Kukaan ei vastaa"),
    ):
        desk = opened(customer={"language": language})
        desk.reply(words)
        assert (desk.level, desk.record.executive) == (INVESTIGATION, False)


def test_who_can_call_executives() -> None:
    """A55: of the facts that lead to executives, every one also asks for a sponsor."""
    top = {name for name, each in POLICY.triggers.items() if each.to == "Executive"}
    assert top == {name for name, each in POLICY.triggers.items() if each.executive}
    assert "extraordinary-step" in top


def test_a_workaround_is_not_the_end() -> None:
    """A28, A29, A43: it is recorded as one, waits two weeks for the fix, and is then a breach."""
    desk = opened()
    desk.resolve("workaround")
    desk.say(events.ConfirmResolution(by="Ada"))
    assert (desk.status, desk.record.resolution and desk.record.resolution.kind) == (
        Status.WORKAROUND,
        "workaround",
    )
    overdue = due(desk, ClockName.FIX, Then.FIX_OVERDUE)
    assert wall(overdue, "Europe/Helsinki") == "Mon 25 Jan 10:00"

    desk.until(overdue)
    assert (desk.status, desk.record.breached) == (Status.OPEN, True)
    assert "escalation-manager" in asked(desk, "fix_overdue")


def test_the_real_fix_ends_it() -> None:
    """A29, A30, A52: fix, the customer's yes, the survey, and then the end."""
    desk = opened()
    desk.resolve("workaround")
    desk.say(events.ConfirmResolution(by="Ada"))
    desk.resolve("fix")
    desk.say(events.ConfirmResolution(by="Ada"))
    assert desk.record.survey is not None
    desk.say(events.Rate(score=5))

    assert desk.record.ending == "confirmed"


@pytest.mark.parametrize(
    ("priority", "trigger", "score", "held"),
    [
        ("P3", None, 5, False),
        ("P3", None, 3, True),
        ("P1", None, 5, True),
        ("P3", "no-solution-in-sight", 5, True),
    ],
)
def test_retrospective(priority: str, trigger: str | None, score: int, held: bool) -> None:
    """A31: after what was grave, went up, or ended with a customer who is not content."""
    desk = opened(priority=priority)
    if trigger:
        desk.trigger(trigger)
    desk.resolve()
    desk.say(events.ConfirmResolution(by="Ada"))
    desk.say(events.Rate(score=score))

    assert any(isinstance(each, ScheduleRetrospective) for each in desk.sent) is held


def test_a_bad_rating_is_acted_on() -> None:
    """A52: a two out of five opens the case again, one level up."""
    desk = opened()
    desk.resolve()
    desk.say(events.ConfirmResolution(by="Ada"))
    desk.say(events.Rate(score=2))

    assert (desk.level, desk.status) == (INVESTIGATION, Status.OPEN)


def test_word_to_the_customer() -> None:
    """A22, A41: a P1 hears every hour of working time; a missed word is a breach."""
    desk = opened(priority="P1")
    assert due(desk, ClockName.UPDATE, Then.MISS_UPDATE) - MONDAY == timedelta(hours=1)

    desk.say(events.Acknowledge(by="rita"))
    desk.trigger("skill-needed")
    desk.later(hours=1)
    assert "escalation-manager" in asked(desk, "update_missed")


def test_phases_in_order() -> None:
    """A20: intake, investigation and resolution follow each other when nobody does anything."""
    assert [level.name for level in POLICY.levels][:RESOLUTION] == [
        "Intake",
        "Investigation",
        "Resolution",
    ]
    desk = opened()
    desk.until(MONDAY + timedelta(days=2, hours=7))
    assert asked(desk) == [
        "service-desk",
        "solution-engineers",
        "engineering-lead",
        "executive-office",
    ]


def test_a_minor_defect_is_written_down() -> None:
    """A2, A3: no alarm for a minor one: working days instead of minutes, and still a clock."""
    minor, defect = opened(category="minor-defect"), opened()

    assert minor.record.open_actions == ["log-the-bug"]
    assert wall(leaves_at(minor), "Europe/Helsinki") == "Wed 13 Jan 10:00"
    assert leaves_at(defect) - MONDAY == timedelta(minutes=40)


def test_what_is_understood_first() -> None:
    """A6, A65, A67: each phase says what is to be done in it before a case is passed on by hand."""
    assert [level.actions for level in POLICY.levels] == [
        ["confirm-priority", "record-what-is-at-stake"],
        ["write-problem-statement"],
        ["offer-workaround", "plan-real-fix"],
        ["call-the-customer"],
    ]


def test_executives_sleep_unless_it_is_p1() -> None:
    """A24: a threat at night is with executives at seven in the morning; a P1's at once."""
    night = helsinki("2027-01-11 23:00")
    for priority, at in (("P3", helsinki("2027-01-12 07:00")), ("P1", night)):
        desk = opened(at=night, priority=priority)
        desk.reply("We will cancel our contract.")
        assert ("executive-office" in asked(desk)) is (priority == "P1")
        desk.until(at)
        assert "executive-office" in asked(desk)
