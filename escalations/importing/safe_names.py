"""Names that the policy language takes, from names as people give them."""

import re
import unicodedata
from collections.abc import Container

_REMOVED = {"Cc", "Cs", "Zl", "Zp", "Cn", "Co"}
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that turn the direction of what follows them."""


def line(text: str, at_most: int = 200) -> str:
    """Somebody's words as one line that a policy may hold; it may come out empty."""
    kept = (
        mark
        for mark in " ".join(text.split())
        if unicodedata.category(mark) not in _REMOVED and mark not in _TURNING
    )
    return shortened(unicodedata.normalize("NFC", "".join(kept)).strip(), at_most)


def shortened(text: str, at_most: int) -> str:
    """The text, or its beginning."""
    return text if len(text) <= at_most else f"{text[: at_most - 1].rstrip()}…"


def key(text: str, otherwise: str, taken: Container[str]) -> str:
    """A key such as `ada-lovelace` that is not taken; `otherwise` where no letter can be kept."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")[:56].strip("-") or otherwise
    return next(
        each for each in (base, *(f"{base}-{n}" for n in range(2, 10_000))) if each not in taken
    )
