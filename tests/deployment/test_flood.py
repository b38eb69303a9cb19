"""Thousands of signals to one case while nobody works: one task of the next worker."""

import time
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from tests.deployment.faults.flood import flood
from workers import composition
from workers.settings import Settings

SIGNALS = 2_500
"""More than a starved machine decides in the SDK's two seconds; `make torture` sends 9,900."""


@pytest.mark.timeout(300)
@pytest.mark.parametrize("opened", [False, True], ids=["to be opened", "that stands"])
async def test_a_flood_while_nobody_works(tmp_path: Path, opened: bool) -> None:
    """Replies to a case whose worker is away: when one comes the case stands, every reply counts,
    and somebody can take it."""
    kept, turned_away, record = await flood(tmp_path, SIGNALS, opened=opened)

    assert (kept, turned_away) == (SIGNALS, 0)
    assert (record.replies, record.owner) == (SIGNALS, "ada")


ENDS = (
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED,
)
"""How a task ends."""


@workflow.defn(name="Slow", sandboxed=False)
class Slow:
    """Takes longer for its one task than the SDK would let it."""

    @workflow.run
    async def run(self) -> None:
        """Two seconds and a half without a pause, and then it waits."""
        time.sleep(2.5)  # noqa: ASYNC251  what is tested is that nothing else can run meanwhile
        await workflow.wait_condition(lambda: False)


async def test_a_task_may_take_longer_than_the_sdk_lets_it(
    environment: WorkflowEnvironment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Our worker gives a task eight seconds, by the SDK's own name for that: where it has another
    one some day, such a task is failed after two."""
    monkeypatch.setattr(composition, "WORKFLOWS", [Slow])
    settings = Settings(policies=tmp_path, task_queue=f"slow-{uuid4().hex[:8]}")

    async with composition.worker(environment.client, settings, []):
        handle = await environment.client.start_workflow(
            "Slow", id=settings.task_queue, task_queue=settings.task_queue
        )
        async for event in handle.fetch_history_events(wait_new_event=True):
            if event.event_type in ENDS:
                break
        await handle.terminate()

    assert event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED


def test_the_limit_stays_below_the_servers() -> None:
    """Where a task takes ten seconds, the server gives it to somebody else."""
    assert composition.DECIDES_WITHIN.total_seconds() < 10
