"""A simulated case at a terminal: a table as wide as it is, or a card each where it is narrow."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from escalations.cli.printer import UNWRAPPED
from escalations.directions import isolated
from escalations.simulation.happenings import Happening, Told
from escalations.simulation.story import Story
from escalations.simulation.words import words

_GAP = "  "
_NARROW = 120
"""Columns below which who is told stands under what happens."""
_SHARE = 0.55
"""Of the room beside the moments, for what happens."""


def lines(story: Story, width: int) -> Iterator[Text]:
    """All of it: a title, what happens, and how it ended."""
    for line in _wrapped(story.title, width):
        yield Text(line, "bold")
    for line in _wrapped(story.about, width):
        yield Text(line)
    yield Text("")
    if width < _NARROW:
        yield from _cards(story, width)
    else:
        yield from _table(story, width)
    yield Text("")
    for line in _wrapped(story.end, width):
        yield Text(line, "bold")


def _table(story: Story, width: int) -> Iterator[Text]:
    said, happenings = words(story.language), story.folded()
    rows = [
        (story.moment(each.at), [*_what(story, each)], each.why, [*_told(each.told)])
        for each in happenings
    ]
    when = max(cell_len(row[0]) for row in rows)
    why = max(cell_len(text) for text in (said["why"], *(row[2] for row in rows)))
    room = width - when - why - 3 * len(_GAP)
    widest = max(cell_len(line) for row in rows for line in row[1])
    what = min(widest, room if width == UNWRAPPED else int(room * _SHARE))
    head = set_cell_size(said["when"], when), set_cell_size(said["what"], what)
    yield Text(_GAP.join((*head, set_cell_size(said["why"], why), said["told"])), "dim")
    for (at, happens, because, told), each in zip(rows, happenings, strict=True):
        left = [line for sentence in happens for line in _wrapped(sentence, what)]
        right = [line for one in told for line in _wrapped(one, room - what)]
        for n in range(max(len(left), len(right))):
            cells = (
                set_cell_size(at if n == 0 else "", when),
                set_cell_size(left[n] if n < len(left) else "", what),
                set_cell_size(because if n == 0 else "", why),
                *right[n : n + 1],
            )
            yield Text(_GAP.join(cells).rstrip(), _style(each))


def _cards(story: Story, width: int) -> Iterator[Text]:
    for each in story.folded():
        for line in _wrapped(f"{story.moment(each.at)} · {each.why}", width):
            yield Text(line, "dim")
        for sentence in _what(story, each):
            for line in _wrapped(sentence, width - 2):
                yield Text(f"  {line}", _style(each))
        for one in _told(each.told):
            for line in _wrapped(one, width - 4):
                yield Text(f"    {line}", "dim")


def _what(story: Story, happening: Happening) -> Iterator[str]:
    yield from happening.words
    if happening.last_at is not None:
        more = words(story.language)["more"]
        yield more.format(count=happening.more, at=story.moment(happening.last_at))


def _told(told: Sequence[Told]) -> Iterator[str]:
    for each in told:
        yield f"→ {isolated(each.name)}: {each.about} ({each.where})"


def _style(happening: Happening) -> str:
    if happening.refused is not None or "undelivered" in happening.kinds:
        return "yellow"
    return "red" if "breached" in happening.kinds else ""


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
