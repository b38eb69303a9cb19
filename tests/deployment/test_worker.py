"""`python -m workers`, as an operator meets it."""

import os
import re
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client

from escalations import names
from escalations.client import EscalationClient
from escalations.errors import Unreachable
from escalations.request import EscalationRequest
from escalations.temporal import connect
from tests.deployment.processes import worker_process
from tests.harness import request
from tests.ports import free_port
from workers import service
from workers.embedded import EmbeddedTemporal
from workers.filelock import FileLock
from workers.search_attributes import NamespaceUnusable, register

LONG = timedelta(seconds=60)
EMBEDDED = ("--embedded", "--port=0", "--ui-port=0")


async def client_of(address: str) -> EscalationClient:
    """As patient as the machine may be busy."""
    connection = await connect(address=address, within=LONG)
    return EscalationClient(connection, answer_within=LONG)


def new_case() -> EscalationRequest:
    return request(case="T-1", reported_at=datetime.now(UTC))


async def test_a_case_on_its_own_server(tmp_path: Path) -> None:
    """With --embedded nothing else is needed: a case is opened and stands at its first level.
    Told to stop, the worker ends in order, with its server; the next one finds the case."""
    db = f"--db={tmp_path / 'cases.db'}"
    async with worker_process(tmp_path, *EMBEDDED, db) as worker:
        address = (await worker.says("worker.started"))["address"]
        opened = await (await client_of(address)).open(new_case())
        assert opened.level == 1
        worker.signal(signal.SIGTERM)

        assert await worker.ends() == 0
        assert worker.words == []
        assert worker.lines[-1]["event"] == "worker.stopped"
        FileLock(tmp_path / "cases.db").close()
        assert readable_by_others(tmp_path) == []

    async with worker_process(tmp_path, *EMBEDDED, db) as worker:
        address = (await worker.says("worker.started"))["address"]
        found = await (await client_of(address)).summary("T-1")

        assert found == opened
        worker.signal(signal.SIGINT)
        assert await worker.ends() == 0


def readable_by_others(folder: Path) -> list[str]:
    return [file.name for file in folder.iterdir() if file.stat().st_mode & 0o077]


async def test_killed_and_started_again(tmp_path: Path) -> None:
    """`kill -9` of the worker takes its server along; another one may be started at once, on the
    same file and port, and finds the case."""
    options = ("--embedded", f"--db={tmp_path / 'cases.db'}", f"--port={free_port()}")
    async with worker_process(tmp_path, *options, "--ui-port=0") as worker:
        address = (await worker.says("worker.started"))["address"]
        opened = await (await client_of(address)).open(new_case())
        worker.signal(signal.SIGKILL)

    async with worker_process(tmp_path, *options, "--ui-port=0") as worker:
        await worker.says("worker.started")

        found = await (await client_of(address)).summary("T-1")
        assert found == opened


async def test_a_worker_waits_for_its_server(tmp_path: Path) -> None:
    """Started before its server, a worker waits for it, registers what operators filter by, and
    works."""
    port = free_port()
    async with worker_process(tmp_path, TEMPORAL_ADDRESS=f"127.0.0.1:{port}") as worker:
        await worker.says("temporal.awaited")
        async with EmbeddedTemporal(db=None, port=port) as server:
            started = await worker.says("worker.started")
            client = await client_of(server.address)

            assert started["address"] == server.address
            assert (await client.open(new_case())).level == 1
            worker.signal(signal.SIGTERM)
            assert await worker.ends() == 0


async def test_a_waiting_worker_can_be_stopped(tmp_path: Path) -> None:
    """A stop while the server is awaited is an orderly one."""
    address = f"127.0.0.1:{free_port()}"
    async with worker_process(tmp_path, TEMPORAL_ADDRESS=address) as worker:
        awaited = await worker.says("temporal.awaited")
        assert address in awaited["why"]
        worker.signal(signal.SIGTERM)

        assert await worker.ends() == 0


