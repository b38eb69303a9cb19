"""The demo, as somebody meets it who has just cloned the project: it shows, checks, tidies up."""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.house import CHECKOUT

pytestmark = pytest.mark.timeout(300)

FAST: Final = "--hour=2s"
ELSEWHERE: Final = {
    "TEMPORAL_ADDRESS": "192.0.2.1:7233",
    "TEMPORAL_NAMESPACE": "production",
    "TEMPORAL_API_KEY": "not-for-a-demo",
    "ESCALADE_POLICIES": "/nonexistent",
    "ESCALADE_TASK_QUEUE": "production",
    "ESCALADE_SMTP_URL": "smtps://mail.example",
    "ESCALADE_LOG": "console",
    "FORCE_COLOR": "1",
}
"""Settings of somebody who also runs the real thing."""


class Demo:
    """A demo that runs, and what it has said so far."""

    def __init__(self, process: Process, folder: Path) -> None:
        self.process = process
        self.folder = folder
        self.said = ""

    async def says(self, words: str) -> str:
        """Wait until a line has these words; the line."""
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            self.said += line.decode()
            if words in line.decode():
                return line.decode()
        pytest.fail(f"ended without saying {words!r}:\n{self.said}{await self.complaints()}")

    async def ends(self) -> int:
        """Wait until it ends; its exit code."""
        assert self.process.stdout is not None
        self.said += (await self.process.stdout.read()).decode()
        return await self.process.wait()

    async def complaints(self) -> str:
        """What it said on standard error."""
        assert self.process.stderr is not None
        return (await self.process.stderr.read()).decode()

    def running(self) -> list[int]:
        """The processes that work in its folder."""
        return [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if str(self.folder).encode() in _read(path)
        ]


@asynccontextmanager
async def demo(folder: Path, *options: str) -> AsyncIterator[Demo]:
    """A demo whose temporary files are in `folder`; whatever it left running is ended."""
    await asyncio.to_thread(folder.mkdir)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "starters.demo", *options),
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TMPDIR": str(folder), **ELSEWHERE},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
    )
    shown = Demo(process, folder)
    try:
        yield shown
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        for pid in shown.running():
            os.kill(pid, signal.SIGKILL)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended meanwhile
        return b""


async def test_two_at_once(tmp_path: Path) -> None:
    """Two demos at the same time: one ends by itself, with a summary and nothing left; the other
    goes on until Ctrl-C, and keeps its folder and names it."""
    async with demo(tmp_path / "a", FAST, "--once") as one, demo(tmp_path / "b", FAST) as other:
        _, hint = await asyncio.gather(one.ends(), other.says("escalade show"))

        assert one.process.returncode == 0, one.said + await one.complaints()
        assert await one.complaints() == ""
        assert "\x1b" not in one.said
        for promised in (
            r"Temporal UI: http://127\.0\.0\.1:\d+",
            r"ACC-1187 +Northwind Clinics \(en\) +P1 +1 → [567] of 7",
            r"BIL-2041 +Boulangerie Martin \(fr\) +P3 +2 → 7 of 7: Senior management",
            r"ORD-3305 +Puuseppä Virtanen \(fi\) +P4 +1 → \d of 7",
            r"mail to Boulangerie Martin: Est-ce résolu\s\?",
            r"Camille Martin raised legal-threat",
            r"Retrospective invitation +\d+",
            r"Everything that should happen has happened, and nobody got a mail twice\.",
        ):
            assert re.search(promised, one.said), promised
        assert list(one.folder.iterdir()) == []
        assert one.running() == []

        assert _urls(one.said) != _urls(other.said)
        assert len(other.running()) == 3  # worker, server, and who sees to the server
        address = hint.split()[0].removeprefix("TEMPORAL_ADDRESS=")
        assert await _summary(address) == "closed"
        other.process.send_signal(signal.SIGINT)

        assert await other.ends() == 0
        (kept,) = other.folder.iterdir()
        assert f"Kept: {kept}" in other.said
        assert len(list((kept / "mails").glob("*.eml"))) > 40
        assert other.running() == []


def _urls(said: str) -> set[str]:
    return set(re.findall(r"http://127\.0\.0\.1:\d+", said))


async def _summary(address: str) -> str:
    """What the hint at the end of the demo shows of a case."""
    command = Path(sys.executable).with_name("escalade")
    process = await asyncio.create_subprocess_exec(
        *(str(command), "show", "BIL-2041", "--json"),
        env={"TEMPORAL_ADDRESS": address, "HOME": "/nonexistent"},
        stdout=PIPE,
    )
    said, _ = await process.communicate()
    found = re.search(rb'"status": "(\w+)"', said)
    return found[1].decode() if found else repr(said)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_interrupted(tmp_path: Path, number: signal.Signals) -> None:
    """Interrupted in the middle, it leaves neither processes nor files, and says so by its code."""
    async with demo(tmp_path / "demo", FAST, "--once") as shown:
        await shown.says("Level 2 has it")
        shown.process.send_signal(number)

        assert await shown.ends() == 128 + number
        assert await shown.complaints() == ""
        assert shown.running() == []
        assert list(shown.folder.iterdir()) == []


async def test_interrupted_while_it_starts(tmp_path: Path) -> None:
    """The same before anything is up."""
    async with demo(tmp_path / "demo", "--once") as shown:
        await shown.says("Starting")
        shown.process.send_signal(signal.SIGTERM)

        assert await shown.ends() == 128 + signal.SIGTERM
        assert shown.running() == []
        assert list(shown.folder.iterdir()) == []


async def test_the_worker_dies(tmp_path: Path) -> None:
    """A worker that dies ends the demo with the end of its log, and nothing is left."""
    async with demo(tmp_path / "demo", FAST, "--once") as shown:
        await shown.says("Level 1 has it")
        (worker,) = (pid for pid in shown.running() if b"-m\0workers" in _read(_command(pid)))
        os.kill(worker, signal.SIGKILL)

        assert await shown.ends() == 1
        complaints = await shown.complaints()
        assert "The worker has ended by itself with exit code -9. The end of its log:" in complaints
        assert '"event": "worker.started"' in complaints
        assert "Traceback" not in complaints
        assert shown.running() == []
        assert list(shown.folder.iterdir()) == []


def _command(pid: int) -> Path:
    return Path(f"/proc/{pid}/cmdline")


async def test_nobody_reads(tmp_path: Path) -> None:
    """`make demo | head`: it ends, tidily."""
    async with demo(tmp_path / "demo", FAST) as shown:
        await shown.says("Starting")
        assert shown.process.stdout is not None
        shown.process.stdout._transport.close()  # type: ignore[attr-defined]  # head has had enough

        assert await shown.process.wait() == 141
        assert shown.running() == []
        assert await shown.complaints() == ""


@pytest.mark.parametrize("hour", ["6", "1bd"])
async def test_an_hour_that_cannot_be(tmp_path: Path, hour: str) -> None:
    """A wrong option is refused before anything starts."""
    async with demo(tmp_path / "demo", "--once", f"--hour={hour}") as shown:
        assert await shown.ends() == 2
        assert "argument --hour" in await shown.complaints()
        assert list(shown.folder.iterdir()) == []
