"""`python -m workers.health`, as whoever watches over a container asks it."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from tests.deployment.processes import ROOT, worker_process
from tests.deployment.test_worker import client_of, new_case
from workers.embedded import EmbeddedTemporal
from workers.health import SILENT_FOR
from workers.settings import PREFIX

HEAVY = ("pydantic", "sqlalchemy", "jinja2", "temporalio.client", "temporalio.worker")
EMBEDDED = ("--embedded", "--port=0", "--ui-port=0")


async def asked(*options: str, address: str = "127.0.0.1:9", **environment: str) -> tuple[int, str]:
    """Exit code and words of one question."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers.health", *options),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"PATH": os.environ["PATH"], "TEMPORAL_ADDRESS": address, **environment},
    )
    words, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, words.decode()


async def test_a_worker_at_work_and_one_that_has_gone(tmp_path: Path) -> None:
    """At work the server and its own sign say so, and that is found without all that a worker is
    made of; after its end nobody answers, and its last sign grows old."""
    sign = tmp_path / "alive"
    db, more = f"--db={tmp_path / 'cases.db'}", {f"{PREFIX}ALIVE_FILE": str(sign)}
    async with worker_process(tmp_path, *EMBEDDED, db, **more) as worker:
        address = (await worker.says("worker.started"))["address"]
        await (await client_of(address)).open(new_case())  # by then it takes work

        code, words = await asked(address=address)
        assert (code, "takes work from escalations" in words) == (0, True), words
        code, words = await asked(address=address, PYTHONPROFILEIMPORTTIME="1")
        assert code == 0
        assert "temporalio.service" in words
        assert [each for each in HEAVY if each in words] == []
        code, words = await asked("--alive", str(sign))
        assert (code, "sign of life" in words) == (0, True), words
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0

    code, words = await asked(address=address)
    assert (code, "cannot be reached" in words) == (3, True), words
    grown_old = sign.stat().st_mtime - 2 * SILENT_FOR
    os.utime(sign, (grown_old, grown_old))
    code, words = await asked("--alive", str(sign))
    assert (code, "no sign of life" in words) == (1, True), words


async def test_nobody_works_there() -> None:
    """A server without a worker: whoever asks is told that nobody takes the work."""
    async with EmbeddedTemporal(db=None) as server:
        code, words = await asked(address=server.address)

    assert (code, "nor does any other" in words) == (1, True), words


async def test_another_queue_and_wrong_settings(tmp_path: Path) -> None:
    """Its queue comes from the environment or a file, as the worker's own does; where nobody is at
    work and the settings are to blame, they are named."""
    (tmp_path / f"{PREFIX}TASK_QUEUE").write_text("returns\n")
    async with EmbeddedTemporal(db=None) as server:
        folder = {f"{PREFIX}SECRETS_FOLDER": str(tmp_path)}
        code, words = await asked(address=server.address, **folder)
        assert (code, "takes work from returns" in words) == (1, True), words
        code, words = await asked(address=server.address, **{f"{PREFIX}LOG": "loud"})

    assert (code, f"{PREFIX}LOG: found 'loud'" in words) == (2, True), words


async def test_no_sign_was_ever_left(tmp_path: Path) -> None:
    """The sign's file is not there: the answer names the setting that makes the worker leave it."""
    code, words = await asked("--alive", str(tmp_path / "alive"))

    assert (code, "ESCALADE_ALIVE_FILE=" in words) == (1, True), words
