"""What the lint says of a ladder is what the engine does with it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from escalations import events
from escalations.clock import Then
from escalations.engine import Case
from escalations.lint.check import RULES, remarks
from escalations.lint.climbing import entered
from escalations.lint.subject import Subject
from escalations.policy import HoldReason, Policy
from escalations.snapshot import Snapshot, take
from tests.domain.lint_cases import AT, WORDS, merged, subject
from tests.domain.matrices import request
from tests.domain.random_cases import snapshots

WINDOWS = ("1h", "30m..2h", "until-resolved", "until-resolved")
SPANS = (None, "10m", "1h", "3h", "1d")
WORDS_OF_CUSTOMERS = ("angry", "so angry", "very very angry", "sue", "I will sue", "bye")
MOMENT = datetime(2027, 1, 11, 9, tzinfo=UTC)


def _random_policy(length: int, chance: Random) -> Policy:
    names = [f"L{n}" for n in range(1, length + 1)]
    triggers = {
        f"t{n}": {
            "to": chance.choice([*names, "next"]),
            "phrases": {"en": [chance.choice(WORDS_OF_CUSTOMERS)]},
            "executive": chance.random() < 0.2,
        }
        for n in range(chance.randint(0, 3))
    }
    levels = [
        {
            "name": name,
            "contact": chance.choice(["one", "two"]),
            "within": chance.choice(WINDOWS),
            "acknowledge_within": chance.choice(SPANS),
            "kind": chance.choice(["hierarchical", "functional", "self-service"]),
            "leaves_on": [each for each in triggers if chance.random() < 0.5],
        }
        for name in names
    ]
    cell = {"within": chance.choice(WINDOWS)}
    limit = chance.choice(SPANS[1:])
    written: dict[str, Any] = {
        "policy": "call-centre",
        "contacts": {
            name: {"name": name, "reach": [f"mailto:{name}@example.com"]}
            for name in ("one", "two", "manager")
        },
        "escalation_manager": "manager",
        "levels": levels,
        "triggers": triggers,
        "categories": {
            "billing": {"start": chance.choice(names), "levels": {chance.choice(names): cell}}
        },
        "customer": {"reopen": chance.choice(["next", "same"])},
        "holds": {"vendor": {"remind_every": chance.choice(SPANS[1:]), "at_most": limit}},
    }
    return Policy.model_validate(written)


POLICIES = st.builds(_random_policy, st.integers(1, 5), st.builds(Random, st.integers(0, 10**6)))


def _open(snapshot: Snapshot, category: str | None = None) -> Case:
    return Case.open(request(reported_at=MOMENT, category=category), snapshot, MOMENT)


def _copy(case: Case) -> Case:
    return Case(case.record.model_copy(deep=True))


def _in_time(case: Case) -> None:
    """Time goes on until the case moves, or nothing but repeats is ahead."""
    level, deadline = case.record.level, case.next_deadline
    while deadline and deadline.then is not Then.REPEAT and case.record.level == level:
        case.fall_due(deadline, deadline.at)
        deadline = case.next_deadline


def _refused(case: Case) -> None:
    fixed = events.ProposeResolution(by="rita", kind=events.ResolutionKind.FIX, summary="Done")
    case.handle(fixed, MOMENT)
    case.handle(events.RejectResolution(by="ada", why="No"), MOMENT)


def _raised(name: str) -> Callable[[Case], None]:
    return lambda case: _handle(case, events.RaiseTrigger(by="rita", trigger=name))


def _handle(case: Case, event: events.Event) -> None:
    case.handle(event, MOMENT)


def _all_levels_of(snapshot: Snapshot, category: str | None) -> set[int]:
    """The levels that a case comes to, whatever happens to it short of handing it up."""
    ways = [_in_time, _refused, *map(_raised, snapshot.policy.triggers)]
    ahead, looked, found = [_open(snapshot, category)], set[int](), set[int]()
    while ahead:
        case = ahead.pop()
        found |= {each.level for each in case.record.timeline if each.type == "level_entered"}
        if case.record.level in looked:
            continue
        looked.add(case.record.level)
        for way in ways:
            then = _copy(case)
            way(then)
            ahead.append(then)
    return found


def _found(policy: Policy, code: str) -> Iterator[tuple[str | int, ...]]:
    return (each.place for each in remarks(Subject(policy, AT)) if each.code == code)


@given(snapshot=snapshots())
def test_any_policy_can_be_looked_at(snapshot: Snapshot) -> None:
    """On calendars of several zones and windows of all kinds, no rule ever breaks."""
    for each in remarks(Subject(snapshot.policy, AT, WORDS)):
        assert each.code in RULES


@settings(max_examples=50)
@given(policy=POLICIES)
def test_levels_that_are_unreachable_are_never_entered_and_all_others_can_be(
    policy: Policy,
) -> None:
    """By time, triggers and a customer's no, a case comes to just the levels that lint says."""
    snapshot = take(policy, 2027)
    there = {each: _all_levels_of(snapshot, each) for each in (None, "billing")}

    assert {each: entered(policy, each) for each in there} == there
    never = {n for n in range(1, len(policy.levels) + 1)} - there[None] - there["billing"]
    assert set(_found(policy, "unreachable-level")) == {("levels", n - 1) for n in never}


