"""The commands of a paper, as they stand in it, so that what is tested is what people read."""

import re

from tests.deployment.processes import ROOT


def commands(paper: str, heading: str) -> list[list[str]]:
    """The blocks of commands under a heading of a paper; what follows a `#` is for the reader.

    Raises:
        AssertionError: there is no such heading.
    """
    text = (ROOT / "docs" / paper).read_text("utf-8")
    parts = re.split(r"^#+ (.+)\n", text, flags=re.M)
    assert heading in parts, f"docs/{paper} has no heading {heading}"
    section = parts[parts.index(heading) + 1]
    blocks = re.findall(r"(?:^ {4,}\S.*\n)+", section, re.M)
    return [[line.partition("  #")[0].strip() for line in block.splitlines()] for block in blocks]
