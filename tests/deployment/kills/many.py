"""Many runs, some of them at a time."""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.deployment.kills.outcome import Outcome
from tests.deployment.kills.run import run

SEEDS = range(1, 51)
AT_ONCE = 2
"""Runs at a time: about one for each core of a small machine."""


async def torture(
    folder: Path, say: Callable[[str], None], seeds: Iterable[int] = SEEDS, at_once: int = AT_ONCE
) -> Outcome:
    """What came of all of them; the folders of those with faults stay, with log and databases."""
    total, room = Outcome(), asyncio.Semaphore(at_once)

    async def one(seed: int) -> None:
        async with room:
            place = folder / str(seed)
            place.mkdir()
            outcome = await run(seed, place)
        say(f"seed {seed}: {outcome.took:.0f} s, {outcome}")
        for fault in outcome.faults:
            say(f"  {fault}")
        if outcome.faults:
            say(f'  once more: make torture ARGS="--seed {seed}"; what it left: {place}')
        else:
            await asyncio.to_thread(shutil.rmtree, place)
        total.add(outcome)

    async with asyncio.TaskGroup() as runs:
        for seed in seeds:
            runs.create_task(one(seed))
    return total
