"""A simulated case at a terminal: a table as wide as it is, or a card each where it is narrow."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from escalations.cli.printer import UNWRAPPED
from escalations.simulation.story import Happening, Story, Told
from escalations.simulation.words import words

_GAP = "  "
_NARROW = 100
"""Columns below which who is told stands under what happens."""
_SHARE = 0.55
"""Of the room beside the moments, for what happens."""


def lines(story: Story, width: int) -> Iterator[Text]:
    """All of it: a title, what happens, and how it ended."""
    for line in _wrapped(story.title, width):
        yield Text(line, "bold")
    yield Text("")
    if width < _NARROW:
        yield from _cards(story, width)
    else:
        yield from _table(story, width)
    yield Text("")
    for line in _wrapped(story.end, width):
        yield Text(line, "bold")


def _table(story: Story, width: int) -> Iterator[Text]:
    said = words(story.language)
    rows = [
        (story.moment(each.at), [*_what(story, each)], [*_told(story, each.told)])
        for each in story.folded()
    ]
    when = max(cell_len(row[0]) for row in rows)
    widest = max(cell_len(line) for row in rows for line in row[1])
    room = width - when - 2 * len(_GAP)
    what = min(widest, room if width == UNWRAPPED else int(room * _SHARE))
    head = _cell(said["when"], when), _cell(said["what"], what), said["told"]
    yield Text(_GAP.join(head), "dim")
    for (at, happens, told), each in zip(rows, story.folded(), strict=True):
        left = [line for sentence in happens for line in _wrapped(sentence, what)]
        right = [line for one in told for line in _wrapped(one, max(20, room - what))]
        for n in range(max(len(left), len(right))):
            first = _cell(at if n == 0 else "", when)
            line = _GAP.join(
                (first, _cell(left[n] if n < len(left) else "", what), *right[n : n + 1])
            )
            yield Text(line.rstrip(), _style(each))


def _cards(story: Story, width: int) -> Iterator[Text]:
    for each in story.folded():
        yield Text(story.moment(each.at), "dim")
        for sentence in _what(story, each):
            for line in _wrapped(sentence, width - 2):
                yield Text(f"  {line}", _style(each))
        for one in _told(story, each.told):
            for line in _wrapped(one, width - 4):
                yield Text(f"    {line}", "dim")


def _what(story: Story, happening: Happening) -> Iterator[str]:
    *before, last = happening.words or ("",)
    yield from before
    yield f"{last} ({happening.why})" if last else f"({happening.why})"
    if happening.last_at is not None:
        more = words(story.language)["more"]
        yield more.format(count=happening.more, at=story.moment(happening.last_at))


def _told(story: Story, told: Sequence[Told]) -> Iterator[str]:
    for each in told:
        yield f"→ {each.name}: {each.about} ({each.address or each.detail})"


def _style(happening: Happening) -> str:
    if happening.refused is not None or "undelivered" in happening.kinds:
        return "yellow"
    return "red" if "breached" in happening.kinds else ""


def _cell(text: str, size: int) -> str:
    return set_cell_size(text, size)


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of at most so many columns, at spaces; a longer word stays whole if it must."""
    if cell_len(text) <= width:
        return [text]
    found, line = [], ""
    for word in text.split():
        while cell_len(word) > width:
            cut = set_cell_size(word, width).rstrip()
            if line:
                found.append(line)
                line = ""
            found.append(cut)
            word = word[len(cut) :]
        if line and cell_len(f"{line} {word}") > width:
            found.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return [*found, line] if line else found
