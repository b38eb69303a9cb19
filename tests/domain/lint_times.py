"""Windows and promises with a flaw, and what mends it."""

from typing import Final

from tests.domain.lint_cases import DAYTIME, OFFICE, Found, billing, level, merged

CASES: Final[dict[str, list[Found]]] = {
    "shrinking-window": [
        Found(level(1, within="30m..90m"), ("levels", 1, "within"), level(1, within="1h..2h")),
        Found(
            billing(levels={"Agent": {"within": "1d"}}),
            ("categories", "billing", "levels", "Agent", "within"),
            billing(levels={"Lead": {"within": "1d"}}),
        ),
    ],
    "reminder-cut-off": [
        Found(level(0, within="119m..2h"), ("levels", 0, "within"), level(0, within="1h..2h")),
        Found(
            merged(
                {"calendars": {"office": OFFICE}},
                level(1, within="1d..2d", calendar="office"),
            ),
            ("levels", 1, "within"),
            level(1, within="1bd..2bd"),
        ),
    ],
    "passes-while-closed": [
        Found(
            merged({"calendars": {"office": OFFICE}}, level(1, within="1d", calendar="office")),
            ("levels", 1, "within"),
            level(1, within="1bd"),
        ),
    ],
    "acknowledge-too-late": [
        Found(
            level(0, acknowledge_within="1h"),
            ("levels", 0, "acknowledge_within"),
            {"priorities": {"speed": {"P1": 1.0}}},
        ),
    ],
    "acknowledge-after-reminder": [
        Found(
            level(0, acknowledge_within="1h30m"),
            ("levels", 0, "acknowledge_within"),
            level(0, acknowledge_within="30m"),
        ),
    ],
    "release-too-late": [
        Found(
            level(1, release_after="4h"),
            ("levels", 1, "release_after"),
            level(1, release_after="1h"),
        ),
    ],
    "repeat-without-effect": [
        Found(
            level(1, repeat_every="1h"),
            ("levels", 1, "repeat_every"),
            merged(level(1, repeat_every=None), level(2, repeat_every="1h")),
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
            merged({"calendars": {"daytime": DAYTIME}}, level(0, calendar="daytime")),
            ("customer", "update_every"),
            {"customer": {"calendar": "daytime"}},
        ),
        Found(
            merged({"calendars": {"daytime": DAYTIME}}, level(0, calendar="daytime")),
            ("customer", "update_every"),
            {"customer": {"update_every": {"P1": "12h", "P2": "12h"}}},
        ),
        Found(
            merged(
                {
                    "calendars": {"office": OFFICE},
                    "customer": {"update_every": {"P1": None, "P2": None}, "fix_within": "12h"},
                },
                level(2, calendar="office"),
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
}
"""Code → what brings it out."""
