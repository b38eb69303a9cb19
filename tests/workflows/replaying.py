"""Replays a history and listens: what our code decides now, beside what was decided then.

The SDK's replayer finds another kind or order of commands. It does not find other contents: whom a
mail goes to, how long a timer runs, what the result is. Those are compared here. What operators
read of a timer or an activity is no decision: its words may be mended under open cases.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from google.protobuf.duration_pb2 import Duration
from pydantic import BaseModel
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import _Definition

from escalations.adoption import Adopted
from escalations.effects import Dispatch
from escalations.names import Workflow
from escalations.record import EscalationRecord, Opening, Summary
from escalations.request import EscalationRequest
from escalations.retrospective.events import Circular
from escalations.retrospective.record import RetrospectiveRecord, RetrospectiveSummary
from escalations.retrospective.request import RetrospectiveRequest
from escalations.sandbox import sandboxed
from escalations.temporal import plugin
from workers.composition import WORKFLOWS

HISTORIES: Final = Path(__file__).parent.parent / "histories"

Decision = tuple[str, Any]
"""What kind, and everything in it that matters to somebody."""

_GIVEN: Final[dict[str, type[BaseModel]]] = {
    "snapshot_policy": EscalationRequest,
    "notify": Dispatch,
    "invite": Circular,
}
_RESULT: Final[dict[str, type[BaseModel]]] = {
    Workflow.ESCALATION: EscalationRecord,
    Workflow.RETROSPECTIVE: RetrospectiveRecord,
}
_ANSWER: Final[dict[str, type[BaseModel]]] = {
    Workflow.ESCALATION: Summary,
    Workflow.RETROSPECTIVE: RetrospectiveSummary,
}


def recorded() -> dict[str, WorkflowHistory]:
    """The histories that are kept, by their names."""
    return {file.stem: _read(file) for file in sorted(HISTORIES.glob("*.json"))}


def _read(file: Path) -> WorkflowHistory:
    text = file.read_text("utf-8")
    events = json.loads(text)["events"]
    workflow_id = events[0]["workflowExecutionStartedEventAttributes"]["workflowId"]
    return WorkflowHistory.from_json(workflow_id, text)


@dataclass
class Replayed:
    """How a replay went."""

    failure: BaseException | None
    """That the order or the kind of what is decided differs."""
    decisions: list[Decision]


async def replay(history: WorkflowHistory, runner: WorkflowRunner | None = None) -> Replayed:
    """Replay a history with our code as it is now, in the sandbox unless in another runner."""
    listening = Listening(runner or sandboxed(None))
    listener = SimplePlugin("listener", workflow_runner=lambda existing: listening)
    replayer = Replayer(workflows=list(WORKFLOWS), plugins=[plugin(), listener])
    result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
    workflow = _type_of(history)
    decisions = [
        decision
        for after, said in listening.commands
        for decision in _of_command(said, after, workflow)
    ]
    return Replayed(result.replay_failure, decisions)


class Listening(WorkflowRunner):
    """Hears what a workflow decides on its way to the SDK's core."""

    def __init__(self, runner: WorkflowRunner) -> None:
        self._runner = runner
        self.commands: list[tuple[int, WorkflowCommand]] = []
        """Each with the number of events that were known when it was given."""

    def prepare_workflow(self, defn: _Definition) -> None:
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        instance = self._runner.create_instance(det)
        activate = instance.activate

        def heard(act: WorkflowActivation) -> WorkflowActivationCompletion:
            completion = activate(act)
            sent = _sent(completion.successful.commands)
            self.commands += [(act.history_length, command) for command in sent]
            return completion

        instance.activate = heard  # type: ignore[method-assign]  # no hook is nearer
        return instance


def _sent(commands: Sequence[WorkflowCommand]) -> Iterator[WorkflowCommand]:
    """Those of them that reach the server: not a timer that is cancelled as soon as it is set."""
    cancelled = {
        command.cancel_timer.seq for command in commands if command.HasField("cancel_timer")
    }
    for command in commands:
        if not (command.HasField("start_timer") and command.start_timer.seq in cancelled):
            yield command


