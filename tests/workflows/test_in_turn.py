"""What a run in a worker's memory is told, and what it refuses to hear, activation by activation.

What is sent here was seen with a real server (`test_asking_early.py`), where it is a matter of
chance.
"""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from escalations.sandbox import RESTRICTIONS, InTurn, Standing

BEGAN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NANOSECONDS = int(BEGAN.timestamp()) * 1_000_000_000


class Run:
    """One run, and the server beside it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[WorkflowActivation] = []
        self.asked = 0
        self.stands: Standing | None = Standing(over=False, task_began_at=NANOSECONDS)
        monkeypatch.setattr(
            SandboxedWorkflowRunner,
            "create_instance",
            lambda runner, det: SimpleNamespace(activate=self._activate),
        )
        sandbox = InTurn(restrictions=RESTRICTIONS)
        sandbox.stands = self._stands
        self._instance = sandbox.create_instance(SimpleNamespace(info=None))  # type: ignore[arg-type]  # a run's info is only handed on

    def _activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        self.heard.append(act)
        return WorkflowActivationCompletion(run_id=act.run_id)

    def _stands(self, info: Any) -> Standing | None:
        self.asked += 1
        return self.stands

    def is_told(self, length: int, *, size: int = 0, replaying: bool = False) -> bool:
        """Whether it takes what has happened by the task that began at `BEGAN`."""
        act = WorkflowActivation(
            is_replaying=replaying, history_length=length, history_size_bytes=size or 100 * length
        )
        act.timestamp.FromDatetime(BEGAN if not replaying else BEGAN - timedelta(hours=1))
        act.jobs.add().resolve_activity.seq = 1
        return self._took(act)

    def is_asked(self, query_id: str = "legacy_query") -> bool:
        """Whether it answers."""
        act = WorkflowActivation(is_replaying=True)
        act.jobs.add().query_workflow.query_id = query_id
        return self._took(act)

    def _took(self, act: WorkflowActivation) -> bool:
        answer = self._instance.activate(act)
        assert answer.HasField("failed") == (act not in self.heard)
        return not answer.HasField("failed")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that has been rebuilt from its history."""
    run = Run(monkeypatch)
    assert run.is_told(4, replaying=True)
    return run


def test_a_task_that_the_server_has_given_out(run: Run) -> None:
    """What comes with it is heard; a question afterwards is answered, and costs the server one
    question of ours and no more."""
    assert run.is_told(17)
    run.stands = Standing(over=False, task_began_at=None)

    assert run.is_asked()
    assert run.is_asked()
    assert run.asked == 2


def test_what_no_task_has_begun_to_handle(run: Run) -> None:
    """It comes with a question, at the time of the task before: refused."""
    run.stands = Standing(over=False, task_began_at=None)

    assert not run.is_told(16)


def test_a_task_that_was_lost_on_its_way(run: Run) -> None:
    """Its events came with a question: the server still waits for the task when the question does,
    so what was decided reached nobody. The question is refused, and the run rebuilt."""
    assert run.is_told(17)

    assert not run.is_asked()


def test_a_question_that_came_with_the_task(run: Run) -> None:
    """It is answered with the task's own completion, for which the server does wait."""
    assert run.is_told(17)

    assert run.is_asked("of-the-task")
    assert run.asked == 1


def test_a_server_that_does_not_say_what_a_run_waits_for(run: Run) -> None:
    """Where it cannot be known whose the events are, they are not heard."""
    run.stands = None

    assert not run.is_told(17)


def test_a_server_that_does_not_say_what_became_of_a_task(run: Run) -> None:
    """Where it cannot be known whether the task was lost, the question is not answered."""
    assert run.is_told(17)
    run.stands = None

    assert not run.is_asked()


def test_what_has_the_size_of_the_task_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer by events and no bigger: no task was begun for them, and the server says so."""
    run = Run(monkeypatch)
    assert run.is_told(9, size=900)
    run.stands = Standing(over=False, task_began_at=None)

    assert not run.is_told(12, size=900)


def test_a_run_that_is_over(run: Run) -> None:
    """It has no next task, and nothing that is decided in it is kept: it answers."""
    run.stands = Standing(over=True, task_began_at=None)

    assert run.is_told(16)
    assert run.is_asked()


def test_a_run_that_was_never_rebuilt_asks_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordinary case costs nothing: begun here, told here, asked here."""
    run = Run(monkeypatch)

    assert run.is_told(3)
    assert run.is_told(9)
    assert run.is_asked()
    assert run.asked == 0
