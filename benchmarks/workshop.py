"""A server with virtual time, and beside it workers in processes of their own."""

import asyncio
import os
import shutil
import sys
import sysconfig
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from temporalio.client import Client
from temporalio.common import WorkflowIDReusePolicy
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from benchmarks import bare
from benchmarks.figures import Case, Round
from benchmarks.hand import Kind
from benchmarks.life import WHOLE_LIFE, Handle, counted, live, size
from escalations import calls, names
from escalations.policy import Priority
from escalations.request import EscalationRequest
from escalations.temporal import plugin, search_attribute_key

_FLAGS: Final = (
    "frontend.WorkflowTimeSkippingEnabled=true",
    'history.timerProcessorMaxTimeShift="1ms"',
)
_ENDS_WITHIN: Final = 20.0  # seconds


@asynccontextmanager
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A dev server in memory, whose workflows have clocks of their own."""
    program = shutil.which("temporal", path=sysconfig.get_path("scripts"))
    with _words_to_stderr():
        environment = await WorkflowEnvironment.start_time_skipping_v2(
            ts_config=TimeSkippingConfig(enabled=False),
            dev_server_existing_path=program or shutil.which("temporal"),
            dev_server_startup_timeout=timedelta(seconds=60),
            dev_server_log_level="error",
            plugins=[plugin()],
            search_attributes=[search_attribute_key(name) for name in names.SearchAttribute],
            dev_server_extra_args=[
                word for flag in _FLAGS for word in ("--dynamic-config-value", flag)
            ],
        )
    try:
        yield environment
    finally:
        await environment.shutdown()


@contextmanager
def _words_to_stderr() -> Iterator[None]:
    """What a process that is started here says goes there; our own output is figures."""
    ours = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        os.dup2(ours, 1)
        os.close(ours)


@dataclass(frozen=True)
class Hand:
    """A worker, and the cases it lives through."""

    kind: Kind
    process: Process
    environment: WorkflowEnvironment

    @property
    def task_queue(self) -> str:
        """Its own."""
        return f"bench-{self.kind}"

    async def lives(self, name: str, cases: int) -> Round:
        """Live through so many cases at once."""
        before = await self._cpu()
        handles = await asyncio.gather(*(self._lives(f"{name}-{n}") for n in range(cases)))
        cpu = await self._cpu() - before
        histories = [await handle.fetch_history() for handle in handles]
        each = [Case(counted(history), size(history)) for history in histories]
        return Round(each, 1000 * cpu / cases)

    async def _lives(self, case: str) -> Handle:
        handle = await self._open(f"{self.kind}-{case}")
        await live(self.environment, handle, WHOLE_LIFE)
        await handle.result()
        return handle

    async def _open(self, case: str) -> Handle:
        client: Client = self.environment.client
        if self.kind is Kind.BARE:
            return await client.start_workflow(
                bare.NAME, case, id=names.escalation_id(case), task_queue=self.task_queue
            )
        asked, fresh = complaint(case), WorkflowIDReusePolicy.REJECT_DUPLICATE
        await calls.start(client, asked, asked, Priority.P4, self.task_queue, fresh)
        return client.get_workflow_handle(names.escalation_id(case))

    async def _cpu(self) -> float:
        """Seconds of processor time it has taken so far."""
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        return float(await self.says())

    async def says(self) -> str:
        """Its next line."""
        assert self.process.stdout is not None
        line = (await self.process.stdout.readline()).decode().strip()
        if not line:
            msg = f"the worker `{self.kind}` has ended; its last words are above"
            raise RuntimeError(msg)
        return line


@asynccontextmanager
async def hand(kind: Kind, environment: WorkflowEnvironment) -> AsyncIterator[Hand]:
    """A worker until the end of the block."""
    address = environment.client.service_client.config.target_host
    command = [sys.executable, "-m", "benchmarks.hand", kind, address, f"bench-{kind}"]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE)
    assert process.stdin is not None
    try:
        worker = Hand(kind, process, environment)
        await worker.says()
        yield worker
    finally:
        process.stdin.close()
        try:
            async with asyncio.timeout(_ENDS_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


def complaint(case: str) -> EscalationRequest:
    """An ordinary complaint, reported now."""
    return EscalationRequest.model_validate(
        {
            "case": case,
            "title": "Charged twice",
            "statement": "The invoice of October was charged twice.",
            "policy": "call-centre",
            "category": "quality-complaint",
            "channel": "phone",
            "by": "service-desk",
            "reported_at": datetime.now(UTC),
            "customer": {
                "id": "C-7",
                "name": "ACME",
                "language": "en",
                "contacts": ["mailto:ada@acme.example"],
            },
        }
    )
