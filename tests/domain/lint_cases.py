"""A policy that nothing can be said against, and for every code of the lint what brings it out.

Each case is a change of that policy: what is found, where, and after which change it is gone.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from escalations.lint.subject import Subject
from escalations.lint.vocabulary import Vocabulary
from escalations.policy import Policy
from escalations.rota import Roster, Shift

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


def _level(n: int, **changes: Any) -> dict[str, Any]:
    return {"levels": {n: changes}}


def _billing(**changes: Any) -> dict[str, Any]:
    return {"categories": {"billing": changes}}


_ARTICLE: Final = {
    "id": "reset",
    "title": {"en": "Reset it", "fr": "Réinitialisez"},
    "answer": {"en": "Hold the button.", "fr": "Tenez le bouton."},
    "phrases": {"en": ["reset"], "fr": ["réinitialiser"]},
}
_BOT: Final = _level(0, kind="self-service")
_SHIFTS: Final = {
    "contacts": {"agent": {**ROTA, "reach": None}},
    "calendars": {"daytime": DAYTIME},
}


def _roster(*days: int, **more: Any) -> dict[str, Any]:
    shifts = [
        Shift(
            start=AT.replace(day=day),
            end=AT.replace(day=day + 1),
            key="ada",
            name="Ada",
            reach=["mailto:ada@example.com"],
        )
        for day in days
    ]
    until = AT.replace(day=27)
    return {
        "rosters": {
            "agent": Roster(contact="agent", read_at=AT, until=until, shifts=shifts, **more)
        }
    }


CASES: Final[dict[str, list[Found]]] = {
    "unreachable-level": [
        Found(
            {
                "levels": {1: {"within": "until-resolved"}},
                "customer": {"reopen": "same"},
            },
            ("levels", 2),
            {
                "triggers": {
                    "sued": {"to": "Head", "phrases": {"en": ["sued me"], "fr": ["procès"]}}
                }
            },
        ),
    ],
    "no-way-up": [
        Found(
            _level(1, within="until-resolved"),
            ("levels", 1, "within"),
            merged(
                _level(1, leaves_on=["sued"]),
                {"triggers": {"sued": {"to": "next"}}},
            ),
        ),
    ],
    "only-without-category": [
        Found(
            {"categories": {"billing": {"start": "Lead"}, "other": {"start": "Head"}}},
            ("levels", 0),
            {"categories": {"other": {"start": "Agent"}}},
        ),
        Found(
            {"categories": {"billing": {"start": "Lead"}, "other": {"start": "Head"}}},
            ("triggers", "angry", "to"),
            {"categories": {"other": {"start": "Agent"}}},
        ),
    ],
    "unreachable-cell": [
        Found(
            _billing(start="Lead", levels={"Agent": {"within": "3h"}}),
            ("categories", "billing", "levels", "Agent"),
            _billing(start="Agent"),
        ),
    ],
    "unreachable-trigger": [
        Found(
            {"triggers": {"angry": {"to": "Agent"}}},
            ("triggers", "angry", "to"),
            {"triggers": {"angry": {"to": "Head"}}},
        ),
    ],
    "leaves-on-that-stays": [
        Found(
            _level(1, leaves_on=["angry"]),
            ("levels", 1, "leaves_on", 0),
            {"triggers": {"angry": {"to": "Head"}}},
        ),
        Found(
            _level(2, leaves_on=["angry"]),
            ("levels", 2, "leaves_on", 0),
            _level(2, leaves_on=[]),
        ),
        Found(
            _billing(levels={"Lead": {"leaves_on": ["angry"]}}),
            ("categories", "billing", "levels", "Lead", "leaves_on", 0),
            _billing(levels={"Lead": {"leaves_on": []}}),
        ),
    ],
    "unannounced-trigger": [
        Found(
            {"triggers": {"sued": {"to": "Head"}}},
            ("triggers", "sued"),
            _level(1, leaves_on=["sued"]),
        ),
    ],
    "external-at-the-end": [
        Found(_level(2, kind="external"), ("levels", 2, "kind"), _level(2, kind="functional")),
    ],
    "same-contact-twice": [
        Found(_level(1, contact="agent"), ("levels", 1, "contact"), _level(1, contact="lead")),
        Found(
            _billing(levels={"Lead": {"contact": "head"}}),
            ("categories", "billing", "levels", "Lead", "contact"),
            _billing(levels={"Lead": {"contact": "manager"}}),
        ),
    ],
    "phrase-overruled": [
        Found(
            {"triggers": {"sued": {"to": "Head", "phrases": {"en": ["angry"], "fr": ["procès"]}}}},
            ("triggers", "angry", "phrases", "en", 0),
            {"triggers": {"sued": {"phrases": {"en": ["lawsuit"]}}}},
        ),
    ],
    "phrase-superfluous": [
        Found(
            {"triggers": {"angry": {"phrases": {"en": ["so angry", "I am so angry"]}}}},
            ("triggers", "angry", "phrases", "en", 1),
            {"triggers": {"angry": {"phrases": {"en": ["so angry", "I am furious"]}}}},
        ),
    ],
    "short-phrase": [
        Found(
            {"triggers": {"angry": {"phrases": {"en": ["mad"]}}}},
            ("triggers", "angry", "phrases", "en", 0),
            {"triggers": {"angry": {"phrases": {"en": ["drives me mad"]}}}},
        ),
    ],
    "phrases-missing": [
        Found(
            {"triggers": {"angry": {"phrases": {"fr": None}}}},
            ("triggers", "angry", "phrases"),
            {"triggers": {"angry": {"phrases": {"fr": ["furieux"]}}}},
        ),
    ],
    "article-missing": [
        Found(
            merged(_BOT, {"knowledge": [{**_ARTICLE, "answer": {"en": "Hold it."}}]}),
            ("knowledge", 0, "answer"),
            {"knowledge": [_ARTICLE]},
        ),
    ],
    "nothing-to-suggest": [
        Found(_BOT, ("levels", 0, "kind"), {"knowledge": [_ARTICLE]}),
        Found({"knowledge": [_ARTICLE]}, ("knowledge",), _BOT),
        Found(
            merged(_BOT, {"knowledge": [{**_ARTICLE, "categories": ["other"]}]}),
            ("categories", "billing"),
            _billing(start="Lead"),
        ),
    ],
    "secret-in-clear": [
        Found(
            {"contacts": {"agent": {"reach": [f"slack://{address}"]}}},
            ("contacts", "agent", "reach", 0),
            {"contacts": {"agent": {"reach": ["slack://bot:${SLACK}@team"]}}},
        )
        for address in (
            "bot:hunter2@team",
            "team?token=hunter2",
            "T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ",
        )
    ],
    "unused-contact": [
        Found(
            {"contacts": {"boss": {"name": "Boss", "reach": ["mailto:boss@example.com"]}}},
            ("contacts", "boss"),
            {"stakeholders": [{"contact": "boss"}]},
        ),
    ],
    "same-address": [
        Found(
            {"contacts": {"lead": {"reach": ["mailto:Agent@example.com"]}}},
            ("contacts", "lead", "reach", 0),
            {"contacts": {"lead": {"reach": ["mailto:x@example.com", "mailto:agent@example.com"]}}},
        ),
    ],
    "no-escalation-manager": [
        Found(
            {"escalation_manager": None, "fallback": "manager"},
            (),
            {"escalation_manager": "manager"},
        ),
    ],
    "fallback-is-the-level": [
        Found({"fallback": "head"}, ("fallback",), {"fallback": "manager"}),
    ],
    "stakeholders-by-role-only": [
        Found(
            {"stakeholders": [{"role": "sales"}]},
            ("stakeholders",),
            {"stakeholders": [{"role": "sales"}, {"contact": "head"}]},
        ),
    ],
    "grants-shrink": [
        Found(
            _level(2, may_grant={"credit": "20 EUR"}),
            ("levels", 2, "may_grant"),
            _level(2, may_grant={"credit": "50 EUR"}),
        ),
        Found(_level(2, may_grant=None), ("levels", 2), _level(2, kind="functional")),
    ],
    "unstaffed-hours": [
        Found(
            merged({"calendars": {"office": OFFICE}}, _level(2, calendar="office")),
            ("calendars", "office"),
            _level(2, calendar="always"),
        ),
    ],
    "most-urgent-waits": [
        Found(
            merged(
                {"calendars": {"office": {**OFFICE, "holidays": {"dates": ["2026-12-25"]}}}},
                _level(2, calendar="office"),
            ),
            ("levels", 2, "calendar"),
            {"calendars": {"office": {"holidays": {"dates": []}}}},
        ),
    ],
    "quiet-while-time-runs": [
        Found(
            {"contacts": {"agent": {"quiet_hours": ["22:00-07:00"]}}},
            ("levels", 0, "within"),
            merged({"calendars": {"daytime": DAYTIME}}, _level(0, calendar="daytime")),
        ),
    ],
    "rota-not-there": [
        Found(
            _SHIFTS,
            ("contacts", "agent", "rota", "calendar"),
            {},
            {"absent": frozenset({"shifts.ics"})},
        ),
    ],
    "rota-not-read": [
        Found(_SHIFTS, ("contacts", "agent", "rota"), {}, {}, _roster(22, 23, 24, 25, 26)),
    ],
    "nobody-on-call": [
        Found(
            _SHIFTS,
            ("contacts", "agent", "rota"),
            {},
            _roster(22, 23, 25, 26),
            _roster(22, 23, 24, 25, 26),
        ),
        Found(
            _SHIFTS,
            ("contacts", "agent", "rota"),
            {},
            _roster(22, 23, 24, 25, 26, unknown=["Bob"]),
            _roster(22, 23, 24, 25, 26),
        ),
    ],
    "shrinking-window": [
        Found(_level(1, within="30m..90m"), ("levels", 1, "within"), _level(1, within="1h..2h")),
        Found(
            _billing(levels={"Agent": {"within": "1d"}}),
            ("categories", "billing", "levels", "Agent", "within"),
            _billing(levels={"Lead": {"within": "1d"}}),
        ),
    ],
    "reminder-cut-off": [
        Found(_level(0, within="119m..2h"), ("levels", 0, "within"), _level(0, within="1h..2h")),
        Found(
            merged(
                {"calendars": {"office": OFFICE}},
                _level(1, within="1d..2d", calendar="office"),
            ),
            ("levels", 1, "within"),
            _level(1, within="1bd..2bd"),
        ),
    ],
    "passes-while-closed": [
        Found(
            merged({"calendars": {"office": OFFICE}}, _level(1, within="1d", calendar="office")),
            ("levels", 1, "within"),
            _level(1, within="1bd"),
        ),
    ],
    "acknowledge-too-late": [
        Found(
            _level(0, acknowledge_within="1h"),
            ("levels", 0, "acknowledge_within"),
            {"priorities": {"speed": {"P1": 1.0}}},
        ),
    ],
    "acknowledge-after-reminder": [
        Found(
            _level(0, acknowledge_within="1h30m"),
            ("levels", 0, "acknowledge_within"),
            _level(0, acknowledge_within="30m"),
        ),
    ],
    "release-too-late": [
        Found(
            _level(1, release_after="4h"),
            ("levels", 1, "release_after"),
            _level(1, release_after="1h"),
        ),
    ],
    "repeat-without-effect": [
        Found(
            _level(1, repeat_every="1h"),
            ("levels", 1, "repeat_every"),
            merged(_level(1, repeat_every=None), _level(2, repeat_every="1h")),
        ),
    ],
    "raised-too-late": [
        Found(
            {"priorities": {"raise_after": "6h"}},
            ("priorities", "raise_after"),
            {"priorities": {"raise_after": "5h"}},
        ),
    ],
    "upside-down": [
        Found(
            {"priorities": {"speed": {"P2": 0.25}}},
            ("priorities", "speed", "P1"),
            {"priorities": {"speed": {"P2": 0.75}}},
        ),
        Found(
            {"customer": {"update_every": {"P1": "8h"}}},
            ("customer", "update_every", "P1"),
            {"customer": {"update_every": {"P1": "4h"}}},
        ),
        Found(
            {
                "priorities": {
                    "matrix": {
                        "high": ["P1", "P2", "P3"],
                        "medium": ["P4", "P3", "P3"],
                        "low": ["P4", "P4", "P4"],
                    }
                }
            },
            ("priorities", "matrix", "high"),
            {"priorities": {"matrix": {"high": ["P3", "P2", "P1"]}}},
        ),
        Found(
            {
                "priorities": {
                    "matrix": {
                        "high": ["P4", "P3", "P2"],
                        "medium": ["P3", "P2", "P1"],
                        "low": ["P4", "P4", "P4"],
                    }
                }
            },
            ("priorities", "matrix", "high"),
            {"priorities": {"matrix": {"high": ["P3", "P2", "P1"]}}},
        ),
    ],
    "promise-nobody-keeps": [
        Found(
            merged({"calendars": {"daytime": DAYTIME}}, _level(0, calendar="daytime")),
            ("customer", "update_every", "P1"),
            {"customer": {"calendar": "daytime"}},
        ),
        Found(
            merged(
                {
                    "calendars": {"office": OFFICE},
                    "customer": {"update_every": {"P1": None, "P2": None}, "fix_within": "12h"},
                },
                _level(2, calendar="office"),
            ),
            ("customer", "fix_within"),
            {"customer": {"fix_within": "3d"}},
        ),
    ],
    "no-time-to-answer": [
        Found(
            {"customer": {"confirm_within": "4h"}},
            ("customer", "confirm_within"),
            {"customer": {"confirm_within": "1bd"}},
        ),
        Found(
            {"customer": {"survey": {"within": "2h"}}},
            ("customer", "survey", "within"),
            {"customer": {"survey": {"within": "1d"}}},
        ),
        Found(
            {"holds": {"customer": {"remind_every": "1h", "at_most": "4h"}}},
            ("holds", "customer", "at_most"),
            {"holds": {"customer": {"at_most": "2d"}}},
        ),
    ],
    "hold-without-reminder": [
        Found(
            {"holds": {"customer": {"at_most": "1bd"}}},
            ("holds", "customer"),
            {"holds": {"customer": {"at_most": "3bd"}}},
        ),
        Found(
            {"holds": {"vendor": {"remind_every": "2bd", "at_most": "2d"}}},
            ("holds", "vendor"),
            {"holds": {"vendor": {"remind_every": "1d"}}},
        ),
    ],
    "endless-hold": [
        Found(
            {"holds": {"customer": {}}},
            ("holds", "customer"),
            {"holds": {"customer": {"at_most": "10bd"}}},
        ),
    ],
    "retrospective-without-slot": [
        Found(
            {
                "calendars": {"coffee": {"hours": {"mon-fri": ["10:00-10:30"]}}},
                "retrospective": {"calendar": "coffee"},
            },
            ("retrospective", "duration"),
            {"retrospective": {"duration": "30m"}},
        ),
    ],
    "retrospective-late": [
        Found(
            {"retrospective": {"within": "2h"}},
            ("retrospective", "within"),
            {"retrospective": {"within": "3h"}},
        ),
    ],
    "retrospective-never": [
        Found(
            {"retrospective": {"when": {"breached": None}}},
            ("retrospective", "when"),
            {"retrospective": {"when": {"reopened": True}}},
        ),
        Found(
            {"customer": {"survey": None}, "retrospective": {"when": {"survey_at_or_below": 2}}},
            ("retrospective", "when", "survey_at_or_below"),
            {"customer": {"survey": {"within": "7d"}}},
        ),
    ],
    "no-templates": [
        Found(
            {"languages": ["en", "fr", "sv"]},
            ("languages", 2),
            {"languages": ["en", "fr", "en-GB"]},
        ),
    ],
    "template-missing": [
        Found(
            {},
            ("languages", 1),
            {},
            {
                "vocabulary": Vocabulary(
                    notices={"en": NOTICES, "fr": frozenset({"breach"})},
                    names=WORDS.names,
                    sentences=WORDS.sentences,
                )
            },
        ),
    ],
    "no-sentences": [
        Found(
            {"languages": ["en", "fr", "sv"]},
            ("languages", 2),
            {"languages": ["en", "fr", "en-GB"]},
        ),
    ],
    "untranslated": [
        Found(
            _level(0, actions=["send-flowers"]),
            ("languages", 1),
            _level(0, actions=["call-back"]),
        ),
    ],
}
"""Code → what brings it out."""
