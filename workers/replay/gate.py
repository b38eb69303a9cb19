"""The gate: every history that is asked for, replayed by several processes, verdict by verdict."""

import asyncio
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from temporalio.client import Client
from temporalio.service import RPCError

from escalations import names
from escalations.errors import EscaladeError, Unreachable
from escalations.search import quoted
from workers.replay.jobs import Job, Server
from workers.replay.loading import SIGN
from workers.replay.verdicts import Verdict
from workers.replay.words import cut

MAX_JOBS: Final = 64
_REPLAYED_WITHIN: Final = 120.0
"""Seconds for one history; what takes longer is ended, and said to be unread."""
_STARTED_WITHIN: Final = 60.0
_LONGEST_LINE: Final = 4_000_000
_ROOM: Final = Path(__file__).parent.parent.parent


class Broken(EscaladeError):
    """This checkout's code cannot be loaded. Mend what is named and try again."""


def query(cases: Sequence[str] = ()) -> str:
    """The server's list filter: what is open, of all cases or of some."""
    kinds = ", ".join(quoted(each) for each in _WORKFLOWS)
    terms = [f"WorkflowType IN ({kinds})", "ExecutionStatus = 'Running'"]
    if cases:
        ids = [
            each(case) for case in cases for each in (names.escalation_id, names.retrospective_id)
        ]
        terms.append(f"WorkflowId IN ({', '.join(quoted(each) for each in ids)})")
    return " AND ".join(terms)


_WORKFLOWS: Final = (names.Workflow.ESCALATION, names.Workflow.RETROSPECTIVE)


class OpenRuns:
    """The open runs of a server, as it lists them."""

    def __init__(self, client: Client, cases: Sequence[str], limit: int | None) -> None:
        self._client = client
        self._query = query(cases)
        self._limit = limit

    async def count(self) -> int:
        """How many there are to be replayed.

        Raises:
            Unreachable: the server does not answer.
        """
        try:
            found = (await self._client.count_workflows(self._query)).count
        except RPCError as error:
            raise _gone(error) from error
        return found if self._limit is None else min(found, self._limit)

    async def __aiter__(self) -> AsyncIterator[Job]:
        """One after another, page by page."""
        try:
            async for run in self._client.list_workflows(self._query, limit=self._limit):
                yield Job(workflow_id=run.id, run_id=run.run_id)
        except RPCError as error:
            raise _gone(error) from error


def _gone(error: RPCError) -> Unreachable:
    return Unreachable(f"Temporal does not answer as it should: {error.message}.")


async def replay_all(
    jobs: AsyncIterator[Job],
    server: Server,
    processes: int,
    heard: Callable[[Verdict], None],
) -> None:
    """Have histories replayed by several processes; each verdict is heard as soon as it is found.

    No more histories are in memory than there are processes.

    Raises:
        Broken: the code of this checkout cannot be loaded.
        Unreachable: the server is lost.
    """
    waiting: asyncio.Queue[Job | None] = asyncio.Queue(maxsize=processes)

    async def hand_out() -> None:
        async for job in jobs:
            await waiting.put(job)
        for _ in range(processes):
            await waiting.put(None)

    async def one() -> None:
        async with _Worker(server) as worker:
            while (job := await waiting.get()) is not None:
                heard(await worker.replay(job))

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(hand_out())
            for _ in range(processes):
                group.create_task(one())
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None


class _Worker:
    """One process that replays; started again where it ends."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._process: Process | None = None
        self._said = TemporaryFile()  # noqa: SIM115  closed with the worker
        """What it prints besides: of interest only where it does not come up."""

    async def __aenter__(self) -> "_Worker":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()
        self._said.close()

    async def replay(self, job: Job) -> Verdict:
        """What it makes of a history."""
        process = self._process or await self._started()
        try:
            async with asyncio.timeout(_REPLAYED_WITHIN):
                answer = await _told(process, job.model_dump_json())
        except TimeoutError:
            await self._end()
            return Verdict(name=job.name, unread="its replay does not come to an end")
        if not answer:
            await self._end()
            return Verdict(name=job.name, unread="the process that replayed it has died")
        return Verdict.model_validate_json(answer)

    async def _started(self) -> Process:
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "workers.replay.hand"),
            cwd=_ROOM,
            stdin=PIPE,
            stdout=PIPE,
            stderr=self._said,
            limit=_LONGEST_LINE,
        )
        try:
            async with asyncio.timeout(_STARTED_WITHIN):
                ready = await _told(process, self._server.model_dump_json())
        except TimeoutError:
            ready = b""
        if not ready:
            await self._end()
            raise Broken(self._why())
        return process

    def _why(self) -> str:
        self._said.seek(0)
        said = self._said.read().decode(errors="replace")
        lines = [line.strip() for line in said.splitlines() if line.strip()]
        known = next((line for line in lines if line.startswith(SIGN)), None)
        return known or f"{SIGN}: {cut(lines[-1] if lines else 'it says nothing', 300)}"

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()


async def _told(process: Process, line: str) -> bytes:
    """Its answer to a line; empty if it has ended."""
    if process.stdin is None or process.stdout is None:
        return b""
    with suppress(ConnectionError):
        process.stdin.write(line.encode() + b"\n")
        await process.stdin.drain()
    return await process.stdout.readline()


def processes_for(runs: int, asked: int | None) -> int:
    """How many processes: as many as there are cores, if there is enough to do."""
    return asked or max(1, min(os.cpu_count() or 1, MAX_JOBS, -(-runs // 8)))
