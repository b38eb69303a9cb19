"""A retrospective told again from its history: its engine hears what it heard, when it heard it.

It keeps to the order in which the workflow works (`workflows/retrospective.py`): in one turn what
was said, then what was reported, and after each of the two what follows, if anything woke it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.exceptions import ApplicationError

from escalations.errors import Refused
from escalations.events import Delivered, Delivery, Message, Withdraw
from escalations.explaining.retelling import Inexact
from escalations.histories.plain import Unexplained, started
from escalations.histories.reading import moment_of, problem_of, value_of
from escalations.mistakes import in_words
from escalations.model import Instant
from escalations.names import RetrospectiveUpdate
from escalations.retrospective import console
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import (
    AddActionItem,
    Circular,
    CompleteActionItem,
    Finish,
    RecordRootCause,
)
from escalations.retrospective.record import (
    RetrospectiveBaton,
    RetrospectiveDeadline,
    RetrospectiveOpening,
    RetrospectiveRecord,
    RetrospectiveSummary,
)
from escalations.sending import unreachable

SAID: Final[dict[str, type[Message]]] = {
    RetrospectiveUpdate.RECORD_ROOT_CAUSE: RecordRootCause,
    RetrospectiveUpdate.ADD_ACTION_ITEM: AddActionItem,
    RetrospectiveUpdate.COMPLETE_ACTION_ITEM: CompleteActionItem,
    RetrospectiveUpdate.FINISH: Finish,
}
"""What a retrospective may be told, by its name on the wire."""
_LAST: Final = "Messages that are on their way"
"""What the timer of the last sends says."""
_CANCEL: Final = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CANCEL_REQUESTED
_ENDED: Final = ("activity_task_completed", "activity_task_failed", "activity_task_timed_out")


@dataclass
class Retold:
    """One run of a retrospective, told again."""

    retrospective: Retrospective
    circulars: list[Circular] = field(default_factory=list)
    """What was sent, in order."""
    answers: dict[int, RetrospectiveSummary] = field(default_factory=dict)
    """History event of an update → its answer."""
    timers: dict[int, str] = field(default_factory=dict)
    """History event with which a task was completed → what the timer set in it waits for."""
    continued: bool = False
    """Whether it went on in a new run."""
    result: RetrospectiveRecord | None = None
    """What the history itself says it came to."""

    @property
    def record(self) -> RetrospectiveRecord:
        """What it came to."""
        return self.retrospective.record


def retold(history: WorkflowHistory) -> Retold:
    """A run of a retrospective from its history, payloads plain.

    Raises:
        Unexplained: it cannot be read.
        Inexact: another engine decided it.
    """
    try:
        opening = value_of(started(history).input, RetrospectiveOpening).root
        return _Telling(opening, list(history.events)).told()
    except (ApplicationError, ValueError, KeyError, RuntimeError, IndexError) as error:
        msg = (
            f"The history cannot be read: {in_words(error)}. Export it with its payloads as they "
            "are (in the UI: without decoding), or use the build that the retrospective ran on."
        )
        raise Unexplained(msg) from error


class _Telling:
    """Reads the events of one run, in their order, and tells the engine."""

    def __init__(self, opening: Any, events: Sequence[HistoryEvent]) -> None:
        self._opening, self._events = opening, events
        self._asked: dict[int, int] = {}
        """Event that asks for a send → which one, from 0."""
        self._admitted: dict[str, Any] = {}
        self._unheard: set[int] = set()
        self._waits_for: RetrospectiveDeadline | None = None
        self._last_sends = False
        """Whether it only waits for what is on its way."""
        self._told: Retold | None = None

    def told(self) -> Retold:
        before = 0
        for event in self._events:
            self._note(event)
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
                began = event.workflow_task_completed_event_attributes.started_event_id
                self._take(event, self._events[before:began])
                before = began
        if self._told is None:
            msg = "this run never began: no worker had it"
            raise Inexact(msg)
        last = self._events[-1]
        if last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_COMPLETED:
            result = last.workflow_execution_completed_event_attributes.result
            self._told.result = value_of(result, RetrospectiveRecord)
        elif last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
            handed = last.workflow_execution_continued_as_new_event_attributes.input
            self._told.continued = True
            self._told.result = value_of(handed, RetrospectiveOpening).root.record
        return self._told

    def _note(self, event: HistoryEvent) -> None:
        match event.event_type:
            case EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
                self._unheard.add(len(self._asked))
                self._asked[event.event_id] = len(self._asked)
            case EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED:
                asked = event.workflow_execution_update_admitted_event_attributes.request
                self._admitted[asked.meta.update_id] = asked
            case _:
                pass

    def _take(self, completed: HistoryEvent, between: Sequence[HistoryEvent]) -> None:
        """One task: what it heard, and what came of it."""
        began = completed.workflow_task_completed_event_attributes.started_event_id
        at = moment_of(self._events[began - 1])
        opening = self._told is None
        if self._told is None:
            if isinstance(self._opening, RetrospectiveBaton):
                self._told = Retold(Retrospective(self._opening.record.model_copy(deep=True)))
            else:
                self._told = Retold(Retrospective.begin(self._opening, at))
        told = self._told
        for number, command in self._updates(completed):
            try:
                told.retrospective.handle(command, at)
            except Refused as refused:
                msg = f"this engine refuses what was accepted then: {refused}"
                raise Inexact(msg) from refused
            told.answers[number] = told.record.summary()
        acted = self._act(completed, at, woken=opening)
        rang = cancelled = False
        for event in between:
            rang |= event.event_type == EventType.EVENT_TYPE_TIMER_FIRED
            if event.event_type == _CANCEL:
                cancelled = True
                cause = event.workflow_execution_cancel_requested_event_attributes.cause
                told.retrospective.handle(Withdraw.of_a_cancelled_run(cause), at)
            self._report(event, at)
        self._last_sends &= not cancelled
        self._act(completed, at, woken=cancelled or (rang and not acted))

    def _updates(self, completed: HistoryEvent) -> Iterator[tuple[int, Any]]:
        for event in self._events[completed.event_id :]:
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED:
                return
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
                accepted = event.workflow_execution_update_accepted_event_attributes
                asked = accepted.accepted_request
                if not asked.HasField("input"):
                    asked = self._admitted[accepted.protocol_instance_id]
                yield event.event_id, value_of(asked.input.args, SAID[asked.input.name])

    def _report(self, event: HistoryEvent, at: Instant) -> None:
        attributes = str(event.WhichOneof("attributes") or "")
        if self._told is None or not attributes.startswith(_ENDED):
            return
        result: Any = getattr(event, attributes)
        number = self._asked[result.scheduled_event_id]
        self._unheard.discard(number)
        if attributes.startswith(_ENDED[0]):
            deliveries: list[Delivery] = value_of(result.result, list[Delivery])
        else:
            deliveries = unreachable([self._circular(number)], problem_of(result))
        self._told.retrospective.handle(Delivered(deliveries=deliveries), at)

    def _circular(self, number: int) -> Circular:
        if self._told is None or number >= len(self._told.circulars):
            msg = "a result is reported of what this engine did not ask for"
            raise Inexact(msg)
        return self._told.circulars[number]

    def _act(self, completed: HistoryEvent, at: Instant, *, woken: bool) -> bool:
        """What follows, where something woke the run (`RetrospectiveWorkflow._hold`); whether."""
        told = self._told
        if told is None:
            return False
        retrospective = told.retrospective
        if self._last_sends:
            if woken:
                self._give_up(at)
            return woken
        changed = retrospective.next_deadline != self._waits_for or bool(retrospective.to_send)
        if not (woken or changed):
            return False
        while deadline := retrospective.next_deadline:
            told.circulars += retrospective.take_circulars()
            if deadline.at > at:
                told.timers[completed.event_id] = console.timer_summary(told.record, deadline)
                self._waits_for = deadline
                return True
            retrospective.fall_due(deadline, at)
        told.circulars += retrospective.take_circulars()
        told.timers[completed.event_id] = _LAST
        self._last_sends = True
        return True

    def _give_up(self, at: Instant) -> None:
        """The last sends had their time: those that are still on their way are called off."""
        if self._told is None:
            return
        for number in sorted(self._unheard):
            deliveries = unreachable([self._circular(number)], "Cancelled")
            self._told.retrospective.handle(Delivered(deliveries=deliveries), at)
        self._unheard.clear()
