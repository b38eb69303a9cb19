"""Decisions and their differences in words, for somebody who has never seen the project."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from workers.replay.decisions import Decision

_MOST: Final = 160
_CORE: Final = re.compile(r"\[TMPRL\d+\] |Nondeterminism(?: error)?: ?")
_CAPITAL: Final = re.compile(r"(?=[A-Z])")
_PREFIX: Final = "Escalation"


def in_words(decision: Decision) -> str:
    """What was decided, on one line."""
    content = decision.content
    match decision.what:
        case "timer":
            return f"a timer of {length(content['seconds'])}: {content['summary'] or 'no words'}"
        case "notify":
            sends = [each for given in content["given"] for each in _sends(given)]
            return f"a send: {'; '.join(sends)}" if sends else "an empty send"
        case "invite":
            return f"an invitation or a reminder: {content['summary']}"
        case "snapshot_policy" | "read_rota":
            return f"activity {decision.what}: {content['summary']}"
        case "child":
            return f"the start of {content['id']}"
        case "attributes":
            return f"operators see {', '.join(_attributes(content))}"
        case "answer":
            return "the answer to a command"
        case "new run":
            return "the run goes on in a new one"
        case "result":
            return "the run ends with its record"
        case "failure":
            return f"the run fails: {cut(content)}"
        case "cancelled":
            return "the run ends as cancelled"
        case _:
            return f"activity {decision.what}: {content['summary']}"


def _sends(given: Any) -> Iterator[str]:
    yield from (
        _short(send) for send in (given.get("sends", []) if isinstance(given, dict) else [])
    )


def _attributes(values: dict[str, Any]) -> Iterator[str]:
    for name, value in sorted(values.items()):
        words = _CAPITAL.sub(" ", name.removeprefix(_PREFIX)).strip().lower()
        yield f"{words} {'none' if value is None else value}"


def place(path: tuple[str, ...]) -> str:
    """A field, by the way to it: `sends 2 particulars due at`."""
    below = path[2:] if path[:1] == ("given",) else path
    return " ".join(each.replace("_", " ") for each in below) or "all of it"


def value(path: tuple[str, ...], held: Any) -> str:
    """What a field holds, short."""
    if held in (None, "", [], {}):
        return "nothing"
    if path and path[-1] == "seconds" and isinstance(held, int | float):
        return length(held)
    if isinstance(held, list):
        return cut(", ".join(_short(each) for each in held), 300)
    return cut(_short(held), 300)


def _short(held: Any) -> str:
    """A thing by what people know it by."""
    if not isinstance(held, dict):
        return str(held)
    if "notice" in held:
        names = ", ".join(_short(each) for each in held.get("to", []))
        return f"“{str(held['notice']).replace('_', ' ')}” to {names or 'nobody'}"
    known = next((held[key] for key in ("name", "type", "key", "contact") if held.get(key)), None)
    return str(held) if known is None else str(known).replace("_", " ")


def length(seconds: float) -> str:
    """How long a timer is: `29 min 58 s`."""
    whole = timedelta(seconds=round(seconds, 3))
    parts = {
        "d": whole.days,
        "h": whole.seconds // 3600,
        "min": whole.seconds // 60 % 60,
    }
    rest = whole.seconds % 60 + whole.microseconds / 1e6
    words = [f"{amount} {unit}" for unit, amount in parts.items() if amount]
    if rest or not words:
        words.append(f"{rest:g} s")
    return " ".join(words)


def of_core(failure: str) -> str:
    """The SDK's own words for why a replay failed, shorter."""
    return cut(_CORE.sub("", " ".join(failure.split())), 400)


def cut(text: str, most: int = _MOST) -> str:
    """A text on one line, no longer than that."""
    line = " ".join(str(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
