"""`python -m tests.deployment.kills`: fifty runs, or one seed once more."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter

from tests.deployment.kills.many import AT_ONCE, SEEDS, torture


def main() -> int:
    """Run them, say what came of each and of all; 1 if anything was wrong."""
    parser = argparse.ArgumentParser(
        prog="make torture", description="Kill worker and server at random moments; lose nothing."
    )
    parser.add_argument("--seed", type=int, action="append", help="only this one; may be repeated")
    parser.add_argument("--runs", type=int, default=len(SEEDS), help="how many seeds, from 1")
    parser.add_argument("--at-once", type=int, default=AT_ONCE, help="runs at a time")
    asked = parser.parse_args()
    seeds = asked.seed or range(1, asked.runs + 1)
    folder = Path(tempfile.mkdtemp(prefix="escalade-kills-"))

    def say(line: str) -> None:
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    # The SDK would tell of every call that it repeats while the server is down.
    telling = TelemetryConfig(logging=LoggingConfig(TelemetryFilter("ERROR", "ERROR")))
    Runtime.set_default(Runtime(telemetry=telling))
    total = asyncio.run(torture(folder, say, seeds, asked.at_once))
    say(f"\n{len(seeds)} runs: {total}")
    if not total.faults:
        folder.rmdir()
    return int(bool(total.faults))


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    os._exit(code)  # the interpreter's own end can crash with temporalio's threads
