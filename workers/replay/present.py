"""Replaying a history with the code of now, and listening to what it decides."""

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from functools import partial
from pathlib import Path
from typing import Any, Final

from temporalio.api.failure.v1 import Failure
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_commands import WorkflowCommand
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.converter import PayloadCodec
from temporalio.plugin import SimplePlugin
from temporalio.worker import Replayer, WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import NondeterminismError, _Definition

from escalations.encryption import search_name
from escalations.names import Query
from escalations.sandbox import sandboxed
from escalations.temporal import plugin
from workers.hosted import WORKFLOWS
from workers.replay.decisions import Decision, of_command, of_failure
from workers.replay.past import Past, read
from workers.replay.words import cut

_ASKED: Final = "how-it-stands"
_PLACE: Final = re.compile(r'File "([^"]+)", line (\d+), in (\S+)')


@dataclass(frozen=True)
class Standing:
    """How a run stands after a task."""

    after: int
    """How many events were known then."""
    record: dict[str, Any]


@dataclass
class Present:
    """What is decided now, where a run's history is replayed."""

    failure: str | None = None
    """Why it cannot go on; `None` if it can."""
    nondeterminism: bool = False
    """Whether that is since other commands, or others in order, were given."""
    raised: str = ""
    """The exception that our code raised, and where, if that is why."""
    last: int = 0
    """How many events were known when it was last looked at."""
    decided: list[Decision] = field(default_factory=list)
    stands: list[Standing] = field(default_factory=list)
    """After each task, if that was asked for."""
    called: Callable[[str], str] = str
    """What a customer is called in search attributes now."""


class Listening(WorkflowRunner):
    """Hears what a workflow decides on its way to the SDK's core; looks at its record if asked."""

    def __init__(self, runner: WorkflowRunner, *, looks: bool = False) -> None:
        self._runner = runner
        self._looks = looks
        self.present = Present()
        """What is heard of the run that is replayed now."""

    def prepare_workflow(self, defn: _Definition) -> None:
        """As the runner itself does."""
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        """An instance that is listened to."""
        instance = self._runner.create_instance(det)
        activate, workflow = instance.activate, det.info.workflow_type

        def heard(act: WorkflowActivation) -> WorkflowActivationCompletion:
            completion = activate(act)
            if not any(job.HasField("remove_from_cache") for job in act.jobs):
                self.present.last = act.history_length
            if completion.HasField("failed"):
                self.present.raised = _raised(completion.failed.failure)
            at = act.timestamp.ToDatetime(UTC)
            for command in _sent(completion.successful.commands):
                self.present.decided += of_command(command, act.history_length, at, workflow)
            if self._looks:
                self._look(activate, act)
            return completion

        instance.activate = heard  # type: ignore[method-assign]  # no hook is nearer
        return instance

    def _look(
        self,
        activate: Callable[[WorkflowActivation], WorkflowActivationCompletion],
        act: WorkflowActivation,
    ) -> None:
        """Ask for the record, as a query between two tasks does; one being opened has none."""
        if any(job.HasField("remove_from_cache") for job in act.jobs):
            return
        asked = WorkflowActivation(
            run_id=act.run_id,
            timestamp=act.timestamp,
            is_replaying=True,
            history_length=act.history_length,
        )
        asked.jobs.add().query_workflow.query_id = _ASKED
        asked.jobs[0].query_workflow.query_type = Query.RECORD
        for command in activate(asked).successful.commands:
            answer = command.respond_to_query.succeeded.response.data
            if answer:
                self.present.stands.append(Standing(act.history_length, json.loads(answer)))


def _raised(failure: Failure) -> str:
    """An exception of our code, and the last place in our code that it came through."""
    kind = failure.application_failure_info.type
    message, trace = of_failure(failure)
    places = [each for each in _PLACE.findall(trace) if "site-packages" not in each[0]]
    where = ""
    if places:
        file, line, function = places[-1]
        where = f" ({'/'.join(Path(file).parts[-2:])}:{line}, in {function})"
    return f"it fails with {': '.join(filter(None, [kind, cut(message)]))}{where}"


def _sent(commands: Sequence[WorkflowCommand]) -> Iterator[WorkflowCommand]:
    """Those of them that reach the server: not a timer that is cancelled as soon as it is set."""
    cancelled = {
        command.cancel_timer.seq for command in commands if command.HasField("cancel_timer")
    }
    for command in commands:
        if not (command.HasField("start_timer") and command.start_timer.seq in cancelled):
            yield command


async def replayed(
    histories: AsyncIterator[tuple[Past, WorkflowHistory]],
    *,
    runner: WorkflowRunner | None = None,
    codec: PayloadCodec | None = None,
    looks: bool = False,
) -> AsyncIterator[tuple[Past, Present]]:
    """Replay histories one after another, with our code as it is now.

    Args:
        histories: of our workflows, each as it was and as it is told.
        runner: what runs them; our sandbox if `None`.
        codec: of the workers that wrote them; they are decoded already.
        looks: whether the record is looked at after each task, which costs about as much again.
    """
    listening = Listening(runner or sandboxed(codec), looks=looks)
    listener = SimplePlugin("listener", workflow_runner=lambda existing: listening)
    # Without a limit to one task: the gate has one for a history, and a task of thousands of
    # signals, or a busy machine, is no finding.
    replayer = Replayer(
        workflows=list(WORKFLOWS), plugins=[plugin(codec), listener], debug_mode=True
    )
    pasts: list[Past] = []

    async def one_by_one() -> AsyncIterator[WorkflowHistory]:
        async for past, history in histories:
            called = partial(search_name, codec)
            pasts[:], listening.present = [past], Present(called=called)
            yield history

    async with replayer.workflow_replay_iterator(one_by_one()) as results:
        async for result in results:
            present = listening.present
            if result.replay_failure is not None:
                present.failure = str(result.replay_failure)
                present.nondeterminism = isinstance(result.replay_failure, NondeterminismError)
            yield pasts[0], present


async def replay(
    history: WorkflowHistory,
    *,
    runner: WorkflowRunner | None = None,
    codec: PayloadCodec | None = None,
    looks: bool = False,
) -> tuple[Past, Present]:
    """Replay one history.

    Raises:
        ValueError: it is none of ours.
    """

    async def only() -> AsyncIterator[tuple[Past, WorkflowHistory]]:
        yield read(history), history

    found = [each async for each in replayed(only(), runner=runner, codec=codec, looks=looks)]
    return found[0]
