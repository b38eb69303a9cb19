"""What customers write is not passed on to a third party (C47)."""

from escalations import events
from escalations.effects import Notify
from tests.domain.desk import Desk
from tests.domain.test_external_level import at_the_vendor, with_vendor

SECRET = "My account number is 4711."


def words_to(desk: Desk, who: str) -> list[str]:
    """What somebody was told in somebody's words."""
    return [
        effect.particulars.text
        for effect in desk.sent
        if isinstance(effect, Notify) and who in {each.key for each in effect.to}
    ]


def test_a_refusal() -> None:
    """The vendor hears that the case goes on; why the customer refuses it, only the manager."""
    desk = at_the_vendor(with_vendor(customer={"reopen": "same"}))
    desk.resolve()
    desk.told()
    desk.say(events.RejectResolution(by="Ada", why=SECRET))

    told = desk.told()
    assert "reopened → manager" in told
    assert "reopened → two" in told
    assert SECRET in words_to(desk, "manager")
    assert SECRET not in words_to(desk, "two")


def test_a_threat() -> None:
    """A reply that moves the case to the vendor does not go along."""
    trigger = {"defect": {"to": "next", "phrases": {"en": ["account number"]}}}
    desk = Desk(snapshot=with_vendor(triggers=trigger), priority="P3")
    desk.told()
    desk.reply(SECRET)

    assert desk.level == 2
    assert "level_entered → two" in desk.told()
    assert words_to(desk, "two") == [""]
    (left,) = desk.entries("left_level")
    assert left.reason == SECRET


def test_our_own_reason() -> None:
    """Whoever hands the case up to the vendor tells them why."""
    desk = at_the_vendor(with_vendor())
    assert words_to(desk, "two") == ["defect of theirs"]
