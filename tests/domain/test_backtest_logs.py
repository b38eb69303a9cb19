"""What of a log cannot be used is counted by reason; the order of its rows is checked."""

import gzip
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from escalations.backtest import cases, moments
from escalations.backtest.findings import Findings
from escalations.backtest.log import opened
from escalations.backtest.logged import Traits
from escalations.backtest.mapping_file import MappingFile
from escalations.backtest.rows import Rows
from escalations.errors import LogUnreadable
from tests.domain.backtests import HEAD, backtest, mapping, written


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(",2026-01-05T09:00Z,2026-01-05T09:00Z,new,", "no case number", id="case"),
        pytest.param("1,2026-01-05T09:00Z,,new,", "no moment", id="moment"),
        pytest.param("1,,soon,new,", "the moment 'soon', which is none of `moments`", id="soon"),
        pytest.param("1,,2026-13-05,new,", "the moment '2026-13-05', which is none of `moments`"),
        pytest.param("1,,2026-01-05T09:00Z,,", "no state", id="state"),
        pytest.param(
            "1,,2026-01-05T09:00Z,-100,", "the state '-100', which `states` does not name", id="?"
        ),
        pytest.param("1,2", "2 columns, and the first line has 5", id="columns"),
    ],
)
def test_a_row_that_cannot_be_used_is_counted(tmp_path: Path, row: str, reason: str) -> None:
    """The reason, how many, the first five lines; the other rows are played."""
    good = "9,2026-01-05T09:00Z,2026-01-05T09:00Z,done,"

    report = backtest(written(tmp_path, HEAD, good, *[row] * 7), mapping())

    (found,) = report.unusable
    assert (found.reason, found.rows, found.lines) == (reason, 7, [3, 4, 5, 6, 7])
    assert (report.cases, report.used, report.rows) == (1, 1, 8)


def test_every_row_is_accounted_for(tmp_path: Path) -> None:
    """Used, passed over or unusable: the three make up the rows, whatever they hold."""
    rows = ["1,,2026-01-05T09:00Z,new,", "x", "2,,never,new,", "3,,2026-01-05T09:00Z,done,", ""]

    report = backtest(written(tmp_path, HEAD, *rows * 40), mapping())

    assert report.rows == report.used + report.passed_over + report.unusable_rows == 160


def test_more_reasons_than_anybody_reads(tmp_path: Path) -> None:
    """The wrong column as state gives a reason a row: a hundred are listed, the rest counted."""
    rows = [f"1,,2026-01-05T09:00Z,weather {n}," for n in range(300)]

    report = backtest(written(tmp_path, HEAD, *rows), mapping())

    assert len(report.unusable) == 101
    assert report.unusable_rows == 300
    assert report.cases == 0


def test_rows_out_of_order_are_put_in_order(tmp_path: Path) -> None:
    """Solved before it was taken, as the log has it: the moments count, and it is said."""
    report = backtest(
        written(
            tmp_path,
            HEAD,
            "1,2026-01-05T09:00Z,2026-01-05T09:50Z,solved,rita",
            "1,,2026-01-05T09:05Z,working,rita",
            "1,,2026-01-05T09:55Z,done,rita",
            "1,,2026-01-05T09:55Z,done,rita",
        ),
        mapping(),
    )

    (found,) = report.adjusted
    assert (found.lines, found.reason[:7]) == ([3], "earlier")
    assert report.policies[0].unacknowledged == 0
    assert report.policies[0].endings == {"confirmed": 1}


@pytest.mark.parametrize("rows", ["case-by-case", "one-a-case"])
def test_a_case_that_comes_back_was_complete(tmp_path: Path, rows: str) -> None:
    """A log that is not ordered as its mapping says is found out, row by row."""
    log = written(
        tmp_path,
        HEAD,
        "1,2026-01-05T09:00Z,2026-01-05T09:00Z,new,",
        "2,2026-01-05T09:00Z,2026-01-05T09:00Z,new,",
        "1,2026-01-05T09:00Z,2026-01-05T09:30Z,done,",
    )
    changes = {"rows": rows}
    if rows == "one-a-case":
        changes |= {"at": '""', "state": '""', "states": "{}", "happened": "{at: closed}"}
        text = "mapping: m\nrows: one-a-case\ncase: id\nopened: opened\nhappened: {at: closed}"
        report = backtest(log, MappingFile.read(text))
    else:
        report = backtest(log, mapping(rows=rows))

    assert (report.cases, report.unusable_rows) == (2, 1)
    assert report.unusable[0].lines == [4]


