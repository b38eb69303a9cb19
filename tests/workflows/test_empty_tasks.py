"""A task in which nothing happened, in the history because something came while it was under way.

A replay passes over it, and would take what the task before it decided to its own, later moment.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHandle, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.events import Message
from escalations.names import RetrospectiveUpdate
from escalations.retrospective.events import CompleteActionItem
from escalations.retrospective.record import RetrospectiveRecord
from tests import harness
from tests.harness import OpenCase
from tests.questions import answered
from tests.workflows.test_lost_tasks import quiet
from tests.workflows.test_retrospective import asked
from workflows.commands import Commands
from workflows.retrospective_messages import RetrospectiveMessages

BEGUN = EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
SIGNAL = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
FACILITATOR = "mailto:ida@shop.example"

Refused = Callable[
    [WorkflowHandle[Any, Any], names.Update | RetrospectiveUpdate, Message],
    AbstractAsyncContextManager[None],
]


@pytest.fixture
def refused_meanwhile(monkeypatch: pytest.MonkeyPatch) -> Refused:
    """A command that a case or a retrospective is looking at for the length of an `async with`."""

    @asynccontextmanager
    async def meanwhile(
        handle: WorkflowHandle[Any, Any], update: names.Update | RetrospectiveUpdate, said: Message
    ) -> AsyncIterator[None]:
        looking, go = threading.Event(), threading.Event()

        def slow(check: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
            def slowly(self: Any, command: Any) -> None:
                looking.set()
                go.wait(5)
                check(self, command)

            return slowly

        with monkeypatch.context() as patch:
            for kind in (Commands, RetrospectiveMessages):
                patch.setattr(kind, "_check", slow(kind._check))
            commanding = asyncio.create_task(handle.execute_update(update, said))
            assert await asyncio.to_thread(looking.wait, 60)
            yield
            go.set()
            with pytest.raises(WorkflowUpdateFailedError):
                await commanding

    return meanwhile


async def _note(case: OpenCase, text: str) -> None:
    await case.say(names.Signal.ADD_NOTE, events.AddNote(by="Ann", text=text))


@pytest.mark.parametrize(("notes", "times"), [(0, 2), (1, 1), (2, 1), (3, 1), (1, 3)])
async def test_a_case_refuses_while_something_is_said(
    environment: WorkflowEnvironment,
    tmp_path: Path,
    refused_meanwhile: Refused,
    notes: int,
    times: int,
) -> None:
    """Every note keeps its moment when another worker takes the case over."""
    async with harness.desk(environment, tmp_path) as desk:
        case = await desk.open()
        case.told()
        for n in range(notes):
            await _note(case, f"Note {n}")
            await quiet(case.handle)
        too_late = events.HandUp(by="Ann", from_level=7, reason="A slip")
        for _ in range(times):
            async with refused_meanwhile(case.handle, names.Update.HAND_UP, too_late):
                await _note(case, "Meanwhile")
            await quiet(case.handle)
        before = await case.record()
    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue):
        after = await case.record()

    assert _has_an_empty_task([*(await case.handle.fetch_history()).events])
    assert after == before


async def test_a_retrospective_refuses_while_something_is_said(
    environment: WorkflowEnvironment, tmp_path: Path, refused_meanwhile: Refused
) -> None:
    """Who was invited when stays the same; a signal that it does not know changes nothing."""
    nobodys = CompleteActionItem(by="Kim", id=9)
    inviting, go = asyncio.Event(), asyncio.Event()

    async def invite() -> None:
        inviting.set()
        await go.wait()

    async with harness.desk(environment, tmp_path) as desk:
        desk.channels.hangs[FACILITATOR] = invite
        request = asked()
        retrospective = await desk.client.start_workflow(
            names.Workflow.RETROSPECTIVE,
            request,
            id=names.retrospective_id(request.case),
            task_queue=desk.task_queue,
            result_type=RetrospectiveRecord,
        )
        await inviting.wait()
        await retrospective.signal("nudge")
        await quiet(retrospective, activities=1)
        go.set()
        await quiet(retrospective)
        async with refused_meanwhile(
            retrospective, RetrospectiveUpdate.COMPLETE_ACTION_ITEM, nobodys
        ):
            await retrospective.signal("nudge")
        await quiet(retrospective)
        before = await answered(retrospective, names.Query.RECORD, RetrospectiveRecord)
    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue):
        after = await answered(retrospective, names.Query.RECORD, RetrospectiveRecord)

    assert before.invited
    assert _has_an_empty_task([*(await retrospective.fetch_history()).events])
    assert after == before


def _has_an_empty_task(history: list[HistoryEvent]) -> bool:
    """Whether something was said while a task was under way that gave no command."""
    kinds = [event.event_type for event in history]
    return any(kinds[n : n + 3] == [BEGUN, DONE, SIGNAL] for n in range(len(kinds)))
