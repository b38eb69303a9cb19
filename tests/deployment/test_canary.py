"""The dead man's switch: a canary climbs while there are workers; when it does not, an alarm."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.canary import Canaries
from escalations import canary, metrics, names
from escalations.client import EscalationClient
from escalations.record import Opening
from escalations.search import Search
from tests.deployment.exposition import scrape
from tests.deployment.processes import ROOT, program
from tests.harness import Desk
from tests.ports import free_port
from workers.canary import _options
from workers.composition import WORKFLOWS
from workers.probe import Flight, Outcome, Probe

PATIENT, SHORT = timedelta(seconds=60), timedelta(seconds=2)


@asynccontextmanager
async def worker(
    client: Client, task_queue: str, workflows: Sequence[type] = WORKFLOWS
) -> AsyncIterator[None]:
    """A worker that can do what a canary needs."""
    canaries = Canaries()
    async with Worker(
        client,
        task_queue=task_queue,
        workflows=workflows,
        activities=[canaries.snapshot, canaries.tell],
    ):
        yield


@pytest.fixture
def task_queue() -> str:
    return f"canaries-{uuid4().hex[:8]}"


async def test_a_canary_climbs(desk: Desk) -> None:
    """A worker as it is run carries a canary up: it has climbed, nobody was told, no list of cases
    has it."""
    flight = await Probe(desk.client, desk.task_queue, PATIENT).send()

    assert flight.outcome is Outcome.CLIMBED
    assert flight.words.startswith("The canary climbed in ")
    assert flight.took > timedelta(seconds=1)
    assert desk.channels.letters == []
    listed = EscalationClient(desk.client).search(Search(category="canary", ended=True))
    assert [case async for case in listed] == []


async def test_nobody_works(environment: WorkflowEnvironment, task_queue: str) -> None:
    """Where no worker takes work, the alarm says from which queue."""
    flight = await Probe(environment.client, task_queue, SHORT).send()

    assert flight == Flight(
        Outcome.NOT_CLIMBED,
        flight.took,
        "The canary has not climbed within 2 s. No worker takes work from the task queue "
        f"{task_queue!r}: whoever runs the workers starts one, or sets ESCALADE_TASK_QUEUE to the "
        "queue they have.",
    )


async def test_workers_stumble(environment: WorkflowEnvironment, task_queue: str) -> None:
    """Where workers fail at it, the alarm says of what."""
    old = [each for each in WORKFLOWS if each.__name__ != "CanaryWorkflow"]
    async with worker(environment.client, task_queue, old):
        flight = await Probe(environment.client, task_queue, 2 * SHORT).send()

    assert flight.outcome is Outcome.NOT_CLIMBED
    assert "A worker stumbles over it: Workflow class Canary is not registered" in flight.words
    assert "Whoever runs the workers" in flight.words


async def test_alarm_within_two_minutes(
    environment: WorkflowEnvironment, task_queue: str, tmp_path: Path
) -> None:
    """The worker is stopped: the next canary raises the alarm, the time of the last climb stands
    still, and another worker ends the alarm. At their defaults that is within two minutes."""
    address = f"127.0.0.1:{free_port()}"
    said = {
        "TEMPORAL_ADDRESS": environment.client.service_client.config.target_host,
        "ESCALADE_TASK_QUEUE": task_queue,
        "ESCALADE_METRICS_ADDRESS": address,
    }
    async with program("workers.canary", tmp_path, "--every=5s", "--within=4s", **said) as probe:
        async with worker(environment.client, task_queue):
            await probe.says("canary.climbed")
        alarm = await probe.says("canary.not_climbed")
        before = await scrape(address)
        await probe.says("canary.not_climbed")
        after = await scrape(address)
        async with worker(environment.client, task_queue):
            await probe.says("canary.climbs_again")
            now = await scrape(address)
        probe.signal(signal.SIGTERM)
        assert await probe.ends() == 0

    assert alarm["level"] == "error"
    assert "has not climbed within 4 s" in alarm["why"]
    climbed_at = metrics.CANARY_CLIMBED_AT.served
    assert before.value(climbed_at) == after.value(climbed_at) < now.value(climbed_at)
    assert after.value(metrics.CANARIES.served, outcome="not_climbed") >= 2
    usual = _options([])
    assert usual.every + usual.within <= timedelta(minutes=2)


def once(*options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """What cron sees."""
    return subprocess.run(
        [sys.executable, "-m", "workers.canary", *options],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )


async def test_for_cron(environment: WorkflowEnvironment, task_queue: str) -> None:
    """--once: one sentence, on standard error if something is wrong, and an exit code that says
    what: 0 it climbed, 1 it did not, 3 Temporal cannot be reached."""
    address = environment.client.service_client.config.target_host
    said = {"TEMPORAL_ADDRESS": address, "ESCALADE_TASK_QUEUE": task_queue}
    async with worker(environment.client, task_queue):
        well = await asyncio.to_thread(once, "--once", "--within=60s", **said)
    ill = await asyncio.to_thread(once, "--once", "--within=2s", **said)
    nowhere = f"127.0.0.1:{free_port()}"
    away = await asyncio.to_thread(once, "--once", TEMPORAL_ADDRESS=nowhere)

    assert (well.returncode, well.stderr) == (0, "")
    assert well.stdout.startswith("The canary climbed in ")
    assert (ill.returncode, ill.stdout) == (1, "")
    assert "The canary has not climbed within 2 s." in ill.stderr
    assert (away.returncode, away.stdout) == (3, "")
    assert away.stderr.startswith(f"Temporal cannot be reached at {nowhere}")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--every=3bd"], "argument --every: found '3bd'; allowed: seconds, minutes or hours"),
        (["--within=soon"], "argument --within: found 'soon'; allowed: seconds, minutes or hours"),
        (["--within=0s"], "argument --within: found '0s'; allowed: seconds, minutes or hours"),
        (["--within=2m"], "--within has to be less than --every"),
    ],
)
def test_wrong_options(options: list[str], found: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What was found and what is allowed, and exit code 2."""
    with pytest.raises(SystemExit) as ended:
        _options(options)

    assert ended.value.code == 2
    assert found in capsys.readouterr().err


