"""What is pressed in the Temporal UI besides a case's own handlers.

It is written down, tells nobody, and leaves nothing running that nobody knows of.
"""

from datetime import timedelta
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
from temporalio.service import RPCError

from escalations import events
from escalations.client import EscalationClient
from escalations.names import Signal, retrospective_id
from tests import harness
from tests.harness import Desk, OpenCase

WHY = "pressed by mistake, night shift"


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


async def test_a_cancelled_case_says_who_asked(desk: Desk) -> None:
    """Request Cancellation: the request stands in the history with its reason; the run ends by
    itself, nobody is told, and nothing is left running."""
    case = await desk.open()
    case.told()

    await desk.client.workflow_service.request_cancel_workflow_execution(
        RequestCancelWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_execution=execution(case),
            identity="ada",
            request_id=uuid4().hex,
            reason=WHY,
        )
    )
    with pytest.raises(WorkflowFailureError):
        await case.handle.result()

    history = await case.handle.fetch_history()
    (asked,) = [
        event.workflow_execution_cancel_requested_event_attributes
        for event in history.events
        if event.HasField("workflow_execution_cancel_requested_event_attributes")
    ]
    assert (asked.cause, asked.identity) == (WHY, "ada")
    assert (await last(case)).HasField("workflow_execution_canceled_event_attributes")
    assert await open_runs(desk, case) == []
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
    await case.to_the_end()
    assert await open_runs(desk, case) == [retrospective_id(case.case)]
    await desk.client.get_workflow_handle(retrospective_id(case.case)).terminate(WHY)
    assert await open_runs(desk, case) == []
    case.told()


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
