"""Following a case: a page that keeps itself up to date, or a line for each entry in a pipe."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

from rich.console import Group
from rich.live import Live
from rich.text import Text

from escalations import sentences
from escalations.cli.page import case_lines
from escalations.cli.printer import Printer
from escalations.client import EscalationClient
from escalations.record import EscalationRecord
from escalations.timeline import TimelineEntry

TICK: Final = 1.0  # seconds; the countdown on the page


async def follow(client: EscalationClient, case: str, language: str | None, out: Printer) -> None:
    """Keep a page on the terminal until the case has ended; then it stays there, whole."""
    shown: EscalationRecord | None = None

    def page(height: int) -> Group:
        if shown is None:
            return Group()
        told = sentences.timeline(shown, language)
        lines = list(case_lines(shown, told, datetime.now(UTC), out.width, entries=8))
        return Group(*fitting(lines, height - 1))

    console = out.console()
    with Live(console=console, auto_refresh=False, transient=True) as live:

        async def tick() -> None:
            while True:
                live.update(page(console.height), refresh=True)
                await asyncio.sleep(TICK)

        ticking = asyncio.create_task(tick())
        try:
            async for record in client.watch(case):
                shown = record
                live.update(page(console.height), refresh=True)
        finally:
            ticking.cancel()
            with suppress(asyncio.CancelledError):
                await ticking
    if shown is not None:
        told = sentences.timeline(shown, language)
        out.lines(case_lines(shown, told, datetime.now(UTC), out.width, entries=8))


def fitting(lines: list[Text], room: int) -> list[Text]:
    """The page's beginning and its end, with what happened last, where it is too long."""
    if len(lines) <= room:
        return lines
    begins = max(1, room // 2)
    return [*lines[:begins], Text("  ⋮", "dim"), *lines[len(lines) - (room - begins - 1) :]]


async def print_changes(
    client: EscalationClient, case: str, language: str | None, out: Printer
) -> None:
    """A line for each entry of the timeline, as it comes."""
    known: Sequence[TimelineEntry] = []
    async for record in client.watch(case):
        timezone = record.snapshot.policy.timezone
        out.lines(
            Text(
                f"{sentences.moment(entry.at, timezone)}  "
                f"{sentences.sentence(entry, timezone, language)}"
            )
            for entry in fresh(known, record.timeline)
        )
        known = list(record.timeline)


def fresh(known: Sequence[TimelineEntry], now: Sequence[TimelineEntry]) -> list[TimelineEntry]:
    """What was added to a timeline, also where its oldest entries were folded meanwhile."""
    if not known:
        return list(now)
    last = known[-1]
    after = next((n for n in range(len(now) - 1, -1, -1) if now[n] == last), None)
    return (
        [entry for entry in now if entry.at > last.at] if after is None else list(now[after + 1 :])
    )
