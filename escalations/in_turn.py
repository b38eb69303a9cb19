"""A run keeps of what it decides only what a task of the server writes down.

Whoever asks a run how it stands may bring it, unseen, the future; see `InTurn`.
"""

import asyncio
import concurrent.futures
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final, Protocol

from temporalio import workflow
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryReverseRequest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from escalations.errors import ASKED_AHEAD


class Server(Protocol):
    """What a run's server says of its tasks; `None` where that cannot be known."""

    def gave_out(self, run: workflow.Info, began_at: int) -> bool | None:
        """Whether a worker has the task that began then, in nanoseconds, or the run is over."""

    def completed(self, run: workflow.Info, began_with: int) -> bool | None:
        """Whether the history has the task that began with that event, completed, or the run is
        over."""


class OnServer:
    """Asks it, from the thread that decides, while the worker's own thread waits for that."""

    def __init__(self, client: Client) -> None:
        self._client, self._loop = client, asyncio.get_running_loop()

    def gave_out(self, run: workflow.Info, began_at: int) -> bool | None:
        """See `Server`."""
        return self._says(self._has_given_out(run, began_at))

    def completed(self, run: workflow.Info, began_with: int) -> bool | None:
        """See `Server`."""
        return self._says(self._is_completed(run, began_with))

    def _says(self, looking: Coroutine[Any, Any, bool]) -> bool | None:
        asked = asyncio.run_coroutine_threadsafe(looking, self._loop)
        try:
            return asked.result(_SAYS_WITHIN.total_seconds())
        except (RPCError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            asked.cancel()
            return None

    async def _has_given_out(self, run: workflow.Info, began_at: int) -> bool:
        handle = self._client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        found = await handle.describe(rpc_timeout=_SAYS_WITHIN)
        task = found.raw_description.pending_workflow_task
        over = found.status is not WorkflowExecutionStatus.RUNNING
        return over or task.started_time.ToNanoseconds() == began_at

    async def _is_completed(self, run: workflow.Info, began_with: int) -> bool:
        request = GetWorkflowExecutionHistoryReverseRequest(
            namespace=run.namespace,
            execution=WorkflowExecution(workflow_id=run.workflow_id, run_id=run.run_id),
            maximum_page_size=_EVENTS_AT_ONCE,
        )
        follows: HistoryEvent | None = None
        while True:
            page = await self._client.workflow_service.get_workflow_execution_history_reverse(
                request, retry=True, timeout=_SAYS_WITHIN
            )
            for event in page.history.events:
                if follows is None and event.event_type in _ENDS:
                    return True
                if event.event_id <= began_with:
                    return (
                        event.event_id == began_with
                        and event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
                        and follows is not None
                        and follows.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
                    )
                follows = event
            if not page.next_page_token:
                return False
            request.next_page_token = page.next_page_token


_SAYS_WITHIN: Final = timedelta(milliseconds=1200)  # the SDK gives a task two seconds
_EVENTS_AT_ONCE: Final = 50
_ENDS: Final = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW,
)


class InTurn(SandboxedWorkflowRunner):
    """A run keeps what it decides of events only with the task that writes it down.

    The SDK (1.35) brings a question to a run together with whatever the server's history has by
    then, and the run handles that first. There may be events that no task has begun to handle, with
    the time of the task before; or those of a task that has begun and never gets here: lost with a
    connection, or thrown away because the SDK keeps only one of what waits for a run that is put
    out of memory. The SDK keeps what is decided then and writes it down with the next task, whose
    time is another one: no replay can decide it again, and the run fails its tasks for ever.

    In an activation nothing tells such events from those of a task for certain. What comes
    first to a run that was rebuilt, or has the size of the task before, is compared with the
    task that the server has given out, so that nothing is decided, and measured, for nothing.
    And the question comes next: before it is answered, the history must have the task with
    which the last events came, begun with that event and completed. Where it has not, or the
    server does not say, the question is refused: the run is rebuilt for its next task, and
    whoever has asked asks again. A run that has ended has no next task, and nothing that is
    decided in it is kept: it answers.
    """

    server: Server | None = None

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance that answers no question while it may have decided something out of turn."""
        instance = super().create_instance(det)
        if (server := self.server) is None:
            return instance
        activate, last_length, last_size, rebuilt = instance.activate, 0, 0, False
        unsettled: int | None = None

        def activate_in_turn(act: WorkflowActivation) -> WorkflowActivationCompletion:
            nonlocal last_length, last_size, rebuilt, unsettled
            if all(job.WhichOneof("variant") in _OF_NO_EVENT for job in act.jobs):
                if unsettled is not None and _is_question(act):
                    if not server.completed(det.info, unsettled):
                        return _refused(act)
                    unsettled = None
                return activate(act)
            length, size = act.history_length, act.history_size_bytes
            new = not act.is_replaying and length > last_length
            if new and (rebuilt or size == last_size != 0):
                began_at = act.timestamp.ToNanoseconds()
                if not server.gave_out(det.info, began_at):
                    return _refused(act)
            last_length, last_size, rebuilt = length, size, act.is_replaying
            completion = activate(act)
            if act.is_replaying:
                unsettled = None
            elif not _only_rejects(act, completion):
                unsettled = act.history_length
            return completion

        instance.activate = activate_in_turn  # type: ignore[method-assign]  # no hook is nearer
        return instance


_OF_NO_EVENT: Final = ("query_workflow", "remove_from_cache")
_QUESTION: Final = "legacy_query"  # what the SDK calls a question that comes beside all tasks


def _is_question(act: WorkflowActivation) -> bool:
    return any(job.query_workflow.query_id == _QUESTION for job in act.jobs)


def _only_rejects(act: WorkflowActivation, completion: WorkflowActivationCompletion) -> bool:
    """Whether nothing happened but commands that were refused: the server keeps no such task."""
    return all(job.HasField("do_update") for job in act.jobs) and all(
        command.update_response.HasField("rejected") for command in completion.successful.commands
    )


def _refused(act: WorkflowActivation) -> WorkflowActivationCompletion:
    completion = WorkflowActivationCompletion(run_id=act.run_id)
    completion.failed.failure.message = ASKED_AHEAD
    return completion