def test_wrong_settings() -> None:
    """All of them at once, none of the workers' own."""
    refused = once("--once", ESCALADE_METRICS_ADDRESS="9464", ESCALADE_LOG="jsn")

    assert refused.returncode == 2
    assert refused.stderr.splitlines() == [
        "The settings have mistakes.",
        "ESCALADE_LOG: found 'jsn'; allowed: 'json' or 'console'",
        "ESCALADE_METRICS_ADDRESS: found '9464'; "
        "allowed: host:port to listen on, such as 127.0.0.1:9464",
    ]


@pytest.mark.timeout(300)
async def test_nothing_is_left(environment: WorkflowEnvironment, task_queue: str) -> None:
    """All the canaries above, those that climbed and those that never began, are taken off the
    server with their histories, and one that a probe left behind when it was killed; it takes half
    a minute for it."""
    client = environment.client
    request = canary.request("forgotten", datetime.now(UTC))
    forgotten = await client.start_workflow(
        names.Workflow.CANARY, Opening(request), id="canary/forgotten", task_queue=task_queue
    )
    await forgotten.terminate()
    await until(client, "AND WorkflowId = 'canary/forgotten' AND CloseTime IS NOT NULL", some=True)
    at_once = timedelta(seconds=-60)
    await Probe(client, task_queue, SHORT, forgotten_after=at_once).send()
    await until(client, "", some=False)


async def until(client: Client, term: str, *, some: bool) -> None:
    """Wait until the server lists some such canaries, or none; a busy one deletes in its time."""
    query = f"WorkflowType = '{names.Workflow.CANARY}' {term}"
    async with asyncio.timeout(240):
        while True:
            if bool((await client.count_workflows(query)).count) == some:
                return
            await asyncio.sleep(0.2)
