"""SECURITY.md: what stands in it can be looked at."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.house import CHECKOUT
from tests.taking_out import Control, controls

PAPER = CHECKOUT / "SECURITY.md"
NO_LINK = "tests/activities/test_words_of_others.py::test_nothing_we_send_has_a_link"
ROW = re.compile(r"^\| (T\d+) \| ([^|]+) \| ([^|]+) \|([^|]*)\|$", re.M)


@cache
def functions_of(file: Path) -> frozenset[str]:
    """The tests of a file."""
    tree = ast.parse(file.read_text("utf-8"))
    functions = (
        each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return frozenset(each.name for each in functions if each.name.startswith("test_"))


def faults(paper: str) -> Iterator[str]:
    """Threats that are missing, have no test, or name a test there is not."""
    rows = ROW.findall(paper)
    if [number for number, *_ in rows] != [f"T{n}" for n in range(1, 19)]:
        yield "not T1 to T18, each once and in order"
    for number, _, _, shown_by in rows:
        named = [each for each in shown_by.strip().split(", ") if each]
        if not named:
            yield f"{number} has no test"
        for each in named:
            path, _, test = each.partition("::")
            file = CHECKOUT / path
            if not path.startswith("tests/") or not file.is_file():
                yield f"{number}: there is no file {path}"
            elif test not in functions_of(file):
                yield f"{number}: there is no test {each}"


def named() -> set[tuple[str, str]]:
    """Each threat with each test that SECURITY.md names for it."""
    rows = ROW.findall(PAPER.read_text("utf-8"))
    shown = ((number, each) for number, *_, tests in rows for each in tests.strip().split(", "))
    return {(number, each) for number, each in shown if each}


def test_every_test_fails_without_its_control() -> None:
    """Each test that a threat names, and no other, is in the table of controls that are taken out:
    `make controls` sees it fail."""
    assert {(each.threat, test) for each in controls() for test in each.tests} == named()


@pytest.mark.parametrize(
    "control", list(controls()), ids=lambda each: f"{each.threat} {each.control}"
)
def test_a_control_stands_where_the_table_says(control: Control) -> None:
    """What is taken out stands in its file once, and what is left can be run."""
    assert control.source().count(control.was) == 1
    assert control.without() != control.source()
    if control.file.endswith(".py"):
        ast.parse(control.without())


def test_every_threat_names_tests_that_there_are() -> None:
    """Each threat has tests, and they exist."""
    assert list(faults(PAPER.read_text("utf-8"))) == []


@pytest.mark.parametrize(
    ("written", "instead", "fault"),
    [
        ("| T9 |", "| T10 |", "not T1 to T18"),
        ("::test_no_inner_address_is_dialled", "::test_no_address", "T8: there is no test tests/"),
        ("tests/domain/test_sending.py", "tests/domain/sent.py", "T11: there is no file"),
        (f"can be followed | {NO_LINK} |", "can be followed | |", "T4 has no test"),
    ],
)
def test_an_untrue_row_is_caught(written: str, instead: str, fault: str) -> None:
    """A missing threat, a renamed test, a file that is gone, a promise without a test are found."""
    paper = PAPER.read_text("utf-8")
    assert written in paper
    (found,) = faults(paper.replace(written, instead, 1))
    assert found.startswith(fault)
