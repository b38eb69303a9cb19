"""One of something is not several of it."""

import pytest
from rich.text import Text

from escalations.backtest.report import Report
from escalations.backtest.table import renderables
from escalations.counting import counted


@pytest.mark.parametrize(
    ("n", "words"), [(0, "0 cases"), (1, "1 case"), (2, "2 cases"), (1200, "1,200 cases")]
)
def test_how_many(n: int, words: str) -> None:
    """One stands alone; none and several are many, thousands with a comma."""
    assert counted(n, "case") == words


@pytest.mark.parametrize(
    ("n", "head", "rest"),
    [
        (1, "1 case in 1 row of log.csv", "1 row is about something else"),
        (3, "3 cases in 3 rows of log.csv", "3 rows are about something else"),
    ],
)
def test_a_log_of_one_case(n: int, head: str, rest: str) -> None:
    """A backtest of one case counts as a reader would."""
    report = Report(
        log="log.csv",
        mapping="m",
        rows=n,
        used=n,
        passed_over=n,
        unusable=[],
        adjusted=[],
        cases=n,
        unfinished=0,
        years=[],
        policies=[],
        assumptions=[],
    )
    first = str(next(iter(renderables(report))))
    whole = "\n".join(str(each) for each in renderables(report) if isinstance(each, Text))
    assert first == head
    assert rest in whole
