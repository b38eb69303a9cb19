"""The board on a screen: a column a level, its cases on cards, what is due next on top."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import zip_longest
from typing import Final

from rich.cells import cell_len
from rich.text import Text

from escalations.cli.picture import Column, Picture
from escalations.cli.table import cut, ltr
from escalations.cli.words import ago, span
from escalations.counting import counted
from escalations.search import Listed

STACKED_BELOW: Final = 60
"""Columns of a terminal; where there are fewer, the levels stand under each other."""
NARROWEST: Final = 26
WIDEST: Final = 44
CARDS: Final = 20
"""Cards a column, where no screen limits them."""
_GAP: Final = "  "
_LINES_A_CARD: Final = 2


def frame(
    picture: Picture, now: datetime, width: int, height: int | None, away: str = ""
) -> list[Text]:
    """The board as lines of that width.

    Args:
        picture: how the cases stood.
        now: what `in 12 min` is counted from.
        width: of the terminal, in columns.
        height: of the terminal, in lines; as long as it needs to be if `None`.
        away: why there is no newer picture; empty if there need not be one.
    """
    foot = [Text(cut(line.plain, width), line.style) for line in _foot(picture, now, away)]
    if not picture.columns:
        return [Text(cut("No case is like that.", width)), Text(), *foot]
    bands = _bands(picture.columns, width)
    room = None if height is None else max(4, (height - len(foot) - 1) // len(bands))
    lines: list[Text] = []
    for band in bands:
        column_width = min(WIDEST, (width - len(_GAP) * (len(band) - 1)) // len(band))
        columns = [list(_column(each, now, column_width, room)) for each in band]
        for cells in zip_longest(*columns, fillvalue=Text()):
            lines.append(_joined(cells, column_width))
        lines.append(Text())
    if height is not None:
        lines = lines[: max(0, height - len(foot))]
    return [*lines, *foot]


def _bands(columns: Sequence[Column], width: int) -> list[Sequence[Column]]:
    """The columns in as many rows of columns as they need, about alike."""
    most = 1 if width < STACKED_BELOW else (width + len(_GAP)) // (NARROWEST + len(_GAP))
    rows = -(-len(columns) // most)
    each = -(-len(columns) // rows)
    return [columns[n : n + each] for n in range(0, len(columns), each)]


def _joined(cells: Sequence[Text], width: int) -> Text:
    line = Text()
    for number, cell in enumerate(cells):
        line.append(_GAP if number else "")
        line.append_text(cell)
        if number < len(cells) - 1:
            line.append(" " * max(0, width - cell_len(cell.plain)))
    return line


def _column(column: Column, now: datetime, width: int, room: int | None) -> Iterator[Text]:
    name = "NOT SEEN BY A WORKER" if column.level is None else f"LEVEL {column.level}"
    count = str(column.count)
    yield Text(f"{cut(name, width - len(count) - 1)} {count}", "bold")
    yield Text("─" * width, "dim")
    cards = CARDS if room is None else max(1, (room - 3) // _LINES_A_CARD)
    if room is not None and column.count <= len(column.cases) <= (room - 2) // _LINES_A_CARD:
        cards = len(column.cases)
    for case in column.cases[:cards]:
        yield from _card(case, now, width)
    if more := column.count - min(cards, len(column.cases)):
        yield Text(cut(f"… and {more} more", width), "dim")


def _card(case: Listed, now: datetime, width: int) -> Iterator[Text]:
    due = _due(case, now)
    marks = f"{'!' if case.breached else ' '}{'?' if case.unacknowledged else ' '}"
    room = width - len(marks) - cell_len(due) - 1
    head = f"{case.case} {case.priority or ''}".rstrip()
    if cell_len(head) > room:
        head = cut(case.case, room)
    style = "bold red" if case.breached else "red" if _late(case, now) else "bold"
    yield Text.assemble(
        (marks, "bold red" if case.breached else "bold yellow"),
        (head, style),
        " " * (width - len(marks) - cell_len(head) - cell_len(due)),
        (due, "red" if _late(case, now) else ""),
    )
    who = case.owner or ("nobody" if case.unacknowledged else "")
    status = "" if case.status == "open" else case.status.replace("_", " ")
    facts = " · ".join(filter(None, [status, who and ltr(cut(who, 12)), case.title]))
    yield Text("  " + ltr(cut(facts, width - 2)), "dim")


def _due(case: Listed, now: datetime) -> str:
    if case.due_at is None:
        return ""
    return f"{'-' if _late(case, now) else ''}{span(case.due_at - now)}"


def _late(case: Listed, now: datetime) -> bool:
    return case.due_at is not None and case.due_at < now


def _foot(picture: Picture, now: datetime, away: str) -> Iterator[Text]:
    read = ""
    if picture.read < picture.found:
        read = f" ({picture.read} due next are read)"
    cases = counted(picture.found, "case")
    counts = f"{cases}{read} · {picture.breached} breached · "
    yield Text(f"{counts}{picture.unowned} nobody has")
    at = picture.at.astimezone().strftime("%H:%M:%S")
    legend = "! breached  ? nobody has it  -5 min overdue"
    if away:
        yield Text(f"{at}, {ago(picture.at, now)}: {away}", "bold red")
    else:
        yield Text(f"{at}   {legend}", "dim")