async def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """When the server has not come in time, the worker gives up and says where it looked."""
    address = f"127.0.0.1:{free_port()}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setattr(service, "REACH_WITHIN", timedelta(0))

    with pytest.raises(Unreachable, match=f"cannot be reached at {re.escape(address)}"):
        await service.reach()


async def test_it_refuses_policies_with_mistakes(tmp_path: Path) -> None:
    """All mistakes of all files are printed, with file and line, and nothing is started."""
    (tmp_path / "one.yaml").write_text("policy: one\nlevels: 3\n")
    (tmp_path / "two.yaml").write_text("policy: two\ncontacts: {}\n")
    async with worker_process(tmp_path, *EMBEDDED, ESCALADE_POLICIES=str(tmp_path)) as worker:
        assert await worker.ends() == 2

        assert worker.lines == []
        assert any("one.yaml:2: levels" in line for line in worker.words)
        assert any("two.yaml:1: levels" in line for line in worker.words)


@pytest.mark.parametrize(
    ("options", "environment", "code", "said"),
    [
        ([], {"ESCALADE_LOG": "loud"}, 2, r"ESCALADE_LOG: found 'loud'; allowed: 'json' or"),
        ([], {"TEMPORAL_PROFILE": "none"}, 2, r"TEMPORAL_… cannot be used: Profile 'none' not"),
        (["--port=1"], {}, 2, r"--db, --port and --ui-port are about the server of --embedded"),
        (["--embedded", "--port=x"], {}, 2, r"found 'x'; a port is a number from 0 to 65535"),
        ([*EMBEDDED, "--db=/nowhere/x.db"], {}, 3, r"/nowhere/x.db cannot be used: No such file"),
    ],
)
async def test_a_wrong_start(
    tmp_path: Path, options: list[str], environment: dict[str, str], code: int, said: str
) -> None:
    """The exit code tells wrong input (2) from a Temporal that is not there (3)."""
    async with worker_process(tmp_path, *options, **environment) as worker:
        assert await worker.ends() == code
        assert re.search(said, "\n".join(worker.words))
        assert not any("Traceback" in line for line in worker.words)


async def test_search_attributes_of_others_are_not_taken() -> None:
    """A namespace that uses one of our names with another type is refused, and named; what is
    missing is added; a repetition changes nothing."""
    wanted = {str(name): kind for name, kind in names.SEARCH_ATTRIBUTES.items()}
    async with EmbeddedTemporal(db=None, search_attributes={"Theirs": "Text"}) as server:
        client = await Client.connect(server.address)
        for _ in range(2):
            await register(client, wanted)
        asked = ListSearchAttributesRequest(namespace="default")
        there = (await client.operator_service.list_search_attributes(asked)).custom_attributes
        assert there.keys() == {"Theirs", *wanted}
        assert there["EscalationDueAt"] == IndexedValueType.INDEXED_VALUE_TYPE_DATETIME

        with pytest.raises(
            NamespaceUnusable, match="other types: EscalationLevel, EscalationStatus"
        ):
            await register(client, {**wanted, "EscalationStatus": "Int", "EscalationLevel": "Bool"})


async def test_the_server_is_lost(tmp_path: Path) -> None:
    """When its own server cannot be kept up, the worker says why and ends with 3."""
    db = tmp_path / "cases.db"
    options = (*EMBEDDED, f"--db={db}")
    async with worker_process(tmp_path, *options, ESCALADE_STOP_WITHIN="1s") as worker:
        server = (await worker.says("server.started"))["pid"]
        await worker.says("worker.started")
        spoil(db, server)

        assert await worker.ends() == 3
        assert "The file is no database" in "\n".join(worker.words)


def spoil(db: Path, server: int) -> None:
    for file in db.parent.glob("cases.db-*"):
        file.unlink()
    db.write_bytes(b"rubbish" * 1000)
    os.kill(server, signal.SIGKILL)
