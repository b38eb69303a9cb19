"""How a log line is written: short keys first, bounded, without secrets, always valid JSON."""

import json
import logging
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from structlog.typing import EventDict

MAX_LINE: Final = 16_000
"""Characters of a JSON line at most."""

_MAX_TEXT: Final = 2_000  # characters of one text
_MAX_TRACE: Final = 8_000  # of a stack trace, whose end says what happened
_MAX_ITEMS: Final = 50  # of one list or mapping
_MAX_DEPTH: Final = 5
_MAX_WHERE_TIGHT: Final = 200  # characters of one text in a line that would be too long
_TRACES: Final = ("exception", "stack_info")
_HIDDEN: Final = "[hidden]"
_SECRET: Final = re.compile(
    r"passw|pwd|secret|token|credential|authori[sz]ation|cookie|api_?key|private_?key|link_?key",
    re.IGNORECASE,
)
_IN_URL: Final = re.compile(r"(?<=://)[^\s/@]+(?=@)")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def head(_: Any, __: str, event: EventDict) -> EventDict:
    """When, how grave, what, who: first in the line, and all from the record.

    `level` is the log's own; what the caller calls so becomes `escalation_level`.
    """
    record: logging.LogRecord = event["_record"]
    if "level" in event:
        event.setdefault("escalation_level", event.pop("level"))
    at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    first = {"at": at, "level": record.levelname.lower(), "event": event.pop("event", "")}
    return {**first, "logger": record.name, **event}


def bounded(_: Any, __: str, event: EventDict) -> EventDict:
    """Plain values of bounded size, secrets hidden."""
    return {
        _text(str(key), 100): _trace(value) if key in _TRACES else _shown(key, value)
        for key, value in event.items()
    }


def as_json(_: Any, __: str, event: EventDict) -> str:
    """One line of JSON; of a line that would be too long, the last values are cut or left out."""
    line = json.dumps(event, allow_nan=False)
    if len(line) <= MAX_LINE:
        return line
    kept: dict[str, Any] = {}
    left_out = 0
    room = MAX_LINE - 100
    for key, value in event.items():
        for candidate in (value, _tight(value)):
            size = len(json.dumps({key: candidate}))
            if size <= room:
                kept[key] = candidate
                room -= size
                break
        else:
            left_out += 1
    return json.dumps({**kept, "left_out": left_out}, allow_nan=False)


def printable(_: Any, __: str, event: EventDict) -> EventDict:
    """For the eye: no text starts a line of its own or moves the cursor, but for stack traces."""
    return {
        _CONTROL.sub(_escaped, key): (
            value if key in _TRACES else _CONTROL.sub(_escaped, str(value))
        )
        for key, value in event.items()
    }


def _shown(key: object, value: object, depth: int = 0) -> Any:
    match value:
        case _ if isinstance(key, str) and _SECRET.search(key):
            return _HIDDEN
        case None | bool():
            return value
        case int():
            return value if abs(value) < 2**63 else _text(_said(value), _MAX_TEXT)
        case float():
            return value if math.isfinite(value) else repr(value)
        case str():
            return _text(str(value), _MAX_TEXT)
        case bytes() | bytearray():
            return f"{len(value)} bytes"
        case Mapping() | list() | tuple() | set() | frozenset() if depth == _MAX_DEPTH:
            return "…"
        case Mapping():
            items = list(value.items())
            shown = {
                _text(_said(each), 100): _shown(each, inner, depth + 1)
                for each, inner in items[:_MAX_ITEMS]
            }
            return shown | ({"…": len(items)} if len(items) > _MAX_ITEMS else {})
        case list() | tuple() | set() | frozenset():
            shown_items = [_shown(None, each, depth + 1) for each in list(value)[:_MAX_ITEMS]]
            return shown_items + ([f"… ({len(value)})"] if len(value) > _MAX_ITEMS else [])
        case _:
            return _text(_said(value), _MAX_TEXT)


def _said(value: object) -> str:
    try:
        return str(value)
    except Exception as error:  # a line is worth more than any one value in it
        return f"<{type(value).__name__} that cannot be shown: {type(error).__name__}>"


def _text(text: str, most: int) -> str:
    seen = text[: 4 * most]
    if "://" in seen:
        seen = _IN_URL.sub("…", seen)
    return seen if len(seen) <= most and len(text) <= 4 * most else _cut(seen, most, len(text))


def _cut(text: str, most: int, length: int) -> str:
    return f"{text[:most]}… ({length} characters)"


def _trace(text: object) -> str:
    lines = _IN_URL.sub("…", str(text)[-2 * _MAX_TRACE :])
    return lines if len(lines) <= _MAX_TRACE else f"…{lines[-_MAX_TRACE:]}"


def _tight(value: Any) -> Any:
    if isinstance(value, str):
        return _cut(value, _MAX_WHERE_TIGHT, len(value))
    return _cut(json.dumps(value), _MAX_WHERE_TIGHT, len(json.dumps(value)))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
