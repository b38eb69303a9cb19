"""The command `escalade`, run as somebody at a terminal or in a script runs it."""

import asyncio
import fcntl
import json
import os
import pty
import signal
import struct
import sys
import sysconfig
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sysconfig.get_path("scripts")) / "escalade"
OF_A_CHECKOUT = (sys.executable, "-c", "from escalations.cli.main import main; main()")
"""The command of the checkout that it is run in."""


@dataclass(frozen=True)
class Answer:
    """How a run ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which is one JSON document and nothing else."""
        return json.loads(self.out)


@dataclass
class Terminal:
    """Where the command is run: the server it talks to, and the rest of its environment."""

    environment: dict[str, str]
    command: tuple[str | Path, ...] = (COMMAND,)
    folder: Path | None = None

    @classmethod
    def at(cls, address: str, task_queue: str) -> "Terminal":
        """One that talks to this server; nothing of the tester's own settings reaches it."""
        return cls(
            {
                "PATH": os.environ["PATH"],
                "HOME": "/nonexistent",
                "TZ": "Europe/Helsinki",
                "LANG": "C.UTF-8",
                "TEMPORAL_ADDRESS": address,
                "ESCALADE_TASK_QUEUE": task_queue,
            }
        )

    async def run(self, *words: str, typed: str | bytes = b"", **environment: str) -> Answer:
        """Run it to its end, with pipes."""
        async with self.running(*words, **environment) as process:
            said = typed.encode() if isinstance(typed, str) else typed
            out, err = await process.communicate(said)
            assert process.returncode is not None
            return Answer(process.returncode, out.decode(), err.decode())

    @asynccontextmanager
    async def running(
        self, *words: str, **environment: str
    ) -> AsyncIterator[asyncio.subprocess.Process]:
        """Start it with pipes; it is ended if the test has not waited for it."""
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *words,
            cwd=self.folder,
            env=self.environment | environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def on_screen(self, *words: str, columns: int, **environment: str) -> tuple[int, str]:
        """Run it on a terminal of that width; its exit code and what is on the screen."""
        process, ours = await self._on_a_terminal(words, columns, environment)
        shown = await asyncio.to_thread(_read_all, ours)
        os.close(ours)
        return await process.wait(), _plain(shown)

    async def until(
        self,
        *words: str,
        columns: int,
        shown: str,
        then: signal.Signals | str,
        **environment: str,
    ) -> tuple[int, str]:
        """Run it on a terminal until that is shown; then it gets the signal, or that is typed."""
        process, ours = await self._on_a_terminal(words, columns, environment)
        seen = b""
        while shown.encode() not in seen:
            chunk = await asyncio.to_thread(_read_some, ours)
            assert chunk, _plain(seen)
            seen += chunk
        if isinstance(then, str):
            os.write(ours, then.encode())
        else:
            process.send_signal(then)
        seen += await asyncio.to_thread(_read_all, ours)
        os.close(ours)
        return await process.wait(), _plain(seen)

    async def _on_a_terminal(
        self, words: tuple[str, ...], columns: int, environment: dict[str, str]
    ) -> tuple[asyncio.subprocess.Process, int]:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        process = await asyncio.create_subprocess_exec(
            *self.command,
            *words,
            cwd=self.folder,
            env=self.environment | {"TERM": "xterm-256color"} | environment,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        return process, ours


def _plain(shown: bytes) -> str:
    return shown.decode(errors="replace").replace("\r\n", "\n")


def _read_some(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # how Linux says that the other side is closed
        return b""


def _read_all(terminal: int) -> bytes:
    shown = b""
    while chunk := _read_some(terminal):
        shown += chunk
    return shown
