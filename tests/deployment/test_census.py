"""The census: what runs, counted on the server by what workers have said of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from escalations import events, names
from escalations.temporal import plugin
from tests import harness
from tests.deployment.exposition import Page, scrape
from tests.harness import Desk
from tests.ports import free_port
from workers.census import Census
from workers.metrics import page

STUMBLES_SOON = "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=1"


@workflow.defn(name=names.Workflow.RETROSPECTIVE)
class Broken:
    """A retrospective that no worker can carry on."""

    @workflow.run
    async def run(self) -> None:
        """Fail the task, and not the run."""
        raise RuntimeError("a mistake of ours")


@pytest.fixture
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of its own, since everything on it is counted."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=harness.temporal_binary(),
        dev_server_startup_timeout=timedelta(seconds=60),
        plugins=[plugin()],
        search_attributes=harness.search_attribute_keys(),
        dev_server_extra_args=["--dynamic-config-value", STUMBLES_SOON],
    ) as environment:
        yield environment


class Counter:
    """A census, and the page it is shown on."""

    def __init__(self, client: Client, address: str, overdue_after: timedelta) -> None:
        self._census = Census(client, overdue_after=overdue_after)
        self._address = address

    @classmethod
    async def at(cls, server: WorkflowEnvironment, overdue_after: timedelta) -> "Counter":
        address = f"127.0.0.1:{free_port()}"
        client = await Client.connect(
            server.client.service_client.config.target_host,
            plugins=[plugin()],
            runtime=Runtime(telemetry=TelemetryConfig(metrics=page(address))),
        )
        return cls(client, address, overdue_after)

    async def until(self, settled: Callable[[Page], bool]) -> Page:
        """Count until it says so: the server's lists lag behind."""
        counted = await self._count()
        try:
            async with asyncio.timeout(60):
                while not settled(counted):
                    await asyncio.sleep(0.2)
                    counted = await self._count()
        except TimeoutError:
            pytest.fail(f"it never says so:\n{counted.text}")
        return counted

    async def _count(self) -> Page:
        await self._census.take()
        return await scrape(self._address)


def open_cases(counted: Page) -> dict[tuple[str, str], float]:
    """The gauge's values that are not zero."""
    series = counted.series["escalade_open_cases"]
    found = {(labels["level"], labels["priority"]): value for labels, value in series}
    return {key: value for key, value in found.items() if value}


def all_three(counted: Page) -> bool:
    """Two of P1 that nobody has, and ada's of P2, which is asked for nothing for a while."""
    return (
        open_cases(counted) == {("1", "P1"): 2, ("1", "P2"): 1}
        and counted.value("escalade_cases_by_status", status="open") == 3
        and counted.value("escalade_unowned_cases", priority="P1") == 2
        and counted.value("escalade_unowned_cases", priority="P2") == 0
        and counted.value("escalade_overdue_cases") == 2
    )


async def test_the_census(server: WorkflowEnvironment, tmp_path: Path) -> None:
    """Cases are counted by level and priority, those that nobody has begun as of level 0; so are
    those that nobody has, those that are overdue, and runs that fail their task again and again.
    What has ended is counted no more: its gauge falls to zero and does not stay."""
    counter = await Counter.at(server, overdue_after=timedelta(minutes=-10))
    async with harness.desk(server, tmp_path) as desk:
        taken = await desk.open(priority="P2")
        await taken.command(names.Update.ACKNOWLEDGE, events.Acknowledge(by="ada"))
        for _ in range(2):
            await desk.open(priority="P1")
        counted = await counter.until(all_three)

        await taken.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="A mistake."))
        await taken.handle.result()
        fewer = await counter.until(lambda now: open_cases(now) == {("1", "P1"): 2})
    await Desk(server, desk.channels, desk.policies, "nobody-is-there").start(priority="P4")
    await stuck_retrospective(server.client.service_client.config.target_host)
    left = {("1", "P1"): 2, ("0", "none"): 1}
    later = await counter.until(
        lambda now: now.value("escalade_stuck_runs") == 1 and open_cases(now) == left
    )

    assert fewer.value("escalade_open_cases", level="1", priority="P2") == 0
    assert later.value("escalade_stuck_runs", workflow_type="Retrospective") == 1
    assert later.value("escalade_stuck_runs", workflow_type="Escalation") == 0
    at = "escalade_census_timestamp_seconds"
    assert later.value(at) > counted.value(at) > 0


async def stuck_retrospective(address: str) -> None:
    """One whose first task has failed, on a worker without our sandbox."""
    client, queue = await Client.connect(address), "broken"
    run = await client.start_workflow(Broken.run, id="retrospective/broken", task_queue=queue)
    async with (
        Worker(
            client,
            task_queue=queue,
            workflows=[Broken],
            workflow_runner=UnsandboxedWorkflowRunner(),
        ),
        asyncio.timeout(60),
    ):
        async for event in run.fetch_history_events(wait_new_event=True):
            if event.HasField("workflow_task_failed_event_attributes"):
                return
