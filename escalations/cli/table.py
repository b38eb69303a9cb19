"""Many cases at once: a table as wide as the terminal, or a tab-separated line each."""

from collections.abc import Iterator
from datetime import datetime
from unicodedata import bidirectional

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from escalations.cli.words import due_in
from escalations.search import Listed

_GAP = "  "


def table_lines(cases: list[Listed], now: datetime, width: int) -> Iterator[Text]:
    """The cases for a reader; what does not fit is cut, the ids never."""
    if not cases:
        yield Text("No case is like that.")
        return
    heads = ("CASE", "PRIO", "LEVEL", "STATUS", "NEXT", "HAS IT", "TITLE")
    rows = [
        (
            each.case,
            each.priority or "",
            str(each.level or ""),
            each.status.replace("_", " "),
            _next(each, now),
            ltr(cut(each.owner or "nobody", 16)),
            ltr(each.title),
        )
        for each in cases
    ]
    sizes = [max(map(cell_len, column)) for column in zip(heads, *rows, strict=True)]
    if sum(sizes[:-1]) + len(_GAP) * len(sizes) > width:
        yield from _cards(cases, now, width)
        return
    yield Text(_row(heads, sizes, width), "dim")
    for each, row in zip(cases, rows, strict=True):
        yield Text(_row(row, sizes, width), _style(each, now))


def _cards(cases: list[Listed], now: datetime, width: int) -> Iterator[Text]:
    """Some lines a case, where a table would be too wide."""
    for each in cases:
        facts = [each.priority or "", f"L{each.level or '?'}", _next(each, now)]
        head = _GAP.join(filter(None, [each.case, *facts]))
        if cell_len(head) > width:
            yield Text(each.case)
            head = _GAP.join(["", *filter(None, facts)])
        yield Text(head, _style(each, now))
        yield Text(cut(f"  {each.title or each.status}", width))


def tabbed_lines(cases: list[Listed]) -> Iterator[str]:
    """The cases for a program: a head, then a line each, its fields between tabs."""
    names = (
        "case",
        "priority",
        "level",
        "status",
        "due_at",
        "owner",
        "breached",
        "customer",
        "category",
        "title",
    )
    yield "\t".join(names)
    for each in cases:
        fields = each.model_dump(mode="json") | {"breached": "yes" if each.breached else "no"}
        yield "\t".join("" if fields[name] is None else str(fields[name]) for name in names)


def _row(cells: tuple[str, ...], sizes: list[int], width: int) -> str:
    fixed = [set_cell_size(cell, size) for cell, size in zip(cells, sizes, strict=True)]
    line = _GAP.join(fixed[:-1])
    room = width - cell_len(line) - len(_GAP)
    return f"{line}{_GAP}{cut(cells[-1], room)}".rstrip() if room > 5 else line.rstrip()


def _next(case: Listed, now: datetime) -> str:
    return due_in(case.due_at, now) if case.due_at else ""


def _style(case: Listed, now: datetime) -> str:
    late = case.due_at is not None and case.due_at < now
    return "red" if case.breached or late else ""


_RIGHT_TO_LEFT = frozenset({"R", "AL"})


def ltr(text: str) -> str:
    """Text that keeps its place in a line: what is written from right to left ends with it."""
    if text.isascii() or all(bidirectional(mark) not in _RIGHT_TO_LEFT for mark in text):
        return text
    return f"{text}\u200e"


def cut(text: str, room: int) -> str:
    """As much of it as there is room for."""
    return text if cell_len(text) <= room else f"{set_cell_size(text, max(0, room - 1))}…"
