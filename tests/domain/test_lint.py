"""The lint, code by code: each is found in its case, where it belongs, and is gone when mended."""

import re
from dataclasses import replace

import pytest

from escalations import policy_file
from escalations.lint.check import RULES, remarks
from escalations.lint.findings import CODES
from escalations.lint.subject import Subject
from escalations.rostering import Cover
from escalations.rota import Shift
from tests.domain import lint_ladders, lint_people, lint_times
from tests.domain.lint_cases import AT, DAYTIME, NAMES, ROTA, WORDS, Found, merged, subject
from tests.domain.matrices import MATRIX
from tests.house import CHECKOUT

CASES = {**lint_ladders.CASES, **lint_people.CASES, **lint_times.CASES}
"""Code → what brings it out."""


def found(checked: Subject) -> set[tuple[str, tuple[str | int, ...]]]:
    """Code and place of all that is said."""
    return {(each.code, each.place) for each in remarks(checked)}


def test_nothing_is_said_of_a_policy_that_is_as_it_should_be() -> None:
    """A small policy without a flaw has no finding of any kind."""
    assert remarks(subject()) == []


@pytest.mark.parametrize(
    ("code", "case"),
    [(code, case) for code, cases in CASES.items() for case in cases],
    ids=[f"{code}-{n}" for code, cases in CASES.items() for n, _ in enumerate(cases, 1)],
)
def test_a_finding_comes_with_its_cause_and_goes_with_it(code: str, case: Found) -> None:
    """The finding is there, at its place, and is not there once the policy is mended."""
    flawed = subject(case.changes, **case.world)
    mended = subject(merged(case.changes, case.mended), **case.mended_world)

    assert (code, case.place) in found(flawed)
    assert (code, case.place) not in found(mended)
    assert code not in {each for each, _ in found(mended)}


def test_every_code_has_a_test() -> None:
    """No rule is without a case that brings it out, and no case without its rule."""
    assert CASES.keys() == RULES.keys()


def test_every_code_is_explained() -> None:
    """`docs/lint.md` has a section for each code, with severity, example and how to mend it."""
    page = (CHECKOUT / "docs" / "lint.md").read_text("utf-8")
    sections = dict(re.findall(r"^### `([a-z-]+)`\n(.*?)(?=^##|\Z)", page, re.M | re.S))

    assert list(sections) == list(CODES)
    for code, section in sections.items():
        severity = RULES[code].severity if code in RULES else "info"
        assert section.strip().startswith(f"*{severity}*"), code
        assert "Mend it:" in section, code
        assert "    " in section, f"{code} has no example"


def test_every_rule_names_its_reason_in_words() -> None:
    """What is said is a sentence for a support lead, and so is what to do about it."""
    for cases in CASES.values():
        for case in cases:
            for each in remarks(subject(case.changes, **case.world)):
                assert len(each.what) > 30, each
                assert len(each.advice) > 15, each
                assert not each.what.endswith("."), each
                assert not each.advice.endswith("."), each


def test_the_real_matrix_has_no_errors_and_few_warnings() -> None:
    """What the product's default policy is warned of is worth its owner's minute, and no more."""
    said = remarks(Subject(policy_file.read(MATRIX), AT))

    assert {(each.code, str(each.severity)) for each in said} == {
        ("unannounced-trigger", "info"),
        ("short-phrase", "warning"),
        ("unstaffed-hours", "info"),
        ("most-urgent-waits", "warning"),
    }
    waits = next(each for each in said if each.code == "most-urgent-waits")
    assert "Wed 23 Dec 2026 18:00 waits there until Mon 28 Dec 2026 09:00" in waits.what


@pytest.mark.parametrize(
    "address",
    [
        "mailto:first-line-2026@example.com",
        "slack://${SLACK_TOKEN}/#support-level-1-escalations-emea",
        "https://hooks.example.com/services/${TEAMS}/incoming",
        "matrix://bot:${PASSWORD}@matrix.example.com:8448/!escalations-of-the-first-line",
        "sns://${KEY_ID}/${SECRET}/eu-west-3/+33123456789",
    ],
)
def test_an_ordinary_address_is_no_secret(address: str) -> None:
    """Long names of channels, hosts, ports and numbers are not taken for passwords."""
    said = remarks(subject({"contacts": {"agent": {"reach": [address]}}}))

    assert [each.code for each in said] == []


def test_names_are_as_they_were_written_in_the_first_language() -> None:
    """Whoever writes a matrix in French names its actions so that the French can read them."""
    words = replace(WORDS, names={"fr": NAMES})
    said = remarks(subject({"languages": ["en", "fr"]}, vocabulary=words))

    assert [each.code for each in said] == []


def test_shifts_that_fill_the_opening_hours_leave_no_gap() -> None:
    """Nobody has to be on call while a level is closed, up to the minute at which it opens."""
    shifts = [
        Shift(
            start=AT.replace(day=day, hour=8),
            end=AT.replace(day=day, hour=20),
            key="Ada",
            name="Ada",
            reach=["mailto:ada@example.com"],
        )
        for day in range(22, 27)
    ]
    cover = Cover(AT, AT.replace(day=27, hour=8), shifts=shifts)
    changes = {
        "contacts": {"agent": {**ROTA, "reach": None}},
        "calendars": {"daytime": DAYTIME},
        "levels": {0: {"calendar": "daytime"}},
    }
    late = replace(cover, shifts=shifts[1:])

    assert "nobody-on-call" not in codes(subject(changes, covers={"agent": cover}))
    assert "nobody-on-call" in codes(subject(changes, covers={"agent": late}))


def codes(checked: Subject) -> set[str]:
    """The codes of all that is said."""
    return {each.code for each in remarks(checked)}
