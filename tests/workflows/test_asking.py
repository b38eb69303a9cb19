"""Who asks how a case stands changes nothing, whenever it is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowQueryFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.ledger import SqlLedger
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from escalations.temporal import plugin
from tests import harness
from tests.harness import Desk, FakeChannels, OpenCase
from workflows.escalation import EscalationWorkflow

CASES = 8
"""Whether the worker gets to the question first is a matter of chance."""


@asynccontextmanager
async def _at_work(desk: Desk, folder: Path) -> AsyncIterator[None]:
    ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}")
    async with Worker(
        desk.client,
        task_queue=desk.task_queue,
        workflows=[EscalationWorkflow],
        activities=[
            Policies(desk.policies).snapshot,
            Notifications(FakeChannels(), ledger, JinjaTemplates()).notify,
        ],
        sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
    ):
        yield
    await ledger.close()


async def _ask(case: OpenCase) -> None:
    with suppress(WorkflowQueryFailedError, RPCError):
        await case.record()


async def _rung(case: OpenCase) -> None:
    """A timer has rung, and nobody has heard it."""
    while True:
        history = await case.handle.fetch_history()
        if any(e.event_type == EventType.EVENT_TYPE_TIMER_FIRED for e in history.events):
            return


@pytest.mark.parametrize("_", range(CASES))
async def test_asked_while_the_worker_is_away(
    environment: WorkflowEnvironment, tmp_path: Path, _: int
) -> None:
    """Somebody asks while no worker is there, and a deadline passes before one comes: what the
    worker decides then, another one would decide, too."""
    desk = Desk(environment, FakeChannels(), harness.policies(), f"asked-{tmp_path.name}")
    async with _at_work(desk, tmp_path):
        case = await desk.open()
    asking = asyncio.create_task(_ask(case))
    for _ in range(5):
        await case.handle.describe()
    passing = asyncio.create_task(case.forward(timedelta(minutes=6)))
    await _rung(case)

    async with _at_work(desk, tmp_path):
        await passing
        await asking
        before = await case.record()
    history = await case.handle.fetch_history()

    assert "acknowledgement_expired" in [entry.type for entry in before.timeline]
    await Replayer(workflows=[EscalationWorkflow], plugins=[plugin()]).replay_workflow(history)
