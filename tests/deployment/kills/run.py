"""One run: a fresh folder, some cases, and somebody who makes trouble meanwhile."""

import asyncio
import traceback
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic
from typing import Any

from escalations.temporal import connect
from tests.deployment.kills import remains
from tests.deployment.kills.killing import KILLS
from tests.deployment.kills.lives import Lives
from tests.deployment.kills.outcome import Outcome
from tests.deployment.kills.postbox import Postbox, postbox
from tests.deployment.kills.scene import Place, Scene, Stage
from tests.deployment.kills.stories import insist, write_policies
from tests.deployment.kills.victim import left_behind

LONG = timedelta(minutes=5)
"""After which what has to happen has not happened."""


async def run(seed: int, folder: Path, scene: Scene[Any] = KILLS) -> Outcome:
    """Everything that one seed does, in an empty folder; what is wrong is in the outcome."""
    began, outcome = monotonic(), Outcome()
    try:
        async with asyncio.timeout(LONG.total_seconds()):
            await _run(seed, folder, scene, outcome)
    except Exception as broken:
        (folder / "traceback.txt").write_text("".join(traceback.format_exception(broken)))
        outcome.faults += said(broken)
    outcome.faults += [f"left behind: {each}" for each in await left_behind(folder)]
    outcome.took = monotonic() - began
    return outcome


def said(broken: Exception) -> Iterator[str]:
    """An error, or each of a group, in words."""
    if isinstance(broken, ExceptionGroup):
        for each in broken.exceptions:
            yield from said(each)
    elif isinstance(broken, TimeoutError):
        yield f"not over within {LONG}"
    else:
        yield f"{type(broken).__name__}: {broken}"


async def _run(seed: int, folder: Path, scene: Scene[Any], outcome: Outcome) -> None:
    """Tell the stories, make trouble meanwhile, and judge what is left."""
    policies = folder / "policies"
    policies.mkdir()
    write_policies(policies)
    async with postbox(Random(f"{seed}/postbox"), scene.mail_takes) as box:
        place = scene.place(seed, folder, box.url)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(place.run())
            try:
                await _live(seed, folder, scene, outcome, place, box)
            finally:
                place.stop()


async def _live(
    seed: int, folder: Path, scene: Scene[Any], outcome: Outcome, place: Place, box: Postbox
) -> None:
    connection = await insist(lambda: connect(address=place.address, within=LONG))
    lives = Lives(f"K{seed}", scene.cast(), place, connection, str(seed))
    stage = Stage(place, box, Random(f"{seed}/kills"), lives.looked)
    await place.working.wait()
    await lives.live(lambda: scene.trouble(stage))
    outcome.blows.update(how for how, _ in place.blows)
    outcome.add(lives.judge(box.mails, folder))
    outcome.runs = await remains.runs_of(connection, lives.cases)
    outcome.faults += await remains.strangers(connection, lives.cases, lives.looked_back_on)
    outcome.faults += await remains.unrepeatable(connection)
