"""`escalade backtest` as somebody at a terminal or in a script runs it: no server, one answer."""

import json
from pathlib import Path

import pytest

from tests.domain.backtests import EXCERPT, HEAD, MAPPING, SERVICENOW, SHOP, written
from tests.domain.matrices import MATRIX
from tests.entrances.terminal import Terminal

REAL = ["backtest", str(EXCERPT), "--mapping", str(SERVICENOW), "--policy", str(MATRIX)]


@pytest.fixture
def alone() -> Terminal:
    """A terminal without a server."""
    return Terminal.at("127.0.0.1:1", "nobody")


async def test_one_json_document(alone: Terminal) -> None:
    """With --json the figures are one document, the same with any number of jobs."""
    answer = await alone.run(*REAL, "--json")
    with_jobs = await alone.run(*REAL, "--json", "--jobs", "2")

    assert (answer.code, answer.err) == (0, "")
    report = answer.document
    assert (report["cases"], report["rows"], report["unusable"]) == (12, 96, [])
    (figures,) = report["policies"]
    assert [level["level"] for level in figures["levels"]] == [1, 2, 3, 4, 5, 6, 7]
    assert len(figures["per_hour_of_week"]) == 168
    assert with_jobs.document == report


async def test_a_table_that_fits_a_narrow_terminal(alone: Terminal, tmp_path: Path) -> None:
    """At sixty columns no line is cut and none is longer; the bar has gone when it is done."""
    other = tmp_path / "calmer.yaml"
    other.write_text(MATRIX.read_text("utf-8").replace("15m..30m", "2h..4h"), encoding="utf-8")

    code, screen = await alone.on_screen(*REAL, "--policy", str(other), columns=60)

    assert code == 0
    shown = screen.rpartition("\x1b[2K")[2]
    assert "12 cases in 96 rows" in shown
    assert "calmer" in shown
    assert "change" in shown
    assert "…" not in shown
    assert max(len(_plain(line)) for line in shown.splitlines()) <= 60


async def test_a_page_with_plots(alone: Terminal, tmp_path: Path) -> None:
    """--html writes a page; one that cannot be written is wrong input, and still one document."""
    page = tmp_path / "report.html"

    answer = await alone.run(*REAL, "--html", str(page))
    nowhere = await alone.run(*REAL, "--json", "--html", str(tmp_path / "no" / "report.html"))

    assert answer.code == 0
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert "12 cases in 96 rows" in answer.out
    assert nowhere.code == 2
    assert "cannot be written" in nowhere.document["error"]["message"]


async def test_what_cannot_be_used_is_listed(alone: Terminal, tmp_path: Path) -> None:
    """Rows by reason with their lines; where nothing could be played, the exit code says so."""
    (tmp_path / "map.yaml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "shop.yaml").write_text(SHOP, encoding="utf-8")
    log = written(tmp_path, HEAD, "1,,2026-01-05T09:00Z,-100,", ",,2026-01-05T09:00Z,new,")
    words = ["--mapping", str(tmp_path / "map.yaml"), "--policy", str(tmp_path / "shop.yaml")]

    answer = await alone.run("backtest", str(log), *words)

    assert answer.code == 1
    assert "Rows that could not be used: 2" in answer.out
    assert "1: the state '-100', which `states` does not name (line 2)" in answer.out
    assert "1: no case number (line 3)" in answer.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["backtest", "/nonexistent"], "does not exist", id="log"),
        pytest.param(REAL[:4], "--policy", id="no policy"),
        pytest.param([*REAL, "--policy", str(MATRIX)], "give each policy once", id="twice"),
        pytest.param([*REAL, "--jobs", "0"], "--jobs", id="jobs"),
        pytest.param(
            ["backtest", str(EXCERPT), "--mapping", str(MATRIX), "--policy", str(MATRIX)],
            "`mapping` is missing",
            id="a policy as mapping",
        ),
        pytest.param(
            ["backtest", str(SERVICENOW), "--mapping", str(SERVICENOW), "--policy", str(MATRIX)],
            "format: csv",
            id="a mapping as log",
        ),
    ],
)
async def test_wrong_input_says_what_to_do(alone: Terminal, words: list[str], said: str) -> None:
    """A sentence on standard error, or the one document; exit code 2, never a traceback."""
    plain = await alone.run(*words)
    structured = await alone.run(*words, "--json")

    assert (plain.code, plain.out) == (2, "")
    assert said in plain.err
    assert "Traceback" not in plain.err + structured.err
    assert structured.code == 2
    assert json.loads(structured.out)["error"]["message"].strip()


def _plain(line: str) -> str:
    while "\x1b[" in line:
        before, _, after = line.partition("\x1b[")
        line = before + after[next(n for n, mark in enumerate(after) if mark.isalpha()) + 1 :]
    return line.rstrip()
