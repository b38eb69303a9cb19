"""A worker in a process of its own, so that what it costs can be told from all the rest.

    python -m benchmarks.hand KIND ADDRESS TASK_QUEUE

Says `ready`; then answers each line with the seconds of processor time it has taken so far, and
ends when its standard input does.
"""

import asyncio
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import structlog
from temporalio import activity
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.ledger import SqlLedger
from activities.letters import Letter
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from benchmarks.bare import BareWorkflow, IdleRetrospective, send
from escalations.effects import Dispatch
from escalations.events import Delivery, Outcome
from escalations.policy_file import read
from escalations.temporal import plugin
from workflows.escalation import EscalationWorkflow

CALL_CENTRE = Path(__file__).parent.parent / "policies" / "call-centre.yaml"
CACHED = 1_000


class Kind(StrEnum):
    """What a worker is made of."""

    BARE = "bare"
    """The floor."""
    ENGINE = "engine"
    """`Escalation` on the real matrix, in the sandbox; its sends go nowhere, as the floor's do."""
    WHOLE = "whole"
    """The same with letters and ledger; only the channels go nowhere."""


class Nowhere:
    """A channel that takes everything, and a send without letters and ledger."""

    async def send(self, written: str, letter: Letter, within: timedelta) -> str:
        """Take it."""
        return letter.id

    @activity.defn(name="notify")
    async def notify(self, dispatch: Dispatch) -> list[Delivery]:
        """Everybody is told."""
        return [
            Delivery(
                key=each.key,
                recipient=recipient.key,
                outcome=Outcome.DELIVERED,
                address=recipient.reach[0],
            )
            for each in dispatch.sends
            for recipient in each.to
        ]


def _activities(kind: Kind, folder: Path) -> list[Callable[..., Any]]:
    policy = read(CALL_CENTRE)
    snapshot = Policies({policy.policy: policy}).snapshot
    if kind is Kind.ENGINE:
        return [snapshot, Nowhere().notify]
    ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}")
    return [snapshot, Notifications(Nowhere(), ledger, JinjaTemplates()).notify]


async def _worker(kind: Kind, address: str, task_queue: str, folder: Path) -> Worker:
    if kind is Kind.BARE:
        return Worker(
            await Client.connect(address),
            task_queue=task_queue,
            workflows=[BareWorkflow, IdleRetrospective],
            activities=[send],
            workflow_runner=UnsandboxedWorkflowRunner(),
            max_cached_workflows=CACHED,
        )
    return Worker(
        await Client.connect(address, plugins=[plugin()]),
        task_queue=task_queue,
        workflows=[EscalationWorkflow, IdleRetrospective],
        activities=_activities(kind, folder),
        max_cached_workflows=CACHED,
    )


async def main(kind: Kind, address: str, task_queue: str) -> None:
    """Work until standard input ends."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(lines), sys.stdin
    )
    with tempfile.TemporaryDirectory() as folder:
        async with await _worker(kind, address, task_queue, Path(folder)):
            print("ready", flush=True)
            while await lines.readline():
                print(time.process_time(), flush=True)


if __name__ == "__main__":
    # The sandbox loads workflow modules anew for each run: compiling them each time is 5 % more.
    sys.dont_write_bytecode = False
    asyncio.run(main(Kind(sys.argv[1]), sys.argv[2], sys.argv[3]))
    os._exit(0)  # the SDK may crash the interpreter on its way out
