"""A command that its server gave to a worker, and that the worker never answered."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    PollWorkflowTaskQueueRequest,
    RespondWorkflowTaskCompletedRequest,
)
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateInput,
    WorkflowHandle,
    WorkflowUpdateHandle,
)
from temporalio.testing import WorkflowEnvironment

from escalations import events
from escalations.client import EscalationClient
from escalations.policy import HoldReason
from tests import harness
from tests.harness import Desk

HOLD = events.Hold(by="ada", reason=HoldReason.VENDOR, message_id="m-1")


async def test_a_command_that_a_worker_lost_is_sent_again(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A worker that dies at the wrong moment takes a command along, and the task comes back without
    an answer to it. The server then refuses the command in its own words, as if no worker knew it:
    that is no refusal by the case, and it is sent again under its id."""
    async with harness.desk(environment, tmp_path) as desk:
        opened = await desk.open(case="LOST")
        await at_rest(opened.handle)
    client = EscalationClient(desk.client, answer_within=timedelta(seconds=60))

    said = asyncio.create_task(client.send("LOST", HOLD))
    await answer_nothing(environment, desk.task_queue)
    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue):
        summary = await said
        record = await client.record("LOST")

    assert summary.status == "on_hold"
    assert [entry.type for entry in record.timeline].count("held") == 1


class Counting(Interceptor, OutboundInterceptor):
    """Counts the commands that the server has in hand."""

    def __init__(self) -> None:
        self.now = self.most = 0

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        """In front of the others."""
        OutboundInterceptor.__init__(self, next)
        return self

    async def start_workflow_update(
        self, input: StartWorkflowUpdateInput
    ) -> WorkflowUpdateHandle[Any]:
        """One more, until it is answered."""
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            return await super().start_workflow_update(input)
        finally:
            self.now -= 1


async def test_a_server_has_few_commands_of_a_case_in_hand(desk: Desk) -> None:
    """Where an eleventh comes it gives up all ten: of twenty at a time a client hands it five."""
    case = await desk.open()
    counting, config = Counting(), desk.client.config()
    client = EscalationClient(
        Client(**config | {"interceptors": [counting]}), answer_within=timedelta(seconds=60)
    )

    answers = await asyncio.gather(
        *(client.assign(case.case, by="ada", to=f"person {n}") for n in range(20))
    )

    assert {answer.owner for answer in answers} == {f"person {n}" for n in range(20)}
    assert counting.most == 5


async def at_rest(run: WorkflowHandle[Any, Any]) -> None:
    """Wait until no task of the run is on its way: the next one has the command, and it alone."""
    for _ in range(600):
        if not (await run.describe()).raw_description.HasField("pending_workflow_task"):
            return
        await asyncio.sleep(0.05)
    pytest.fail("a task is on its way all the time")


async def answer_nothing(environment: WorkflowEnvironment, task_queue: str) -> None:
    """Take one task, and say that it is done."""
    service = environment.client.workflow_service
    queue = TaskQueue(name=task_queue)
    poll = PollWorkflowTaskQueueRequest(namespace="default", task_queue=queue, identity="hollow")
    task = await service.poll_workflow_task_queue(poll, timeout=timedelta(seconds=60))
    assert [message.protocol_instance_id for message in task.messages] == ["hold/m-1"]
    await service.respond_workflow_task_completed(
        RespondWorkflowTaskCompletedRequest(task_token=task.task_token, namespace="default")
    )
