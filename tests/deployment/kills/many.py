"""Many runs, some of them at a time."""

import asyncio
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tests.deployment.kills.killing import KILLS
from tests.deployment.kills.outcome import Outcome
from tests.deployment.kills.run import run
from tests.deployment.kills.scene import Scene

SEEDS = range(1, 51)
AT_ONCE = 2
"""Runs at a time: about one for each core of a small machine."""

Act = tuple[str, Scene[Any], int]
"""A scene with its name, and a seed."""


def kills(seeds: Iterable[int] = SEEDS) -> list[Act]:
    """`kill -9` of the worker or its server, once for each seed."""
    return [("kills", KILLS, seed) for seed in seeds]


async def torture(
    folder: Path, say: Callable[[str], None], acts: Iterable[Act], at_once: int = AT_ONCE
) -> Outcome:
    """What came of all of them; the folders of those with faults stay, with log and databases."""
    total, room = Outcome(), asyncio.Semaphore(at_once)

    async def one(name: str, scene: Scene[Any], seed: int) -> None:
        async with room:
            place = folder / f"{name}-{seed}"
            place.mkdir()
            outcome = await run(seed, place, scene)
        say(f"{name}, seed {seed}: {outcome.took:.0f} s, {outcome}")
        for fault in outcome.faults:
            say(f"  {fault}")
        if outcome.faults:
            again = f"--only {name} --seed {seed}"
            say(f'  once more: make torture ARGS="{again}"; what it left: {place}')
        else:
            await asyncio.to_thread(shutil.rmtree, place)
        total.add(outcome)

    async with asyncio.TaskGroup() as runs:
        for act in acts:
            runs.create_task(one(*act))
    return total
