"""Sends one canary and says what became of it, and what is wrong where it did not climb."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import uuid4

import structlog
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    DescribeTaskQueueRequest,
)
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from escalations import canary, names
from escalations.model import printable
from escalations.record import EscalationRecord, Opening
from escalations.search import quoted

_EACH_CALL: Final = timedelta(seconds=10)
_FORGOTTEN_AFTER: Final = timedelta(minutes=5)
_MOST_FORGOTTEN: Final = 100
"""So many are taken away with one canary."""
_SUMMARY: Final = "No real case: sent to see whether cases climb, and asks nobody"
_CHECK: Final = "Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, and that the server is up."
_KEYS: Final = "give the probe the workers' ESCALADE_ENCRYPTION_KEYS_FILE, and their version."
_TO_BLAME: Final = "Whoever runs the workers looks at their logs and metrics."

log = structlog.stdlib.get_logger(__name__)


class Outcome(StrEnum):
    """What may become of a canary."""

    CLIMBED = "climbed"
    NOT_CLIMBED = "not_climbed"
    UNREACHABLE = "unreachable"
    """It could not be sent: Temporal cannot be reached, or refuses it."""


@dataclass(frozen=True)
class Flight:
    """One canary's."""

    outcome: Outcome
    took: timedelta
    """From its opening to its end, or until it was given up."""
    words: str
    """What became of it; where it did not climb, what is wrong and who can mend it."""


class Probe:
    """Sends canaries to a task queue."""

    def __init__(
        self,
        client: Client,
        task_queue: str,
        within: timedelta,
        *,
        forgotten_after: timedelta = _FORGOTTEN_AFTER,
    ) -> None:
        """`within` is how long a canary may take.

        What ended `forgotten_after` ago and is still there was left behind by a probe that died.
        """
        self._forgotten_after = forgotten_after
        self._client = client
        self._task_queue = task_queue
        self._within = within

    async def send(self) -> Flight:
        """Send one, wait for it, and leave nothing of it behind."""
        name, sent_at = uuid4().hex, datetime.now(UTC)
        try:
            handle = await self._client.start_workflow(
                names.Workflow.CANARY,
                Opening(canary.request(name, sent_at)),
                id=names.canary_id(name),
                task_queue=self._task_queue,
                execution_timeout=2 * self._within,
                result_type=EscalationRecord,
                static_summary=_SUMMARY,
                rpc_timeout=_EACH_CALL,
            )
        except RPCError as error:
            words = f"A canary cannot be opened: {_said(error)}. {_CHECK}"
            return Flight(Outcome.UNREACHABLE, datetime.now(UTC) - sent_at, words)
        try:
            words = await self._wait(handle)
        finally:
            await self._clear_away(handle)
        took = datetime.now(UTC) - sent_at
        if words:
            return Flight(Outcome.NOT_CLIMBED, took, words)
        return Flight(Outcome.CLIMBED, took, f"The canary climbed in {took.total_seconds():.1f} s.")

    async def _wait(self, handle: WorkflowHandle[object, EscalationRecord]) -> str:
        """What went wrong; empty if it climbed."""
        within = self._within.total_seconds()
        try:
            async with asyncio.timeout(within):
                record = await handle.result()
        except TimeoutError:
            return f"The canary has not climbed within {within:g} s. {await self._why(handle)}"
        except WorkflowFailureError as error:
            return f"The canary's run ended ({error.cause}). {_TO_BLAME}"
        except RPCError as error:
            return f"The canary was lost sight of: {_said(error)}. {_CHECK}"
        except (KeyError, RuntimeError, ValueError):  # what the SDK raises of a payload
            return "The canary's answer cannot be read: " + _KEYS
        if canary.has_climbed(record):
            return ""
        return f"The canary ended at level {record.level} without its climb. {_TO_BLAME}"

    async def _why(self, handle: WorkflowHandle[object, EscalationRecord]) -> str:
        try:
            if problem := await self._problem(handle):
                return f"A worker stumbles over it: {problem}. {_TO_BLAME}"
            asked_at = await self._last_poll()
        except RPCError as error:
            return f"And Temporal does not say why: {_said(error)}. {_CHECK}"
        if asked_at is None:
            return (
                f"No worker takes work from the task queue {self._task_queue!r}: whoever runs the "
                "workers starts one, or sets ESCALADE_TASK_QUEUE to the queue they have."
            )
        ago = (datetime.now(UTC) - asked_at).total_seconds()
        return (
            f"A worker asked for work on {self._task_queue!r} {ago:.0f} s ago: it is too busy, "
            f"stuck, or has ended since. {_TO_BLAME}"
        )

    async def _last_poll(self) -> datetime | None:
        """When a worker asked for work last; the server forgets that after some minutes."""
        request = DescribeTaskQueueRequest(
            namespace=self._client.namespace,
            task_queue=TaskQueue(name=self._task_queue),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        answer = await self._client.workflow_service.describe_task_queue(
            request, timeout=_EACH_CALL
        )
        asked = (each.last_access_time.ToDatetime(UTC) for each in answer.pollers)
        return max(asked, default=None)

    async def _problem(self, handle: WorkflowHandle[object, EscalationRecord]) -> str:
        """What the canary's last failed task failed of; empty if none did."""
        history = await handle.fetch_history(rpc_timeout=_EACH_CALL)
        failed = EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
        reasons = [
            event.workflow_task_failed_event_attributes.failure.message
            for event in history.events
            if event.event_type == failed
        ]
        return printable(reasons[-1], 300) if reasons else ""

    async def _clear_away(self, handle: WorkflowHandle[object, EscalationRecord]) -> None:
        """Take it off the server, running or not, with its history; and what others have left."""
        before = (datetime.now(UTC) - self._forgotten_after).isoformat()
        forgotten = (
            f"WorkflowType = {quoted(names.Workflow.CANARY)} AND CloseTime < {quoted(before)}"
        )
        try:
            await self._delete(handle.id, "")
            found = self._client.list_workflows(
                forgotten, limit=_MOST_FORGOTTEN, rpc_timeout=_EACH_CALL
            )
            async for run in found:
                await self._delete(run.id, run.run_id)
        except RPCError as error:
            log.warning("canary.left_behind", workflow_id=handle.id, why=error.message)

    async def _delete(self, workflow_id: str, run_id: str) -> None:
        request = DeleteWorkflowExecutionRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=workflow_id, run_id=run_id),
        )
        try:
            await self._client.workflow_service.delete_workflow_execution(
                request, timeout=_EACH_CALL
            )
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise


def _said(error: RPCError) -> str:
    return printable(error.message, 300).rstrip(".")
