"""`python -m workers.health`: whether the worker of this machine or container is at work.

For a container's health check and a readiness probe: the Temporal server is asked whether a worker
of this host takes work from the task queue. With `--alive FILE`, for a liveness probe, nobody is
asked: the worker's own sign of life (`ESCALADE_ALIVE_FILE`) is looked at, since starting a worker
again does not bring back a server that is away.

It is asked every few seconds, also on machines that have little to spare: a worker that is at work
is found with no more than the client's lowest layer. Whatever is not so is looked at again with all
of it, settings and connection, to say who can mend what.

Exit codes: 0 it is, 1 it is not, 2 wrong settings, 3 Temporal cannot be reached.
"""

import argparse
import asyncio
import os
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

from workers.leaving import leave
from workers.secret_files import secret_files

if TYPE_CHECKING:
    from temporalio.service import WorkflowService

OK, NOT_AT_WORK, WRONG_INPUT, UNREACHABLE = 0, 1, 2, 3

BEAT_EVERY: Final = 5.0
"""Seconds between two signs of life."""

SILENT_FOR: Final = 60.0
"""Seconds after which a worker without a sign of life counts as hung."""

_POLLED_WITHIN: Final = 150.0  # seconds; a poll that finds nothing is repeated every 60 to 70
_AT_FIRST_WITHIN: Final = 4.0  # seconds
_QUEUE: Final = "ESCALADE_TASK_QUEUE"


async def beat(sign: Path) -> None:
    """Leave a sign of life for as long as the event loop turns and the file can be written."""
    while True:
        with suppress(OSError):
            await asyncio.to_thread(sign.touch)
        await asyncio.sleep(BEAT_EVERY)


def main() -> NoReturn:
    """Say how it is, and leave at once."""
    leave(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Look, and say what was found; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m workers.health",
        description="Whether the worker of this machine or container is at work.",
        epilog="Settings come from the environment, as the worker's own.",
    )
    parser.add_argument(
        "--alive",
        type=Path,
        metavar="FILE",
        help="only look at the worker's sign of life, its ESCALADE_ALIVE_FILE; ask no server",
    )
    alive: Path | None = parser.parse_args(arguments).alive
    if alive is not None:
        return _say(*_sign_of_life(alive, time.time()))
    with suppress(Exception):
        code, words = asyncio.run(_at_first_glance())
        if code == OK:
            return _say(code, words)
    from escalations.errors import EscaladeError, Unreachable
    from workers.settings import read_settings

    try:
        return _say(*asyncio.run(_at_work(read_settings().task_queue)))
    except Unreachable as error:
        return _say(UNREACHABLE, str(error))
    except EscaladeError as error:
        return _say(WRONG_INPUT, str(error))


def _say(code: int, words: str) -> int:
    (sys.stderr if code else sys.stdout).write(f"{words}\n")
    return code


def _sign_of_life(sign: Path, now: float) -> tuple[int, str]:
    try:
        silent = now - sign.stat().st_mtime
    except OSError as error:
        why = f"{error.strerror}. Start it with ESCALADE_ALIVE_FILE={sign}"
        return NOT_AT_WORK, f"No worker has left a sign of life in {sign}: {why}."
    if silent > SILENT_FOR:
        return NOT_AT_WORK, f"The worker has left no sign of life in {sign} for {silent:.0f} s."
    return OK, f"The worker left a sign of life {silent:.0f} s ago."


async def _at_first_glance() -> tuple[int, str]:
    """The verdict; of settings or a server that are not as they should be, any exception."""
    from temporalio.envconfig import ClientConfig
    from temporalio.service import ConnectConfig, ServiceClient

    from escalations.names import TASK_QUEUE

    settings = ClientConfig.load_client_connect_config()
    tls, api_key = settings.get("tls"), settings.get("api_key")
    if api_key and not tls:
        return NOT_AT_WORK, "the key would go in the clear"
    config = ConnectConfig(
        target_host=settings.get("target_host", "localhost:7233"),
        api_key=api_key,
        tls=tls,
        rpc_metadata=settings.get("rpc_metadata", {}),
    )
    said = os.environ.get(_QUEUE) or secret_files(os.environ, _QUEUE)[0].get(_QUEUE)
    async with asyncio.timeout(_AT_FIRST_WITHIN):
        service = (await ServiceClient.connect(config)).workflow_service
        return await _asked(service, settings.get("namespace", "default"), said or TASK_QUEUE)


async def _at_work(task_queue: str) -> tuple[int, str]:
    """The verdict.

    Raises:
        Unreachable: the server does not answer; the message says who can do what about it.
    """
    from temporalio.service import RPCError

    from escalations.errors import Unreachable
    from escalations.temporal import connect

    client = await connect()
    try:
        return await _asked(client.workflow_service, client.namespace, task_queue)
    except RPCError as error:
        msg = f"Temporal does not say who works: {error.message}. Check TEMPORAL_NAMESPACE."
        raise Unreachable(msg) from error


async def _asked(service: "WorkflowService", namespace: str, task_queue: str) -> tuple[int, str]:
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest

    question = DescribeTaskQueueRequest(
        namespace=namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    answer = await service.describe_task_queue(question)
    fresh = time.time() - _POLLED_WITHIN
    at_work = sorted(p.identity for p in answer.pollers if p.last_access_time.ToSeconds() >= fresh)
    return _verdict(at_work, socket.gethostname(), task_queue)


def _verdict(workers: list[str], here: str, task_queue: str) -> tuple[int, str]:
    ours = [worker for worker in workers if worker.endswith(f"@{here}")]
    if ours:
        return OK, f"{', '.join(ours)} takes work from {task_queue}."
    others = f"only {', '.join(workers)}" if workers else "nor does any other"
    return NOT_AT_WORK, f"No worker of {here} takes work from {task_queue}, {others}."


if __name__ == "__main__":
    main()
