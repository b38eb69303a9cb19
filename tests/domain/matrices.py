"""Matrices, requests and moments for stories about cases."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from escalations import policy_file
from escalations.opening_hours import zone
from escalations.policy import Policy
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot, take

PARIS = zone("Europe/Paris")
MATRIX = Path(__file__).resolve().parents[2] / "policies" / "call-centre.yaml"


def paris(moment: str) -> datetime:
    """A moment by the clock in Paris: `2026-12-22 10:00`."""
    return datetime.fromisoformat(moment).replace(tzinfo=PARIS).astimezone(UTC)


def in_paris(at: datetime | None) -> str | None:
    """The same, written for a reader: `Tue 22 Dec 10:00`; seconds where there are some."""
    if at is None:
        return None
    local = at.astimezone(PARIS)
    return f"{local:%a %d %b %H:%M:%S}".removesuffix(":00")


@cache
def whole_call_centre() -> Snapshot:
    """The real matrix, as a case of 2026 keeps it."""
    return take(policy_file.read(MATRIX), 2026)


@cache
def call_centre() -> Snapshot:
    """Its ladder alone: without what runs beside it, which has stories of its own.

    These are age, word to the customer, survey and executives.
    """
    return matrix()


@cache
def _ladder() -> dict[str, Any]:
    written = whole_call_centre().policy.model_dump(mode="json")
    written["priorities"]["raise_after"] = None
    written["customer"] |= {"update_every": {}, "survey": None}
    written["triggers"]["legal-threat"]["executive"] = False
    return written


def matrix(**changes: Any) -> Snapshot:
    """The same with some keys changed: `matrix(customer={"reopen": "same"})`.

    A mapping changes the keys that it names; anything else takes the place of what was there.
    """
    return take(Policy.model_validate(_merged(_ladder(), changes)), 2026)


def _merged(whole: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return whole | {
        key: _merged(whole[key], value)
        if isinstance(value, dict) and isinstance(whole.get(key), dict)
        else value
        for key, value in changes.items()
    }


def ladder(*windows: str, level: dict[str, Any] | None = None, **keys: Any) -> Snapshot:
    """A small policy: levels `L1`, `L2` … with contacts `one`, `two` …, and a manager.

    `level` is what all levels have besides; `keys` are the policy's other keys.
    """
    numbers = ("one", "two", "three", "four", "five", "six", "seven")[: len(windows)]
    written = {
        "policy": "call-centre",
        "timezone": "Europe/Paris",
        "contacts": {
            name: {"name": name.title(), "reach": [f"mailto:{name}@example.com"]}
            for name in (*numbers, "manager")
        },
        "escalation_manager": "manager",
        "levels": [
            {"name": f"L{n}", "contact": name, "within": window, **(level or {})}
            for n, (name, window) in enumerate(zip(numbers, windows, strict=True), 1)
        ],
    }
    return take(Policy.model_validate(written | keys), 2026)


def request(**changes: Any) -> EscalationRequest:
    """A P3 case of ACME, whose windows are those of the matrix as it is written."""
    said: dict[str, Any] = {
        "case": "T-1",
        "title": "Line is down",
        "statement": "The line has been down since Monday.",
        "customer": {
            "id": "ACME",
            "name": "Ada of ACME",
            "language": "en",
            "contacts": ["mailto:ada@acme.example"],
        },
        "policy": "call-centre",
        "reported_at": paris("2026-12-22 01:30"),
        "priority": "P3",
        "by": "service-desk",
    }
    if "customer" in changes:
        changes["customer"] = said["customer"] | changes["customer"]
    return EscalationRequest.model_validate(said | changes)
