"""The history of one run of an escalation, read as what its worker heard in each turn."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payload, Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.exceptions import ApplicationError

from escalations import events
from escalations.explaining.run import (
    Cancelled,
    ChildStarted,
    PolicyFound,
    Rang,
    Reported,
    RotaRead,
    Run,
    Said,
    SendEnded,
    Turn,
)
from escalations.histories.plain import NeverACase, Unexplained, refused, started
from escalations.mistakes import in_words
from escalations.model import printable
from escalations.names import Signal, Update, Workflow
from escalations.record import Baton, EscalationRecord, Opening
from escalations.request import EscalationRequest
from escalations.rota import Roster, RotaQuestion
from escalations.simulation.scenario import MESSAGES
from escalations.snapshot import Snapshot
from escalations.temporal import data_converter

NOTIFY: Final = "notify"
READ_ROTA: Final = "read_rota"
SNAPSHOT: Final = "snapshot_policy"
"""Activities, as they stand in a history."""
LOCAL_ACTIVITY: Final = "core_local_activity"
SAID: Final[Mapping[str, type[events.Message]]] = {
    **MESSAGES,
    Update.ADOPT_POLICY: events.AdoptPolicy,
}
"""What a case may be told, by its name on the wire."""

_READ: Final = data_converter()
_DELIVERIES: Final = TypeAdapter(list[events.Delivery])
_ENDS: Final = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED: "completed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW: "continued_as_new",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_FAILED: "failed",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCELED: "canceled",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TERMINATED: "terminated",
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIMED_OUT: "timed_out",
}


def run_of(history: WorkflowHistory) -> Run:
    """One run of an escalation, its payloads plain.

    Raises:
        Unexplained: it is a history of something else, or cannot be read.
    """
    began = started(history)
    if began.workflow_type.name != Workflow.ESCALATION:
        msg = f"This is a history of `{began.workflow_type.name}`. {Unexplained.__doc__}"
        raise Unexplained(msg)
    if refusal := refused(history):
        raise NeverACase(f"{NeverACase.__doc__} It was refused: {refusal}")
    try:
        opening = value_of(began.input, Opening).root
        return _Reader(list(history.events)).run(opening, began.original_execution_run_id)
    except (ApplicationError, ValueError, KeyError, RuntimeError, IndexError) as error:
        msg = (
            f"The history cannot be read: {in_words(error)}. Export it with its payloads as they "
            "are (in the UI: without decoding), or use the build that the case ran on."
        )
        raise Unexplained(msg) from error


def value_of(payloads: Payloads, kind: Any) -> Any:
    return _READ.payload_converter.from_payloads(payloads.payloads, [kind])[0]


class _Reader:
    """Reads the events of one run, in their order."""

    def __init__(self, history: Sequence[HistoryEvent]) -> None:
        self._events = history
        self._numbers: dict[str, int] = {NOTIFY: 0, READ_ROTA: 0, "child": 0}
        self._asked: dict[int, tuple[str, int, HistoryEvent]] = {}
        """Event that asked for something → its kind, which of this kind, the event."""
        self._admitted: dict[str, Any] = {}
        self._adopting: list[tuple[events.AdoptPolicy, int]] = []
        """Commands whose policy is not asked for yet, each with the event that brought it."""
        self._adopted: dict[int, tuple[events.AdoptPolicy, int]] = {}
        """Event that asks for a policy → the command, and the event that brought it."""
        self._snapshot: Snapshot | None = None
        self._turns: list[Turn] = []
        self._opened_by = 0

    def run(self, opening: EscalationRequest | Baton, run_id: str) -> Run:
        """What it heard."""
        before = 0
        for event in self._events:
            self._note(event)
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                began = event.workflow_task_completed_event_attributes.started_event_id
                self._turn(event, self._events[before:began])
                before = began
        last = self._events[-1]
        return Run(
            run_id=run_id,
            opening=opening,
            snapshot=self._snapshot,
            turns=self._turns,
            adoptions=list(self._adopted),
            opened_by=self._opened_by,
            result=_result(last),
            ended=_ENDS.get(last.event_type, ""),
            failure=last.workflow_execution_failed_event_attributes.failure.message,
        )

    def _note(self, event: HistoryEvent) -> None:
        """Number what is asked for, to tell its results apart; keep the policy once it is there."""
        match event.event_type:
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                kind = event.activity_task_scheduled_event_attributes.activity_type.name
                self._ask(kind, event)
                if kind == SNAPSHOT and self._adopting:
                    self._adopted[event.event_id] = self._adopting.pop(0)
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                said = self._said(event.workflow_execution_update_accepted_event_attributes)
                if isinstance(said, events.AdoptPolicy):
                    self._adopting.append((said, event.event_id))
            case EventType.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
                self._ask("child", event)
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED:
                asked = event.workflow_execution_update_admitted_event_attributes.request
                self._admitted[asked.meta.update_id] = asked
            case EventType.EVENT_TYPE_MARKER_RECORDED:
                marker = event.marker_recorded_event_attributes
                if marker.marker_name == LOCAL_ACTIVITY and "result" in marker.details:
                    self._snapshot = value_of(marker.details["result"], Snapshot)
                    self._opened_by = marker.workflow_task_completed_event_id
            case _:
                pass

    def _ask(self, kind: str, event: HistoryEvent) -> None:
        number = self._numbers.get(kind, 0)
        self._numbers[kind] = number + 1
        self._asked[event.event_id] = (kind, number, event)

    def _turn(self, completed: HistoryEvent, between: Sequence[HistoryEvent]) -> None:
        began = completed.workflow_task_completed_event_attributes.started_event_id
        updates = [*self._updates(completed)]
        asked = [command for _, command in updates if isinstance(command, events.AdoptPolicy)]
        said = [*self._signals(between), *(s for s in updates if isinstance(s[1], Said))]
        reported = [each for event in between for each in self._reports(event, completed)]
        if said or asked or reported or not self._turns:
            turn = Turn(
                at=moment_of(self._events[began - 1]),
                completed=completed.event_id,
                said=[each for _, each in sorted(said, key=lambda each: each[0])],
                asked=asked,
                # To hear that a child has started takes an `await` less than a send's result.
                reported=sorted(reported, key=lambda each: not isinstance(each, ChildStarted)),
            )
            self._turns.append(turn)

    def _signals(self, between: Sequence[HistoryEvent]) -> Iterator[tuple[float, Said]]:
        for event in between:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                yield event.event_id, Said(_fact(event), event.event_id)

    def _updates(
        self, completed: HistoryEvent
    ) -> Iterator[tuple[float, Said] | tuple[float, events.AdoptPolicy]]:
        """The updates that this task accepted: after which event each was heard, what it said."""
        for event in self._events[completed.event_id :]:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
                return
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                accepted = event.workflow_execution_update_accepted_event_attributes
                command = self._said(accepted)
                heard_after = accepted.accepted_request_sequencing_event_id + 0.5
                if isinstance(command, events.AdoptPolicy):
                    yield heard_after, command
                else:
                    yield heard_after, Said(command, event.event_id)

    def _said(self, accepted: Any) -> Any:
        """What an update says, recognisable as the workflow makes it."""
        asked = accepted.accepted_request
        if not asked.HasField("input"):
            asked = self._admitted[accepted.protocol_instance_id]
        command = value_of(asked.input.args, SAID[asked.input.name])
        if command.message_id is not None:
            return command
        return command.model_copy(update={"message_id": asked.meta.update_id})

    def _reports(self, event: HistoryEvent, completed: HistoryEvent) -> Iterator[Reported]:
        if event.event_type == EventType.EVENT_TYPE_TIMER_FIRED:
            yield Rang()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED:
            yield Cancelled(event.workflow_execution_cancel_requested_event_attributes.cause)
        attributes = str(event.WhichOneof("attributes") or "")
        result: Any = getattr(event, attributes) if attributes else None
        if attributes.startswith("child_workflow_execution_started"):
            _, number, _ = self._asked[result.initiated_event_id]
            yield ChildStarted(number, result.workflow_execution.workflow_id)
        elif attributes.startswith("start_child_workflow_execution_failed"):
            _, number, _ = self._asked[result.initiated_event_id]
            yield ChildStarted(number, result.workflow_id, already=True)
        elif attributes.startswith(_ACTIVITY_ENDS):
            kind, number, asked = self._asked[result.scheduled_event_id]
            done = attributes.startswith("activity_task_completed")
            payloads = result.result if done else None
            if result.scheduled_event_id in self._adopted:
                if payloads is not None:
                    command, number = self._adopted[result.scheduled_event_id]
                    yield PolicyFound(command, value_of(payloads, Snapshot), number)
            elif kind == SNAPSHOT and payloads is not None:
                self._snapshot = value_of(payloads, Snapshot)
                self._opened_by = completed.event_id
            elif kind == NOTIFY:
                deliveries = value_of(payloads, list[events.Delivery]) if payloads else None
                yield SendEnded(number, deliveries, "" if done else problem_of(result))
            elif kind == READ_ROTA:
                question = asked.activity_task_scheduled_event_attributes.input
                roster = value_of(payloads, Roster) if payloads else None
                why = "" if done else problem_of(result)
                yield RotaRead(number, value_of(question, RotaQuestion), roster, why)


_ACTIVITY_ENDS: Final = (
    "activity_task_completed",
    "activity_task_failed",
    "activity_task_timed_out",
    "activity_task_canceled",
)


def problem_of(ended: Any) -> str:
    """Why an activity failed, in the words that the workflow writes down."""
    if not hasattr(ended, "failure"):
        return "Cancelled"
    cause = _READ.failure_converter.from_failure(ended.failure, _READ.payload_converter)
    return str(cause)


def _fact(event: HistoryEvent) -> events.Fact | events.Unreadable:
    """As the workflow hears a signal (`workflows/messages.py`)."""
    said = event.workflow_execution_signaled_event_attributes
    if said.signal_name not in list(Signal):
        name = printable(said.signal_name, 100) or "?"
        problem = f"there is no such signal; there are {', '.join(Signal)}"
        return events.Unreadable(signal=name, problem=problem)
    signal = Signal(said.signal_name)
    payloads = said.input.payloads
    try:
        payload = payloads[0] if len(payloads) == 1 else _as_one(payloads)
        fact: Any = _READ.payload_converter.from_payload(payload, MESSAGES[signal])
    except (ApplicationError, ValueError, KeyError, RuntimeError) as error:
        return events.Unreadable(signal=signal, problem=printable(in_words(error), 2_000))
    heard: events.Fact = fact
    return heard


def _as_one(payloads: Sequence[Payload]) -> Payload:
    """None or several as one, as `sandbox.Reception` hands them on."""
    payload: Payload = _READ.payload_converter.to_payload(
        _READ.payload_converter.from_payloads(payloads)
    )
    return payload


def _result(last: HistoryEvent) -> EscalationRecord | None:
    match last.event_type:
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            ended = last.workflow_execution_completed_event_attributes
            record: EscalationRecord = value_of(ended.result, EscalationRecord)
            return record
        case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
            handed = last.workflow_execution_continued_as_new_event_attributes
            baton: Baton = value_of(handed.input, Opening).root
            return baton.record
        case _:
            return None


def moment_of(event: HistoryEvent) -> datetime:
    """As the workflow reads its clock, which is not exact to the nanosecond."""
    return datetime.fromtimestamp(event.event_time.ToNanoseconds() / 1e9, tz=UTC)
