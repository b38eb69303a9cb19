"""What was decided in a run, read from its history, and what is decided now, heard at a replay.

The SDK's replayer finds another kind or order of commands. It does not find other contents: whom a
message goes to, how long a timer runs, what the result is. So both sides are read into one form.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.bridge.proto.workflow_commands import WorkflowCommand

from escalations.adoption import Adopted
from escalations.effects import Dispatch
from escalations.names import Workflow
from escalations.record import EscalationRecord, Opening, Summary
from escalations.request import EscalationRequest
from escalations.retrospective.events import Circular
from escalations.retrospective.record import (
    RetrospectiveOpening,
    RetrospectiveRecord,
    RetrospectiveSummary,
)
from escalations.retrospective.request import RetrospectiveRequest
from escalations.rota import RotaQuestion

_GIVEN: Final[dict[str, type[BaseModel]]] = {
    "snapshot_policy": EscalationRequest,
    "notify": Dispatch,
    "invite": Circular,
    "read_rota": RotaQuestion,
}
_RESULT: Final[dict[str, type[BaseModel]]] = {
    Workflow.ESCALATION: EscalationRecord,
    Workflow.RETROSPECTIVE: RetrospectiveRecord,
}
_ANSWER: Final[dict[str, type[BaseModel]]] = {
    Workflow.ESCALATION: Summary,
    Workflow.RETROSPECTIVE: RetrospectiveSummary,
}
_BATON: Final[dict[str, type[BaseModel]]] = {
    Workflow.ESCALATION: Opening,
    Workflow.RETROSPECTIVE: RetrospectiveOpening,
}


@dataclass(frozen=True)
class Decision:
    """One thing that a run decided: of what kind, and everything in it that matters to somebody."""

    what: str
    """`timer`, `child`, `attributes`, `answer`, `new run`, `result`, `failure`, `cancelled`, or the
    name of an activity."""
    content: Any
    after: int
    """How many events were known then."""
    event: int
    """The number of the event that keeps it; 0 for what is decided now."""
    at: datetime


def of_command(command: WorkflowCommand, after: int, at: datetime, workflow: str) -> list[Decision]:
    """What a command to the SDK's core says, if it is a decision."""
    variant, words = str(command.WhichOneof("variant")), words_of(command.user_metadata.summary)
    said: Any = getattr(command, variant)
    found: Iterator[tuple[str, Any]]
    match variant:
        case "start_timer":
            found = _timer(said.start_to_fire_timeout, words)
        case "schedule_activity":
            found = _activity(said.activity_type, said.arguments, words)
        case "start_child_workflow_execution":
            found = _child(said.workflow_id, said.input, words)
        case "upsert_workflow_search_attributes":
            found = _attributes(said.search_attributes.indexed_fields)
        case "update_response" if said.HasField("completed"):
            found = _one("answer", _answer(said.completed, workflow))
        case "continue_as_new_workflow_execution":
            found = _one("new run", _value(said.arguments[0], _BATON[workflow]))
        case "complete_workflow_execution":
            found = _one("result", _value(said.result, _RESULT[workflow]))
        case "fail_workflow_execution":
            found = _one("failure", of_failure(said.failure)[0])
        case "cancel_workflow_execution":
            found = _one("cancelled", None)
        case _:
            return []
    return [Decision(what, content, after, 0, at) for what, content in found]


def of_event(event: HistoryEvent, workflow: str) -> list[Decision]:
    """What an event of the history keeps, if it keeps a decision."""
    attributes, words = str(event.WhichOneof("attributes")), words_of(event.user_metadata.summary)
    said: Any = getattr(event, attributes)
    found: Iterator[tuple[str, Any]]
    match attributes.removesuffix("_event_attributes"):
        case "timer_started":
            found = _timer(said.start_to_fire_timeout, words)
        case "activity_task_scheduled":
            found = _activity(said.activity_type.name, said.input.payloads, words)
        case "start_child_workflow_execution_initiated":
            found = _child(said.workflow_id, said.input.payloads, words)
        case "upsert_workflow_search_attributes":
            found = _attributes(said.search_attributes.indexed_fields)
        case "workflow_execution_update_completed" if said.outcome.success.payloads:
            answer = _answer(said.outcome.success.payloads[0], workflow)
            # It names no task of its own: it is kept with the events of the one that gave it.
            return [Decision("answer", answer, event.event_id, event.event_id, _at(event))]
        case "workflow_execution_continued_as_new":
            found = _one("new run", _value(said.input.payloads[0], _BATON[workflow]))
        case "workflow_execution_completed":
            found = _one("result", _value(said.result.payloads[0], _RESULT[workflow]))
        case "workflow_execution_failed":
            found = _one("failure", of_failure(said.failure)[0])
        case "workflow_execution_canceled":
            found = _one("cancelled", None)
        case _:
            return []
    after = said.workflow_task_completed_event_id - 1
    return [Decision(what, given, after, event.event_id, _at(event)) for what, given in found]


def _one(what: str, content: Any) -> Iterator[tuple[str, Any]]:
    yield what, content


def _timer(after: Any, words: str) -> Iterator[tuple[str, Any]]:
    yield "timer", {"seconds": after.ToTimedelta().total_seconds(), "summary": words}


def _activity(name: str, given: Sequence[Payload], words: str) -> Iterator[tuple[str, Any]]:
    yield name, {"given": [_value(each, _GIVEN.get(name)) for each in given], "summary": words}


def _child(workflow_id: str, given: Sequence[Payload], words: str) -> Iterator[tuple[str, Any]]:
    handed = [_value(each, RetrospectiveRequest) for each in given]
    yield "child", {"id": workflow_id, "given": handed, "summary": words}


def _attributes(values: Mapping[str, Payload]) -> Iterator[tuple[str, Any]]:
    yield "attributes", {name: json.loads(each.data or "null") for name, each in values.items()}


def words_of(payload: Payload) -> str:
    """A summary that was given for the UI; empty if there is none."""
    return str(json.loads(payload.data)) if payload.data else ""


def of_failure(failure: Failure) -> tuple[str, str]:
    """Its message and stack trace: where payloads are encrypted, they stand in one, decrypted."""
    if not failure.HasField("encoded_attributes"):
        return failure.message, failure.stack_trace
    hidden = json.loads(failure.encoded_attributes.data)
    return hidden.get("message", ""), hidden.get("stack_trace", "")


def _answer(payload: Payload, workflow: str) -> Any:
    return _value(payload, Adopted if b'"adoption":' in payload.data else _ANSWER[workflow])


def _value(payload: Payload, kind: type[BaseModel] | None) -> Any:
    """As today's model has it: a field that came later, with its default, is no difference.

    What today's model cannot read stays as it was written, and differs.
    """
    if kind is not None:
        try:
            return kind.model_validate_json(payload.data).model_dump(mode="json")
        except ValidationError:
            pass
    try:
        return json.loads(payload.data or "null")
    except ValueError:
        return payload.data.hex()


def _at(event: HistoryEvent) -> datetime:
    return event.event_time.ToDatetime(UTC)