def test_interleaved_cases_are_complete_when_they_are_quiet(tmp_path: Path) -> None:
    """A closed case of which nothing comes for a month is over; what comes later is too late."""
    log = written(
        tmp_path,
        HEAD,
        "1,2026-01-05T09:00Z,2026-01-05T09:00Z,new,",
        "2,2026-01-05T09:00Z,2026-01-05T09:10Z,new,",
        "1,,2026-01-05T09:30Z,done,",
        "2,,2026-01-15T09:00Z,working,rita",
        "1,,2026-01-20T09:00Z,back,",
        "1,,2026-01-20T09:30Z,done,",
        "2,,2026-03-15T09:00Z,done,rita",
        "1,,2026-03-16T09:00Z,back,rita",
        "3,,2026-03-01T09:00Z,new,rita",
    )

    report = backtest(log, mapping(rows="by-time"))

    assert (report.cases, report.used) == (3, 8)
    (late,) = report.unusable
    assert late.reason == "its case was complete: see `quiet_for`"
    assert late.lines == [9]
    (adjusted,) = report.adjusted
    assert adjusted.lines == [10]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"\x1f\x8b\x08\x00broken", "damaged", id="gzip"),
        pytest.param(b"[{}]\n", "jq -c", id="one list"),
    ],
)
def test_a_log_that_cannot_be_read(tmp_path: Path, content: bytes, said: str) -> None:
    """It is said what is wrong with it, and what to do."""
    log = tmp_path / "log.jsonl"
    log.write_bytes(content)

    with pytest.raises(LogUnreadable, match=said):
        backtest(log, mapping(format="json-lines"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"", "log.csv: it is empty; the first line", id="empty"),
        pytest.param(b"\n1,2\n", "log.csv: its first line is blank", id="blank"),
        pytest.param(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "log.csv is no text in utf-8", id="picture"),
        pytest.param(gzip.compress(b"PK\3\4\x14\0\xff"), "is no text in utf-8", id="packed"),
        pytest.param(HEAD.encode("utf-16"), "is no text in utf-8", id="encoding"),
    ],
)
def test_a_file_that_is_no_table(tmp_path: Path, content: bytes, said: str) -> None:
    """It is said once, and not as columns that are missing, or that nobody can read."""
    log = tmp_path / "log.csv"
    log.write_bytes(content)

    with pytest.raises(LogUnreadable, match=said):
        backtest(log, mapping())


def test_a_stray_zero_and_another_encoding_are_read(tmp_path: Path) -> None:
    """A NUL in one field makes no picture of a log; UTF-16 is text where the mapping says so."""
    rows = f"{HEAD}\n1,,2026-01-05T09:00Z,done,ri\0ta\n"
    log = tmp_path / "log.csv"

    log.write_bytes(rows.encode())
    assert backtest(log, mapping()).cases == 1
    log.write_bytes(rows.replace("\0", "").encode("utf-16"))
    assert backtest(log, mapping(encoding="utf-16")).cases == 1


def test_a_name_that_says_no_format(tmp_path: Path) -> None:
    """A log called `export` needs its format in the mapping; with it, it is read."""
    log = written(tmp_path, HEAD, "1,,2026-01-05T09:00Z,done,", name="export")

    with pytest.raises(LogUnreadable, match="format: csv"):
        backtest(log, mapping())

    assert backtest(log, mapping(format="csv")).cases == 1


def test_memory_does_not_grow_with_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five times as many cases, interleaved by time: the peak stays where it was."""
    monkeypatch.setattr(cases, "MAX_REMEMBERED", 100)
    monkeypatch.setattr(moments, "CACHED", 100)

    def rows(number: int) -> Iterator[str]:
        start = datetime(2026, 1, 5, 9, tzinfo=UTC)
        for n in range(number):
            at = (start + timedelta(minutes=10 * n)).isoformat()
            yield f"{n},{at},{at},working,rita"
            yield f"{n},{at},{at},done,rita"

    def peak(number: int) -> int:
        log = written(tmp_path, HEAD, *rows(number))
        mapped = mapping(rows="by-time", quiet_for="1d").mapping
        tracemalloc.start()
        try:
            with opened(log, mapped) as reading:
                read = Rows(mapped, reading, Findings())
                traits = Traits(mapped, reading, read.adjusted)
                assert sum(1 for _ in cases.Cases(mapped, read, traits)) == number
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(100)
    few = peak(1_000)

    assert peak(5_000) < 1.2 * few
