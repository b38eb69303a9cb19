"""What is pressed in the Temporal UI besides a case's own handlers.

It is written down and leaves nothing running that nobody knows of. Who cancels a run withdraws its
case; of whatever else is done to a run, Temporal tells the run nothing, so nobody is told.
"""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.workflowservice.v1 import (
    PauseWorkflowExecutionRequest,
    RequestCancelWorkflowExecutionRequest,
    ResetWorkflowExecutionRequest,
)
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import CancelledError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from escalations import events
from escalations.client import EscalationClient
from escalations.names import Signal, retrospective_id
from escalations.record import Ending
from escalations.retrospective.record import RetrospectiveRecord
from tests import harness
from tests.harness import Desk, OpenCase
from tests.workflows.test_lost_tasks import quiet
from tests.workflows.test_opening import LatePolicies

WHY = "pressed by mistake, night shift"
INVITATION = "[{}] Retrospective: Charged twice"
CALLED_OFF = "[{}] Retrospective called off: Charged twice"


async def last(case: OpenCase) -> HistoryEvent:
    """The last event of the run that was stopped."""
    history = await case.handle.fetch_history()
    return history.events[-1]


def execution(case: OpenCase) -> WorkflowExecution:
    """The case's run, for the server's own API."""
    return WorkflowExecution(workflow_id=case.handle.id)


async def open_runs(desk: Desk, case: OpenCase) -> list[str]:
    """What still runs of a case: its own run, its retrospective."""
    found = []
    for id_ in (case.handle.id, retrospective_id(case.case)):
        try:
            run = await desk.client.get_workflow_handle(id_).describe()
        except RPCError:
            continue
        if run.status is not None and run.status.name == "RUNNING":
            found.append(id_)
    return found


async def test_a_terminated_case_can_be_opened_again(desk: Desk) -> None:
    """Terminate: who and why stand in the history, nobody is told, nothing is left running; and
    the case can be opened again, a level above, from what its history tells."""
    case = await desk.open(customer={"contacts": []})
    case.told()

    await case.handle.terminate(reason=WHY)

    ended = (await last(case)).workflow_execution_terminated_event_attributes
    assert ended.reason == WHY
    assert ended.identity
    assert await open_runs(desk, case) == []
    assert case.told() == []
    client = EscalationClient(
        desk.client,
        policies=desk.policies,
        task_queue=desk.task_queue,
        answer_within=timedelta(seconds=60),
    )
    request = harness.request(
        case=case.case, reported_at=await case.now(), reopen=True, customer={"contacts": []}
    )
    again = await client.open(request)
    assert (again.status, again.level) == ("open", 2)


async def cancel(case: OpenCase, reason: str) -> None:
    """Request Cancellation, as the UI and the CLI do it."""
    client = case.desk.client
    await client.workflow_service.request_cancel_workflow_execution(
        RequestCancelWorkflowExecutionRequest(
            namespace=client.namespace,
            workflow_execution=execution(case),
            identity="ada",
            request_id=uuid4().hex,
            reason=reason,
        )
    )


async def test_a_cancelled_case_is_withdrawn(desk: Desk) -> None:
    """Request Cancellation: everybody hears that the case is closed and why, the customer too; it
    has its ending, who pressed it stands in the history, and nothing is left running."""
    case = await desk.open()
    told = {recipient for recipient, _ in case.told()}

    await cancel(case, WHY)
    record = await case.handle.result()

    assert record.ending is Ending.WITHDRAWN
    closed = next(entry for entry in record.timeline if entry.type == "closed")
    assert (closed.by, closed.reason) == ("operator", WHY)
    assert {recipient for recipient, _ in case.told()} == told
    history = await case.handle.fetch_history()
    (asked,) = [
        event.workflow_execution_cancel_requested_event_attributes
        for event in history.events
        if event.HasField("workflow_execution_cancel_requested_event_attributes")
    ]
    assert (asked.cause, asked.identity) == (WHY, "ada")
    assert await open_runs(desk, case) == []


@pytest.mark.parametrize("reason", ["", "  ", "x" * 20_001, "\0"], ids=repr)
async def test_a_case_is_cancelled_for_no_reason(desk: Desk, reason: str) -> None:
    """What is no word of anybody does not keep it from its ending."""
    case = await desk.open()

    await cancel(case, reason)
    record = await case.handle.result()

    closed = next(entry for entry in record.timeline if entry.type == "closed")
    assert (record.ending, closed.reason) == (Ending.WITHDRAWN, "Cancelled in Temporal.")
    case.told()


