"""Decisions and their differences in words, for somebody who has never seen the project."""

import re
from collections.abc import Iterator, Sequence
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
            return f"one activity that tells {'; '.join(sends)}" if sends else "an empty message"
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
    sends = given.get("sends", []) if isinstance(given, dict) else []
    for send in sends:
        names = ", ".join(each.get("name", "?") for each in send.get("to", []))
        yield f"{names} “{str(send.get('notice', '?')).replace('_', ' ')}”"


def _attributes(values: dict[str, Any]) -> Iterator[str]:
    for name, value in sorted(values.items()):
        words = _CAPITAL.sub(" ", name.removeprefix(_PREFIX)).strip().lower()
        yield f"{words} {'none' if value is None else value}"


def place(path: Sequence[str], value: Any) -> str:
    """A field and what it holds; a value alone without a path."""
    shown = "nothing" if value in (None, "", [], {}) else cut(str(value))
    names = [each for each in path if each != "given"]
    return f"{' '.join(names)}: {shown}" if names else shown


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
