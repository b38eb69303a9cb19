"""Findings that are meant: a comment in the policy accepts them, beside what it is about.

In the file rather than in a list of its own: whoever reads the matrix sees what was decided and
why, a review sees the decision change, and a line that moves takes its acceptance along.
"""

import re
from dataclasses import dataclass
from typing import Final

_CODE: Final = r"[a-z]+(?:-[a-z]+)*"
_COMMENT: Final = re.compile(
    rf"(?:^|\s)\#\s*accept:\s*(?P<codes>{_CODE}(?:\s*,\s*{_CODE})*)(?![a-z-])[\s:,(—–-]*(?P<why>.*)$"
)


@dataclass(frozen=True)
class Acceptance:
    """One comment: which codes it accepts, on which line, and why."""

    line: int
    """Where the comment stands."""
    covers: int
    """The line whose findings it accepts: its own, or the next one that says something."""
    codes: tuple[str, ...]
    why: str


def acceptances(text: str) -> list[Acceptance]:
    """The comments `# accept: CODE why` of a file."""
    lines = text.splitlines()
    found = []
    for number, line in enumerate(lines, 1):
        comment = _COMMENT.search(line)
        if comment:
            codes = tuple(each.strip() for each in comment["codes"].split(","))
            why = comment["why"].strip().removesuffix(")")
            found.append(Acceptance(number, _covers(lines, number), codes, why))
    return found


def _covers(lines: list[str], number: int) -> int:
    following = range(number, len(lines) + 1)
    return next((each for each in following if _says_something(lines[each - 1])), number)


def _says_something(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith("#")
