"""What is done to workers and server while cases run: each trouble returns when every case was
seen again after it."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable

from tests.deployment.faults.site import Hand, Site
from tests.deployment.kills.scene import Stage

Trouble = Callable[[Stage[Site]], Awaitable[None]]


async def none(stage: Stage[Site]) -> None:
    """Nothing is done; what happens is in the stories."""
    await stage.looked.wait()


def one_of_two_killed(times: int) -> Trouble:
    """Two workers, one of them is killed; another one comes only when all were seen again."""

    async def trouble(stage: Stage[Site]) -> None:
        site = stage.place
        for _ in range(times):
            await stage.all_seen()
            hand = stage.random.choice(site.hands)
            stage.strike("one of two workers killed")
            await _gone(site, hand, hand.kill)
            await stage.looked.wait()
            await site.hire().started.wait()

    return trouble


def in_the_middle_of_a_mail(how: str, times: int) -> Trouble:
    """The only worker is killed, or told to stop, when a mail was kept and it has not heard so."""

    async def trouble(stage: Stage[Site]) -> None:
        site = stage.place
        for _ in range(times):
            await stage.box.next_kept()
            (hand,) = site.hands
            stage.strike(f"worker {how} in the middle of a mail")
            await _gone(site, hand, hand.kill if how == "killed" else hand.leave)
            site.hire()
        await stage.looked.wait()

    return trouble


def rolled_over(times: int) -> Trouble:
    """Workers are replaced one after another, as a deployment does it."""

    async def trouble(stage: Stage[Site]) -> None:
        site = stage.place
        for _ in range(times):
            await stage.all_seen()
            stage.strike("rolling restart")
            for hand in [*site.hands]:
                await site.hire().started.wait()
                await _gone(site, hand, hand.leave)
        await stage.looked.wait()

    return trouble


async def _gone(site: Site, hand: Hand, goes: Callable[[], Awaitable[None]]) -> None:
    site.hands.remove(hand)
    await goes()


def cut_off(seconds: float, times: int) -> Trouble:
    """The workers lose the server for a while, in silence or with an error, and get it back."""

    async def trouble(stage: Stage[Site]) -> None:
        first = stage.random.random() < 0.5
        for n in range(times):
            await stage.all_seen()
            silently = first is (n % 2 == 0)
            stage.strike(f"network {'silent' if silently else 'refusing'} for {seconds:g} s")
            stage.place.wire.cut(silently=silently)
            await asyncio.sleep(seconds)
            stage.place.wire.mend()
            await stage.looked.wait()

    return trouble


def frozen(whom: str, seconds: float, times: int) -> Trouble:
    """Server or worker stand still for a while, as under `docker pause`, and go on."""

    async def trouble(stage: Stage[Site]) -> None:
        site = stage.place
        for _ in range(times):
            await stage.all_seen()
            stage.strike(f"{whom} frozen for {seconds:g} s")
            process = site.hands[0].process
            assert process is not None
            pid = site.server.pid if whom == "server" else process.pid
            os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(seconds)
            finally:
                os.kill(pid, signal.SIGCONT)
            await stage.looked.wait()

    return trouble


async def server_killed_under_load(stage: Stage[Site]) -> None:
    """The server is killed while all cases are being opened; its supervisor starts another."""
    await stage.box.next_kept()
    await asyncio.sleep(stage.random.uniform(0, 0.7))
    stage.strike("server killed while cases were opened")
    os.kill(stage.place.server.pid, signal.SIGKILL)
    await stage.looked.wait()


async def an_hour_off(stage: Stage[Site]) -> None:
    """The clock of the worker's machine jumps an hour ahead, and then an hour behind."""
    for number, how in ((signal.SIGUSR1, "clock +1 h"), (signal.SIGUSR2, "clock -1 h")):
        await stage.all_seen()
        stage.strike(how)
        stage.place.hands[0].signal(number)
        await asyncio.sleep(1)
        await stage.looked.wait()
