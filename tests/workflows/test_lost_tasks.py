"""A task that the server gives out and that never arrives, and a question that brings its events.

A connection that breaks loses both; here somebody else takes them off the worker's queue. The
server gives the question out again, to any worker, with all that the history has by then.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio import workflow
from temporalio.api.enums.v1 import TaskQueueKind
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    PollWorkflowTaskQueueResponse,
)
from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import (
    CustomSlotSupplier,
    FixedSizeSlotSupplier,
    SlotMarkUsedContext,
    SlotPermit,
    SlotReleaseContext,
    SlotReserveContext,
    Worker,
    WorkerTuner,
)

from activities.ledger import SqlLedger
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from escalations import events, names
from escalations.record import EscalationRecord, Opening
from tests import harness
from tests.harness import Desk, FakeChannels, OpenCase
from workflows.escalation import EscalationWorkflow

KNOWN_FOR = timedelta(seconds=1)
"""How long a question waits for the worker that knows the run, before any other may answer it."""

TASK_TIMEOUT = timedelta(seconds=4)
STICKY = TaskQueueKind.TASK_QUEUE_KIND_STICKY


@workflow.defn(name="Passing", sandboxed=False)
class Passing:
    """Comes and goes."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


class Gate(CustomSlotSupplier):
    """Lets the worker ask the server for tasks, or not."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.asking = 0
        """How many of its questions for a task the server has not answered yet."""

    async def reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit:
        await self.open.wait()
        self.asking += 1
        return SlotPermit()

    def try_reserve_slot(self, ctx: SlotReserveContext) -> SlotPermit | None:
        return None

    def mark_slot_used(self, ctx: SlotMarkUsedContext) -> None:
        self.asking -= 1

    def release_slot(self, ctx: SlotReleaseContext) -> None:
        """Nobody counts those."""


class Place:
    """A worker that takes tasks while its gate is open."""

    def __init__(self, environment: WorkflowEnvironment, folder: Path) -> None:
        self.desk = Desk(environment, FakeChannels(), harness.policies(), f"lost-{folder.name}")
        self.gate = Gate()
        self._ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}")

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """One with nothing in its memory."""
        self.gate = Gate()
        slots = FixedSizeSlotSupplier(10)
        async with Worker(
            self.desk.client,
            task_queue=self.desk.task_queue,
            workflows=[EscalationWorkflow, Passing],
            activities=[
                Policies(self.desk.policies).snapshot,
                Notifications(self.desk.channels, self._ledger, JinjaTemplates()).notify,
            ],
            tuner=WorkerTuner.create_composite(
                workflow_supplier=self.gate,
                activity_supplier=slots,
                local_activity_supplier=slots,
                nexus_supplier=slots,
            ),
            sticky_queue_schedule_to_start_timeout=KNOWN_FOR,
            graceful_shutdown_timeout=timedelta(seconds=5),
        ):
            yield
            self.gate.open.set()

    async def open_case(self, case: str) -> OpenCase:
        """One whose tasks the server gives out again soon."""
        handle = await self.desk.client.start_workflow(
            names.Workflow.ESCALATION,
            Opening(harness.request(case=case, reported_at=datetime.now(UTC))),
            id=names.escalation_id(case),
            task_queue=self.desk.task_queue,
            task_timeout=TASK_TIMEOUT,
            result_type=EscalationRecord,
        )
        opened = OpenCase(case, handle, self.desk)
        await opened.ready()
        return opened

    async def close(self, case: OpenCase) -> None:
        """From now on the worker takes no task: those it had asked for have come."""
        self.gate.open.clear()
        async with asyncio.timeout(60):
            while self.gate.asking:
                await case.say(names.Signal.ADD_NOTE, events.AddNote(by="Ann", text="Hm."))
                await self.desk.client.start_workflow(
                    "Passing", id=f"passing-{uuid4().hex}", task_queue=self.desk.task_queue
                )
                await asyncio.sleep(0.1)

    async def way_to(self, case: OpenCase) -> TaskQueue:
        """The queue of the worker that knows the case."""
        tasks = (
            event.workflow_task_scheduled_event_attributes.task_queue
            for event in (await case.handle.fetch_history()).events
        )
        *_, known = (queue for queue in tasks if queue.kind == STICKY)
        return TaskQueue(name=known.name, kind=STICKY, normal_name=known.normal_name)

    async def take_away(self, way: TaskQueue) -> PollWorkflowTaskQueueResponse:
        """Take what comes next to the worker that knows the case; it never gets there."""
        request = PollWorkflowTaskQueueRequest(
            namespace=self.desk.client.namespace,
            task_queue=way,
            identity="a broken connection",
        )
        return await self.desk.client.workflow_service.poll_workflow_task_queue(
            request, timeout=timedelta(seconds=60)
        )


async def _ask(case: OpenCase) -> None:
    with suppress(WorkflowQueryFailedError):
        await case.handle.query(names.Query.SUMMARY, rpc_timeout=timedelta(seconds=60))


async def test_a_question_brings_what_a_lost_task_should_have(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """The run, which the worker has in memory, keeps nothing that it decides of it then: told of it
    by the task that comes instead, it stands as the next worker finds it."""
    place = Place(environment, tmp_path)
    async with place.worker():
        case = await place.open_case("lost")
        await place.close(case)
        way = await place.way_to(case)
        # Both wait before anything comes: the server has patience for `KNOWN_FOR` with all of it.
        taking = [asyncio.create_task(place.take_away(way)) for _ in range(2)]
        asking = asyncio.create_task(_ask(case))
        (first,), (second,) = await asyncio.wait(taking, return_when=asyncio.FIRST_COMPLETED)
        await case.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="Well?"))
        question, task = await first, await second
        place.gate.open.set()
        await asking
        await case.ready()
        before = await case.record()
    async with place.worker():
        after = await case.record()

    assert question.HasField("query")
    assert task.started_event_id
    assert before.replies == 1
    assert after == before


async def quiet(handle: WorkflowHandle[Any, Any], activities: int = 0) -> None:
    """Wait until nothing is on its way to a case or a retrospective, but so many activities.

    What a case starts is there a moment before its first task is.
    """
    async with asyncio.timeout(60):
        while True:
            waits_for = (await handle.describe()).raw_description
            begun = waits_for.workflow_execution_info.history_length > 1
            under_way = len(waits_for.pending_activities)
            at_rest = under_way == activities and not waits_for.HasField("pending_workflow_task")
            if begun and at_rest:
                return


async def test_a_question_after_a_task_that_arrived(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """It is answered at once: after the opening, and after each thing that is said."""
    async with harness.desk(environment, tmp_path) as desk:
        case = await desk.start()
        await quiet(case.handle)
        answers = [await case.record()]
        for n in range(5):
            await case.say(names.Signal.ADD_NOTE, events.AddNote(by="Ann", text=f"Note {n}"))
            await quiet(case.handle)
            answers.append(await case.record())
    case.told()

    entries = [len(answer.timeline) for answer in answers]
    assert entries == [entries[0] + n for n in range(6)]
