"""What a history says of a worker's turns: when it worked, and what it heard each time.

A turn is a workflow task. What stands between the start of the task before and its own start is
what it hears: signals and accepted updates first, then the results of sends.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter
from temporalio.api.common.v1 import Payloads
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.exceptions import ApplicationError

from escalations import events
from escalations.clock import Deadline
from escalations.effects import (
    Dispatch,
    Effect,
    Notify,
    Recipient,
    ScheduleRetrospective,
    Send,
    TellCustomer,
)
from escalations.events import Delivery, Event, Outcome
from escalations.mistakes import in_words
from escalations.names import Signal, Update
from escalations.simulation.scenario import MESSAGES
from escalations.simulation.world import Answer, Prompt
from escalations.snapshot import Snapshot
from escalations.temporal import data_converter

HEARD = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
    EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_TIMER_FIRED,
)
FIRST = -1
"""Of a turn's results: to hear that a child has started takes an `await` less than a send's."""
NEVER = datetime.max.replace(tzinfo=UTC)
_READ = data_converter().payload_converter


@dataclass
class Heard:
    """What one run heard, and when."""

    turns: list[datetime] = field(default_factory=list)
    """Those in which anything was heard, be it a timer: in others the worker was only asked."""
    said: list[tuple[datetime, Event]] = field(default_factory=list)
    answered: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    """A send's key → the turn that heard its result, and the event with it."""
    missed: set[tuple[str, str]] = field(default_factory=set)
    """Whom the channels did not reach: a send's key, and the recipient's."""
    adopted: list[tuple[datetime, int, events.Adopt]] = field(default_factory=list)
    """What was to be adopted: the turn in which the policy was there, and the event with it."""
    adopting: dict[str, events.AdoptPolicy] = field(default_factory=dict)
    """The id of an update → what it wants adopted, if it was accepted."""


def heard(history: WorkflowHistory) -> Heard:
    """Read a history."""
    known = Heard()
    all_events = list(history.events)
    began: int | None = None
    before = 0
    sends: dict[int, list[str]] = {}
    wanted: list[events.AdoptPolicy] = []
    fetched: dict[int, events.AdoptPolicy] = {}
    for event in all_events:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED:
                began = event.event_id
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                sends[event.event_id] = _keys(event)
                asked = event.activity_task_scheduled_event_attributes.activity_type.name
                if asked == "snapshot_policy" and wanted:
                    fetched[event.event_id] = wanted.pop(0)
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                if (command := _adoption(event)) is not None:
                    wanted.append(command)
                    known.adopting[str(command.message_id)] = command
            case EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                began = event.workflow_task_completed_event_attributes.started_event_id
                at = _moment(all_events[began - 1])
                updates = [*_updates(all_events, event)]
                between = all_events[before:began]
                if updates or any(each.event_type in HEARD for each in between):
                    known.turns.append(at)
                    _hear(known, at, between, updates, sends)
                    for each in between:
                        known.adopted += _fetched(each, at, fetched)
                before = began
            case _:
                pass
    return known


def _hear(
    known: Heard,
    at: datetime,
    between: Sequence[HistoryEvent],
    updates: Iterable[tuple[int, Event]],
    sends: dict[int, list[str]],
) -> None:
    said: list[tuple[float, Event]] = [(number + 0.5, command) for number, command in updates]
    for event in between:
        match event.event_type:
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
                said.append((event.event_id, _fact(event)))
            case EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
                done = event.activity_task_completed_event_attributes.scheduled_event_id
                known.answered.update(dict.fromkeys(sends[done], (at, event.event_id)))
                if sends[done]:
                    known.missed.update(_missed(event))
            case EventType.EVENT_TYPE_CHILD_WORKFLOW_EXECUTION_STARTED:
                known.answered["retrospective"] = (at, FIRST)
            case _:
                pass
    known.said += [(at, event) for _, event in sorted(said, key=lambda each: each[0])]


