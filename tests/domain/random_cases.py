"""Any matrix and anything that may be said to a case of it, for Hypothesis to choose from."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from escalations import events
from escalations.policy import HoldReason, Policy, Priority
from escalations.request import EscalationRequest
from escalations.rota import Roster
from escalations.snapshot import Snapshot, take

CALENDARS: dict[str, Any] = {
    "office": {
        "hours": {"mon-thu": ["09:00-12:30", "13:30-18:00"], "fri": ["09:00-12:31"]},
        "holidays": {"dates": ["2026-10-26", "2026-12-24", "2026-12-25"]},
    },
    "night": {
        "hours": {"sat-mon": ["00:00-02:30", "22:15-24:00"]},
        "timezone": "America/New_York",
    },
}
ZONES = ("UTC", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe")
WINDOWS = (
    "until-resolved",
    "30m",
    "15m..30m",
    "1h..5h",
    "36h",
    "1d..3d",
    "0.25bd..0.5bd",
    "1bd..2bd",
    "1/3bd..3bd",
    "2bd",
)
SPANS = ("7m", "1h", "2h", "1d", "0.5bd", "1bd")
LIMITS = (None, "1h", "2d", "1bd", "3bd")
WORDS = ("Hello", "my lawyer", "speak to a manager", "the issue")
PEOPLE = ("rita", "sam", "one")
ARTICLE: dict[str, Any] = {
    "id": "restart",
    "title": {"en": "Restart it"},
    "answer": {"en": "Pull the plug."},
    "phrases": {"en": ["is down"]},
}


def snapshots() -> st.SearchStrategy[Snapshot]:
    """A matrix of one to seven levels, on calendars of several zones.

    One number stands for all the rest: a draw for each key would take longer than the test.
    """
    return st.builds(any_snapshot, st.integers(1, 7), st.builds(Random, st.integers(0, 10**6)))


def any_snapshot(length: int, chance: Random) -> Snapshot:
    """A matrix of so many levels, all the rest by chance."""
    calendar = ["always", *CALENDARS]
    levels = [
        {
            "name": f"L{n}",
            "contact": chance.choice(["one", "two", "three"]),
            "within": chance.choice(WINDOWS),
            "calendar": chance.choice(calendar),
            "repeat_every": chance.choice(["2h", "1d", "1bd"]),
            "acknowledge_within": chance.choice([None, *SPANS]),
            "release_after": chance.choice([None, None, *SPANS]),
            "kind": chance.choice(["hierarchical", "hierarchical", "functional", "self-service"]),
            "actions": chance.choice([[], ["apologise"], ["apologise", "call"]]),
        }
        for n in range(1, length + 1)
    ]
    names = [level["name"] for level in levels]
    rotas = {name: chance.random() < 0.3 for name in ("one", "two", "three", "manager")}
    policy = {
        "policy": "any",
        "timezone": chance.choice(ZONES),
        "calendars": CALENDARS,
        "contacts": {
            name: {
                "name": name.title(),
                "reach": chance.choice([[], [address]]) if (on := rotas[name]) else [address],
                "rota": {"calendar": f"{name}.ics"} if on else None,
                "quiet_hours": chance.choice([None, None, ["22:00-07:00"], ["12:00-13:30"]]),
            }
            for name in ("one", "two", "three", "manager")
            for address in [f"mailto:{name}@example.com"]
        },
        "escalation_manager": chance.choice([None, "manager"]),
        "fallback": chance.choice([None, "three"]),
        "priorities": {
            "speed": {"P1": chance.choice([0.1, 0.5, 1.0]), "P2": 0.7},
            "raise_after": chance.choice([None, *SPANS]),
        },
        "levels": levels,
        "triggers": {
            "on": {"to": "next", "phrases": {"en": ["manager"]}},
            "somewhere": {"to": chance.choice(names), "executive": chance.random() < 0.5},
            "top": {"to": names[-1], "phrases": {"en": ["lawyer"]}},
        },
        "knowledge": chance.choice([[], [ARTICLE]]),
        "categories": {"billing": {"start": chance.choice(names)}},
        "holds": {
            reason: {"remind_every": chance.choice(SPANS), "at_most": chance.choice(LIMITS)}
            for reason in HoldReason
        },
        "customer": {
            "calendar": chance.choice(calendar),
            "confirm_within": chance.choice(LIMITS[1:]),
            "fix_within": chance.choice(LIMITS[1:]),
            "reopen": chance.choice(["next", "same"]),
            "update_every": chance.choice([{}, {"P1": "1h", "P2": "2h", "P3": "0.5bd"}]),
            "survey": chance.choice([None, {"within": "3d", "reopen_at_or_below": 2}]),
        },
        "retrospective": chance.choice([None, {"when": {"breached": True}}]),
    }
    return take(Policy.model_validate(policy), 2026)


def requests(at: datetime) -> st.SearchStrategy[EscalationRequest]:
    """A case opened at that moment, reported then or before."""
    return st.builds(
        lambda ago, category, priority, contacts: EscalationRequest.model_validate(
            {
                "case": "T-1",
                "title": "Line is down",
                "statement": "It is down.",
                "customer": {"id": "A", "name": "Ada", "contacts": contacts},
                "policy": "any",
                "reported_at": at - ago,
                "category": category,
                "priority": priority,
            }
        ),
        st.sampled_from([timedelta(), timedelta(minutes=20), timedelta(days=4)]),
        st.sampled_from([None, "billing"]),
        st.sampled_from(["P1", "P3"]),
        st.sampled_from([[], ["mailto:ada@acme.example"]]),
    )


def rosters(contact: str, at: datetime) -> st.SearchStrategy[Roster]:
    """What may be answered when that contact's rota is read."""

    def shift(who: str, starts: int, hours: int) -> dict[str, Any]:
        start = at + timedelta(hours=starts)
        return {
            "start": start,
            "end": start + timedelta(hours=hours),
            "key": who,
            "name": who.title(),
            "reach": [f"mailto:{who}@example.com"],
        }

    def roster(days: int, shifts: list[dict[str, Any]], problem: str) -> Roster:
        return Roster.model_validate(
            {
                "contact": contact,
                "read_at": at,
                "until": at if problem else at + timedelta(days=days),
                "shifts": [] if problem else sorted(shifts, key=lambda each: each["start"]),
                "problem": problem,
            }
        )

    shifts = st.builds(
        shift, st.sampled_from(["eve", "bo"]), st.integers(-5, 30), st.integers(1, 12)
    )
    return st.builds(
        roster,
        st.integers(1, 14),
        st.lists(shifts, max_size=3),
        st.sampled_from(["", "", "", "404"]),
    )