@given(policy=POLICIES)
def test_cells_that_are_unreachable_are_never_entered(policy: Policy) -> None:
    """A category's cell is found where, and only where, no case of the category ever is."""
    levels = _all_levels_of(take(policy, 2027), "billing")
    (name,) = policy.categories["billing"].levels
    place = ("categories", "billing", "levels", name)

    assert (place in _found(policy, "unreachable-cell")) is (policy.number(name) not in levels)


@given(policy=POLICIES)
def test_triggers_that_stay_move_nothing_and_all_others_do(policy: Policy) -> None:
    """A trigger raised at a level whose people look out for it moves the case, or is found."""
    snapshot = take(policy, 2027)
    found = set(_found(policy, "leaves-on-that-stays"))
    for n, level in enumerate(policy.levels):
        for m, name in enumerate(level.leaves_on):
            case = _open(snapshot)
            case.record.level = n + 1
            _raised(name)(case)
            nothing = case.record.level == n + 1 and not case.record.executive
            assert nothing is (("levels", n, "leaves_on", m) in found)


@given(policy=POLICIES)
def test_triggers_that_are_unreachable_never_move_a_case(policy: Policy) -> None:
    """From no level that a case can be on does such a trigger lead anywhere, and others do."""
    snapshot = take(policy, 2027)
    found = set(_found(policy, "unreachable-trigger"))
    for name in policy.triggers:
        case = _open(snapshot)
        level = case.record.level = 1
        _raised(name)(case)
        nothing = case.record.level == level and not case.record.executive
        assert nothing is (("triggers", name, "to") in found)


@given(policy=POLICIES)
def test_phrases_that_are_overruled_never_lead_where_their_trigger_leads(policy: Policy) -> None:
    """Who writes such a phrase is taken to another level, from whichever one the case is on."""
    snapshot = take(policy, 2027)
    for place in _found(policy, "phrase-overruled"):
        trigger = policy.triggers[str(place[1])]
        (phrase,) = trigger.phrases["en"]
        target = policy.number(trigger.to)
        for level in range(1, target):
            case = _open(snapshot)
            case.record.level = level
            case.handle(events.CustomerReplied(text=phrase), MOMENT)
            assert case.record.level > target


@given(policy=POLICIES)
def test_who_is_asked_too_late_is_never_asked_again(policy: Policy) -> None:
    """Where lint says so the case has left before, and elsewhere nobody is left unasked."""
    snapshot = take(policy, 2027)
    found = set(_found(policy, "acknowledge-too-late"))
    for n, level in enumerate(policy.levels[:-1]):
        if level.acknowledge_within is None or level.within.leave is None:
            continue
        if level.kind == "self-service":
            continue
        case = _open(snapshot)
        if n:
            case.record.level = n
            case.handle(events.HandUp(by="rita", from_level=n, reason="No idea"), MOMENT)
        _in_time(case)
        asked = any(each.type == "acknowledgement_expired" for each in case.record.timeline)
        late = ("levels", n, "acknowledge_within") in found
        if level.acknowledge_within != level.within.leave:
            assert asked is not late


@given(policy=POLICIES)
def test_holds_without_a_reminder_end_without_one(policy: Policy) -> None:
    """A hold that lint finds ends before anybody is reminded; any other reminds somebody."""
    case = _open(take(policy, 2027))
    case.handle(events.Hold(by="rita", reason=HoldReason.VENDOR), MOMENT)
    deadline = case.next_deadline

    assert deadline is not None
    found = ("holds", "vendor") in _found(policy, "hold-without-reminder")
    assert (deadline.then is Then.END_HOLD) is found


def test_everything_may_be_wrong_at_once() -> None:
    """Many flaws in one policy are all found, each at its place."""
    flawed = subject(
        merged(
            {"levels": {1: {"contact": "agent", "within": "30m"}}},
            {"customer": {"confirm_within": "1h"}, "holds": {"customer": {}}},
        )
    )

    assert {each.code for each in remarks(flawed)} >= {
        "same-contact-twice",
        "shrinking-window",
        "no-time-to-answer",
        "endless-hold",
        "unused-contact",
    }
