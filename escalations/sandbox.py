"""What stands between Temporal and our workflows: their sandbox, and who receives what is said.

Both make do with whatever comes from outside, and cost as little as they can: a case is looked at
by its worker twenty times and more, and each time the way in costs more than what is done inside.
"""

from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol, runtime_checkable

from temporalio import workflow
from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.common import RawValue
from temporalio.converter import (
    PayloadCodec,
    StorageDriverStoreContext,
    WithSerializationContext,
)
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
from escalations.in_turn import InTurn, Server

RESTRICTIONS: Final = SandboxRestrictions.default.with_passthrough_modules(
    "escalations",
    "activities",
    "workflows.carrying_out",
    "workflows.commands",
    "workflows.early",
    "workflows.measuring",
    "workflows.messages",
    "workflows.moving",
    "workflows.trace",
    "workflows.retrospective_messages",
).with_import_notification_policy(
    # Modules that the sandbox loads anew for every run cost it 30 ms and 0.8 MiB.
    SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    | SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
)
"""The sandbox of every workflow: our own modules and their libraries are passed through."""


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


def sandboxed(codec: object | None, server: Server | None = None) -> SandboxedWorkflowRunner:
    """The sandbox, for payloads that go through this codec."""
    kind = OneInput if isinstance(codec, WithSerializationContext) else WithoutContext
    sandbox = kind(restrictions=RESTRICTIONS)
    sandbox.server = server
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
