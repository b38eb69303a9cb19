"""Why somebody cancelled a run is exported in other words; what came of it stays the same."""

from pathlib import Path

from temporalio.testing import WorkflowEnvironment

from escalations import names
from escalations.explaining.story import story_of
from escalations.histories.reading import run_of
from escalations.histories.retrospectives import retold
from escalations.policy import Policy
from escalations.retrospective.record import RetrospectiveRecord
from tests import harness
from tests.workflows.canaries import CANARY, POLICY, planted
from tests.workflows.test_export_of_all import hidden
from tests.workflows.test_lost_tasks import quiet

PHONE = "0401234567"


async def test_a_case_and_a_retrospective_that_were_cancelled(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Why is said by another number; who heard of it, and that it is over, stays the same."""
    rule = {"retrospective": {"when": {"priority": "P4"}}}
    policy = Policy.model_validate(POLICY | {"policy": "held"} | rule)
    async with harness.desk(environment, tmp_path, more=[policy]) as desk:
        case = await desk.open(policy="held", category=None, case=f"T-{CANARY}")
        await case.handle.cancel(reason=PHONE)
        await case.handle.result()
        retrospective = desk.client.get_workflow_handle(
            names.retrospective_id(case.case), result_type=RetrospectiveRecord
        )
        await quiet(retrospective)
        await retrospective.cancel(reason=f"{CANARY}, call {PHONE}")
        await retrospective.result()
        case.told()
        lived, held = await case.handle.fetch_history(), await retrospective.fetch_history()

    history, held_history = await hidden(planted(lived)), await hidden(planted(held))

    assert PHONE in lived.to_json()
    assert PHONE not in history.to_json() + held_history.to_json()
    told = story_of([run_of(history)]).record.timeline
    (closed,) = [each for each in told if each.type == "closed"]
    assert closed.by == "operator"
    assert closed.reason not in ("", PHONE, "Cancelled in Temporal.")
    over = retold(held_history).record
    assert (over.status, over.timeline[-1].type) == ("withdrawn", "withdrawn")
    assert over.outbox == []
