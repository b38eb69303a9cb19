"""What stands between Temporal and our workflows: their sandbox, and who receives what is said.

Both make do with whatever comes from outside, and cost as little as they can: a case is looked at
by its worker twenty times and more, and each time the way in costs more than what is done inside.
"""

import asyncio
import concurrent.futures
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import RawValue
from temporalio.converter import (
    PayloadCodec,
    StorageDriverStoreContext,
    WithSerializationContext,
)
from temporalio.service import RPCError
from temporalio.worker import (
    HandleQueryInput,
    HandleSignalInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowInterceptorClassInput,
)
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions
from temporalio.workflow import SandboxImportNotificationPolicy

from escalations.encryption import search_name
from escalations.errors import ASKED_AHEAD

RESTRICTIONS: Final = SandboxRestrictions.default.with_passthrough_modules(
    "escalations",
    "activities",
    "workflows.carrying_out",
    "workflows.commands",
    "workflows.early",
    "workflows.measuring",
    "workflows.messages",
    "workflows.moving",
    "workflows.retrospective_messages",
).with_import_notification_policy(
    # Modules that the sandbox loads anew for every run cost it 30 ms and 0.8 MiB.
    SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    | SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
)
"""The sandbox of every workflow: our own modules and their libraries are passed through."""


@dataclass(frozen=True)
class Standing:
    """How a run stands on the server."""

    over: bool
    task_began_at: int | None
    """When the task began that a worker has now, in nanoseconds; `None` where no worker has one."""


HowItStands: TypeAlias = Callable[[workflow.Info], Standing | None]
"""How a run stands; `None` where that cannot be known."""


class OnServer:
    """Asks the server how a run stands."""

    def __init__(self, client: Client) -> None:
        self._client, self._loop = client, asyncio.get_running_loop()

    def __call__(self, run: workflow.Info) -> Standing | None:
        """Asked from the thread that decides, while the worker's own thread waits for it."""
        handle = self._client.get_workflow_handle(run.workflow_id, run_id=run.run_id)
        asked = asyncio.run_coroutine_threadsafe(
            handle.describe(rpc_timeout=_SAYS_WITHIN), self._loop
        )
        try:
            found = asked.result(1.5 * _SAYS_WITHIN.total_seconds())
        except (RPCError, concurrent.futures.TimeoutError, concurrent.futures.CancelledError):
            return None
        task = found.raw_description.pending_workflow_task
        return Standing(
            over=found.status is not WorkflowExecutionStatus.RUNNING,
            task_began_at=task.started_time.ToNanoseconds() or None,
        )


_SAYS_WITHIN: Final = timedelta(milliseconds=800)  # the SDK gives a task two seconds


