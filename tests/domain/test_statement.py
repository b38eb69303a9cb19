"""What the customer opens with: a threat in the statement is heard, as one in a reply is."""

import pytest

from escalations import events
from escalations.record import Baton
from tests.domain.desk import Desk
from tests.domain.matrices import ladder, paris

TRIGGERS = {
    "lawyer": {"to": "L3", "executive": True, "phrases": {"en": ["lawyer"]}},
    "press": {"to": "L1", "executive": True, "phrases": {"en": ["newspaper"]}},
    "manager": {"to": "L2", "phrases": {"en": ["manager"], "fr": ["responsable"]}},
    "lost": {"to": "next", "phrases": {"en": ["gave up"]}},
}
SMALL = ladder("1h", "1h", "1h", triggers=TRIGGERS, languages=["en", "fr"])


def test_a_threat_to_sue() -> None:
    """A54: the case begins where the threat belongs; the first level is not asked, and nobody is
    told that it was handed over."""
    desk = Desk(snapshot=SMALL, statement="Pay me back, or my lawyer will write to you.")

    desk.expect(
        "manager_briefed → manager",
        "executive_called → manager",
        "customer_acknowledged → customer",
        "level_entered → three",
    )
    assert desk.last("level_entered").particulars.why == "trigger:lawyer"
    assert "my lawyer" in desk.last("executive_called").particulars.text
    assert [entry.type for entry in desk.record.timeline][:3] == [
        "opened",
        "trigger_raised",
        "level_entered",
    ]
    (raised,) = desk.entries("trigger_raised")
    assert (raised.trigger, raised.moved, raised.by) == ("lawyer", True, "Ada of ACME")
    assert (desk.level, desk.record.highest_level, desk.record.hand_offs) == (3, 3, 0)


def test_several_threats_at_once() -> None:
    """The highest says where the case begins; the others are on record."""
    desk = Desk(snapshot=SMALL, statement="Your manager and a newspaper hear of my lawyer.")

    assert desk.level == 3
    assert [(each.trigger, each.moved) for each in desk.entries("trigger_raised")] == [
        ("lawyer", True),
        ("manager", False),
        ("press", False),
    ]
    assert desk.told().count("executive_called → manager") == 1


@pytest.mark.parametrize(
    ("statement", "language", "level", "raised"),
    [
        ("The invoice was charged twice.", "en", 1, []),
        ("A newspaper called.", "en", 1, ["press"]),
        ("I almost gave up.", "en", 2, ["lost"]),
        ("Je veux un responsable", "fr", 2, ["manager"]),
        ("Je veux un responsable", "en", 1, []),
    ],
)
def test_words_of_the_statement(
    statement: str, language: str, level: int, raised: list[str]
) -> None:
    """In the customer's language, never down; what moves nothing is on record, too."""
    customer = {"language": language}
    desk = Desk(snapshot=SMALL, statement=statement, customer=customer)

    assert desk.level == level
    assert [each.trigger for each in desk.entries("trigger_raised")] == raised


def test_a_category_that_begins_above() -> None:
    """Where the category begins higher than the trigger leads, the case stays there."""
    snapshot = ladder(
        "1h",
        "1h",
        "1h",
        triggers=TRIGGERS,
        languages=["en", "fr"],
        categories={"outage": {"start": "L3"}},
    )
    desk = Desk(snapshot=snapshot, category="outage", statement="Get me a manager.")

    assert desk.level == 3
    assert desk.last("level_entered").particulars.why == "opened"
    assert [each.moved for each in desk.entries("trigger_raised")] == [False]


def test_opened_again_with_the_same_words() -> None:
    """What was said when the case was opened first has been heard; a new statement is new."""
    snapshot = ladder("1h", "1h", "1h", "1h", triggers=TRIGGERS, languages=["en", "fr"])
    first = Desk(snapshot=snapshot, statement="Get me a manager.", at=paris("2026-12-22 10:00"))
    first.say(events.Withdraw(by="ada", why="never mind"))
    baton = Baton(record=first.record)
    at = paris("2027-02-01 10:00")

    same = Desk(snapshot=snapshot, again=baton, statement="Get me a manager.", at=at)
    worse = Desk(snapshot=snapshot, again=baton, statement="My lawyer will write.", at=at)
    higher = Desk(snapshot=snapshot, again=baton, statement="I gave up.", at=at)

    assert (first.level, same.level, worse.level, higher.level) == (2, 3, 3, 4)
    assert [len(each.entries("trigger_raised")) for each in (same, worse, higher)] == [1, 2, 2]
    assert same.last("level_entered").particulars.why == "opened_again"