async def test_a_case_is_cancelled_that_was_closing(desk: Desk) -> None:
    """It has its ending already, and no other; the last message still arrives."""
    case = await desk.open()
    case.told()
    under_way, released = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        under_way.set()
        await released.wait()

    desk.channels.hangs["mailto:ada@acme.example"] = hang
    await case.say(Signal.WITHDRAW, events.Withdraw(by="Ada", why="It was my own mistake."))
    await under_way.wait()
    await cancel(case, WHY)
    released.set()
    record = await case.handle.result()

    assert [entry.by for entry in record.timeline if entry.type == "closed"] == ["Ada"]
    assert "customer" in {recipient for recipient, _ in case.told()}


async def test_a_case_is_cancelled_before_it_was_one(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Its policy has not come yet: nobody has heard of it, and the run ends as cancelled."""
    late = LatePolicies(harness.policies())
    async with harness.desk(environment, tmp_path, copied_by=lambda _: late) as desk:
        case = await desk.start()
        await late.asked.wait()
        await cancel(case, WHY)
        with pytest.raises(WorkflowFailureError) as ended:
            await case.handle.result()
        late.go.set()

    assert isinstance(ended.value.cause, CancelledError)
    assert case.told() == []


async def test_a_reset_is_written_down(desk: Desk) -> None:
    """Reset: the new run says why there is one; what was said is heard again; one run is left."""
    case = await desk.open()
    await case.say(Signal.ADD_NOTE, events.AddNote(by="ada", text="Asked the vendor"))
    case.told()

    await desk.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_execution=execution(case),
            workflow_task_finish_event_id=4,
            reason=WHY,
            request_id=uuid4().hex,
        )
    )
    again = OpenCase(case.case, desk.client.get_workflow_handle(case.handle.id), desk)
    await again.ready()

    history = await again.handle.fetch_history()
    reasons = [
        event.workflow_task_failed_event_attributes.failure.message
        for event in history.events
        if event.HasField("workflow_task_failed_event_attributes")
    ]
    assert any(WHY in reason for reason in reasons)
    assert "noted" in [entry.type for entry in (await again.record()).timeline]
    assert await open_runs(desk, case) == [case.handle.id]
    assert case.told() == []


async def test_a_retrospective_outlives_its_case(desk: Desk) -> None:
    """A case that ended in order leaves its retrospective, and it is known by the case's id: it can
    be finished, or stopped, on its own."""
    case = await desk.open(policy="whole", priority="P1")
    await case.say(Signal.WITHDRAW, events.Withdraw(by="ada", why="Enough."))
    await case.handle.result()
    assert await open_runs(desk, case) == [retrospective_id(case.case)]
    await desk.client.get_workflow_handle(retrospective_id(case.case)).terminate(WHY)
    assert await open_runs(desk, case) == []
    case.told()


async def test_a_cancelled_retrospective_is_called_off(desk: Desk) -> None:
    """Request Cancellation of a retrospective: whoever was invited hears that it is not held, and
    why; it has its end, and takes no more commands."""
    case = await desk.open(policy="whole", priority="P1")
    await case.say(Signal.WITHDRAW, events.Withdraw(by="ada", why="Enough."))
    await case.handle.result()  # no time is skipped: its retrospective's clock would go along
    handle = desk.client.get_workflow_handle(
        retrospective_id(case.case), result_type=RetrospectiveRecord
    )
    await quiet(handle)
    invited = {who for who, subject in case.told() if subject == INVITATION.format(case.case)}

    await handle.cancel(reason=WHY)
    record = await handle.result()

    assert (record.status, record.outbox) == ("withdrawn", [])
    over = next(entry for entry in record.timeline if entry.type == "withdrawn")
    assert (over.by, over.reason) == ("operator", WHY)
    assert dict(case.told()) == dict.fromkeys(invited, CALLED_OFF.format(case.case))
    assert invited
    assert await open_runs(desk, case) == []


async def test_a_case_cannot_be_paused(desk: Desk) -> None:
    """Pause is refused by the server as we start it: a paused run could be neither asked nor
    listed by Python's client. `hold` is the case's own pause."""
    case = await desk.open()
    with pytest.raises(RPCError, match="not enabled"):
        await desk.client.workflow_service.pause_workflow_execution(
            PauseWorkflowExecutionRequest(
                namespace=desk.client.namespace, workflow_id=case.handle.id, reason=WHY
            )
        )
    assert (await case.summary()).status == "open"
    case.told()
