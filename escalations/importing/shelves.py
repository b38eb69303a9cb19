"""The objects of an export, sorted by what they are, whatever envelopes they came in."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from escalations.importing import safe_names
from escalations.importing.exports import Export, Part, Reading
from escalations.importing.ladders import Asked, Ladder
from escalations.importing.result import Weight
from escalations.policy_files.findings import key_path
from escalations.references import Place

GENERIC: Final = ("data", "results", "values", "nodes")
"""Envelopes that say nothing about what is in them."""

ENVELOPES: Final = (
    *GENERIC,
    *("escalation_policies", "escalation_policy", "escalation_chains", "escalation_chain"),
    *("escalationPolicies", "escalationPolicy", "escalations", "escalation", "plans", "plan"),
    *("users", "user", "schedules", "schedule", "rotations", "rotation"),
    *("teams", "team", "services", "service"),
)

AROUND: Final = (
    *("limit", "offset", "total", "more", "count", "next", "previous", "query", "__typename"),
    *("current_page_number", "page_size", "total_pages", "pageInfo", "paging", "links"),
    *("took", "requestId", "expandable", "errors", "extensions"),
)
"""What stands around the objects in an answer."""

NEEDED: Final = {"user": "users", "schedule": "schedules", "team": "teams", "rotation": "rotations"}


class Shelf:
    """Objects by their kind: `escalation`, `user`, `schedule` …"""

    def __init__(self, parts: dict[str, list[Part]]) -> None:
        self._parts = parts
        self._found: dict[tuple[str, str], dict[str, Part]] = {}

    def all(self, kind: str) -> list[Part]:
        """All of a kind, in the order of the files."""
        return self._parts.get(kind, [])

    def find(self, kind: str, value: Any, key: str = "id") -> Part | None:
        """The one of that id or name; the first, if files have it twice."""
        if (kind, key) not in self._found:
            found: dict[str, Part] = {}
            for part in self.all(kind):
                found.setdefault(str(part.data.get(key)), part)
            self._found[kind, key] = found
        return self._found[kind, key].get(str(value))

    def list_unused(self, reading: Reading, kinds: dict[str, str]) -> None:
        """What is in the files and no escalation asks for, in one line for each file and kind."""
        for kind, called in kinds.items():
            unused: dict[str, list[Part]] = {}
            for part in self.all(kind):
                if not part.asked:
                    unused.setdefault(part.export.file, []).append(part)
            for file, parts in unused.items():
                why = "No escalation of these files asks them."
                advice = "Nothing to do, if that is right."
                place = f"{file}: {key_path(parts[0].path)}"
                more = f" and {len(parts) - 1} more" if len(parts) > 1 else ""
                what = f"{len(parts)} of the {called}"
                reading.lost(f"{place}{more}", what, why, advice, Weight.LEFT_OUT)


@dataclass(frozen=True)
class Tool:
    """A tool whose exports can be read."""

    name: str
    title: str
    kind_of: Callable[[str, dict[str, Any]], str]
    """What an object is, by the envelope it came in and its fields; empty if it is nothing."""
    decisive: frozenset[str]
    """The kinds by which its exports are recognised."""
    ladders: Callable[[Shelf], list[Ladder]]
    others: dict[str, str]
    """The other kinds, and what they are called."""
    asks: str
    """What of its API makes a whole export."""


class Reader(ABC):
    """Reads what lies on a shelf; each person once, however many escalations ask them."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.people: dict[str, Asked] = {}

    @classmethod
    def ladders(cls, shelf: Shelf) -> list[Ladder]:
        """Its escalations."""
        reader = cls(shelf)
        return [reader.ladder(part) for part in shelf.all("escalation")]

    @abstractmethod
    def ladder(self, part: Part) -> Ladder:
        """One of them."""


def objects(export: Export, reading: Reading) -> Iterator[tuple[str, Part]]:
    """The objects of a file, each with the envelope it came in."""
    yield from _objects(export.data, (), "", export, reading)


def _objects(
    value: Any, path: Place, hint: str, export: Export, reading: Reading
) -> Iterator[tuple[str, Part]]:
    if isinstance(value, list):
        for n, each in enumerate(value):
            yield from _objects(each, (*path, n), hint, export, reading)
    elif isinstance(value, dict):
        part = Part(value, export, path, reading)
        inside = [
            key for key in ENVELOPES if key in value and isinstance(value[key], dict | list | None)
        ]
        if not inside or {"id", "name"} & value.keys():
            yield hint, part
            return
        if _has_more(value):
            why = "The answer says that there are more of them, which are not in this file."
            advice = "Ask the API for the next pages, and import all of them together."
            reading.lost(part.place(), "Further pages", why, advice, Weight.FILL_IN)
        for key in sorted(value.keys() - {*inside, *AROUND}):
            why = "The importer does not know what this is."
            part.left_out(
                safe_names.shortened(key, 60), why, "Nothing to do, if that is right.", key
            )
        for key in inside:
            below = hint if key in GENERIC else key
            yield from _objects(value[key], (*path, key), below, export, reading)


def _has_more(envelope: dict[str, Any]) -> bool:
    following = [envelope.get("more") is True, envelope.get("next")]
    for key, field in (("pageInfo", "hasNextPage"), ("paging", "next"), ("links", "next")):
        inner = envelope.get(key)
        following.append(inner.get(field) if isinstance(inner, dict) else None)
    return any(following)


def absent(part: Part, kind: str, id_: str, tool: str, *below: str | int) -> None:
    """A target that is not in the files."""
    found = f"{kind} {id_ or 'without an id'}, which is in none of the files"
    part.mistake(
        found, f"files with what it refers to; add {tool}'s answer for {NEEDED[kind]}", *below
    )
