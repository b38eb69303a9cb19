"""Contacts and their hours with a flaw, and what mends it."""

from typing import Any, Final

from escalations.rostering import Cover, Stranger
from escalations.rota import Shift
from tests.domain.lint_cases import AT, DAYTIME, OFFICE, ROTA, Found, level, merged

_SHIFTS: Final = {
    "contacts": {"agent": {**ROTA, "reach": None}},
    "calendars": {"daytime": DAYTIME},
}


def _cover(*days: int, **more: Any) -> dict[str, Any]:
    shifts = [
        Shift(
            start=AT.replace(day=day),
            end=AT.replace(day=day + 1),
            key="Ada",
            name="Ada",
            reach=["mailto:ada@example.com"],
        )
        for day in days
    ]
    until = AT.replace(day=27)
    return {"covers": {"agent": Cover(AT, until, shifts=shifts, **more)}}


def _stranger(called: str, key: str = "calendar") -> Stranger:
    return Stranger(AT.replace(day=24), AT.replace(day=25), called, key)


CASES: Final[dict[str, list[Found]]] = {
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
    ]
    + [
        Found(
            {"contacts": {"agent": {**ROTA, "rota": {"calendar": f"https://{address}"}}}},
            ("contacts", "agent", "rota", "calendar"),
            {
                "contacts": {
                    "agent": {
                        "rota": {"calendar": "https://calendar.example.com/${SECRET}/basic.ics"}
                    }
                }
            },
        )
        for address in (
            "calendar.google.com/calendar/ical/a%40b.c/private-0123456789abcdef0123/basic.ics",
            "pd.example/private/0123456789abcdef0123456789abcdef/feed",
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
            level(2, may_grant={"credit": "20 EUR"}),
            ("levels", 2, "may_grant"),
            level(2, may_grant={"credit": "50 EUR"}),
        ),
        Found(level(2, may_grant=None), ("levels", 2), level(2, kind="functional")),
    ],
    "unstaffed-hours": [
        Found(
            merged({"calendars": {"office": OFFICE}}, level(2, calendar="office")),
            ("calendars", "office"),
            level(2, calendar="always"),
        ),
    ],
    "quiet-while-open": [
        Found(
            {"contacts": {"lead": {"quiet_hours": ["22:00-07:00"]}}},
            ("contacts", "lead", "quiet_hours"),
            merged({"calendars": {"daytime": DAYTIME}}, level(1, calendar="daytime")),
        ),
    ],
    "most-urgent-waits": [
        Found(
            merged(
                {"calendars": {"office": {**OFFICE, "holidays": {"dates": ["2026-12-25"]}}}},
                level(2, calendar="office"),
            ),
            ("levels", 2, "calendar"),
            {"calendars": {"office": {"holidays": {"dates": []}}}},
        ),
    ],
    "quiet-while-time-runs": [
        Found(
            {"contacts": {"agent": {"quiet_hours": ["22:00-07:00"]}}},
            ("levels", 0, "within"),
            merged({"calendars": {"daytime": DAYTIME}}, level(0, calendar="daytime")),
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
    "rota-unreadable": [
        Found(
            _SHIFTS,
            ("contacts", "agent", "rota"),
            {},
            _cover(problem="rota.calendar (shifts.ics) cannot be read: it is empty"),
            _cover(22, 23, 24, 25, 26),
        ),
    ],
    "rota-not-read": [
        Found(_SHIFTS, ("contacts", "agent", "rota"), {}, {}, _cover(22, 23, 24, 25, 26)),
    ],
    "nobody-on-call": [
        Found(
            _SHIFTS,
            ("contacts", "agent", "rota"),
            {},
            _cover(22, 23, 25, 26),
            _cover(22, 23, 24, 25, 26),
        ),
    ],
    "unknown-on-call": [
        Found(
            _SHIFTS,
            ("contacts", "agent", "rota", key),
            {},
            _cover(22, 23, 24, 25, 26, strangers=[_stranger("Bob", key)]),
            _cover(22, 23, 24, 25, 26),
        )
        for key in ("calendar", "overrides")
    ],
    "never-on-call": [
        Found(
            merged(
                _SHIFTS,
                {
                    "contacts": {
                        "agent": {"rota": {"people": {"Bo": {"reach": ["mailto:bo@example.com"]}}}}
                    }
                },
            ),
            ("contacts", "agent", "rota", "people", "Bo"),
            {"contacts": {"agent": {"rota": {"people": {"Bo": None}}}}},
            _cover(22, 23, 24, 25, 26),
            _cover(22, 23, 24, 25, 26),
        ),
    ],
}
