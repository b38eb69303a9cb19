"""Channels that do not work, and cases that go on all the same."""

import asyncio
from datetime import timedelta
from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from activities.letters import Unavailable
from escalations import events, names
from escalations.policy import Policy
from escalations.record import Ending
from tests import harness
from tests.harness import Desk
from tests.workflows.impatient import ImpatientWorkflow

SUPPORT = "mailto:support-manager@callcentre.example"
CUSTOMER = "mailto:ada@acme.example"
REPRESENTATIVE = "mailto:representative@callcentre.example"
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


async def test_an_address_that_no_request_may_write_costs_its_message_alone(desk: Desk) -> None:
    """Of a case that was opened before requests were limited, nothing goes to an inner address; the
    fallback hears who was not told, and the case climbs when it is due."""
    inner = "json://127.0.0.1:9/admin"
    team = {"account-executive": {"name": "Kim", "reach": [inner]}}
    case = await desk.open(priority="P1", team=team, customer={"contacts": [inner]})
    await case.forward(timedelta(minutes=35))

    record = await case.record()
    missed = {entry.recipient for entry in record.timeline if entry.type == "undelivered"}
    assert missed == {"account-executive", "customer"}
    assert [address for address, _ in desk.channels.letters if "json" in address] == []
    heard = [subject for recipient, subject in case.told() if recipient == "escalation-manager"]
    assert any("could not be" in subject or "nobody" in subject.lower() for subject in heard), heard
    assert record.level > 1


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


async def test_a_channel_that_is_down_for_a_while_is_tried_again(desk: Desk) -> None:
    """Whoever could not be told is told as soon as it goes; whoever was told is not told twice."""
    tries = 0

    async def down_twice() -> None:
        nonlocal tries
        tries += 1
        if tries <= 2:
            raise Unavailable("451 try again later")

    desk.channels.hangs[SUPPORT] = down_twice
    case = await desk.start(category="billing")
    await case.forward(timedelta(minutes=1))

    record = await case.record()
    assert tries == 3
    assert sorted(recipient for recipient, _ in case.told()) == [
        "customer",
        "escalation-manager",
        "support-manager",
    ]
    assert "undelivered" not in {entry.type for entry in record.timeline}


async def test_a_case_ends_though_its_last_messages_do_not_arrive(desk: Desk) -> None:
    """While every mail server is down nobody hears that a case is closed; the record says so."""
    case = await desk.open()
    case.told()
    desk.channels.fails |= {MANAGER, REPRESENTATIVE, CUSTOMER}
    await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="It solved itself."))

    ended = await case.to_the_end()

    missed = {entry.recipient for entry in ended.timeline if entry.type == "undelivered"}
    assert missed == {"customer", "escalation-manager", "representative"}
    assert (ended.ending, ended.outbox) == (Ending.WITHDRAWN, [])
    assert case.told() == []


async def test_a_hanging_channel_does_not_delay_the_climb(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A case climbs while the message to its first level is still on its way, and says so."""
    released = asyncio.Event()

    async def hang() -> None:
        await released.wait()

    async with harness.desk(environment, tmp_path, more=[quick()]) as desk:
        desk.channels.hangs[REPRESENTATIVE] = hang
        case = await desk.start(policy="quick")
        await case.forward(timedelta(seconds=4))
        climbed = await case.record()
        released.set()
        await case.ready()
        record = await case.record()
        await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="It is a test."))
        await case.to_the_end()

    assert climbed.level == 2
    assert f"{case.case}/3" in {effect.key for effect in climbed.outbox}
    assert "representative" in {
        entry.recipient for entry in record.timeline if entry.type == "notified"
    }


def quick() -> Policy:
    """The real matrix, the first level of which has two seconds."""
    matrix = harness.policies()["call-centre"]
    written = matrix.model_dump(mode="json")
    written["policy"] = "quick"
    written["levels"][0] |= {"within": "1s..2s", "acknowledge_within": None}
    return Policy.model_validate(written)


async def test_a_new_run_sends_again_only_what_nobody_has_accepted(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A run that ends while a message hangs hands it on; who has the others gets them once."""
    over, tries = asyncio.Event(), 0

    async def hang_at_first() -> None:
        nonlocal tries
        tries += 1
        if tries == 1:
            await over.wait()
            raise Unavailable("the run that asked is over")

    async with harness.desk(environment, tmp_path, workflows=[ImpatientWorkflow]) as desk:
        desk.channels.hangs[CUSTOMER] = hang_at_first
        case = await desk.start()
        first_run = await case.handle.describe()
        while (await case.handle.describe()).run_id == first_run.run_id:
            await case.say(names.Signal.ADD_NOTE, events.AddNote(by="ada", text="Still here"))
        await case.ready()
        over.set()

    assert tries == 2
    assert sorted(recipient for recipient, _ in case.told()) == [
        "customer",
        "escalation-manager",
        "representative",
    ]
