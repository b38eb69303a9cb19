"""A Temporal server and its workers, each a process of its own that something can be done to."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import Process
from contextlib import AsyncExitStack, suppress
from pathlib import Path

from tests.deployment.faults.wire import Wire, wire
from tests.deployment.processes import ROOT
from tests.ports import free_port
from workers.embedded import EmbeddedTemporal

WORKER = ("-m", "workers")


class Hand:
    """One worker: `python -m workers`, and its log."""

    def __init__(self, log: Path, command: tuple[str, ...], environment: dict[str, str]) -> None:
        self.started = asyncio.Event()
        """Set when it takes work."""
        self.ended = asyncio.Event()
        self.process: Process | None = None
        self._log = log
        self._command = command
        self._environment = environment
        self._asked_to_end: int | None = None

    async def work(self) -> None:
        """From its start to its end, which has to be the one that was asked for."""
        with self._log.open("wb") as stderr:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, *self._command), cwd=ROOT, stderr=stderr, env=self._environment
            )
        listening = asyncio.create_task(self._listen())
        try:
            code = await self.process.wait()
        finally:
            listening.cancel()
            self.ended.set()
        assert code == self._asked_to_end, f"{self._log.name}: it ended with {code}"

    async def _listen(self) -> None:
        """Its log, as it is written."""
        with self._log.open("rb") as lines:
            line = b""
            while not self.started.is_set():
                line += lines.readline()
                if not line.endswith(b"\n"):
                    await asyncio.sleep(0.05)
                    continue
                with suppress(ValueError):
                    if json.loads(line).get("event") == "worker.started":
                        self.started.set()
                line = b""

    async def kill(self) -> None:
        """`kill -9`."""
        self._asked_to_end = -signal.SIGKILL
        self.signal(signal.SIGKILL)
        await self.ended.wait()

    async def leave(self) -> None:
        """Told to stop, it lets go of its work in order, and ends with 0."""
        self._asked_to_end = 0
        self.signal(signal.SIGTERM)
        await self.ended.wait()

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        if self.process is not None and self.process.returncode is None:
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)


class Site:
    """A server on a file, and workers that reach it by a wire of ours."""

    def __init__(
        self,
        folder: Path,
        smtp_url: str,
        *,
        workers: int = 1,
        command: tuple[str, ...] = WORKER,
        database: Path | None = None,
    ) -> None:
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        self.working = asyncio.Event()
        self.blows: list[tuple[str, float]] = []
        self.hands: list[Hand] = []
        """The workers that are there, the oldest first."""
        self.server = EmbeddedTemporal(db=database or folder / "cases.db", port=self._port)
        self._wire: Wire | None = None
        self._workers = workers
        self._command = command
        self._folder = folder
        self._hired = 0
        self._stopping = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self._environment = {
            "PATH": os.environ["PATH"],
            "ESCALADE_RECORDS_URL": f"sqlite:///{folder / 'records.db'}",
            "ESCALADE_POLICIES": str(folder / "policies"),
            "ESCALADE_SMTP_URL": smtp_url,
            "ESCALADE_MAIL_FROM": "Escalade <escalade@desk.example>",
            "ESCALADE_STOP_WITHIN": "10s",
        }

    @property
    def wire(self) -> Wire:
        """The way of the workers to the server."""
        assert self._wire is not None
        return self._wire

    async def run(self) -> None:
        """Server and workers, until it is stopped; a worker that ends unasked is an error."""
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.server)
            self._wire = await stack.enter_async_context(wire(self.address))
            self._tasks = await stack.enter_async_context(asyncio.TaskGroup())
            try:
                for hand in [self.hire() for _ in range(self._workers)]:
                    await hand.started.wait()
                self.working.set()
                await self._stopping.wait()
                await asyncio.gather(*(hand.leave() for hand in self.hands))
            except BaseException:
                for hand in self.hands:
                    hand.signal(signal.SIGKILL)
                raise

    def hire(self) -> Hand:
        """Start another worker."""
        assert self._tasks is not None
        log = self._folder / f"worker-{self._hired}.log"
        self._hired += 1
        environment = {**self._environment, "TEMPORAL_ADDRESS": self.wire.address}
        hand = Hand(log, self._command, environment)
        self.hands.append(hand)
        self._tasks.create_task(hand.work())
        return hand

    def stop(self) -> None:
        """Have the workers end in order, and then the server."""
        self._stopping.set()
