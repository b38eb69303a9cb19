"""`escalade board`: every case on a card, a column a level, kept up to date."""

import asyncio
import random
import shutil
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import click

from escalations.cli.filters import filtered
from escalations.cli.options import Conversation, talks
from escalations.cli.printer import Printer

if TYPE_CHECKING:
    from escalations.client import EscalationClient
    from escalations.search import Search

TICK: Final = 1.0  # seconds; the countdowns on the cards
MOST_OF_THE_TIME: Final = 9
"""So many times as long as a picture took, nothing is asked: a slow server is left in peace."""


class Every(click.ParamType[timedelta]):
    """How often to look."""

    name = "time"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> timedelta:
        """The time, a second at least."""
        from escalations.cli import moments

        if isinstance(value, timedelta):
            return value
        try:
            every = moments.length(str(value))
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)
        if not timedelta(seconds=1) <= every <= timedelta(days=1):
            self.fail(f"{value!r}: from 1s to 1d", param, ctx)
        return every


@click.command()
@filtered
@click.option(
    "--every", type=Every(), default="5s", show_default=True, metavar="TIME", help="Look so often."
)
@click.option("--once", is_flag=True, help="Show it once and end.")
@talks
def board(search: "Search", every: timedelta, once: bool) -> Conversation:
    """The open cases by level, kept up to date until Ctrl-C.

    Filters are those of `list`. Breached cases are red and marked !, those nobody has are marked ?.
    In a pipe, with --once and with --json it is shown once.
    """

    async def conversation(client: "EscalationClient", out: Printer) -> None:
        from escalations.cli import picture
        from escalations.cli.board_page import frame

        if out.on_terminal and not once:
            await _follow(client, out, search, every)
            return
        now = datetime.now(UTC)
        taken = await picture.take(client, search, now)
        if out.as_json:
            out.document(taken.document())
        else:
            width = out.width if out.on_terminal else shutil.get_terminal_size((100, 40)).columns
            out.lines(frame(taken, now, width, None))

    return conversation


async def _follow(
    client: "EscalationClient", out: Printer, search: "Search", every: timedelta
) -> None:
    """Keep the board on the screen; while nobody answers, the last picture with its age."""
    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from escalations import errors
    from escalations.cli import picture
    from escalations.cli.board_page import frame

    console = out.console()
    taken = await picture.take(client, search, datetime.now(UTC))
    away: str | None = None

    def page() -> Group:
        lines = frame(taken, datetime.now(UTC), out.width, console.height - 1, away)
        return Group(*(Text.assemble(line, no_wrap=True, overflow="crop") for line in lines))

    async def look() -> None:
        nonlocal taken, away
        while True:
            pause = max(every, MOST_OF_THE_TIME * taken.took).total_seconds()
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311  # boards do not look in step
            try:
                taken, away = await picture.take(client, search, datetime.now(UTC)), None
            except errors.EscaladeError as error:
                away = _in_short(error)

    with Live(page(), console=console, auto_refresh=False, screen=True) as live:
        looking = asyncio.create_task(look())
        try:
            while not looking.done():
                live.update(page(), refresh=True)
                await asyncio.wait([looking], timeout=TICK)
            looking.result()
        finally:
            looking.cancel()
            with suppress(asyncio.CancelledError):
                await looking


def _in_short(error: Exception) -> str:
    """Why there is no picture, in a line; a list asks the server alone, and no worker."""
    from escalations.calls import Unanswered

    if isinstance(error, Unanswered):
        return "Temporal does not answer. Trying again."
    return f"{str(error).splitlines()[0]} Trying again."
