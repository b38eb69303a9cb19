"""What an import could not carry over, for a reader: a wide table, or some lines each."""

import os
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Final

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from escalations.importing.result import NotCarried, Weight
from escalations.model import printable

WIDE: Final = 120
"""From so many columns on, a table can be read."""
MAX_TOLD: Final = 5
"""So many things with the same reason are named; the others are counted."""
PIPED: Final = 100
"""The width where nobody's terminal says another one."""
_TITLES: Final = {
    Weight.DIFFERS: "Cases will go another way",
    Weight.FILL_IN: "To be filled in or checked before use",
    Weight.LEFT_OUT: "Left out",
}


def losses(entries: list[NotCarried]) -> str:
    """The entries by what they mean, the same about several places said once."""
    on_terminal = sys.stderr.isatty()
    width = _columns() if on_terminal else PIPED
    page = StringIO()
    console = Console(
        file=page,
        width=width,
        force_terminal=True if on_terminal else None,
        markup=False,
        emoji=False,
        highlight=False,
        legacy_windows=False,
    )
    for weight, title in _TITLES.items():
        of_weight = [entry for entry in entries if entry.weight is weight]
        if not of_weight:
            continue
        console.print(Text(f"\n{title} ({len(of_weight)})", "bold"))
        rows = list(_rows(of_weight))
        if width >= WIDE:
            console.print(_table(rows))
        else:
            for row in rows:
                _card(console, row)
    count = len(entries)
    console.print(
        Text(
            f"\n{count} {'thing has' if count == 1 else 'things have'} no counterpart or want a "
            "look; --json lists every place."
        )
        if count
        else Text("\nEverything has a counterpart.")
    )
    return "\n".join(line.rstrip() for line in page.getvalue().strip("\n").splitlines())


def _rows(entries: list[NotCarried]) -> Iterator[tuple[str, str, str, str]]:
    """What, why, advice, and where; all with the same reason and advice are one row."""
    alike: dict[tuple[str, str], list[NotCarried]] = {}
    for entry in entries:
        alike.setdefault((entry.why, entry.advice), []).append(entry)
    for (why, advice), found in alike.items():
        whats = list(dict.fromkeys(printable(entry.what, 200) for entry in found))
        more = [f"and {len(whats) - MAX_TOLD} more"] if len(whats) > MAX_TOLD else []
        elsewhere = f" and {len(found) - 1} more" if len(found) > 1 else ""
        where = f"{printable(found[0].place, 300)}{elsewhere}"
        yield (
            "; ".join([*whats[:MAX_TOLD], *more]),
            printable(why, 600),
            printable(advice, 600),
            where,
        )


def _table(rows: list[tuple[str, str, str, str]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for head, ratio in (("WHAT", 4), ("WHY", 6), ("ADVICE", 6), ("WHERE", 4)):
        table.add_column(head, ratio=ratio, overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _card(console: Console, row: tuple[str, str, str, str]) -> None:
    what, why, advice, place = row
    console.print(Text(what, "yellow"))
    for line, style in ((place, "dim"), (why, ""), (f"→ {advice}", "")):
        console.print(Padding(Text(line, style, overflow="fold"), (0, 0, 0, 2), expand=False))


def _columns() -> int:
    try:
        return max(20, os.get_terminal_size(sys.stderr.fileno()).columns)
    except OSError:
        return PIPED
