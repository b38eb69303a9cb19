"""A history as it is read by somebody: task by task, what came and what was decided then."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from escalations import names
from workers.replay.decisions import Decision, of_event, words_of


@dataclass
class Task:
    """One workflow task: what had come by then, and what was decided."""

    started: int
    """The number of the event with which it began."""
    at: datetime
    came: list[str]
    """In words, in the order in which it came."""
    decided: list[Decision] = field(default_factory=list)
    exact: bool = True
    """Whether its timers are as long at a replay: not those of the opening, which waited for the
    policy; a replay has it at once."""


@dataclass
class Past:
    """A run as its history tells it."""

    workflow: str
    workflow_id: str
    run_id: str
    open: bool
    """Whether the run goes on."""
    events: int
    tasks: list[Task]
    """Those that were completed."""

    @property
    def decided(self) -> list[Decision]:
        """Everything that was decided, in order."""
        return [decision for task in self.tasks for decision in task.decided]

    def task_at(self, after: int) -> Task | None:
        """The task in which that was decided: the last one that knew no more."""
        return next((task for task in reversed(self.tasks) if task.started <= after), None)


_ENDED: Final = (
    "completed",
    "failed",
    "timed_out",
    "canceled",
    "terminated",
    "continued_as_new",
)


def read(history: WorkflowHistory) -> Past:
    """A history, told.

    Raises:
        ValueError: it does not begin with the start of a run, or is of no workflow of ours.
    """
    events = history.events
    kind = events[0].WhichOneof("attributes") if events else None
    if kind != "workflow_execution_started_event_attributes":
        msg = "it does not begin with the start of a run: it is no whole history"
        raise ValueError(msg)
    begun = events[0].workflow_execution_started_event_attributes
    workflow = begun.workflow_type.name
    if workflow not in (names.Workflow.ESCALATION, names.Workflow.RETROSPECTIVE):
        msg = f"it is of a workflow {workflow!r}; allowed: Escalation, Retrospective"
        raise ValueError(msg)
    last = _name(events[-1])
    return Past(
        workflow=workflow,
        workflow_id=begun.workflow_id or history.workflow_id,
        run_id=begun.original_execution_run_id,
        open=last.removeprefix("workflow_execution_") not in _ENDED,
        events=len(events),
        tasks=list(_tasks(events, workflow)),
    )


def _tasks(events: Sequence[HistoryEvent], workflow: str) -> Iterator[Task]:
    """The tasks that were completed, each with what was kept of it."""
    by_id = {event.event_id: event for event in events}
    came: list[str] = []
    waiting: list[str] = []
    task: Task | None = None
    opening = True
    for event in events:
        name = _name(event)
        match name:
            case "workflow_task_started":
                waiting, came = [*waiting, *came], []
            case "workflow_task_completed":
                if task is not None:
                    opening = opening and not any(each.what == "timer" for each in task.decided)
                    yield task
                started = event.workflow_task_completed_event_attributes.started_event_id
                at = by_id[started].event_time.ToDatetime(UTC)
                task, waiting = Task(started, at, waiting, exact=not opening), []
            case "workflow_execution_update_accepted" if task is not None:
                said = event.workflow_execution_update_accepted_event_attributes.accepted_request
                task.came.append(f"command {said.input.name}")
            case _ if decisions := of_event(event, workflow):
                if task is not None:
                    task.decided += decisions
            case _:
                came += _came(name, event, by_id)
    if task is not None:
        yield task


def _came(name: str, event: HistoryEvent, by_id: dict[int, HistoryEvent]) -> Iterator[str]:
    """What an event reports from outside, in words."""
    said: Any = getattr(event, str(event.WhichOneof("attributes")))
    match name:
        case "workflow_execution_started":
            yield "the start of the run"
        case "workflow_execution_signaled":
            yield f"signal {said.signal_name}"
        case "timer_fired":
            yield f"timer rang: {_summary(by_id.get(said.started_event_id))}"
        case "activity_task_completed":
            yield f"done: {_summary(by_id.get(said.scheduled_event_id))}"
        case "activity_task_failed" | "activity_task_timed_out":
            yield f"failed: {_summary(by_id.get(said.scheduled_event_id))}"
        case "child_workflow_execution_started" | "start_child_workflow_execution_failed":
            yield name.replace("_", " ")
        case "workflow_execution_cancel_requested":
            yield "a request to cancel the run"


def _summary(event: HistoryEvent | None) -> str:
    if event is None:
        return "?"
    activity = event.activity_task_scheduled_event_attributes.activity_type.name
    return words_of(event.user_metadata.summary) or activity or "a timer"


def _name(event: HistoryEvent) -> str:
    return str(event.WhichOneof("attributes")).removesuffix("_event_attributes")
