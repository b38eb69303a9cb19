"""What a worker measures of the cases it carries, on a real server."""

from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.testing import WorkflowEnvironment

from escalations import events, metrics, names
from escalations.temporal import plugin
from tests import harness
from tests.deployment.exposition import Page, scrape
from tests.ports import free_port
from workers.metrics import page


async def test_a_replay_measures_nothing_again(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A worker that keeps no case in memory replays it from its beginning at every message; what
    happened once is measured once all the same."""
    address = f"127.0.0.1:{free_port()}"
    client = await Client.connect(
        environment.client.service_client.config.target_host,
        plugins=[plugin()],
        runtime=Runtime(telemetry=TelemetryConfig(metrics=page(address))),
    )
    async with harness.desk(environment, tmp_path, max_cached_workflows=0, client=client) as desk:
        desk.channels.refuses.add("mailto:representative@callcentre.example")
        case = await desk.open()
        await case.forward(timedelta(minutes=16))
        await case.forward(timedelta(minutes=15))
        await case.command(names.Update.ACKNOWLEDGE, events.Acknowledge(by="ada"))
        for text in ("Hello?", "Anybody?"):
            await case.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text=text))
        await case.ready()
        measured = await scrape(address)
        record = await case.record()
        await case.handle.terminate()

    assert record.level == 2
    assert measured.value("temporal_workflow_task_execution_latency_seconds_count") > 5
    assert measured.value(metrics.BREACHES.served, what="window", level="1") == 1
    assert measured.value(metrics.LEVELS_LEFT.served, why="time") == 1
    assert counted(measured, metrics.TO_OWN) == 1
    assert counted(measured, metrics.TO_ACKNOWLEDGE) == 1
    assert counted(measured, metrics.LATENESS, what="climb") == 1
    assert counted(measured, metrics.LATENESS, what="remind") == 1
    undelivered = [entry for entry in record.timeline if entry.type == "undelivered"]
    assert measured.value(metrics.UNDELIVERED.served) == len(undelivered) > 0
    assert measured.value(metrics.DELIVERIES.served, outcome="refused") == len(undelivered)


def counted(measured: Page, metric: metrics.Metric, **labels: str) -> float:
    """How many durations were measured."""
    return measured.value(f"{metric.served}_count", **labels)