def decided_then(history: WorkflowHistory) -> list[Decision]:
    """What was decided when the history was recorded, in the models of today."""
    workflow = _type_of(history)
    return [decision for event in history.events for decision in _of_event(event, workflow)]


def _type_of(history: WorkflowHistory) -> str:
    return history.events[0].workflow_execution_started_event_attributes.workflow_type.name


def _of_command(command: WorkflowCommand, after: int, workflow: str) -> Iterator[Decision]:
    variant = str(command.WhichOneof("variant"))
    said: Any = getattr(command, variant)
    match variant:
        case "start_timer":
            yield _timer(said.start_to_fire_timeout)
        case "schedule_activity":
            yield _activity(said.activity_type, said.arguments)
        case "start_child_workflow_execution":
            yield _child(said.workflow_id, said.input)
        case "upsert_workflow_search_attributes":
            yield _attributes(said.search_attributes.indexed_fields)
        case "update_response" if said.HasField("completed"):
            yield "answer", _answer(said.completed, workflow)
        case "continue_as_new_workflow_execution":
            yield "new run", (after, _value(said.arguments[0], Opening))
        case "complete_workflow_execution":
            yield "result", (after, _value(said.result, _RESULT[workflow]))
        case "fail_workflow_execution":
            yield "failure", (after, said.failure.message)
        case "cancel_workflow_execution":
            yield "cancelled", after


def _of_event(event: HistoryEvent, workflow: str) -> Iterator[Decision]:
    attributes = str(event.WhichOneof("attributes"))
    said: Any = getattr(event, attributes)
    match attributes.removesuffix("_event_attributes"):
        case "timer_started":
            yield _timer(said.start_to_fire_timeout)
        case "activity_task_scheduled":
            yield _activity(said.activity_type.name, said.input.payloads)
        case "start_child_workflow_execution_initiated":
            yield _child(said.workflow_id, said.input.payloads)
        case "upsert_workflow_search_attributes":
            yield _attributes(said.search_attributes.indexed_fields)
        case "workflow_execution_update_completed":
            for answer in said.outcome.success.payloads:
                yield "answer", _answer(answer, workflow)
        case "workflow_execution_continued_as_new":
            yield "new run", (_after(said), _value(said.input.payloads[0], Opening))
        case "workflow_execution_completed":
            yield "result", (_after(said), _value(said.result.payloads[0], _RESULT[workflow]))
        case "workflow_execution_failed":
            yield "failure", (_after(said), said.failure.message)
        case "workflow_execution_canceled":
            yield "cancelled", _after(said)


def _after(end: Any) -> int:
    """How many events were known when a run ended; the replayer lets one end too early."""
    completed: int = end.workflow_task_completed_event_id
    return completed - 1


def _timer(after: Duration) -> Decision:
    """To the minute: the first one is set when the policy is there, and a replay has it at once."""
    return "timer", round(after.ToTimedelta() / timedelta(minutes=1))


def _activity(name: str, given: Sequence[Payload]) -> Decision:
    return name, [_value(each, _GIVEN[name]) for each in given]


def _child(workflow_id: str, given: Sequence[Payload]) -> Decision:
    return workflow_id, [_value(each, RetrospectiveRequest) for each in given]


def _attributes(values: Mapping[str, Payload]) -> Decision:
    return "attributes", {name: json.loads(value.data or "null") for name, value in values.items()}


def _answer(payload: Payload, workflow: str) -> Any:
    kind = Adopted if b'"adoption":' in payload.data else _ANSWER[workflow]
    return _value(payload, kind)


def _value(payload: Payload, kind: type[BaseModel]) -> Any:
    """As today's model has it: a field that came later, with its default, is no difference."""
    return kind.model_validate_json(payload.data).model_dump(mode="json")
