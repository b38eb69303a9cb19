"""What a run in a worker's memory keeps of what it decides, activation by activation.

What is sent here was seen with a real server: `test_lost_tasks.py`, `test_asking_early.py`.
"""

from types import SimpleNamespace
from typing import Any

import pytest
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from escalations.in_turn import InTurn
from escalations.sandbox import RESTRICTIONS


class Run:
    """One run, and the server beside it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.heard: list[WorkflowActivation] = []
        self.looked_up: list[int] = []
        self.written: bool | None = True
        self.given_out: bool | None = True
        self.compared = 0
        self.rejects = False
        monkeypatch.setattr(
            SandboxedWorkflowRunner,
            "create_instance",
            lambda runner, det: SimpleNamespace(activate=self._activate),
        )
        sandbox = InTurn(restrictions=RESTRICTIONS)
        sandbox.server = self
        self._instance = sandbox.create_instance(SimpleNamespace(info=None))  # type: ignore[arg-type]  # a run's info is only handed on

    def _activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        self.heard.append(act)
        completion = WorkflowActivationCompletion(run_id=act.run_id)
        response = completion.successful.commands.add().update_response
        if self.rejects:
            response.rejected.message = "not now"
        else:
            response.accepted.SetInParent()
        return completion

    def gave_out(self, run: Any, began_at: int) -> bool | None:
        self.compared += 1
        return self.given_out

    def completed(self, run: Any, began_with: int) -> bool | None:
        self.looked_up.append(began_with)
        return self.written

    def is_told(
        self, length: int, *, replaying: bool = False, command: bool = False, size: int = 0
    ) -> bool:
        """Whether it takes what has happened, with a history of that length."""
        act = WorkflowActivation(
            is_replaying=replaying, history_length=length, history_size_bytes=size or 100 * length
        )
        if command:
            act.jobs.add().do_update.id = "hold"
        else:
            act.jobs.add().resolve_activity.seq = 1
        return self._takes(act)

    def is_asked(self, query_id: str = "legacy_query") -> bool:
        """Whether it answers."""
        act = WorkflowActivation(is_replaying=True)
        act.jobs.add().query_workflow.query_id = query_id
        return self._takes(act)

    def _takes(self, act: WorkflowActivation) -> bool:
        answer = self._instance.activate(act)
        assert answer.HasField("failed") != any(act is heard for heard in self.heard)
        return not answer.HasField("failed")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """A run that has been rebuilt from its history."""
    run = Run(monkeypatch)
    run.is_told(4, replaying=True)
    return run


def test_what_its_task_has_written(run: Run) -> None:
    """The question is answered; the history is looked at once for each task, however many ask."""
    run.is_told(17)

    assert run.is_asked()
    assert run.is_asked()
    assert run.looked_up == [17]


def test_what_came_with_a_question(run: Run) -> None:
    """Events that no task handles, or whose task was lost: what was decided of them is written
    nowhere. The question is refused, and again as long as that is so: the run is rebuilt."""
    run.is_told(17)
    run.written = False

    assert not run.is_asked()
    assert not run.is_asked()


def test_what_came_with_a_question_to_a_run_that_was_never_rebuilt(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is in memory from its first task on, and the same holds."""
    run = Run(monkeypatch)
    run.is_told(3)
    assert run.is_asked()
    run.is_told(9)
    run.written = False

    assert not run.is_asked()
    assert run.looked_up == [3, 9]


def test_tasks_that_nobody_asks_about(run: Run) -> None:
    """They cost the server nothing."""
    for length in (17, 23, 31):
        run.is_told(length)

    assert run.looked_up == []


def test_a_question_that_came_with_the_task(run: Run) -> None:
    """It is answered with the task's own completion, which is not written yet."""
    run.is_told(17)
    run.written = False

    assert run.is_asked("of-the-task")
    assert run.looked_up == []
    assert not run.is_asked()


def test_a_server_that_does_not_say_what_became_of_a_task(run: Run) -> None:
    """Where it cannot be known whether the task was lost, the question is not answered."""
    run.is_told(17)
    run.written = None

    assert not run.is_asked()


def test_a_run_that_was_only_rebuilt(run: Run) -> None:
    """It has decided nothing of its own."""
    assert run.is_asked()
    assert run.looked_up == []


def test_a_command_that_was_refused(run: Run) -> None:
    """The server keeps no such task, and nothing was decided: nothing has to be written."""
    run.rejects = True
    run.is_told(17, command=True)

    assert run.is_asked()
    assert run.looked_up == []


def test_a_command_that_was_carried_out(run: Run) -> None:
    """It has to be written like everything else."""
    run.is_told(17, command=True)
    run.written = False

    assert not run.is_asked()


def test_what_no_task_has_begun_to_handle(run: Run) -> None:
    """It comes to a run that was rebuilt for a question: nothing is decided of it."""
    run.given_out = False

    assert not run.is_told(16)


def test_a_server_that_does_not_say_what_it_has_given_out(run: Run) -> None:
    """Where it cannot be known whose the events are, they are not heard."""
    run.given_out = None

    assert not run.is_told(16)


def test_what_has_the_size_of_the_task_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer by events and no bigger: no task was begun for them, and the server says so."""
    run = Run(monkeypatch)
    assert run.is_told(9, size=900)
    run.given_out = False

    assert not run.is_told(12, size=900)


def test_a_run_that_was_never_rebuilt_is_compared_with_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The ordinary case costs nothing: begun here, told here."""
    run = Run(monkeypatch)

    assert run.is_told(3)
    assert run.is_told(9)
    assert run.compared == 0