class InTurn(SandboxedWorkflowRunner):
    """A run hears of events only with the task that handles them.

    Where somebody asks while no worker has the run in memory, the SDK rebuilds it from all of its
    history, events included that no task has begun to handle, and hands these on with the time of
    the task before. What is decided then is kept, and no replay can decide it again: the run would
    fail its task for ever. So it is refused: the run is rebuilt for its next task, and whoever has
    asked asks again. A run that an operator has stopped has no next task, and nothing that is
    decided in it is kept: it answers.

    Such an activation has the size of the last task that was handled. Where a replay passes over a
    task in which nothing happened, that says nothing: what first comes to a run that was rebuilt is
    compared with the task that the server has given out, and refused where the server does not say.

    The task may have been lost on its way here all the same: where a run is put out of memory, the
    SDK keeps one of what waits for it, and a question goes before a task. What was decided then is
    of the question's, and is given to nobody. So a question that follows is refused as long as the
    server still waits for that task, and the run is rebuilt for its next try.
    """

    stands: HowItStands | None = None

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance that refuses what comes ahead of its task."""
        instance = super().create_instance(det)
        activate, last_length, last_size, rebuilt = instance.activate, 0, 0, False
        unsettled: int | None = None

        def activate_in_turn(act: WorkflowActivation) -> WorkflowActivationCompletion:
            nonlocal last_length, last_size, rebuilt, unsettled
            if all(job.WhichOneof("variant") in _OF_NO_EVENT for job in act.jobs):
                if self.stands is not None and unsettled is not None and _is_question(act):
                    standing = self.stands(det.info)
                    if standing is None or standing.task_began_at == unsettled:
                        return _refused(act)
                    unsettled = None
                return activate(act)
            length, size = act.history_length, act.history_size_bytes
            new = not act.is_replaying and length > last_length
            same_size = size == last_size != 0
            unsettled = None
            if new and (same_size or rebuilt):
                ahead = same_size
                if self.stands is not None:
                    standing = self.stands(det.info)
                    ahead = standing is None or not (
                        standing.over or standing.task_began_at == act.timestamp.ToNanoseconds()
                    )
                if ahead:
                    return _refused(act)
                unsettled = act.timestamp.ToNanoseconds()
            rebuilt = act.is_replaying
            last_length, last_size = length, size
            return activate(act)

        instance.activate = activate_in_turn  # type: ignore[method-assign]  # no hook is nearer
        return instance


_QUESTION: Final = "legacy_query"  # what the SDK calls a question that comes beside all tasks


def _is_question(act: WorkflowActivation) -> bool:
    return any(job.query_workflow.query_id == _QUESTION for job in act.jobs)


_OF_NO_EVENT: Final = ("query_workflow", "remove_from_cache")


def _refused(act: WorkflowActivation) -> WorkflowActivationCompletion:
    completion = WorkflowActivationCompletion(run_id=act.run_id)
    completion.failed.failure.message = ASKED_AHEAD
    return completion


class OneInput(InTurn):
    """Every run starts with one input; none or several become one that no run can start with.

    The SDK calls the workflow with whatever came, and a wrong number of inputs, such as the empty
    form of the Temporal UI, would leave the run failing its task for ever.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance whose first activation has one input."""
        instance = super().create_instance(det)
        activate = instance.activate

        def activate_with_one(act: WorkflowActivation) -> WorkflowActivationCompletion:
            for job in act.jobs:
                if not job.HasField("initialize_workflow"):
                    continue
                inputs = job.initialize_workflow.arguments
                if len(inputs) != 1:
                    del inputs[:]
                    inputs.add(metadata={"encoding": b"binary/null"})
            return activate(act)

        instance.activate = activate_with_one  # type: ignore[method-assign]  # no hook is nearer
        return instance


class WithoutContext(OneInput):
    """The same where the codec asks for no context, so that none has to be looked up.

    The SDK enters the sandbox for it at every payload, a hundred times and more in a case.
    """

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance whose payloads are all coded alike, and none stored elsewhere."""
        instance = super().create_instance(det)
        instance.get_serialization_context = _no_context  # type: ignore[method-assign]
        instance.get_external_store_context = _no_store  # type: ignore[method-assign]
        return instance


def _no_context(command_info: object) -> None:
    """Of which run or activity a payload is makes no difference."""


def _no_store(command_info: object) -> StorageDriverStoreContext:
    return StorageDriverStoreContext(target=None)


def sandboxed(codec: object | None, stands: HowItStands | None = None) -> SandboxedWorkflowRunner:
    """The sandbox, for payloads that go through this codec."""
    kind = OneInput if isinstance(codec, WithSerializationContext) else WithoutContext
    sandbox = kind(restrictions=RESTRICTIONS)
    sandbox.stands = stands
    return sandbox


@runtime_checkable
class Shown(Protocol):
    """A workflow that can say how it stands, as Markdown."""

    def current_details(self) -> str:
        """What the Temporal UI shows as its current details."""


SEARCH_NAME: Final = "escalade.search_name"
"""The function from outside the sandbox that names a customer in search attributes."""


class Reception(Interceptor):
    """Receives what is said and asked, whatever its form.

    Every signal handler takes one raw argument; any other number of them becomes one: the SDK calls
    a handler with whatever came, and a wrong number of arguments would leave the run failing its
    task for ever. Current details are written when somebody looks at them. Where payloads are
    encrypted, workflows are told what customers are called in search attributes.
    """

    def __init__(self, codec: PayloadCodec | None = None) -> None:
        """Receive what goes through this codec."""
        self._search_name = partial(search_name, codec)

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor]:
        """The part of it inside a workflow."""
        input.unsafe_extern_functions[SEARCH_NAME] = self._search_name
        return _Reception


class _Reception(WorkflowInboundInterceptor):
    async def handle_signal(self, input: HandleSignalInput) -> None:
        known = workflow.get_signal_handler(input.signal) is not None
        if known and len(input.args) != 1:
            input = replace(input, args=[RawValue(_json(list(input.args)))])
        await super().handle_signal(input)

    async def handle_query(self, input: HandleQueryInput) -> Any:
        answer = await super().handle_query(input)
        if isinstance(answer, WorkflowMetadata) and isinstance(run := workflow.instance(), Shown):
            answer.current_details = run.current_details()
        return answer


def _json(value: list[Any]) -> Payload:
    payload: Payload = workflow.payload_converter().to_payload(value)
    return payload
