"""`python -m workers.canary`: a dead man's switch. A canary a minute; an alarm when none climbs.

It runs outside of the workers, so that it notices when they are gone, and counts the open cases, so
that this is known then, too. Exit codes: 0 it climbed, or told to stop; 1 it did not climb; 2 wrong
input; 3 Temporal cannot be reached.
"""

import argparse
import asyncio
import random
import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from pydantic import ValidationError
from temporalio.client import Client
from temporalio.runtime import Runtime

from escalations import metrics
from escalations.durations import Duration, Unit
from escalations.errors import EscaladeError, Unreachable
from escalations.temporal import connect, encryption
from workers import log as logs
from workers.census import counting
from workers.leaving import leave
from workers.metrics import Gauges
from workers.probe import Flight, Outcome, Probe
from workers.settings import Running, SettingsInvalid, mistake

OK, ALARM, WRONG_INPUT, UNREACHABLE = 0, 1, 2, 3
EVERY: Final = "60s"
WITHIN: Final = "20s"

_CODES: Final = {
    Outcome.CLIMBED: OK,
    Outcome.NOT_CLIMBED: ALARM,
    Outcome.UNREACHABLE: UNREACHABLE,
}

log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class Options:
    """How the probe is asked to go about it."""

    once: bool
    every: timedelta
    """From the sending of one canary to that of the next."""
    within: timedelta
    """How long each may take to climb."""


def run(arguments: list[str]) -> int:
    """Probe with these options; the exit code."""
    options = _options(arguments)
    try:
        settings = _settings()
        logs.configure(settings)
        Runtime.set_default(logs.runtime(settings))
        return asyncio.run(_once(settings, options) if options.once else _watch(settings, options))
    except EscaladeError as error:
        sys.stderr.write(f"{error}\n")
        return UNREACHABLE if isinstance(error, Unreachable) else WRONG_INPUT
    except KeyboardInterrupt:
        return OK


def _options(arguments: list[str]) -> Options:
    parser = argparse.ArgumentParser(
        prog="python -m workers.canary",
        description="Opens a case of nobody's every so often, and raises an alarm when it does not "
        "climb: an error line in the log, and metrics at ESCALADE_METRICS_ADDRESS.",
        epilog="Settings: TEMPORAL_…, ESCALADE_TASK_QUEUE, ESCALADE_ENCRYPTION_KEYS_FILE, "
        "ESCALADE_LOG, ESCALADE_LOG_LEVEL and ESCALADE_METRICS_ADDRESS. "
        "Exit codes: 0 it climbed, 1 it did not, 2 wrong input, 3 Temporal cannot be reached.",
    )
    parser.add_argument("--once", action="store_true", help="one canary, for cron; see exit codes")
    parser.add_argument(
        "--every", type=_span, default=EVERY, metavar="SPAN", help=f"default: {EVERY}"
    )
    parser.add_argument(
        "--within",
        type=_span,
        default=WITHIN,
        metavar="SPAN",
        help=f"how long it may take; less than --every (default: {WITHIN})",
    )
    given = parser.parse_args(arguments)
    if not given.once and given.within >= given.every:
        parser.error("--within has to be less than --every: one canary is gone before the next")
    return Options(once=given.once, every=given.every, within=given.within)


def _span(text: str) -> timedelta:
    try:
        duration = Duration.parse(text)
    except ValueError:
        duration = Duration.zero(Unit.DAYS)
    if duration.unit is Unit.HOURS and duration.amount >= 1_000_000:
        return timedelta(microseconds=int(duration.amount))
    msg = f"found {text!r}; allowed: seconds, minutes or hours, from 1s on"
    raise argparse.ArgumentTypeError(msg)


def _settings() -> Running:
    """The settings of a probe; other variables are the workers'.

    Raises:
        SettingsInvalid: with every mistake.
    """
    try:
        return Running()
    except ValidationError as error:
        problems = map(mistake, error.errors(include_url=False))
        raise SettingsInvalid("\n".join(["The settings have mistakes.", *problems])) from None


async def _once(settings: Running, options: Options) -> int:
    flight = await Probe(
        await connect(codec=encryption(settings.encryption_keys_file)),
        settings.task_queue,
        options.within,
    ).send()
    said = sys.stdout if flight.outcome is Outcome.CLIMBED else sys.stderr
    said.write(f"{flight.words}\n")
    return _CODES[flight.outcome]


async def _watch(settings: Running, options: Options) -> int:
    """Send canaries until SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    watching = asyncio.create_task(_send_again(settings, options))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({watching, stopping}, return_when=asyncio.FIRST_COMPLETED)
    if watching.done():
        watching.result()
    for task in (watching, stopping):
        task.cancel()
    await asyncio.gather(watching, stopping, return_exceptions=True)
    return OK


async def _send_again(settings: Running, options: Options) -> None:
    client: Client | None = None
    report = Report()
    loop = asyncio.get_running_loop()
    log.info("canary.watches", task_queue=settings.task_queue, every_s=options.every.seconds)
    async with AsyncExitStack() as stack:
        while True:
            next_at = loop.time() + options.every.total_seconds()
            began_at = datetime.now(UTC)
            try:
                if client is None:
                    client = await connect(codec=encryption(settings.encryption_keys_file))
                    if settings.metrics_address is not None:
                        await stack.enter_async_context(counting(client))
                flight = await Probe(client, settings.task_queue, options.within).send()
            except Unreachable as error:
                took = datetime.now(UTC) - began_at
                flight = Flight(Outcome.UNREACHABLE, took, str(error))
            report.on(flight)
            await asyncio.sleep(max(next_at - loop.time(), 0) + random.uniform(0, 0.1))  # noqa: S311


class Report:
    """What is said of each flight: a line in the log, and metrics."""

    def __init__(self) -> None:
        self._meter = Runtime.default().metric_meter
        self._gauges = Gauges(self._meter)
        self._climbs = True
        canaries = self._meter.create_counter(metrics.CANARIES.name, metrics.CANARIES.help)
        for outcome in Outcome:
            canaries.add(0, {"outcome": outcome.value})
        self._canaries = canaries

    def on(self, flight: Flight) -> None:
        """Say it."""
        self._canaries.add(1, {"outcome": flight.outcome.value})
        took = flight.took.total_seconds()
        climbed, climbed_before = flight.outcome is Outcome.CLIMBED, self._climbs
        self._climbs = climbed
        if not climbed:
            log.error(f"canary.{flight.outcome}", why=flight.words, took_s=round(took, 1))
            return
        self._gauges.show(metrics.CANARY_CLIMBED_AT, {(): datetime.now(UTC).timestamp()})
        self._gauges.show(metrics.CANARY_TOOK, {(): took})
        if climbed_before:
            log.info("canary.climbed", took_s=round(took, 1))
        else:
            log.warning("canary.climbs_again", took_s=round(took, 1))


if __name__ == "__main__":
    leave(run(sys.argv[1:]))
