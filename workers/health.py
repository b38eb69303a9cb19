"""`python -m workers.health`: whether the worker of this machine or container is at work.

For a container's health check and a readiness probe: the Temporal server is asked whether a worker
of this host takes work from the task queue. With `--alive FILE`, for a liveness probe, nobody is
asked: the worker's own sign of life (`ESCALADE_ALIVE_FILE`) is looked at, since starting a worker
again does not bring back a server that is away.

Exit codes: 0 it is, 1 it is not, 2 wrong settings, 3 Temporal cannot be reached.
"""

import argparse
import asyncio
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, NoReturn

from workers.leaving import leave

OK, NOT_AT_WORK, WRONG_INPUT, UNREACHABLE = 0, 1, 2, 3

BEAT_EVERY: Final = 5.0
"""Seconds between two signs of life."""

SILENT_FOR: Final = 60.0
"""Seconds after which a worker without a sign of life counts as hung."""

_POLLED_WITHIN: Final = 150.0  # seconds; a poll that finds nothing is repeated every 60 to 70


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


async def _at_work(task_queue: str) -> tuple[int, str]:
    from temporalio.api.enums.v1 import TaskQueueType
    from temporalio.api.taskqueue.v1 import TaskQueue
    from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
    from temporalio.service import RPCError

    from escalations.errors import Unreachable
    from escalations.temporal import connect

    client = await connect()
    question = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        answer = await client.workflow_service.describe_task_queue(question)
    except RPCError as error:
        msg = f"Temporal does not say who works: {error.message}. Check TEMPORAL_NAMESPACE."
        raise Unreachable(msg) from error
    here = socket.gethostname()
    fresh = time.time() - _POLLED_WITHIN
    at_work = sorted(p.identity for p in answer.pollers if p.last_access_time.ToSeconds() >= fresh)
    return _verdict(at_work, here, task_queue)


def _verdict(workers: list[str], here: str, task_queue: str) -> tuple[int, str]:
    ours = [worker for worker in workers if worker.endswith(f"@{here}")]
    if ours:
        return OK, f"{', '.join(ours)} takes work from {task_queue}."
    others = f"only {', '.join(workers)}" if workers else "nor does any other"
    return NOT_AT_WORK, f"No worker of {here} takes work from {task_queue}, {others}."


if __name__ == "__main__":
    main()
