"""The table of faults in `docs/reliability.md`: all numbers, and tests that are really there."""

import ast
import re
from functools import cache

import pytest

from tests.house import CHECKOUT
from tests.test_papers import rows

OURS = {*range(1, 17), *range(23, 29), *range(33, 37), *range(41, 44), *range(46, 49)}
"""The numbers that the table answers for."""

HELD_BY = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
SCENE = re.compile(r"`--only ([\w-]+)`")


@cache
def names_in(path: str) -> frozenset[str]:
    """The names of the tests in a file; none where it is not there."""
    file = CHECKOUT / path
    if not file.is_file():
        return frozenset()
    found = ast.walk(ast.parse(file.read_text("utf-8")))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in found if isinstance(node, functions))


def faults_of(page: str) -> list[str]:
    """Numbers without a row, rows that name no test and no reason, tests that are not there."""
    from tests.deployment.faults.__main__ import CHOICES

    found = {int(row[0]): row for row in rows(page, r"\d+")}
    return [
        *(f"{number} has no row" for number in sorted(OURS - found.keys())),
        *(f"{number} is no number of ours" for number in sorted(found.keys() - OURS)),
        *(
            f"{number} names {path}::{name}, which is not there"
            for number, row in found.items()
            for path, name in HELD_BY.findall(row[3])
            if name not in names_in(path)
        ),
        *(
            f"{number} names --only {name}, which is not there"
            for number, row in found.items()
            for name in SCENE.findall(row[3])
            if name not in CHOICES
        ),
        *(
            f"{number} is held by nothing"
            for number, row in found.items()
            if not HELD_BY.search(row[3]) and "not ours" not in row[3]
        ),
    ]


def page() -> str:
    return (CHECKOUT / "docs/reliability.md").read_text("utf-8")


def test_every_fault_has_its_row() -> None:
    """Each fault is held by tests that are there, or the page says why it is not ours."""
    assert faults_of(page()) == []


@pytest.mark.parametrize(
    ("row", "changed", "fault"),
    [
        (r"\| 3 \|.*\n", "", "3 has no row"),
        (r"\| 3 \|", "| 99 |", "99 is no number of ours"),
        (r"(\| 15 \|.*::)\w+", r"\1test_no_such", "test_no_such, which is not there"),
        (r"(\| 15 \|.*)`tests/\S+::\w+`", r"\1nothing", "15 is held by nothing"),
        (r"--only one-of-two", "--only one-of-nine", "--only one-of-nine, which is not there"),
    ],
)
def test_rotten_row_is_caught(row: str, changed: str, fault: str) -> None:
    """A row that is lost, made up, empty, or names what is not there is found."""
    rotten = re.sub(row, changed, page(), count=1)
    assert any(fault in each for each in faults_of(rotten))
