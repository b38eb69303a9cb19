"""What operators do to a run from outside, and what is said to it while it ends."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio import activity
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetWorkflowExecutionRequest
from temporalio.client import WorkflowUpdateFailedError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.policies import Policies
from escalations import events, names
from escalations.record import Ending
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot
from tests import harness
from tests.harness import Desk, OpenCase

REPRESENTATIVE = "mailto:representative@callcentre.example"
SOLVED = events.ProposeResolution(by="ada", summary="Refunded.")


@pytest.mark.parametrize("in_memory", [100, 0])
async def test_what_is_on_its_way_arrives_before_a_cancelled_run_ends(
    environment: WorkflowEnvironment, tmp_path: Path, in_memory: int
) -> None:
    """An operator cancels a run: the case is withdrawn, and no message is lost half-way."""
    async with harness.desk(environment, tmp_path, max_cached_workflows=in_memory) as desk:
        case = await desk.open()
        case.told()
        desk.channels.fails.add(REPRESENTATIVE)
        await case.forward(timedelta(minutes=5))
        await _asked_again(case)
        await case.handle.cancel()
        refusal = await _refusal(case)
        desk.channels.fails.clear()
        record = await case.to_the_end()

    assert "has ended: withdrawn" in refusal
    assert record.ending is Ending.WITHDRAWN
    assert sorted(case.told()) == [
        ("customer", f"[{case.case}] Closed: Charged twice"),
        ("escalation-manager", f"[{case.case}] Closed: Charged twice"),
        (
            "escalation-manager",
            f"[{case.case}] P3 · Nobody has taken it yet (level 1): Charged twice",
        ),
        ("representative", f"[{case.case}] Closed: Charged twice"),
        ("representative", f"[{case.case}] P3 · Nobody has taken it yet (level 1): Charged twice"),
    ]


async def _asked_again(case: OpenCase) -> None:
    """Wait until nobody took it in time: the clock is there a moment before its timer has rung."""
    async with asyncio.timeout(60):
        while True:
            types = [entry.type for entry in (await case.record()).timeline]
            if "acknowledgement_expired" in types:
                return


async def _refusal(case: OpenCase) -> str:
    """Why a command is refused; one that comes with the operator's may still be taken."""
    while True:
        try:
            await case.command(names.Update.ASSIGN, events.Assign(by="ada", to="bob"))
        except WorkflowUpdateFailedError as refused:
            return str(refused.cause)


async def test_a_run_that_is_reset_tells_nobody_again(desk: Desk) -> None:
    """An operator sets a run back to its beginning: what was sent is not sent again."""
    case = await desk.open()
    told = case.told()

    await desk.client.workflow_service.reset_workflow_execution(
        ResetWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=case.handle.id),
            workflow_task_finish_event_id=4,
            reason="A test",
            request_id=uuid4().hex,
        )
    )
    again = OpenCase(case.case, desk.client.get_workflow_handle(case.handle.id), desk)
    await again.ready()

    assert len(told) == 3
    assert case.told() == []
    assert (await again.summary()).level == 1


async def test_what_is_said_to_a_case_while_it_closes(desk: Desk) -> None:
    """Of all that is said at once one thing ends the case; the rest counted or is refused."""
    cases = [await desk.open() for _ in range(4)]
    for case in cases:
        await case.command(names.Update.PROPOSE_RESOLUTION, SOLVED)

    async def at_once(case: OpenCase) -> list[object]:
        reply = events.CustomerReplied(text="Thank you.")
        said = await asyncio.gather(
            case.say(names.Signal.CUSTOMER_REPLIED, reply),
            case.command(names.Update.CONFIRM_RESOLUTION, events.ConfirmResolution(by="Bob")),
            case.command(names.Update.CONFIRM_RESOLUTION, events.ConfirmResolution(by="Bo")),
            case.command(names.Update.ASSIGN, events.Assign(by="ada", to="eve")),
            case.say(names.Signal.WITHDRAW, events.Withdraw(by="Bob", why="Enough.")),
            return_exceptions=True,
        )
        return list(said)

    answers = await asyncio.gather(*(at_once(case) for case in cases))
    records = await asyncio.gather(*(case.to_the_end() for case in cases))

    for said, record in zip(answers, records, strict=True):
        types = [entry.type for entry in record.timeline]
        assert types.count("closed") == 1
        assert record.ending in (Ending.CONFIRMED, Ending.WITHDRAWN)
        assert record.outbox == []
        refused = [each for each in said if isinstance(each, BaseException)]
        assert all(isinstance(each, WorkflowUpdateFailedError | RPCError) for each in refused)
        assert types.count("confirmed") <= 1


class Stumbling(Policies):
    """Breaks down for a while, as by a mistake of ours."""

    left = 3

    @activity.defn(name="snapshot_policy")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The policy, once it is mended."""
        if type(self).left:
            type(self).left -= 1
            raise RuntimeError("a bug")
        return await super().snapshot(request)


async def test_a_worker_that_stumbles_over_the_policy_opens_the_case_later(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A mistake of ours while the policy is copied fails no case: it opens when that is mended."""
    async with harness.desk(environment, tmp_path, copied_by=Stumbling) as desk:
        case = await desk.start()
        await case.ready()
        record = await case.record()
        await case.handle.terminate()

    assert record.level == 1
    assert len(case.told()) == 3
