"""The whole compose file: up, a case through it, everything started again, down, nothing left."""

import asyncio
import subprocess
from collections.abc import Iterator

import pytest

from escalations.client import EscalationClient
from escalations.errors import Unreachable
from escalations.record import Ending
from escalations.search import Search
from tests.deployment.containers.engine import FIGURES, eventually
from tests.deployment.containers.leaks import PLANTED, api, dumps, plant, secrets_of, traces
from tests.deployment.containers.load import ADDRESS, CUSTOMER, LEVELS, Load, case, levels
from tests.deployment.containers.stack import PAGER_SECRET, Stack, running
from tests.deployment.test_compose import ONCE, SERVICES

pytestmark = [pytest.mark.container, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def stack(cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Up for the module, and nothing of it left afterwards."""
    with running(tmp_path_factory.mktemp("stack")) as stack:
        yield stack


@pytest.fixture
async def client(stack: Stack) -> EscalationClient:
    """A backend that knows the keys."""
    return await stack.client()


def test_it_is_up(stack: Stack) -> None:
    """Everything of the profile runs and is healthy where it can say so; what runs once has ended
    well; the namespace keeps closed cases for 90 days; both databases are PostgreSQL's."""
    services = stack.services()
    expected = {
        name for name, each in SERVICES.items() if each.get("profiles") in (None, ["cluster"])
    }

    assert services.keys() == expected
    for name, each in services.items():
        assert each["State"] == ("exited" if name in ONCE else "running"), name
        assert each["ExitCode"] == 0, name
        assert each["Health"] in ("", "healthy"), name
    described = stack.inside("worker-1", "python", "-c", RETENTION)
    assert described == "90 days\n"
    tables = stack.inside(
        "postgres", "psql", "-U", "temporal", "-Atc", "SELECT count(*) FROM executions"
    )
    assert int(tables) >= 0


RETENTION = """
import asyncio
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from escalations.temporal import connect
from workers.leaving import leave
async def main():
    client = await connect()
    asked = DescribeNamespaceRequest(namespace=client.namespace)
    answer = await client.workflow_service.describe_namespace(asked)
    print(answer.config.workflow_execution_retention_ttl.ToTimedelta().days, "days")
asyncio.run(main())
leave(0)
"""


async def test_a_case_outlives_the_restart_of_everything(
    stack: Stack, client: EscalationClient
) -> None:
    """Opened, taken and listed by its customer, who is a hash there; then every container is killed
    at once, and all of it is brought up again: the case stands where it stood, goes on to its end,
    and whoever is to be told has been told."""
    await client.open(case("T-1", "patient"))
    taken = await client.acknowledge("T-1", by="ada")

    async def listed() -> list[str]:
        return [each.case async for each in client.search(Search(customer=CUSTOMER))]

    assert await eventually(listed) == ["T-1"]

    async def told() -> bool:
        return ADDRESS in await stack.mails.told("T-1")

    assert await eventually(told)
    await asyncio.to_thread(stack.compose, "kill")
    await asyncio.to_thread(stack.up)

    client = await stack.client()
    again = await client.summary("T-1")
    assert (again.owner, again.level) == (taken.owner, taken.level)
    assert await eventually(listed) == ["T-1"]
    await client.propose_resolution("T-1", by="ada", summary="Refunded")
    await client.confirm_resolution("T-1", by="Dana")

    async def ended() -> Ending | None:
        return (await client.record("T-1")).ending

    assert await eventually(ended) is Ending.CONFIRMED


async def test_a_worker_is_killed_and_the_other_one_goes_on(
    stack: Stack, client: EscalationClient
) -> None:
    """Two workers, one killed: the case climbs to its top by the other, every level in its turn."""
    await client.open(case("T-2", "hasty"))
    await asyncio.to_thread(stack.compose, "kill", "worker-1")

    async def at_the_top() -> bool:
        try:
            return (await client.summary("T-2")).level == 4
        except Unreachable:
            return False

    assert await eventually(at_the_top)
    record = await client.record("T-2")
    assert levels(record) == LEVELS
    await asyncio.to_thread(stack.compose, "start", "worker-1")


async def test_postgresql_is_killed_and_no_case_is_lost(
    stack: Stack, client: EscalationClient
) -> None:
    """The database dies under cases that are being opened and climb: what was answered is there
    afterwards, and every case comes to its top, no level skipped."""
    load = Load(client, "T-3")
    await load.has(5)
    await asyncio.to_thread(stack.compose, "kill", "postgres")
    await asyncio.to_thread(stack.compose, "start", "postgres")
    await load.has(10)

    worst = await load.verdict()
    FIGURES.append(
        f"{len(load.opened)} cases, PostgreSQL killed: latest climb {worst} after its window"
    )


async def test_nothing_of_a_customer_is_to_be_read_anywhere(
    stack: Stack, client: EscalationClient
) -> None:
    """After all that, and a case with planted words in every message and a secret in an address
    that does not answer: no name, id, address or word of a customer, and no secret, in Temporal's
    databases, in any log, on any page of metrics or in what the server and the UI answer of a run.
    What they were made with is in no container's description."""
    await plant(client)
    sought = (*PLANTED, *await asyncio.to_thread(secrets_of, stack))
    places = await asyncio.to_thread(dumps, stack) | await asyncio.to_thread(api, stack)
    places["logs"] = await asyncio.to_thread(stack.compose, "logs")

    assert '"escalation/T-9"' in places["logs"]
    assert all("escalade_open_cases" in places[each] for each in places if "9464" in each)
    assert "T-9" in places["temporal"]
    assert "T-9" in places["temporal_visibility"]
    asked = [each for each in places if ": escalation/T-9 " in each]
    assert len(asked) == 4
    assert all("binary/encrypted" in places[each] for each in asked)
    assert traces(sought, places) == []
    described = await asyncio.to_thread(stack.compose, "config")
    made = set(sought) - {*PLANTED, PAGER_SECRET}
    assert [each for each in made if each in described] == []


def test_a_second_start_changes_nothing(stack: Stack) -> None:
    """The one-shots once more: no secret is made anew, no table or attribute is missed."""
    before = secrets(stack)
    stack.compose("up", "--detach", "--wait", "--pull=never", "--no-build")

    assert secrets(stack) == before
    assert {stack.services()[name]["ExitCode"] for name in ONCE} == {0}


def secrets(stack: Stack) -> str:
    look = (
        "import hashlib, pathlib\n"
        "for file in sorted(pathlib.Path('/secrets').rglob('*')):\n"
        "    print(file, file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest())\n"
    )
    return stack.compose("run", "--rm", "--no-deps", "-T", "secrets", "python", "-c", look)


def test_workers_see_their_own_database_alone(stack: Stack) -> None:
    """The role of the workers may not even connect to Temporal's databases."""
    look = (
        "import pathlib, psycopg\n"
        "url = pathlib.Path('/run/secrets/records/ESCALADE_RECORDS_URL').read_text()\n"
        "url = url.replace('+psycopg', '')\n"
        "psycopg.connect(url).close()\n"
        "psycopg.connect(url.removesuffix('escalade') + 'temporal')\n"
    )
    with pytest.raises(subprocess.CalledProcessError) as refused:
        stack.inside("worker-1", "python", "-c", look)
    assert "permission denied for database" in refused.value.stderr
