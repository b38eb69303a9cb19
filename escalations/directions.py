"""Words in scripts of both directions, set side by side."""

import re
from typing import Final

FIRST_STRONG_ISOLATE: Final = "\u2068"
POP_ISOLATE: Final = "\u2069"
RIGHT_TO_LEFT: Final = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
)


def isolated(words: str) -> str:
    """Somebody's words, each line with right-to-left script set apart from what surrounds it."""
    if not RIGHT_TO_LEFT.search(words):
        return words
    return "\n".join(
        f"{FIRST_STRONG_ISOLATE}{line}{POP_ISOLATE}" if RIGHT_TO_LEFT.search(line) else line
        for line in words.split("\n")
    )