def _updates(
    all_events: Sequence[HistoryEvent], completed: HistoryEvent
) -> Iterator[tuple[int, Event]]:
    """The updates that this task accepted: after which event each was heard, and what it said."""
    for event in all_events[completed.event_id :]:
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
            return
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            accepted = event.workflow_execution_update_accepted_event_attributes
            asked = accepted.accepted_request
            if asked.input.name == Update.ADOPT_POLICY:
                continue  # counts when its policy is there
            command = MESSAGES[asked.input.name].model_validate_json(_data(asked.input.args))
            if command.message_id is None:
                command = command.model_copy(update={"message_id": asked.meta.update_id})
            yield accepted.accepted_request_sequencing_event_id, command  # type: ignore[misc] # a message of the contract is an event


def _adoption(accepted: HistoryEvent) -> events.AdoptPolicy | None:
    asked = accepted.workflow_execution_update_accepted_event_attributes.accepted_request
    if asked.input.name != Update.ADOPT_POLICY:
        return None
    command = events.AdoptPolicy.model_validate_json(_data(asked.input.args))
    return command.model_copy(update={"message_id": asked.meta.update_id})


def _fetched(
    event: HistoryEvent, at: datetime, fetched: dict[int, events.AdoptPolicy]
) -> Iterator[tuple[datetime, int, events.Adopt]]:
    done = event.activity_task_completed_event_attributes
    if (command := fetched.get(done.scheduled_event_id)) is not None:
        snapshot = Snapshot.model_validate_json(_data(done.result))
        yield at, event.event_id, events.Adopt(**dict(command), snapshot=snapshot)


def _fact(event: HistoryEvent) -> Event:
    said = event.workflow_execution_signaled_event_attributes
    if said.signal_name not in MESSAGES:
        problem = f"there is no such signal; there are {', '.join(Signal)}"
        return events.Unreadable(signal=said.signal_name, problem=problem)
    try:
        fact: Any = _READ.from_payload(said.input.payloads[0], MESSAGES[said.signal_name])
    except (ApplicationError, ValueError) as error:
        return events.Unreadable(signal=said.signal_name, problem=in_words(error))
    said_: Event = fact
    return said_


def _keys(event: HistoryEvent) -> list[str]:
    """The keys of what an activity sends; none of another activity."""
    said = event.activity_task_scheduled_event_attributes
    if said.activity_type.name != "notify":
        return []
    return [send.key for send in Dispatch.model_validate_json(_data(said.input)).sends]


def _missed(event: HistoryEvent) -> Iterator[tuple[str, str]]:
    result = event.activity_task_completed_event_attributes.result
    for delivery in TypeAdapter(list[Delivery]).validate_json(_data(result)):
        if delivery.outcome is Outcome.UNREACHABLE:
            yield delivery.key, delivery.recipient


def _data(payloads: Payloads) -> bytes:
    return bytes(payloads.payloads[0].data)


def _moment(event: HistoryEvent) -> datetime:
    """As the workflow reads its clock, which is not exact to the nanosecond."""
    return datetime.fromtimestamp(event.event_time.ToNanoseconds() / 1e9, tz=UTC)


@dataclass(frozen=True)
class Recorded(Prompt):
    """The world that a run really had: its worker's turns, and when its sends had their results."""

    heard: Heard = field(default_factory=Heard)

    def reaches(self, send: Send, recipient: Recipient, at: datetime) -> bool:
        """As the channels did: when somebody was away, to the tenth of a second, is theirs."""
        return (send.key, recipient.key) not in self.heard.missed

    def carried_out_at(self, deadline: Deadline) -> datetime:
        """In the worker's first turn from then on; never if the history ends before."""
        turns = self.heard.turns
        n = bisect_left(turns, deadline.at)
        return turns[n] if n < len(turns) else NEVER

    def answers(self, effects: Sequence[Effect], at: datetime) -> Iterable[Answer]:
        """In the turn that heard of it; what has no result in this history has none here."""
        sends = [each for each in effects if isinstance(each, Notify | TellCustomer)]
        others = [each for each in effects if isinstance(each, ScheduleRetrospective)]
        for some, key in ((sends, sends[0].key if sends else ""), (others, "retrospective")):
            if some and key in self.heard.answered:
                turn, place = self.heard.answered[key]
                yield from (Answer(turn, report, place) for report in self.reports(some, at))
