"""A task in which nothing happened, in the history because something came while it was under way.

A replay passes over it, and would take what the task before it decided to its own, later moment.
"""

import asyncio
import threading
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from tests import harness
from tests.harness import OpenCase
from tests.workflows.test_lost_tasks import quiet
from workflows.commands import Commands

BEGUN = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
SIGNAL = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED


async def _note(case: OpenCase, text: str) -> None:
    await case.say(names.Signal.ADD_NOTE, events.AddNote(by="Ann", text=text))


@pytest.mark.parametrize(("notes", "times"), [(0, 2), (1, 1), (2, 1), (3, 1), (1, 3)])
async def test_a_command_is_refused_while_something_is_said(
    environment: WorkflowEnvironment,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    notes: int,
    times: int,
) -> None:
    """Every note keeps its moment when another worker takes the case over."""
    checking, go = threading.Event(), threading.Event()
    check = Commands._check

    def slowly(self: Commands, command: events.Command) -> None:
        checking.set()
        go.wait(5)
        check(self, command)

    async with harness.desk(environment, tmp_path) as desk:
        case = await desk.open()
        case.told()
        for n in range(notes):
            await _note(case, f"Note {n}")
            await quiet(case)
        monkeypatch.setattr(Commands, "_check", slowly)
        too_late = events.HandUp(by="Ann", from_level=7, reason="A slip")
        for _ in range(times):
            checking.clear()
            go.clear()
            commanding = asyncio.create_task(case.command(names.Update.HAND_UP, too_late))
            await asyncio.to_thread(checking.wait, 5)
            await _note(case, "Meanwhile")
            go.set()
            with pytest.raises(WorkflowUpdateFailedError):
                await commanding
            await quiet(case)
        before = await case.record()
    monkeypatch.undo()
    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue):
        after = await case.record()

    assert _has_an_empty_task([*(await case.handle.fetch_history()).events])
    assert after == before


def _has_an_empty_task(history: list[HistoryEvent]) -> bool:
    """Whether something was said while a task was under way that gave no command."""
    kinds = [event.event_type for event in history]
    return any(kinds[n : n + 3] == [BEGUN, DONE, SIGNAL] for n in range(len(kinds)))
