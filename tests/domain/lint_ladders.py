"""Ladders, phrases and languages with a flaw, and what mends it."""

from typing import Final

from escalations.lint.vocabulary import Vocabulary
from tests.domain.lint_cases import NOTICES, WORDS, Found, billing, level, merged

_ARTICLE: Final = {
    "id": "reset",
    "title": {"en": "Reset it", "fr": "Réinitialisez"},
    "answer": {"en": "Hold the button.", "fr": "Tenez le bouton."},
    "phrases": {"en": ["reset"], "fr": ["réinitialiser"]},
}
_BOT: Final = level(0, kind="self-service")
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
            level(1, within="until-resolved"),
            ("levels", 1, "within"),
            merged(
                level(1, leaves_on=["sued"]),
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
            billing(start="Lead", levels={"Agent": {"within": "3h"}}),
            ("categories", "billing", "levels", "Agent"),
            billing(start="Agent"),
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
            level(1, leaves_on=["angry"]),
            ("levels", 1, "leaves_on", 0),
            {"triggers": {"angry": {"to": "Head"}}},
        ),
        Found(
            level(2, leaves_on=["angry"]),
            ("levels", 2, "leaves_on", 0),
            level(2, leaves_on=[]),
        ),
        Found(
            billing(levels={"Lead": {"leaves_on": ["angry"]}}),
            ("categories", "billing", "levels", "Lead", "leaves_on", 0),
            billing(levels={"Lead": {"leaves_on": []}}),
        ),
    ],
    "unannounced-trigger": [
        Found(
            {"triggers": {"sued": {"to": "Head"}}},
            ("triggers", "sued"),
            level(1, leaves_on=["sued"]),
        ),
    ],
    "external-at-the-end": [
        Found(level(2, kind="external"), ("levels", 2, "kind"), level(2, kind="functional")),
    ],
    "same-contact-twice": [
        Found(level(1, contact="agent"), ("levels", 1, "contact"), level(1, contact="lead")),
        Found(
            billing(levels={"Lead": {"contact": "head"}}),
            ("categories", "billing", "levels", "Lead", "contact"),
            billing(levels={"Lead": {"contact": "manager"}}),
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
            billing(start="Lead"),
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
            level(0, actions=["send-flowers"]),
            ("languages", 1),
            level(0, actions=["call-back"]),
        ),
    ],
}
"""Code → what brings it out."""
