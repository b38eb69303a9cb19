"""A flow chart as SVG: the ladder in the middle, what leads to each step on either side.

A row a step, so no line crosses another, however many triggers there are. Tried and dropped: edges
from every level to the targets of its triggers, which nobody can follow from the fourth level on.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from escalations.policy_pages.chart import Chart, Step
from escalations.policy_pages.wording import Wording

_WIDTH: Final = 1120
_LEFT: Final = (8, 210)
_MIDDLE: Final = (276, 400)
_RIGHT: Final = (736, 376)
_LINE: Final = 17
_PAD: Final = 9
_TIED: Final = "\u00a0"
"""Keeps a dot at the end of its line."""
_GAP: Final = 24
"""Between two steps, more where what stands at the arrow needs it."""


def svg(chart: Chart, words: Wording) -> str:
    """The chart, as wide as its place and 1120 units inside; its text is text."""
    drawn: list[str] = []
    y = 6
    if chart.to_next:
        note = _wrapped([_grouped(words("at_once_next"), chart.to_next)], _WIDTH - 40)
        drawn += _box("fact", 8, y, _WIDTH - 16, note, bold=0)
        y += _height(note) + 14
    for n, step in enumerate(chart.steps):
        last = n == len(chart.steps) - 1
        row, y = _row(step, words, y, last=last)
        drawn += row
    said = " → ".join(f"{step.number} {step.name}" for step in chart.steps)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {y + 4}" role="img" '
            'aria-labelledby="chart-title chart-said">',
            f'<title id="chart-title">{escape(chart.title)}</title>',
            f'<desc id="chart-said">{escape(said)}</desc>',
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
            'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>',
            *drawn,
            "</svg>",
        ]
    )


def _row(step: Step, words: Wording, y: int, *, last: bool) -> tuple[list[str], int]:
    """A step with its two sides and the arrow to the next one, and where that one begins."""
    x, width = _MIDDLE
    lines = [f"{step.number}  {step.name}", *filter(None, [step.who]), *step.differs]
    middle = _wrapped([*lines, *(step.climbs if last else ())], width)
    left = _wrapped([_grouped("", step.begins)], _LEFT[1]) if step.begins else []
    heading = words("at_once", level=step.number)
    right = _wrapped([_grouped(heading, step.triggers)], _RIGHT[1]) if step.triggers else []
    height = max(_height(each) for each in (left, middle, right))
    drawn = list(_box("step", x, y, width, middle, height=height, bold=1))
    centre = y + height // 2
    if left:
        top = centre - _height(left) // 2
        drawn += _box("begin", _LEFT[0], top, _LEFT[1], left)
        drawn.append(_arrow(_LEFT[0] + _LEFT[1], centre, x - 2, centre))
    if right:
        top = centre - _height(right) // 2
        drawn += _box("fact", _RIGHT[0], top, _RIGHT[1], right)
        drawn.append(_arrow(_RIGHT[0], centre, x + width + 2, centre))
    below = y + height
    if last:
        return drawn, below
    label = _wrapped([f"{_TIED}· ".join(step.climbs)], _WIDTH - x - 60)
    gap = max(_GAP, len(label) * _LINE + 8)
    middle_x = x + 40
    kind = "edge" if step.by_time else "edge seldom"
    drawn.append(_arrow(middle_x, below, middle_x, below + gap - 1, kind))
    first = below + (gap - len(label) * _LINE) // 2 + 13
    drawn += _text(middle_x + 14, first, label, "time")
    return drawn, below + gap


def _grouped(heading: str, names: Sequence[str]) -> str:
    said = f"{_TIED}· ".join(names)
    return f"{heading}: {said}" if heading else said


def _height(lines: Sequence[str]) -> int:
    return len(lines) * _LINE + 2 * _PAD if lines else 0


def _box(
    kind: str, x: int, y: int, width: int, lines: list[str], *, height: int = 0, bold: int = 0
) -> Iterator[str]:
    tall = height or _height(lines)
    yield (
        f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{tall}" '
        f'rx="{14 if kind == "begin" else 4}"/>'
    )
    first = y + (tall - len(lines) * _LINE) // 2 + 13
    yield from _text(x + 12, first, lines[:bold], "name")
    yield from _text(x + 12, first + bold * _LINE, lines[bold:], "said")


def _text(x: int, y: int, lines: Iterable[str], kind: str) -> Iterator[str]:
    for n, line in enumerate(lines):
        yield f'<text class="{kind}" x="{x}" y="{y + n * _LINE}">{escape(line)}</text>'


def _arrow(x: int, y: int, to_x: int, to_y: int, kind: str = "edge") -> str:
    return f'<path class="{kind}" d="M{x} {y}L{to_x} {to_y}" marker-end="url(#tip)"/>'


def _wrapped(texts: Iterable[str], width: int) -> list[str]:
    """Lines that fit into a box of that width, by what a character takes at most on average."""
    room = width - 24
    lines: list[str] = []
    for text in texts:
        line = ""
        for word in _broken(text.split(" "), room):
            longer = f"{line} {word}" if line else word
            if line and _wide(longer) > room:
                lines.append(line)
                longer = word
            line = longer
        lines.append(line)
    return lines


def _broken(words: Iterable[str], room: int) -> Iterator[str]:
    """The words, those cut that are wider than a line."""
    for whole in words:
        word = whole
        while _wide(word) > room:
            at = next(n for n in range(len(word), 0, -1) if n == 1 or _wide(word[:n]) <= room)
            yield word[:at]
            word = word[at:]
        if word:
            yield word


def _wide(text: str) -> float:
    return sum(15 if unicodedata.east_asian_width(mark) in "WF" else 6.9 for mark in text)
