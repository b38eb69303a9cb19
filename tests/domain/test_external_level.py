"""A level outside the company: asked to mend it, and never in the customer's place (A5, C47)."""

import pytest

from escalations import events
from escalations.snapshot import Snapshot
from tests.domain.desk import Desk
from tests.domain.matrices import ladder

HOURLY = {"update_every": {"P3": "4h"}}


def with_vendor(**keys: object) -> Snapshot:
    """Three levels of a day each, the second of which is a vendor's."""
    written = ladder("1d", "1d", "1d", customer=HOURLY).policy.model_dump(mode="json")
    written["levels"][1]["kind"] = "external"
    return ladder("1d", "1d", "1d", **{"levels": written["levels"], "customer": HOURLY, **keys})


def at_the_vendor(snapshot: Snapshot) -> Desk:
    desk = Desk(snapshot=snapshot, priority="P3")
    if desk.level == 1:
        desk.say(events.HandUp(by="one", from_level=1, reason="defect of theirs"))
    assert "level_entered → two" in desk.told()
    return desk


def test_a_reply_does_not_leave_the_house() -> None:
    """The customer's words go to the escalation manager, not to the vendor."""
    desk = at_the_vendor(with_vendor())
    desk.reply("My account number is 4711. How long?")

    desk.expect("customer_replied → manager")


def test_word_to_the_customer_is_ours() -> None:
    """The manager is reminded of the promise and hears that it was missed; the vendor of nothing,
    until its own window is over."""
    desk = at_the_vendor(with_vendor())
    desk.later(hours=4)

    desk.expect("update_due → manager", "update_missed → manager")


def test_an_owner_inside_answers_too() -> None:
    """Somebody of ours who has taken the case hears as well; the vendor who has it does not."""
    desk = at_the_vendor(with_vendor())
    desk.say(events.Assign(by="manager", to="three"))
    desk.told()
    desk.reply("Any news?")
    ours = desk.told()
    vendors = at_the_vendor(with_vendor())
    vendors.say(events.Acknowledge(by="two"))
    vendors.told()
    vendors.reply("Any news?")

    assert ours == ["customer_replied → three, manager"]
    assert vendors.told() == ["customer_replied → manager"]


@pytest.mark.parametrize(
    ("first", "told"), [("functional", "one"), ("self-service", "two"), ("external", "two")]
)
def test_without_a_manager(first: str, told: str) -> None:
    """The level of ours below has the customer; where there is none, rather the vendor than nobody.

    An answer of a machine is nobody who could speak with them.
    """
    policy = with_vendor().policy.model_dump(mode="json")
    policy["levels"][0]["kind"] = first
    desk = at_the_vendor(with_vendor(levels=policy["levels"], escalation_manager=None))
    desk.reply("Any news?")

    desk.expect(f"customer_replied → {told}")


def test_the_nearest_of_ours() -> None:
    """Of several levels below, the one that had it last answers."""
    windows = "1d", "1d", "1d", "1d"
    levels = ladder(*windows).policy.model_dump(mode="json")["levels"]
    levels[2]["kind"] = "external"
    changes = {
        "levels": levels,
        "categories": {"billing": {"levels": {"L2": {"contact": "four"}}}},
        "escalation_manager": None,
    }
    desk = Desk(snapshot=ladder(*windows, **changes), category="billing")
    for level in (1, 2):
        desk.say(events.HandUp(by="one", from_level=level, reason="defect of theirs"))
    desk.told()
    desk.reply("Any news?")

    desk.expect("customer_replied → four")
