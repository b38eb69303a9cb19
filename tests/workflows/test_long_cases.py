"""Cases about which very much is said."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.record import Ending
from tests import harness
from tests.harness import Desk

pytestmark = pytest.mark.timeout(300)

REPLIES = 3_000
REPEATED = 300
LONG_ENOUGH = timedelta(seconds=5)
"""For the test to see that a new run has begun."""


async def test_three_thousand_replies_across_runs(desk: Desk) -> None:
    """Of 3,000 replies, some of them sent twice, none is lost and none counts twice across runs."""
    case = await desk.open()
    first_run = (await case.handle.describe()).run_id
    at_most = asyncio.Semaphore(16)

    async def reply(n: int) -> None:
        async with at_most:
            said = events.CustomerReplied(text=f"Reply {n}", message_id=f"m-{n}")
            await case.say(names.Signal.CUSTOMER_REPLIED, said)

    await asyncio.gather(*(reply(n) for n in range(REPLIES)))
    await asyncio.gather(*(reply(n) for n in range(0, REPLIES, REPLIES // REPEATED)))
    await case.ready()

    record = await case.record()
    summary = await case.summary()
    last_run = (await case.handle.describe()).run_id
    counted = sum(1 for entry in record.timeline if entry.type == "customer_replied") + sum(
        entry.counts.get("customer_replied", 0)
        for entry in record.timeline
        if entry.type == "folded"
    )
    assert first_run != last_run
    assert record.replies == REPLIES
    assert counted == REPLIES
    assert summary.level == 1
    assert len(record.model_dump_json()) < 1_500_000


async def test_a_promise_outlives_a_run(desk: Desk) -> None:
    """A deadline that was promised before a run went on in a new one is kept to the microsecond."""
    case = await desk.open()
    await case.command(names.Update.ACKNOWLEDGE, events.Acknowledge(by="ada"))
    before = await case.record()
    first_run = (await case.handle.describe()).run_id

    async def chat(n: int) -> None:
        for k in range(30):
            text = f"{n}.{k} " + "x" * 15_000
            await case.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text=text))

    await asyncio.gather(*(chat(n) for n in range(10)))  # 4.5 MB: a new run is due
    await case.ready()
    after = await case.record()

    assert (await case.handle.describe()).run_id != first_run
    assert after.next_deadline == before.next_deadline
    assert after.replies == 300
    assert after.owner == "ada"
    await case.command(
        names.Update.PROPOSE_RESOLUTION, events.ProposeResolution(by="ada", summary="Done.")
    )
    promised = (await case.record()).next_deadline
    ended = await case.to_the_end()
    assert ended.ending is Ending.PRESUMED
    assert promised is not None
    assert ended.closed_at is not None
    assert timedelta() <= ended.closed_at - promised.at < timedelta(minutes=1)


async def test_a_large_history_goes_on_while_a_mail_server_hangs(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A channel that never answers does not keep a case in a run until the server stops that run
    for its size; the message that was on its way arrives once."""
    released = asyncio.Event()

    async def hang() -> None:
        await released.wait()

    async with harness.desk(environment, tmp_path, settled_after=LONG_ENOUGH) as desk:
        desk.channels.hangs["mailto:ada@acme.example"] = hang
        case = await desk.start()
        first_run = (await case.handle.describe()).run_id
        for _ in range(7):
            await case.handle.signal(names.Signal.ADD_NOTE, {"by": "x", "text": "y" * 1_800_000})
        async with asyncio.timeout(60):
            while True:
                if (await case.handle.describe()).run_id != first_run:
                    break
        released.set()
        await case.ready()
        record = await case.record()

    told = [recipient for recipient, _ in case.told()]
    assert told.count("customer") == 1
    assert [each.type for each in record.timeline].count("refused") == 7


async def test_more_bounces_than_one_activity_can_carry(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """They come while no worker runs; somebody is told of each, and the case goes on."""
    async with harness.desk(environment, tmp_path) as desk:
        case = await desk.open()
        case.told()
    for n in range(130):
        bounce = events.ReportDelivery(
            key=f"{case.case}/1",
            recipient="customer",
            delivered=False,
            detail="x" * 19_000,
            message_id=f"m-{n}",
        )
        await case.say(names.Signal.REPORT_DELIVERY, bounce)
    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue) as again:
        await case.ready()

    told = again.channels.take(case=case.case)
    assert {recipient for recipient, _ in told} == {"escalation-manager"}
    assert len(told) == 130
