"""Somebody's words on a page in Markdown, such as the Temporal UI shows."""

import re
from typing import Final

MAX_LINE: Final = 300
MAX_QUOTED: Final = 4_000

_MARKS: Final = re.compile(r"[\\`*_\[\]<>#|!~&]")
_BEGINNING: Final = re.compile(r"^(\d+(?=[.)]))?([-+=.)])")


def plain(text: str, most: int = MAX_LINE) -> str:
    """Words on one line, without any meaning in Markdown; what is cut ends in `…`."""
    return _MARKS.sub(r"\\\g<0>", _cut(" ".join(text.split()), most))


def quoted(text: str) -> str:
    """Words as a quotation, in which no line begins a list, a rule or a heading."""
    lines = _cut(text, MAX_QUOTED).splitlines()
    return "\n".join(
        f"> {_BEGINNING.sub(_harmless, plain(line, MAX_QUOTED))}".rstrip() for line in lines
    )


def _harmless(found: re.Match[str]) -> str:
    return f"{found[1] or ''}\\{found[2]}"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
