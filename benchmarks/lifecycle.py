"""What a whole case costs, beside a bare workflow that does the same, in the same run.

    python -m benchmarks.lifecycle [--cases N] [--rounds N] [--json]

A case of the real matrix is opened and told, reminded, climbs twice, is replied to, taken,
resolved, confirmed, rated and closed, and starts its retrospective; on a real server, in virtual
time.
Each kind of worker has a process of its own and lives through as many cases in each round, in turn;
ratios are those of one round, so that other load on the machine hits both. Exit code 1: a limit is
broken.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import asdict

from benchmarks.figures import Figures, Round, table
from benchmarks.hand import Kind
from benchmarks.workshop import hand, server


async def measure(cases: int, rounds: int) -> dict[Kind, list[Round]]:
    """The rounds of each kind, after one that warms up."""
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _stop)
    measured: dict[Kind, list[Round]] = {kind: [] for kind in Kind}
    async with AsyncExitStack() as stack:
        environment = await stack.enter_async_context(server())
        hands = [await stack.enter_async_context(hand(kind, environment)) for kind in Kind]
        await asyncio.gather(*(worker.lives("warm", 2) for worker in hands))
        for number in range(1, rounds + 1):
            for worker in hands if number % 2 else reversed(hands):
                each = await worker.lives(str(number), cases)
                measured[worker.kind].append(each)
                _say(f"round {number} of {rounds}, {worker.kind}: {each.cpu:.0f} ms a case")
    return measured


def _stop() -> None:
    """End as by Ctrl-C: server and workers end, too."""
    signal.raise_signal(signal.SIGINT)


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _at_least_one(text: str) -> int:
    if (number := int(text)) < 1:
        msg = f"found {number}; allowed: 1 and more"
        raise argparse.ArgumentTypeError(msg)
    return number


def main() -> int:
    """Measure, print, judge; the exit code."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--cases", type=_at_least_one, default=5, help="of a kind, in a round")
    options.add_argument("--rounds", type=_at_least_one, default=5)
    options.add_argument("--json", action="store_true", help="one JSON document")
    chosen = options.parse_args()
    try:
        figures = Figures.of(asyncio.run(measure(chosen.cases, chosen.rounds)))
    except KeyboardInterrupt:
        return 130
    print(json.dumps(asdict(figures), indent=2) if chosen.json else table(figures))
    for what in figures.broken:
        _say(f"broken: {what}")
    return 1 if figures.broken else 0


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # the SDK may crash the interpreter on its way out
