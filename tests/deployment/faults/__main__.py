"""`make torture`: kills, every other fault at length, a soak; or one seed once more."""

import argparse
import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import structlog
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from tests.deployment.faults.flood import flood
from tests.deployment.faults.scenes import LONG, SHORT
from tests.deployment.faults.soak import soak
from tests.deployment.kills.many import AT_ONCE, SEEDS, Act, kills, torture

KILLS, FLOOD, SOAK = "kills", "flood", "soak"
CHOICES = (KILLS, *LONG, FLOOD, SOAK)
SIGNALS = 9_900
"""Of the flood. A run takes 10,000 in all (docs/reliability.md)."""


def main() -> int:
    """Run them, say what came of each and of all; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        prog="make torture", description="Do worker and server every harm; lose nothing."
    )
    parser.add_argument("--seed", type=int, action="append", help="only this one; may be repeated")
    parser.add_argument("--only", action="append", choices=CHOICES, help="repeatable")
    parser.add_argument("--short", action="store_true", help="as `make test` runs them")
    parser.add_argument("--runs", type=int, default=len(SEEDS), help="kills: how many seeds")
    parser.add_argument("--minutes", type=float, default=5, help="of soaking")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="runs at a time")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="escalade-torture-"))

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    # The SDK would tell of every call that it repeats while the server is down.
    telling = TelemetryConfig(logging=LoggingConfig(TelemetryFilter("ERROR", "ERROR")))
    Runtime.set_default(Runtime(telemetry=telling))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    faults = asyncio.run(_all(asked, folder, say))
    if not faults:
        folder.rmdir()
    return int(bool(faults))


async def _all(asked: argparse.Namespace, folder: Path, say: Callable[[str], None]) -> list[str]:
    """Every fault that was found."""
    only = asked.only or CHOICES
    scenes = SHORT if asked.short else LONG
    acts: list[Act] = kills(asked.seed or range(1, asked.runs + 1)) if KILLS in only else []
    seeds = asked.seed or [1]
    acts += [(name, scenes[name], seed) for name in scenes if name in only for seed in seeds]
    faults: list[str] = []
    if acts:
        total = await torture(folder, say, acts, asked.at_once)
        say(f"\n{len(acts)} runs in {total.took:.0f} s of their time: {total}")
        faults += total.faults
    if FLOOD in only:
        faults += await _flooded(folder, say)
    for seed in seeds if SOAK in only else []:
        place = folder / f"{SOAK}-{seed}"
        place.mkdir()
        soaked = await soak(seed, place, asked.minutes)
        say(f"soak of {asked.minutes:g} minutes, seed {seed}: {soaked}")
        for fault in soaked.outcome.faults:
            say(f"  {fault}")
        faults += soaked.outcome.faults
        if not soaked.outcome.faults:
            await asyncio.to_thread(shutil.rmtree, place)
    return faults


async def _flooded(folder: Path, say: Callable[[str], None]) -> list[str]:
    faults = []
    for opened in (False, True):
        place = folder / f"{FLOOD}-{opened}"
        place.mkdir()
        kept, turned_away, record = await flood(place, SIGNALS, opened=opened)
        which = "stood" if opened else "was to be opened"
        say(
            f"flood: of {SIGNALS} replies to a case that {which}"
            f" {kept} kept and {turned_away} turned away while nobody worked; afterwards "
            f"{record.replies} are in the record, and {record.owner} has the case"
        )
        await asyncio.to_thread(shutil.rmtree, place)
        if record.replies != kept or record.owner != "ada":
            faults.append(f"flood: {kept} replies kept, {record.replies} in the record")
    return faults


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the interpreter's own end can crash with temporalio's threads
