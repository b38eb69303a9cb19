"""A worker and its Temporal server as processes of their own, and the ways to kill them."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import Process
from contextlib import suppress
from pathlib import Path
from time import monotonic

from tests.deployment.processes import ROOT
from tests.ports import free_port

_ENDED_WITHIN = 30
_MANY_RUNS = """
from workers import dev_server
dev_server._FLAGS += ("--dynamic-config-value=limit.historyCount.suggestContinueAsNew=25",)
from workers.__main__ import main
main()
"""
"""The same worker, whose cases go on in a new run after 25 events and not after 4,096."""


class Victim:
    """`python -m workers --embedded --db FILE`, started again whenever it is killed."""

    def __init__(self, folder: Path, smtp_url: str, *, many_runs: bool) -> None:
        self.address = f"127.0.0.1:{free_port()}"
        self.working = asyncio.Event()
        """Set while a worker takes work."""
        self.blows: list[tuple[str, float]] = []
        """`worker killed` or `server killed`, and when (`monotonic`)."""
        how = ("-c", _MANY_RUNS) if many_runs else ("-m", "workers")
        port = self.address.rpartition(":")[2]
        where = (f"--db={folder / 'cases.db'}", f"--port={port}", "--ui-port=0")
        self._command = (sys.executable, *how, "--embedded", *where)
        self._environment = {
            "PATH": os.environ["PATH"],
            "ESCALADE_RECORDS_URL": f"sqlite:///{folder / 'records.db'}",
            "ESCALADE_POLICIES": str(folder / "policies"),
            "ESCALADE_SMTP_URL": smtp_url,
            "ESCALADE_MAIL_FROM": "Escalade <escalade@desk.example>",
        }
        self._folder = folder
        self._process: Process | None = None
        self._server: int | None = None
        self._stopping = False

    async def run(self) -> None:
        """Start it, and again at once whenever it was killed, until it is stopped."""
        while not self._stopping:
            kills = len(self.blows)
            log = self._folder / f"worker-{kills}.log"
            with log.open("wb") as stderr:
                self._process = await asyncio.create_subprocess_exec(
                    *self._command, cwd=ROOT, stderr=stderr, env=self._environment
                )
            self._server = None
            listening = asyncio.create_task(self._listen(log))
            try:
                code = await self._process.wait()
            finally:
                listening.cancel()
            killed = len(self.blows) > kills and code == -signal.SIGKILL
            assert killed or (self._stopping and code == 0), f"the worker ended with {code}"

    async def _listen(self, log: Path) -> None:
        """Its log, as it is written. Not a pipe: that would end with its supervisor only."""
        with log.open("rb") as lines:
            line = b""
            while True:
                line += lines.readline()
                if line.endswith(b"\n"):
                    self._hear(line)
                    line = b""
                else:
                    await asyncio.sleep(0.05)

    def _hear(self, line: bytes) -> None:
        with suppress(ValueError):
            match json.loads(line):
                case {"event": "server.started" | "server.started_again", "pid": int(pid)}:
                    self._server = pid
                case {"event": "worker.started"}:
                    self.working.set()

    def kill_worker(self) -> None:
        """`kill -9` of the worker; its supervisor ends the server."""
        if self._signal(signal.SIGKILL):
            self.blows.append(("worker killed", monotonic()))
            self.working.clear()

    def kill_server(self) -> bool:
        """`kill -9` of the server; its supervisor starts another. Whether there was one."""
        server, self._server = self._server, None
        if server is None:
            return False
        with suppress(ProcessLookupError):
            os.kill(server, signal.SIGKILL)
            self.blows.append(("server killed", monotonic()))
        return True

    def stop(self) -> None:
        """Have it end in order."""
        self._stopping = True
        self._signal(signal.SIGTERM)

    def _signal(self, number: signal.Signals) -> bool:
        """Whether there was a process to take it."""
        if self._process is None or self._process.returncode is not None:
            return False
        with suppress(ProcessLookupError):
            os.kill(self._process.pid, number)  # the process's own `kill` may reap it unseen
            return True
        return False


async def left_behind(folder: Path) -> list[str]:
    """Processes about that folder that are still there when all should have ended; they are killed.

    A server that was left by a killed worker has some time to end in order.
    """
    give_up_at = monotonic() + _ENDED_WITHIN
    while found := await asyncio.to_thread(_processes_about, folder):
        if monotonic() > give_up_at:
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            return list(found.values())
        await asyncio.sleep(0.2)
    return []


def _processes_about(folder: Path) -> dict[int, str]:
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    lines = (line.split(maxsplit=1) for line in listed.stdout.splitlines())
    return {int(pid): line for pid, line in lines if f"{folder}/" in line}
