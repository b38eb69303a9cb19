"""A comparison of two policies on a terminal, or in a pipe."""

from collections.abc import Iterator

from rich.text import Text

from escalations.cli.page import wrapped
from escalations.policy_pages.comparison import Comparison
from escalations.policy_pages.diff_pages import NOTHING, equal_line


def comparison_lines(comparison: Comparison, width: int) -> Iterator[Text]:
    """What changes, part by part, its details below it; then what does not."""
    yield from wrapped(Text(f"{comparison.before} → {comparison.after}", "bold"), width)
    if not comparison.changes:
        yield Text(NOTHING, "green")
        return
    for part, changes in comparison.found.items():
        if changes:
            yield Text()
            yield Text(part.upper(), "bold cyan")
            for change in changes:
                yield from _item("•", Text(change.text), width, 2)
                for detail in change.details:
                    yield from _item("–", Text(detail, "dim"), width, 6)
    if line := equal_line(comparison):
        yield Text()
        yield from wrapped(Text(line, "dim"), width)


def _item(mark: str, text: Text, width: int, indent: int) -> Iterator[Text]:
    for n, line in enumerate(wrapped(text, width, indent=indent + 2)):
        head = " " * indent + (f"{mark} " if n == 0 else "  ")
        yield Text.assemble(head, line[indent + 2 :])
