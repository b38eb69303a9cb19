"""A policy that nothing can be said against, and for every code of the lint what brings it out.

Each case is a change of that policy: what is found, where, and after which change it is gone.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from escalations.lint.subject import Subject
from escalations.lint.vocabulary import Vocabulary
from escalations.policy import Policy

AT: Final = datetime(2026, 11, 22, tzinfo=UTC)
LANGUAGES: Final = ("en", "fr")
NOTICES: Final = frozenset({"reminder", "breach"})
NAMES: Final = frozenset({"angry", "call-back"})
WORDS: Final = Vocabulary(
    notices=dict.fromkeys(LANGUAGES, NOTICES),
    names=dict.fromkeys(LANGUAGES, NAMES),
    sentences=frozenset(LANGUAGES),
)
OFFICE: Final = {"hours": {"mon-fri": ["09:00-17:00"]}}
DAYTIME: Final = {"hours": {"mon-sun": ["08:00-20:00"]}}
ROTA: Final = {
    "name": "First line",
    "rota": {"calendar": "shifts.ics", "people": {"Ada": {"reach": ["mailto:ada@example.com"]}}},
}

CLEAN: Final[dict[str, Any]] = {
    "policy": "shop",
    "languages": ["en", "fr"],
    "contacts": {
        name: {"name": name.title(), "reach": [f"mailto:{name}@example.com"]}
        for name in ("agent", "lead", "head", "manager")
    },
    "escalation_manager": "manager",
    "priorities": {"speed": {"P1": 0.5}},
    "levels": [
        {
            "name": "Agent",
            "contact": "agent",
            "within": "1h..2h",
            "acknowledge_within": "20m",
            "actions": ["call-back"],
            "leaves_on": ["angry"],
        },
        {"name": "Lead", "contact": "lead", "within": "2h..4h", "may_grant": {"credit": "50 EUR"}},
        {
            "name": "Head",
            "contact": "head",
            "within": "until-resolved",
            "may_grant": {"credit": "any"},
        },
    ],
    "triggers": {"angry": {"to": "Lead", "phrases": {"en": ["so angry"], "fr": ["en colère"]}}},
    "categories": {"billing": {}, "other": {}},
    "customer": {"update_every": {"P1": "1h", "P2": "4h"}, "survey": {"within": "7d"}},
    "retrospective": {"when": {"breached": True}},
}


def merged(whole: Any, changes: Any) -> Any:
    """A policy with changes: blocks key by key, lists item by item (`{1: …}`), `None` takes out."""
    if not isinstance(changes, dict):
        return changes
    if isinstance(whole, list):
        return [merged(each, changes[n]) if n in changes else each for n, each in enumerate(whole)]
    both = dict(whole) if isinstance(whole, dict) else {}
    for key, change in changes.items():
        both[key] = merged(both.get(key), change)
    return {key: value for key, value in both.items() if value is not None}


def subject(changes: dict[str, Any] | None = None, **world: Any) -> Subject:
    """The clean policy with these changes, in a world where all words are there."""
    policy = Policy.model_validate(merged(CLEAN, changes or {}))
    return Subject(policy, **{"at": AT, "vocabulary": WORDS, **world})


@dataclass(frozen=True)
class Found:
    """A change that brings out a finding, and one on top of it that mends it."""

    changes: dict[str, Any]
    place: tuple[str | int, ...]
    mended: dict[str, Any]
    world: dict[str, Any] = field(default_factory=dict)
    mended_world: dict[str, Any] = field(default_factory=dict)


def level(n: int, **changes: Any) -> dict[str, Any]:
    return {"levels": {n: changes}}


def billing(**changes: Any) -> dict[str, Any]:
    return {"categories": {"billing": changes}}