OPENINGS = st.builds(
    lambda minutes: datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=minutes),
    st.integers(0, 75 * 24 * 60),
)
"""Around a clock change and the turn of a year."""

AMOUNTS = st.one_of(
    st.just(timedelta()),
    st.builds(timedelta, microseconds=st.integers(1, 10**9)),
    st.builds(timedelta, minutes=st.integers(1, 120)),
    st.builds(timedelta, hours=st.integers(1, 100)),
)
"""How long nothing is said."""

BY = st.sampled_from(PEOPLE)
IDS = st.none() | st.sampled_from(["m-1", "m-2", "m-3"])
KINDS = st.sampled_from(events.ResolutionKind)

FACTS: st.SearchStrategy[events.Fact] = st.one_of(
    st.builds(events.CustomerReplied, text=st.sampled_from(WORDS), message_id=IDS),
    st.builds(
        events.RaiseTrigger,
        trigger=st.sampled_from(["on", "somewhere", "top", "unknown"]),
        by=BY,
        message_id=IDS,
    ),
    st.builds(events.AddNote, by=BY, text=st.just("Note"), message_id=IDS),
    st.builds(events.Resolve, by=BY, kind=KINDS, summary=st.just("Done"), message_id=IDS),
)
"""Facts but one: withdrawing has a rule of its own, or most cases would be short."""

COMMANDS: st.SearchStrategy[events.Command] = st.one_of(
    st.builds(events.Acknowledge, by=BY, message_id=IDS),
    st.builds(events.Assign, by=BY, to=BY, message_id=IDS),
    st.builds(
        events.HandUp,
        by=BY,
        from_level=st.integers(1, 7),
        reason=st.just("No idea"),
        message_id=IDS,
    ),
    st.builds(
        events.HandBack,
        by=BY,
        from_level=st.integers(2, 7),
        to_level=st.integers(1, 6),
        advice=st.just("Try again"),
        message_id=IDS,
    ),
    st.builds(
        events.CompleteAction,
        by=BY,
        action=st.sampled_from(["apologise", "call", "dance"]),
        message_id=IDS,
    ),
    st.builds(events.UpdateCustomer, by=BY, text=st.just("Soon"), message_id=IDS),
    st.builds(events.Rate, score=st.integers(1, 5), message_id=IDS),
    st.builds(
        events.SetPriority,
        by=BY,
        priority=st.sampled_from(Priority),
        why=st.just("It is so"),
        message_id=IDS,
    ),
    st.builds(events.Hold, by=BY, reason=st.sampled_from(HoldReason), message_id=IDS),
    st.builds(events.Resume, by=BY, message_id=IDS),
    st.builds(events.ProposeResolution, by=BY, kind=KINDS, summary=st.just("Done"), message_id=IDS),
    st.builds(events.ConfirmResolution, by=BY, message_id=IDS),
    st.builds(events.RejectResolution, by=BY, why=st.just("No"), message_id=IDS),
)
