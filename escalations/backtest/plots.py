"""Plots as inline SVG: bars side by side, and the hours of a week.

Drawn by hand: three shapes in eighty lines, where a plotting library would bring 20 MB and more.
"""

from collections.abc import Sequence
from html import escape
from typing import Final

COLOURS: Final = ("#2563a8", "#d97706", "#4d7c0f", "#9d174d")
"""One for each policy; they differ in print and for the colour-blind."""
_INK: Final = "#1f2933"
_PALE: Final = "#eef2f6"
_BAR: Final = 14
_LABEL: Final = 240
_WIDTH: Final = 760

Bar = tuple[float, str]
"""How long, and what is written at its end."""


def bars(rows: Sequence[tuple[str, Sequence[Bar]]], title: str) -> str:
    """Horizontal bars: a group for each row, a bar for each policy."""
    most = max((value for _, row in rows for value, _ in row), default=0) or 1
    room = _WIDTH - _LABEL - 90
    parts, y = [], 4
    for label, row in rows:
        middle = y + _BAR * len(row) / 2 + 4
        parts.append(_text(_LABEL - 10, middle, _short(label, 36), "end", label))
        for n, (value, words) in enumerate(row):
            length = room * value / most
            parts.append(
                f'<rect x="{_LABEL}" y="{y}" width="{length:.1f}" height="{_BAR - 2}" rx="2" '
                f'fill="{COLOURS[n % len(COLOURS)]}"/>'
            )
            parts.append(_text(_LABEL + length + 6, y + _BAR - 4, words, "start"))
            y += _BAR
        y += 8
    return _svg(parts, _WIDTH, y, title)


def week(hours: Sequence[int], days: Sequence[str], title: str) -> str:
    """A row a day, a column an hour: the darker, the more."""
    most = max(hours) or 1
    side, left, top = 26, 44, 20
    parts = [
        _text(left + side * hour + side / 2, 14, str(hour), "middle") for hour in range(0, 24, 3)
    ]
    for day, name in enumerate(days):
        y = top + side * day
        parts.append(_text(left - 8, y + side / 2 + 4, name, "end"))
        for hour in range(24):
            n = hours[24 * day + hour]
            parts.append(
                f'<rect x="{left + side * hour}" y="{y}" width="{side - 2}" height="{side - 2}" '
                f'rx="3" fill="{_PALE}"/>'
            )
            parts.append(
                f'<rect x="{left + side * hour}" y="{y}" width="{side - 2}" height="{side - 2}" '
                f'rx="3" fill="{COLOURS[0]}" fill-opacity="{n / most:.3f}">'
                f"<title>{escape(name)} {hour}:00–{hour + 1}:00: {n:,}</title></rect>"
            )
        total = sum(hours[24 * day : 24 * day + 24])
        parts.append(_text(left + side * 24 + 8, y + side / 2 + 4, f"{total:,}", "start"))
    return _svg(parts, _WIDTH, top + side * len(days) + 4, title)


def _svg(parts: Sequence[str], width: int, height: float, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{escape(title)}" '
        f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, words: str, anchor: str, whole: str = "") -> str:
    hint = f"<title>{escape(whole)}</title>" if whole else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="12" fill="{_INK}">'
        f"{escape(words)}{hint}</text>"
    )


def _short(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"
