"""What happens while a case is being opened, and when it cannot be."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.client import (
    WorkflowFailureError,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.ledger import SqlLedger
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from escalations import events, names
from escalations.engine import Case
from escalations.policy import Policy
from escalations.record import EscalationRecord, Opening
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot
from escalations.temporal import plugin
from tests import harness
from tests.harness import Desk, FakeChannels, OpenCase
from tests.questions import not_yet
from workflows.escalation import EscalationWorkflow


async def _open_under_fire(desk: Desk, n: int) -> OpenCase:
    """Start a case while everybody talks to it already: queries, signals and a command."""
    case = f"early-{n}"
    handle = await desk.client.start_workflow(
        names.Workflow.ESCALATION,
        Opening(harness.request(case=case, reported_at=datetime.now(UTC))),
        id=names.escalation_id(case),
        task_queue=desk.task_queue,
        result_type=EscalationRecord,
    )
    opened = OpenCase(case, handle, desk)

    async def ask() -> None:
        for _ in range(4):
            with suppress(WorkflowQueryFailedError):
                await opened.record()

    async def speak() -> None:
        for text in ("Hello?", "I will call my lawyer.", "Hello!"):
            await opened.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text=text))

    async def command() -> None:
        with suppress(WorkflowUpdateFailedError):
            await opened.command(names.Update.ASSIGN, events.Assign(by="bob", to="ada"))

    await asyncio.gather(ask(), command(), speak(), command())
    await opened.ready()
    return opened


@pytest.mark.timeout(300)
async def test_what_is_said_during_the_opening_is_decided_the_same_on_replay(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Messages that race the policy's arrival give the same record, entry by entry, on replay."""
    async with harness.desk(environment, tmp_path) as desk:
        cases = await asyncio.gather(*(_open_under_fire(desk, n) for n in range(30)))
        before = [await case.record() for case in cases]

    async with Worker(
        environment.client,
        task_queue=desk.task_queue,
        workflows=[EscalationWorkflow],
        activities=[Policies(desk.policies).snapshot],
    ):
        after = [await case.record() for case in cases]
    replayer = Replayer(workflows=[EscalationWorkflow], plugins=[plugin()])
    for case in cases:
        await replayer.replay_workflow(await case.handle.fetch_history())

    assert before == after
    assert all(record.replies == 3 for record in after)
    assert all(record.level_name == "Senior management" for record in after)


class LatePolicies(Policies):
    """Policies that come when they are let go."""

    def __init__(self, policies: Mapping[str, Policy]) -> None:
        super().__init__(policies)
        self.asked, self.go = asyncio.Event(), asyncio.Event()

    @activity.defn(name="snapshot_policy")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The policy, after a while."""
        self.asked.set()
        await self.go.wait()
        return await super().snapshot(request)


async def test_who_looks_at_a_case_that_is_being_opened_does_not_move_it(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A question makes Temporal split the first task; the case still opens at the same moment on
    replay, to the microsecond, and so does all that is due."""
    known = harness.policies()
    late, task_queue = LatePolicies(known), "late-policies"
    notify = Notifications(
        FakeChannels(), SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}"), JinjaTemplates()
    ).notify
    handle = await environment.client.start_workflow(
        names.Workflow.ESCALATION,
        Opening(harness.request(case="looked-at", reported_at=datetime.now(UTC))),
        id=names.escalation_id("looked-at"),
        task_queue=task_queue,
        result_type=EscalationRecord,
    )
    case = OpenCase("looked-at", handle, Desk(environment, FakeChannels(), known, task_queue))
    look = asyncio.create_task(case.record())  # waits for the worker, and comes with the first task
    async with Worker(
        environment.client,
        task_queue=task_queue,
        workflows=[EscalationWorkflow],
        activities=[late.snapshot, notify],
    ):
        await late.asked.wait()
        with pytest.raises(WorkflowQueryFailedError):
            await look
        late.go.set()
        await case.ready()
        before = await case.record()

    async with Worker(
        environment.client,
        task_queue=task_queue,
        workflows=[EscalationWorkflow],
        activities=[late.snapshot],
    ):
        after = await case.record()

    assert after.opened_at == before.opened_at
    assert after == before


@pytest.mark.parametrize(
    ("opening", "named"),
    [
        pytest.param({"case": "T 1", "surprise": 1}, ["case", "surprise", "title"], id="fields"),
        pytest.param("not an object", ["input"], id="no object"),
        pytest.param(None, ["input"], id="null"),
    ],
)
async def test_a_malformed_opening_fails_the_run(
    desk: Desk, opening: object, named: list[str]
) -> None:
    """A start input that cannot be read ends the run at once, with every field named."""
    handle = await desk.client.start_workflow(
        names.Workflow.ESCALATION,
        opening,
        id=f"escalation/bad-{datetime.now(UTC).timestamp()}",
        task_queue=desk.task_queue,
    )

    async with asyncio.timeout(60):
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()

    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == "InvalidRequest"
    assert all(name in str(cause) for name in named)


@pytest.mark.parametrize(
    ("said", "kind", "named"),
    [
        pytest.param({"policy": "call-center"}, "UnknownPolicy", "call-centre", id="policy"),
        pytest.param({"category": "biling"}, "InvalidRequest", "billing", id="category"),
    ],
)
async def test_an_opening_that_no_policy_knows_fails_the_run(
    desk: Desk, said: dict[str, str], kind: str, named: str
) -> None:
    """A typo in a policy's or category's name ends the run, and the message says what there is."""
    handle = await desk.client.start_workflow(
        names.Workflow.ESCALATION,
        Opening(harness.request(case="typo", reported_at=datetime.now(UTC), **said)),
        id=f"escalation/typo-{kind}",
        task_queue=desk.task_queue,
    )

    async with asyncio.timeout(60):
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()

    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert cause.type == kind
    assert named in str(cause)


async def test_a_bug_leaves_the_run_waiting_for_a_fix(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in our own code does not end a case: it goes on when the code is mended."""
    case = await desk.open()

    with monkeypatch.context() as broken:

        def stumble(case: Case) -> None:
            msg = "a bug"
            raise RuntimeError(msg)

        broken.setattr(Case, "take_effects", stumble)
        await case.say(names.Signal.ADD_NOTE, events.AddNote(by="ada", text="Anybody there?"))
        async with asyncio.timeout(60):
            while True:
                description = await case.handle.describe()
                if description.raw_description.pending_workflow_task.attempt > 1:
                    break
        assert description.status is not None
        assert description.status.name == "RUNNING"

    async with asyncio.timeout(60):
        types: list[str] = []
        while "noted" not in types:
            await case.forward(timedelta(seconds=1))
            with not_yet():
                types = [entry.type for entry in (await case.record()).timeline]
