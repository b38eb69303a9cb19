"""A case as a log tells it: what was known of it, and what happened when."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NamedTuple

from escalations.backtest.findings import Findings
from escalations.backtest.log import Get, Log, Record
from escalations.backtest.mapping import Column, Mapping, Means
from escalations.model import printable
from escalations.policy import Grade, Priority

ENDED: Final = frozenset({Means.CLOSED.value, Means.WITHDRAWN.value})
"""After these the log says no more, or the case is opened again."""


class Step(NamedTuple):
    """Something that the log says of a case."""

    at: datetime
    says: str
    """A word of `Means`, or `hold:<reason>`."""
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedCase:
    """All that a log says of one case, in order."""

    case: str
    opened_at: datetime
    steps: tuple[Step, ...]
    traits: dict[str, str] = field(default_factory=dict)
    """`priority`, `category` …: those that are known."""
    until: datetime | None = None
    """When the log was written out, where it says so."""

    @property
    def finished(self) -> bool:
        """Whether the log tells its end."""
        return bool(self.steps) and self.steps[-1].says in ENDED


class Traits:
    """What is known of a case besides its steps: read once, from the first row that knows it."""

    def __init__(self, mapping: Mapping, log: Log, findings: Findings) -> None:
        self._findings = findings
        taken: dict[str, Callable[[str], str | None]] = {
            "priority": _priority,
            "impact": _grade,
            "urgency": _grade,
            "category": as_name,
            "tier": as_name,
            "customer": lambda text: printable(text, 100) or None,
        }
        columns: list[tuple[str, Column[Any] | None]] = [
            (key, getattr(mapping, key)) for key in taken
        ]
        self._fixed = {
            key: f"{column.otherwise}"
            for key, column in columns
            if column and column.otherwise is not None
        }
        self._read: list[tuple[str, Get, dict[str, Any], Callable[[str], str | None]]] = [
            (key, log.get(column.column), column.values, taken[key])
            for key, column in columns
            if column and column.column
        ]

    def add(self, known: dict[str, str], record: Record, line: int) -> None:
        """What this row says and no earlier one did."""
        for key, get, values, taken in self._read:
            if key in known or (text := get(record)) is None:
                continue
            if values:
                value = values.get(text, self._fixed.get(key))
            else:
                value = taken(text) or self._fixed.get(key)
            if value is None:
                reason = f"the {key} {text!r}, which the mapping does not explain: not known"
                self._findings.add(reason, line)
            known[key] = "" if value is None else str(value)

    def whole(self, known: dict[str, str]) -> dict[str, str]:
        """With what stands where nothing is known."""
        return {key: value for key, value in {**self._fixed, **known}.items() if value}


def _priority(text: str) -> str | None:
    return text.upper() if text.upper() in Priority.__members__ else None


def _grade(text: str) -> str | None:
    return text.lower() if text.lower() in list(Grade) else None


def as_name(text: str) -> str | None:
    """`Billing & Accounts` → `billing-accounts`; None where nothing is left."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-")[:64] or None
