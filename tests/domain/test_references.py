"""Every reference that leads nowhere is found, and none that leads somewhere."""

from typing import Any, Final

import pytest

from escalations.policy_files.document import Document
from escalations.references import problems
from tests.house import CHECKOUT

REAL: Final = CHECKOUT / "policies" / "call-centre.yaml"

POLICY: Final[dict[str, Any]] = {
    "contacts": {"agent": {}, "boss": {}},
    "calendars": {"office": {}},
    "languages": ["en", "fr"],
    "levels": [{"name": "Agent", "contact": "agent"}, {"name": "Équipe", "contact": "boss"}],
    "triggers": {"angry": {"to": "next"}},
}

DANGLING: Final[list[tuple[dict[str, Any], str]]] = [
    ({"escalation_manager": "bos"}, "escalation_manager: found 'bos'; allowed: a contact of this "
     "policy (agent, boss); did you mean `boss`?"),
    ({"fallback": "x"}, "fallback: found 'x'; allowed: a contact of this policy (agent, boss)"),
    ({"stakeholders": [{"role": "anyone"}, {"contact": "x"}]}, "stakeholders.1.contact: found 'x'"),
    ({"contacts": {"agent": {"language": "fi"}, "boss": {"language": "fr"}}},
     "contacts.agent.language: found 'fi'; allowed: a language of this policy (en, fr)"),
    ({"levels": [{"name": "Agent", "contact": "x"}]}, "levels.0.contact: found 'x'"),
    ({"levels": [{"name": "Agent", "calendar": "night"}]}, "levels.0.calendar: found 'night'; "
     "allowed: a calendar of this policy (always, office)"),
    ({"levels": [{"name": "Agent", "leaves_on": ["angry", "bored"]}]},
     "levels.0.leaves_on.1: found 'bored'; allowed: a trigger of this policy (angry)"),
    ({"levels": [{"name": "Agent"}, {"name": "Agent"}]}, "levels.1.name: found 'Agent'; allowed: "
     "a name that no other level has"),
    ({"levels": [{"name": "next"}]}, "levels.0.name: found 'next'; allowed: another name: "
     "`to: next` is the level above"),
    ({"triggers": {"angry": {"to": "Agnt"}}}, "triggers.angry.to: found 'Agnt'; allowed: a level "
     "of this policy (next, Agent, Équipe); did you mean `Agent`?"),
    ({"triggers": {"angry": {"to": "next", "phrases": {"fi": ["esimies"]}}}},
     "triggers.angry.phrases.fi: found 'fi'; allowed: a language of this policy (en, fr)"),
    ({"categories": {"a": {"start": "Boss"}}}, "categories.a.start: found 'Boss'"),
    ({"categories": {"a": {"levels": {"Boss": {}}}}}, "categories.a.levels.Boss: found 'Boss'"),
    ({"categories": {"a": {"levels": {"Agent": {"contact": "x"}}}}},
     "categories.a.levels.Agent.contact: found 'x'"),
    ({"customer": {"calendar": "x"}}, "customer.calendar: found 'x'"),
    ({"retrospective": {"calendar": "x"}}, "retrospective.calendar: found 'x'"),
    ({"retrospective": {"when": {"level": "x"}}}, "retrospective.when.level: found 'x'"),
    ({"calendars": {"always": {"hours": {"mon": ["09:00-17:00"]}}}}, "calendars.always: found"),
]  # fmt: skip


@pytest.mark.parametrize(("keys", "problem"), DANGLING)
def test_reference_that_leads_nowhere(keys: dict[str, Any], problem: str) -> None:
    """One dangling reference is one problem, at its place, with what there is instead."""
    (found,) = problems({"levels": POLICY["levels"], **POLICY, "triggers": {"angry": {}}, **keys})
    assert str(found).startswith(problem)


def test_real_matrix_refers_to_what_exists() -> None:
    """Every contact, calendar, level, trigger and language of the real matrix is in it."""
    assert problems(Document(REAL.read_text("utf-8"), "call-centre.yaml").data) == []


def test_all_at_once() -> None:
    """All dangling references of a policy are found together, part by part."""
    levels = [{"name": "Agent", "contact": "x", "leaves_on": ["sad"]}, {"name": "Agent"}]
    policy = {**POLICY, "fallback": "x", "levels": levels, "customer": {"calendar": "x"}}

    assert [problem.place for problem in problems(policy)] == [
        ("fallback",),
        ("levels", 0, "contact"),
        ("levels", 0, "leaves_on", 0),
        ("levels", 1, "name"),
        ("customer", "calendar"),
    ]


def test_accents_are_the_same_however_they_are_encoded() -> None:
    """A level written with one character for É is found by its name written with two."""
    decomposed = "E\u0301quipe "
    assert problems({**POLICY, "triggers": {"angry": {"to": decomposed}}}) == []
    assert problems({**POLICY, "categories": {"a": {"levels": {decomposed: {}}}}}) == []


@pytest.mark.parametrize("malformed", [None, 1, "x", [], ["x"], [None], {"x": None}, {"x": [1]}])
def test_malformed_parts_are_passed_over(malformed: Any) -> None:
    """What is malformed is the model's to say; nothing goes wrong here, and nothing is made up."""
    for key in (*POLICY, "stakeholders", "categories", "customer", "retrospective"):
        for problem in problems({**POLICY, key: malformed}):
            assert problem.found in ("angry", "Agent", "boss", "agent", "x")


def test_nothing_is_held_against_what_is_absent() -> None:
    """Without contacts, levels or languages that can be read, nothing can miss in them."""
    for key in ("contacts", "levels", "languages"):
        assert problems({**POLICY, "fallback": "agent", key: 5}) == []
