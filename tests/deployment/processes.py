"""Workers as processes of their own: started, listened to, signalled."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
LONG = 60
"""Seconds after which what has to happen has not happened."""


class WorkerProcess:
    """One `python -m workers`, or another program of the workers, and its log."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.lines: list[dict[str, Any]] = []
        """Its log lines so far."""
        self.words: list[str] = []
        """What it has said so far besides."""

    async def says(self, event: str) -> dict[str, Any]:
        """Wait for the next line of an event."""
        async with asyncio.timeout(LONG):
            while (line := await self._next()) is not None:
                if line.get("event") == event:
                    return line
        raise AssertionError(f"ended without {event}: {self.lines} {self.words}")

    async def complains_of(self, words: str) -> dict[str, Any]:
        """Wait for the next line with these words in it, whatever its event."""
        async with asyncio.timeout(LONG):
            while (line := await self._next()) is not None:
                if words in json.dumps(line):
                    return line
        raise AssertionError(f"ended without {words}: {self.lines} {self.words}")

    async def has_complained_of(self, words: str) -> None:
        """Wait for a line with these words in it, unless there has been one."""
        if not any(words in json.dumps(line) for line in self.lines):
            await self.complains_of(words)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self._process.send_signal(number)

    async def ends(self) -> int:
        """Wait for its end; its exit code."""
        async with asyncio.timeout(LONG):
            while await self._next() is not None:
                pass
            return await self._process.wait()

    async def _next(self) -> dict[str, Any] | None:
        assert self._process.stderr is not None
        written = await self._process.stderr.readline()
        if not written:
            return None
        if written.startswith(b"{"):
            self.lines.append(json.loads(written))
            return self.lines[-1]
        self.words.append(written.decode().rstrip("\n"))
        return {}


def worker_process(
    folder: Path, *options: str, **environment: str
) -> AbstractAsyncContextManager[WorkerProcess]:
    """A worker of this checkout with the records in a folder; killed if it has not ended."""
    return program("workers", folder, *options, **environment)


def program(
    module: str, folder: Path, *options: str, **environment: str
) -> AbstractAsyncContextManager[WorkerProcess]:
    """The same, of a program of the workers."""
    return program_of(ROOT, module, folder, *options, **environment)


@asynccontextmanager
async def program_of(
    checkout: Path, module: str, folder: Path, *options: str, **environment: str
) -> AsyncIterator[WorkerProcess]:
    """The same, of another checkout."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *options),
        cwd=checkout,
        stderr=asyncio.subprocess.PIPE,
        env={
            "PATH": os.environ["PATH"],
            "ESCALADE_RECORDS_URL": f"sqlite:///{folder / 'records.db'}",
            **environment,
        },
    )
    try:
        yield WorkerProcess(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
