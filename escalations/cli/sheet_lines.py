"""A sheet on a terminal, or in a pipe."""

from collections.abc import Iterator
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from escalations.cli.page import wrapped
from escalations.cli.printer import UNWRAPPED
from escalations.policy_pages.sheet import Cell, Section, Sheet

WIDEST: Final = 100
"""Columns that a line of text may have and still be read with ease."""


def table_lines(sheet: Sheet, width: int) -> Iterator[Text]:
    """The sheet for a terminal: a block a row, its columns one below the other."""
    width = min(width, WIDEST) if width < UNWRAPPED else width
    yield from wrapped(Text(sheet.title, "bold"), width)
    for line in (sheet.summary, sheet.source):
        if line:
            yield from wrapped(Text(line, "dim"), width)
    for section in sheet.sections:
        yield Text()
        yield from wrapped(Text(section.title.upper(), "bold cyan"), width)
        if section.key == "priorities":
            yield from _grid(section)
        elif section.key == "triggers":
            yield from _triggers(section, width)
        elif len(section.header) == 2:
            yield from _pairs(section, width)
        elif section.rows:
            yield from _blocks(section, width)
        for note in section.notes:
            yield from _beside("–", (note,), 2, width, indent=2)


def _grid(section: Section) -> Iterator[Text]:
    rows = [section.header, *(tuple(" ".join(cell) for cell in row) for row in section.rows)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    for n, row in enumerate(rows):
        cells = [set_cell_size(cell, size) for cell, size in zip(row, widths, strict=True)]
        yield Text("  " + "  ".join(cells).rstrip(), "dim" if n == 0 else "")


def _pairs(section: Section, width: int) -> Iterator[Text]:
    """Two columns: side by side where the first is short, else one below the other."""
    names = [" ".join(row[0]) for row in section.rows]
    label = max(map(cell_len, names), default=0) + 2
    for name, (_, cell) in zip(names, section.rows, strict=True):
        if label <= min(width // 2, 40):
            yield from _beside(name, cell, label, width, indent=2)
        elif len(cell) == 1:
            yield from wrapped(Text(f"{name}: {cell[0]}"), width, indent=2)
        else:
            yield from wrapped(Text(name), width, indent=2)
            for line in cell:
                yield from wrapped(Text(line, "dim"), width, indent=4)


def _triggers(section: Section, width: int) -> Iterator[Text]:
    """A line a trigger: there are many, and most have no phrases."""
    for name, (to, *more), phrases in section.rows:
        yield from wrapped(Text.assemble((name[0], "bold"), f" → {to}"), width, indent=2)
        for line in (*more, *phrases):
            yield from wrapped(Text(line, "dim"), width, indent=6)


def _blocks(section: Section, width: int) -> Iterator[Text]:
    label = max(map(cell_len, section.header[1:])) + 2
    for n, (name, *cells) in enumerate(section.rows):
        if n and section.key == "levels":
            yield Text()
        heading = Text(name[0], "bold")
        if name[1:]:
            heading.append(f"  {'; '.join(name[1:])}", "dim")
        yield from wrapped(heading, width, indent=2)
        for column, cell in zip(section.header[1:], cells, strict=True):
            if cell:
                yield from _beside(column, _joined(section, cell), label, width, indent=4)


def _joined(section: Section, cell: Cell) -> Cell:
    """Short lines of a level side by side, as there are many."""
    if section.key == "levels" and sum(map(len, cell)) < 200 and not any("," in e for e in cell):
        return (", ".join(cell),)
    return cell


def _beside(label: str, cell: Cell, label_width: int, width: int, *, indent: int) -> Iterator[Text]:
    """A label, and its lines beside it or, if narrow, below."""
    left = indent + label_width
    if width - left < 24:
        yield Text(" " * indent + label, "dim")
        for line in cell:
            yield from wrapped(Text(line), width, indent=indent + 2)
        return
    head = " " * indent + set_cell_size(label, label_width)
    for line in cell:
        for each in wrapped(Text(line), width, indent=left):
            yield Text.assemble((head, "dim"), each[left:])
            head = " " * left
