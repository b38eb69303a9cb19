"""A case that closes hands over to its retrospective, which outlives it."""

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.invitations import Invitations
from activities.ledger import SqlLedger
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from escalations import events, names
from escalations.client import EscalationClient
from escalations.explaining.story import story_of
from escalations.histories.reading import run_of
from escalations.record import EscalationRecord
from escalations.retrospective.record import RetrospectiveRecord
from escalations.sentences import sentence
from tests import harness
from tests.harness import Desk, FakeChannels, OpenCase, policies
from tests.questions import answered
from workflows.escalation import EscalationWorkflow
from workflows.retrospective import RetrospectiveWorkflow

PATIENT = timedelta(seconds=60)


async def test_who_had_the_case_is_invited_and_the_customer_is_not(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """The real matrix asks for it after a P1; levels, manager, team and owner come to it."""
    channels, words = FakeChannels(), JinjaTemplates()
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    known = policies()
    desk = Desk(environment, channels, known, f"test-{uuid4().hex[:8]}")
    async with Worker(
        environment.client,
        task_queue=desk.task_queue,
        workflows=[EscalationWorkflow, RetrospectiveWorkflow],
        activities=[
            Policies(known).snapshot,
            Notifications(channels, ledger, words).notify,
            Invitations(channels, ledger, words, "escalade@callcentre.example").invite,
        ],
        graceful_shutdown_timeout=timedelta(seconds=5),
    ):
        csm = {"name": "Åsa Öberg", "reach": ["mailto:asa@callcentre.example"]}
        case = await desk.open(priority="P1", team={"customer-success-manager": csm})
        done = events.CompleteAction(by="Jo", action="record-statement")
        await case.command(names.Update.COMPLETE_ACTION, done)
        await case.command(
            names.Update.HAND_UP, events.HandUp(by="Jo", from_level=1, reason="no access")
        )
        await case.command(
            names.Update.ACKNOWLEDGE, events.Acknowledge(by="maria@callcentre.example")
        )
        await case.command(
            names.Update.PROPOSE_RESOLUTION, events.ProposeResolution(by="Jo", summary="Paid back")
        )
        await case.command(
            names.Update.CONFIRM_RESOLUTION, events.ConfirmResolution(by="ada@acme.example")
        )
        closed = await case.handle.result()
        handle = environment.client.get_workflow_handle(
            names.retrospective_id(case.case), result_type=RetrospectiveRecord
        )
        await environment.fast_forward(handle, timedelta(minutes=1))
        record = await answered(handle, names.Query.RECORD, RetrospectiveRecord)
        description = await handle.describe()
        await handle.terminate()

    assert description.status is WorkflowExecutionStatus.RUNNING
    assert set(record.invited) == {
        "escalation-manager",
        "representative",
        "support-manager",
        "senior-management",
        "customer-success-manager",
        "maria@callcentre.example",
    }
    assert record.request.unreached == ["Jo"]
    invited = [
        (address, letter) for address, letter in channels.letters if letter.calendar is not None
    ]
    assert len(invited) == len(record.invited)
    assert not [address for address, _ in invited if "acme.example" in address]
    assert record.timeline[0].type == "opened"
    assert "retrospective_scheduled" in [entry.type for entry in closed.timeline]


async def test_a_case_that_is_closed_twice_has_one_retrospective(desk: Desk) -> None:
    """The first one is still under way: the case says so, and promises no second one."""
    case = await desk.open(policy="whole", priority="P1")
    await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="Enough."))
    ended = await case.handle.result()
    client = EscalationClient(
        desk.client, policies=desk.policies, task_queue=desk.task_queue, answer_within=PATIENT
    )
    assert ended.closed_at is not None
    asked = {"case": case.case, "policy": "whole", "priority": "P1", "reopen": True}
    await client.open(harness.request(**asked, reported_at=ended.closed_at))
    handle = desk.client.get_workflow_handle(case.handle.id, result_type=EscalationRecord)
    again = OpenCase(case.case, handle, desk)
    await again.ready()
    await again.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="Again."))
    record = await again.handle.result()
    case.told()

    scheduled = [each for each in record.timeline if each.type == "retrospective_scheduled"]
    assert [each.already for each in scheduled] == [False, True]
    assert [sentence(each, "UTC") for each in scheduled] == [
        f"The retrospective was started: {names.retrospective_id(case.case)}",
        "A retrospective is under way already, and no second one was started: "
        f"{names.retrospective_id(case.case)}",
    ]
    history = await again.handle.fetch_history()
    assert story_of([run_of(history)]).record == record
    await desk.client.get_workflow_handle(names.retrospective_id(case.case)).terminate()
