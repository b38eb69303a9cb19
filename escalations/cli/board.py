"""`escalade board`: every case on a card, a column a level, kept up to date."""

import asyncio
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

    from escalations.cli.board_page import frame
    from escalations.cli.picture import Picture, pictures, take

    console = out.console()
    looks = pictures(client, search, every)
    taken, away = await take(client, search, datetime.now(UTC)), ""

    def page() -> Group:
        return Group(*frame(taken, datetime.now(UTC), out.width, console.height, away))

    async def look() -> None:
        nonlocal taken, away
        async for seen in looks:
            if isinstance(seen, Picture):
                taken, away = seen, ""
            else:
                away = _in_short(seen)

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
    """Why there is no picture, in a line that fits; a list asks the server alone, and no worker."""
    from escalations import errors

    if isinstance(error, errors.Unreachable):
        return "no answer from Temporal, trying again"
    return str(error).splitlines()[0]
