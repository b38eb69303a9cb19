"""Somebody's words on a page in Markdown, such as the Temporal UI shows."""

MAX_LINE = 300
MAX_QUOTED = 4_000
_MARKS = "\\`*_[]<>#|!"


def plain(text: str) -> str:
    """Words on one line, without any meaning in Markdown."""
    line = " ".join(text.split())
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in line[:MAX_LINE])


def quoted(text: str) -> str:
    """Words set apart, line by line."""
    return "\n".join(f"> {plain(line)}" for line in text[:MAX_QUOTED].splitlines())
