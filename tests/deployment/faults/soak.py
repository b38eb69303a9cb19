"""A soak: wave after wave of cases, while workers and server are killed at random.

One worker is never killed: how much memory it holds is read after each wave.
"""

import asyncio
import os
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from time import monotonic

from temporalio.client import Client

from escalations.temporal import connect
from tests.deployment.faults.site import Site
from tests.deployment.kills import remains
from tests.deployment.kills.lives import Lives
from tests.deployment.kills.outcome import Outcome
from tests.deployment.kills.postbox import postbox
from tests.deployment.kills.run import LONG
from tests.deployment.kills.stories import STORIES, insist, write_policies

PAUSE = 1, 8
"""Seconds between two kills, from and to."""


@dataclass
class Soaked:
    """What came of it."""

    outcome: Outcome = field(default_factory=Outcome)
    worker_mb: list[float] = field(default_factory=list)
    """Memory of the worker that is not killed, after each wave."""

    @property
    def growth(self) -> float:
        """Of that memory, from the end of the first third to the end: 0.1 is a tenth."""
        if len(self.worker_mb) < 3:
            return 0.0
        warm = self.worker_mb[len(self.worker_mb) // 3]
        return self.worker_mb[-1] / warm - 1

    def __str__(self) -> str:
        held = f"{self.worker_mb[-1]:.0f} MB" if self.worker_mb else "unknown"
        return (
            f"{len(self.worker_mb)} waves, {self.outcome}; "
            f"the worker that was not killed holds {held}, {self.growth:+.0%} since it was warm"
        )


async def soak(seed: int, folder: Path, minutes: float) -> Soaked:
    """Waves of five cases for so long, in an empty folder."""
    soaked = Soaked()
    policies = folder / "policies"
    policies.mkdir()
    write_policies(policies)
    async with postbox(Random(f"{seed}/postbox")) as box:
        site = Site(folder, box.url, workers=2)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(site.run())
            try:
                address = site.address
                connection = await insist(lambda: connect(address=address, within=LONG))
                await site.working.wait()
                killing = tasks.create_task(_kill(site, Random(f"{seed}/kills")))
                waves: list[Lives] = []
                ends = monotonic() + 60 * minutes
                while not waves or monotonic() < ends:
                    label = f"S{seed}w{len(waves)}"
                    lives = Lives(label, STORIES, site, connection, label)
                    waves.append(lives)
                    async with asyncio.timeout(LONG.total_seconds()):
                        await lives.live(partial(_seen, lives))
                    soaked.worker_mb.append(_memory(site))
                killing.cancel()
                for lives in waves:
                    soaked.outcome.add(lives.judge(box.mails, folder))
                await _remains(soaked.outcome, connection, waves)
            finally:
                site.stop()
    soaked.outcome.blows.update(how for how, _ in site.blows)
    return soaked


async def _seen(lives: Lives) -> None:
    await lives.looked.wait()


async def _kill(site: Site, random: Random) -> None:
    """The second worker or the server, again and again."""
    while True:
        await asyncio.sleep(random.uniform(*PAUSE))
        if random.random() < 0.5:
            site.blows.append(("server killed", monotonic()))
            with suppress(ProcessLookupError):
                os.kill(site.server.pid, signal.SIGKILL)
        else:
            hand = site.hands.pop()
            site.blows.append(("worker killed", monotonic()))
            await asyncio.shield(hand.kill())
            site.hire()


async def _remains(outcome: Outcome, connection: Client, waves: list[Lives]) -> None:
    cases = [case for lives in waves for case in lives.cases]
    looked_back_on = [case for lives in waves for case in lives.looked_back_on]
    outcome.runs = await remains.runs_of(connection, cases)
    outcome.faults += await remains.strangers(connection, cases, looked_back_on)
    outcome.faults += await remains.unrepeatable(connection)


def _memory(site: Site) -> float:
    """Megabytes that the first worker holds in memory."""
    process = site.hands[0].process
    assert process is not None
    status = Path(f"/proc/{process.pid}/status").read_text()
    (held,) = (line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(held.split()[1]) / 1024
