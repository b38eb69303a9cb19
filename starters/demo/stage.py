"""What the demo stands on: a worker with its own Temporal, a mail catcher, a folder for both.

The worker is a process as in production, with an environment of its own: nothing that is set here
for another Temporal or another installation reaches it. It ends with the stage, however that ends.
"""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from temporalio.client import Client

from escalations import temporal
from escalations.client import EscalationClient
from escalations.errors import EscaladeError
from escalations.policy import Policy
from starters.mail_catcher import Caught, MailCatcher, catch_mail

CHECKOUT: Final = Path(__file__).resolve().parents[2]
SENDER: Final = "Customer care <care@callcentre.example>"
UI_PORT: Final = 8233
"""Temporal's usual one; another one that is free if it is taken."""

READY_WITHIN: Final = timedelta(seconds=90)
ANSWER_WITHIN: Final = timedelta(seconds=30)
_STOP_WITHIN: Final = 2  # seconds for sends in hand, when the worker is stopped
_KILL_AFTER: Final = 30.0  # seconds of waiting for an orderly stop
_TAIL: Final = 30  # lines of the worker's log that are shown when it fails
_MAX_LINE: Final = 1 << 20


class WorkerFailed(EscaladeError):
    """The worker has ended by itself, or does not come up. The end of its log says why."""


@dataclass(frozen=True)
class Stage:
    """All of it, up and running."""

    folder: Path
    address: str
    """Of Temporal, for clients."""
    ui_url: str
    connection: Client
    client: EscalationClient
    mail: MailCatcher
    worker: "Worker"


class Worker:
    """The process `python -m workers --embedded`, and what it says."""

    def __init__(self, process: Process, log: Path) -> None:
        self.process = process
        self._log = log
        self._tail: deque[str] = deque(maxlen=_TAIL)
        self._started = asyncio.Event()
        self._addresses = "", ""
        self._listening = asyncio.create_task(self._listen())

    async def ready(self) -> tuple[str, str]:
        """The addresses of Temporal and of its web interface, once cases are worked.

        Raises:
            WorkerFailed: it ends instead, or takes too long.
        """
        starting = asyncio.create_task(self._started.wait())
        await asyncio.wait(
            {starting, self._listening},
            timeout=READY_WITHIN.total_seconds(),
            return_when=asyncio.FIRST_COMPLETED,
        )
        starting.cancel()
        if not self._started.is_set():
            raise await self._failure("does not come up")
        return self._addresses

    async def lost(self) -> None:
        """Wait until it ends by itself.

        Raises:
            WorkerFailed: it has.
        """
        await asyncio.shield(self._listening)
        raise await self._failure("has ended by itself")

    async def stop(self) -> None:
        """End it in order, else by force; its server ends with it."""
        if self.process.returncode is None:
            with suppress(ProcessLookupError):
                self.process.terminate()
        try:
            async with asyncio.timeout(_KILL_AFTER):
                await self._listening
                await self.process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                self.process.kill()
            await self.process.wait()
        self._listening.cancel()
        await asyncio.gather(self._listening, return_exceptions=True)

    @property
    def last_words(self) -> str:
        """The end of its log."""
        return "\n".join(self._tail) or "(nothing)"

    async def _failure(self, what: str) -> WorkerFailed:
        how = ""
        if self._listening.done():
            how = f" with exit code {await self.process.wait()}"
        return WorkerFailed(f"The worker {what}{how}. The end of its log:\n{self.last_words}")

    async def _listen(self) -> None:
        """Read what it logs, to the end."""
        lines = self.process.stdout
        assert lines is not None  # noqa: S101  asked for below
        with self._log.open("ab") as log:
            async for line in lines:
                log.write(line)
                log.flush()
                text = line.decode(errors="replace").rstrip()
                self._tail.append(text)
                self._note(text)

    def _note(self, text: str) -> None:
        with suppress(ValueError):
            match json.loads(text):
                case {"event": "server.started", "address": str(address), "ui": str(ui_url)}:
                    self._addresses = address, ui_url
                case {"event": "worker.started"}:
                    self._started.set()


@asynccontextmanager
async def stage(
    folder: Path, policy: Policy, heard: Callable[[Caught], None] = lambda caught: None
) -> AsyncIterator[Stage]:
    """Set it up in `folder`, where the files of its policies are in `policies`.

    Args:
        folder: for databases, mails and logs; it has a folder `policies` with the matrix.
        policy: that matrix, against which requests are checked.
        heard: is told of every mail.

    Raises:
        WorkerFailed: the worker does not come up.
    """
    async with AsyncExitStack() as stack:
        mail = await stack.enter_async_context(catch_mail(folder / "mails", heard))
        worker, (address, ui_url) = await _up(stack, folder, mail.url)
        connection = await Client.connect(address, plugins=[temporal.plugin()])
        policies = {policy.policy: policy}
        client = EscalationClient(connection, policies=policies, answer_within=ANSWER_WITHIN)
        yield Stage(folder, address, ui_url, connection, client, mail, worker)


async def _up(stack: AsyncExitStack, folder: Path, mail: str) -> tuple[Worker, tuple[str, str]]:
    """A worker that is ready, on the usual port for the web interface if that is free."""
    try:
        async with AsyncExitStack() as attempt:
            found = await _start(attempt, folder, mail, UI_PORT)
            stack.push_async_exit(attempt.pop_all())
            return found
    except WorkerFailed as error:
        if f":{UI_PORT}: " not in str(error):
            raise
    return await _start(stack, folder, mail, 0)


async def _start(
    stack: AsyncExitStack, folder: Path, mail: str, ui_port: int
) -> tuple[Worker, tuple[str, str]]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "workers", "--embedded"),
        *("--db", str(folder / "temporal.db"), "--port", "0", "--ui-port", str(ui_port)),
        cwd=CHECKOUT,
        env={
            "PATH": os.defpath,
            "HOME": str(folder),
            "ESCALADE_POLICIES": str(folder / "policies"),
            "ESCALADE_RECORDS_URL": f"sqlite:///{folder / 'escalade.db'}",
            "ESCALADE_SMTP_URL": mail,
            "ESCALADE_MAIL_FROM": SENDER,
            "ESCALADE_STOP_WITHIN": f"{_STOP_WITHIN}s",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        stderr=STDOUT,
        limit=_MAX_LINE,
        start_new_session=True,  # a Ctrl-C is ours to handle: it must not reach the worker first
    )
    worker = Worker(process, folder / "worker.log")
    stack.push_async_callback(worker.stop)
    return worker, await worker.ready()
