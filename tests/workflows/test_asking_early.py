"""Who asks while a case is opened, and again while no worker is there, brings no future either."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.ledger import SqlLedger
from activities.notifications import Notifications
from activities.templates import JinjaTemplates
from escalations import events, names
from escalations.record import EscalationRecord, Opening
from tests import harness
from tests.harness import Desk, FakeChannels, OpenCase
from tests.workflows.test_opening import LatePolicies
from workflows.escalation import EscalationWorkflow

CASES = 3
"""Whether the worker gets to the question first is a matter of chance."""

CUSTOMER = "mailto:ada@acme.example"


async def _ask(case: OpenCase) -> None:
    with suppress(WorkflowQueryFailedError, RPCError, TimeoutError):
        async with asyncio.timeout(5):
            await case.record()


async def _has(case: OpenCase, kind: EventType.ValueType, times: int = 1) -> None:
    while True:
        history = await case.handle.fetch_history()
        if sum(event.event_type == kind for event in history.events) >= times:
            return


@pytest.mark.parametrize("n", range(CASES))
async def test_asked_at_the_opening_and_while_the_worker_is_away(
    environment: WorkflowEnvironment, tmp_path: Path, n: int
) -> None:
    """A question at the opening splits the first task in two, and a replay sees only one of them;
    what comes after them while the worker leaves is not taken for a part of the other."""
    known, queue, case_id = harness.policies(), f"split-{tmp_path.name}", f"split-{n}"
    late, channels = LatePolicies(known), FakeChannels()
    under_way, released = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        under_way.set()
        await released.wait()

    channels.hangs[CUSTOMER] = hang
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")

    def worker() -> Worker:
        return Worker(
            environment.client,
            task_queue=queue,
            workflows=[EscalationWorkflow],
            activities=[
                late.snapshot,
                Notifications(channels, ledger, JinjaTemplates()).notify,
            ],
            graceful_shutdown_timeout=timedelta(seconds=10),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        )

    handle = await environment.client.start_workflow(
        names.Workflow.ESCALATION,
        Opening(harness.request(case=case_id, reported_at=datetime.now(UTC))),
        id=names.escalation_id(case_id),
        task_queue=queue,
        result_type=EscalationRecord,
    )
    case = OpenCase(case_id, handle, Desk(environment, channels, known, queue))
    await case.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="Hello?"))
    looks = [asyncio.create_task(_ask(case)) for _ in range(3)]
    async with worker() as first:
        await late.asked.wait()
        looks.append(asyncio.create_task(_ask(case)))
        await asyncio.sleep(0)
        late.go.set()
        await asyncio.gather(*looks)
        await under_way.wait()
        leaving = asyncio.create_task(first.shutdown())
        await asyncio.sleep(0.2)
        asking = [asyncio.create_task(_ask(case)) for _ in range(3)]
        for _ in range(5):
            await handle.describe()
        released.set()
        await leaving
    await _has(case, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED)

    async with worker():
        await asyncio.gather(*asking)
        await case.ready()
        before = await case.record()
    async with worker():
        after = await case.record()

    assert {entry.type for entry in before.timeline} >= {"customer_replied", "notified"}
    assert after == before
