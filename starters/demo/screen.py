"""What the demo shows: a line for each thing that happens, on a terminal and in a pipe."""

import asyncio
import heapq
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from escalations import sentences
from escalations.record import EscalationRecord
from escalations.timeline import Notified, TimelineEntry
from starters.mail_catcher import Caught

PIPE_WIDTH: Final = 120
"""Columns of a table where there is no terminal; other lines are as long as they are."""
NARROW: Final = 70
"""Below that many columns, a line's words stand under its time and case."""
WIDE: Final = 90
"""From that many columns on the table of the cases is one."""
LATE: Final = timedelta(seconds=0.8)
"""How long a line waits for others that happened before it and are heard of after it."""

_STYLES: Final = {
    "level_entered": "bold yellow",
    "breached": "red",
    "trigger_raised": "bold magenta",
    "customer_replied": "cyan",
    "rejected": "cyan",
    "confirmed": "cyan",
    "resolved": "green",
    "closed": "bold green",
    "undelivered": "bold red",
    "mail": "dim",
}


class Screen:
    """Standard output, for a reader."""

    def __init__(self, console: Console | None = None) -> None:
        self._console = console or _console()
        self._live: Live | None = None
        self._began_at = datetime.now(UTC)
        self._waiting: list[tuple[datetime, int, str, str, str]] = []
        self._number = count()
        self._cases: dict[str, EscalationRecord] = {}

    @property
    def is_narrow(self) -> bool:
        """Whether a table of many columns would not fit."""
        return self._console.width < WIDE

    def say(self, words: str = "", style: str = "", *, to_copy: bool = False) -> None:
        """A line, at once; folded between words, unless it is in a pipe or to be copied."""
        whole = to_copy or not self._console.is_terminal
        self._console.print(Text(words, style), soft_wrap=whole)

    def show(self, shown: RenderableType) -> None:
        """A table, at once."""
        self._console.print(shown)

    def happened(self, case: str, entry: TimelineEntry, timezone: str) -> None:
        """An entry of a case's timeline; that somebody was told shows as the mail itself."""
        if not isinstance(entry, Notified):
            self._later(entry.at, case, sentences.sentence(entry, timezone), entry.type)

    def mail(self, caught: Caught) -> None:
        """A mail that came in."""
        case = str(caught.message["X-Escalade-Case"] or "")
        subject = caught.subject.removeprefix(f"[{case}] ")
        self._later(datetime.now(UTC), case, f"mail to {caught.addressee}: {subject}", "mail")

    def stands(self, record: EscalationRecord) -> None:
        """Where a case stands now: its rung of the ladder at the foot of a terminal."""
        self._cases[record.case] = record
        if self._live is not None:
            self._live.update(self._ladders(), refresh=True)

    async def keep_up(self) -> None:
        """Show what happens, in the order in which it did, until cancelled."""
        self._began_at = datetime.now(UTC)
        while True:
            self._catch_up(datetime.now(UTC) - LATE)
            await asyncio.sleep(LATE.total_seconds() / 8)

    def begin(self) -> None:
        """The ladders stand at the foot of a terminal from now on."""
        if self._console.is_terminal:
            self._live = Live(console=self._console, auto_refresh=False, transient=True)
            self._live.start()

    def end(self) -> None:
        """Everything is shown, and the ladders are taken away."""
        self._catch_up(datetime.now(UTC))
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _later(self, at: datetime, case: str, words: str, kind: str) -> None:
        heapq.heappush(self._waiting, (at, next(self._number), case, words, kind))

    def _catch_up(self, until: datetime) -> None:
        while self._waiting and self._waiting[0][0] <= until:
            at, _, case, words, kind = heapq.heappop(self._waiting)
            since = max((at - self._began_at).total_seconds(), 0)
            self._line(f"{since:5.1f}s", case, words, _STYLES.get(kind, ""))

    def _line(self, moment: str, case: str, words: str, style: str) -> None:
        if not self._console.is_terminal:
            self.say(f"{moment}  {case:8}  {words}")
        elif self._console.width < NARROW:
            self._console.print(Text(f"{moment}  {case}", "dim"))
            self._console.print(_columns(Text("  "), Text(words, style)))
        else:
            head = Text(moment, "dim"), Text(f"{case:8}", "bold")
            self._console.print(_columns(*head, Text(words, style)))

    def _ladders(self) -> Table:
        table = Table.grid(padding=(0, 2, 0, 0))
        for record in self._cases.values():
            levels = len(record.snapshot.policy.levels)
            rungs = "●" * record.level + "○" * (levels - record.level)
            status = sentences.words_of("en").STATUS[record.status]
            table.add_row(
                Text(record.case, "bold"),
                Text(rungs, "green" if record.closed else "yellow"),
                Text(f"{record.level_name}, {status}", overflow="ellipsis", no_wrap=True),
            )
        return table


def table(title: str, heads: Iterable[str], rows: Iterable[Iterable[str]]) -> Table:
    """Rows under their heads, without a frame."""
    made = Table(title=title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    made.title_style = "bold"
    for head in heads:
        made.add_column(head, overflow="fold", header_style="dim")
    for row in rows:
        made.add_row(*(Text(cell) for cell in row))
    return made


def _columns(*cells: Text) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    for _ in cells[:-1]:
        grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    grid.add_row(*cells)
    return grid


class _Console(Console):
    """Leaves it to the caller what follows when nobody reads any more."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def _console() -> Console:
    on_terminal = sys.stdout.isatty()
    return _Console(
        width=None if on_terminal else PIPE_WIDTH,
        force_terminal=on_terminal,
        markup=False,
        emoji=False,
        highlight=False,
    )
