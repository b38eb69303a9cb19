"""Channels that do not work, and cases that go on all the same."""

from datetime import timedelta

from escalations import events, names
from escalations.record import Ending
from tests.harness import Desk

SUPPORT = "mailto:support-manager@callcentre.example"
MANAGER = "mailto:escalation-manager@callcentre.example"


async def test_whoever_cannot_be_reached_is_made_known(desk: Desk) -> None:
    """A level whose address is refused has the case all the same, and the fallback hears of it."""
    desk.channels.refuses.add(SUPPORT)
    case = await desk.open(category="billing")
    told = case.told()
    await case.forward(timedelta(minutes=1))

    record = await case.record()
    missed = [entry for entry in record.timeline if entry.type == "undelivered"]
    assert [(entry.recipient, entry.notice) for entry in missed] == [
        ("support-manager", "level_entered")
    ]
    assert "550" in missed[0].detail
    assert record.level_name == "Support manager"
    told += case.told()
    heard = [subject for recipient, subject in told if recipient == "escalation-manager"]
    assert len(heard) == 2  # that the case is open, and whom nobody could tell


async def test_channels_that_refuse_delay_no_climb(desk: Desk) -> None:
    """With every address refused from first to last, a case climbs when it is due, and
    ends; nobody is told, and the timeline says so."""
    desk.channels.refuses |= {
        address
        for contact in desk.policies["call-centre"].contacts.values()
        for address in contact.reach
    } | {"mailto:ada@acme.example"}
    case = await desk.start(category="quality-complaint")
    await case.forward(timedelta(minutes=35))

    record = await case.record()
    climbed = [entry.at - record.opened_at for entry in record.timeline if entry.type == "breached"]
    assert [round(each / timedelta(minutes=1)) for each in climbed] == [30]
    await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="It solved itself."))
    ended = await case.to_the_end()

    assert ended.ending is Ending.WITHDRAWN
    assert ended.outbox == []
    assert case.told() == []
    assert {entry.type for entry in ended.timeline} >= {"undelivered", "closed"}
    assert "notified" not in {entry.type for entry in ended.timeline}
