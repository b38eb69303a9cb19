"""`kill -9` of the worker or its server, at random moments."""

import asyncio
from pathlib import Path

from tests.deployment.kills.scene import Scene, Stage
from tests.deployment.kills.victim import Victim


async def kill(stage: Stage[Victim]) -> None:
    """Two to four kills, now and then of what is only just starting again."""
    victim, random = stage.place, stage.random
    for _ in range(random.randint(2, 4)):
        starting, pause, whom = random.random() < 0.25, random.uniform(0, 2), random.random()
        if not starting:
            await stage.looked.wait()
        await asyncio.sleep(pause)
        stage.looked.clear()
        if whom < 0.5 or not victim.kill_server():
            victim.kill_worker()
    await stage.looked.wait()


def victim(seed: int, folder: Path, smtp_url: str) -> Victim:
    """Of every second seed the cases go on in many runs."""
    return Victim(folder, smtp_url, many_runs=seed % 2 == 1)


KILLS = Scene(victim, kill)
