"""A policy that writes every key of the language, and all that one change of it can be."""

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from typing import Any, Final

from pydantic import ValidationError

from escalations.policy import Policy

Place = tuple[str | int, ...]

PEOPLE: Final = {
    "Ada L.": {
        "name": "Ada", "reach": ["mailto:ada@desk.example"],
        "language": "en", "timezone": "Europe/London",
    },
    "Bo": {"reach": ["mailto:bo@desk.example"]},
}  # fmt: skip
LEVEL: Final = {
    "kind": "functional",
    "within": "15m..30m",
    "calendar": "office",
    "acknowledge_within": "5m",
    "release_after": "4h",
    "repeat_every": "2h",
    "actions": ["record-statement", "look-up"],
    "may_grant": {"credit": "100 EUR", "refund": "any"},
    "leaves_on": ["unresolved", "angry"],
}
FULL: Final[dict[str, Any]] = {
    "policy": "everything",
    "summary": "Every key is written",
    "timezone": "Europe/Paris",
    "languages": ["en", "fr"],
    "calendars": {
        "office": {
            "hours": {"mon-thu": ["09:00-12:30", "13:30-18:00"], "fri": ["09:00-12:30"]},
            "holidays": {"country": "DE", "subdivision": "BY", "dates": ["2026-12-24"]},
            "timezone": "Europe/Berlin",
        },
        "night": {"hours": {"mon-sun": ["20:00-24:00"]}},
    },
    "contacts": {
        "desk": {
            "name": "Service desk",
            "reach": ["mailto:desk@desk.example", "slack://desk"],
            "rota": {"calendar": "desk.ics", "overrides": "swaps.ics", "people": PEOPLE},
            "quiet_hours": ["22:00-07:00"],
            "language": "fr",
            "timezone": "Europe/London",
        },
        "boss": {"name": "Boss", "reach": ["mailto:boss@desk.example"]},
        "bank": {"name": "Bank", "reach": ["mailto:bank@desk.example"]},
    },
    "escalation_manager": "boss",
    "fallback": "bank",
    "stakeholders": [
        {"role": "account-executive", "priorities": ["P1", "P2"]},
        {"contact": "bank", "priorities": ["P1"]},
    ],
    "priorities": {
        "matrix": {
            "high": ["P3", "P2", "P1"], "medium": ["P4", "P3", "P2"], "low": ["P4", "P4", "P3"],
        },
        "raise_for_tier": {"strategic": 1},
        "raise_after": "2bd",
        "speed": {"P1": 0.5, "P2": 0.75},
    },
    "levels": [
        {"name": "Desk", "contact": "desk", **LEVEL},
        {"name": "Second", "contact": "bank", **LEVEL, "within": "2h", "kind": "external"},
        {"name": "Boss", "contact": "boss", "within": "until-resolved"},
    ],
    "triggers": {
        "unresolved": {"to": "next"},
        "angry": {
            "to": "Boss", "executive": True,
            "phrases": {"en": ["lawyer", "sue"], "fr": ["avocat"]},
        },
    },
    "knowledge": [
        {
            "id": "reset", "title": {"en": "Reset it", "fr": "Relancez-le"},
            "answer": {"en": "Off and on."}, "phrases": {"en": ["it hangs", "frozen"]},
            "categories": ["billing"],
        },
        {
            "id": "pay", "title": {"en": "Pay it"}, "answer": {"en": "By card."},
            "phrases": {"en": ["invoice"]},
        },
    ],
    "categories": {
        "billing": {
            "start": "Second",
            "levels": {
                "Second": {
                    "contact": "boss", "within": "1h..3h", "kind": "hierarchical",
                    "calendar": "night", "acknowledge_within": "9m", "release_after": "5h",
                    "repeat_every": "3h", "actions": ["count"], "may_grant": {"credit": "9 EUR"},
                    "leaves_on": ["angry"],
                },
            },
        },
        "other": {},
    },
    "holds": {"customer": {"remind_every": "2bd", "at_most": "10bd"}, "vendor": {"at_most": "5bd"}},
    "customer": {
        "calendar": "office", "acknowledge": True, "update_every": {"P1": "1h", "P3": "1bd"},
        "confirm_within": "3bd", "reopen": "next", "fix_within": "10bd",
        "survey": {"within": "7d", "reopen_at_or_below": 2},
    },
    "retrospective": {
        "when": {
            "level": "Second", "priority": "P1", "breached": True, "reopened": True,
            "survey_at_or_below": 3,
        },
        "within": "5bd", "duration": "45m", "calendar": "office",
    },
}  # fmt: skip

OTHERS: Final[tuple[Any, ...]] = (
    "next", "same", "Desk", "Second", "Boss", "desk", "boss", "bank", "office", "night", "always",
    "unresolved", "P1", "P4", "P2", "7m", "7h", "8bd", "10m..20m", "until-resolved", "external",
    "hierarchical", "Asia/Tokyo", "fi", "BE", "NI", "2026-12-31", "08:00-09:00", "23:00-06:00",
    "mailto:new@desk.example", "new.ics", "any", "7 USD", "Another line", "another-name", 1, 4,
    0.25, True, False, "billing", "other",
)  # fmt: skip
"""Values that some key may have."""


def places(value: Any, place: Place = ()) -> Iterator[Place]:
    """The way to everything in a policy."""
    yield place
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from places(value[key], (*place, key))


def policy(written: Any) -> Policy | None:
    """The policy, if it is one."""
    try:
        return Policy.model_validate(written)
    except (ValidationError, TypeError):
        return None


@cache
def full() -> Policy:
    """The policy that writes every key."""
    return Policy.model_validate(FULL)


def changed(place: Place) -> Iterator[Any]:
    """The policy with one thing changed there: gone, another value, another order, another name."""
    for kind in ("gone", "order", "called", *OTHERS):
        written = deepcopy(FULL)
        *above, last = place
        block: Any = written
        for key in above:
            block = block[key]
        value = block[last]
        match kind:
            case "gone":
                del block[last]
            case "order" if isinstance(value, list) and len(value) > 1:
                value.reverse()
            case "order" if isinstance(value, dict) and len(value) > 1:
                block[last] = dict(reversed(value.items()))
            case "called" if isinstance(block, dict):
                new = "P3" if last in ("P1", "P2") else "other-name"
                block[new] = block.pop(last)
            case "order" | "called":
                continue
            case _ if isinstance(value, dict | list) or json.dumps(value) == json.dumps(kind):
                continue
            case _:
                block[last] = kind
        yield written


def changed_policies(place: Place) -> Iterator[Policy]:
    """Some of them that are policies and not the same one, no more than five."""
    found = 0
    for written in changed(place):
        other = policy(written)
        if other is not None:
            yield other
            found += other != full()
        if found == 5:
            return
