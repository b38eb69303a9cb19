"""On which line of a JSON text something stands; `json` itself tells that only for mistakes."""

import json
from typing import Any

from escalations.references import Place

_SPACE = " \t\r\n"
_DECODER = json.JSONDecoder()


def line_of(text: str, place: Place) -> tuple[int, int]:
    """Line and column, from 1, of what stands at a place of a valid text, or of what it is in."""
    at = _past_space(text, 0)
    for part in place:
        found = _step(text, at, part)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _step(text: str, at: int, wanted: str | int) -> int | None:
    """Where a value of the block or list at `at` begins."""
    closing = {"{": "}", "[": "]"}.get(text[at])
    number = 0
    at = _past_space(text, at + 1)
    while closing is not None and text[at] != closing:
        key: Any = number
        if closing == "}":
            key, at = _DECODER.raw_decode(text, at)
            at = _past_space(text, _past_space(text, at) + 1)
        if key == wanted:
            return at
        _, at = _DECODER.raw_decode(text, at)
        at = _past_space(text, at)
        if text[at] == ",":
            at = _past_space(text, at + 1)
        number += 1
    return None


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at
