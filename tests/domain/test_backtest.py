"""What happened to real cases, played through a policy."""

from pathlib import Path

import pytest

from escalations.backtest import running
from escalations.backtest.report import PolicyFigures, Report
from tests.domain.backtests import EXCERPT, HEAD, backtest, mapping, of_excerpt, shop, written


def played(folder: Path, *rows: str, **changes: str) -> PolicyFigures:
    """What the shop's policy does to a log of these rows."""
    return backtest(written(folder, HEAD, *rows), mapping(**changes)).policies[0]


def told(figures: PolicyFigures) -> dict[str, int]:
    return figures.messages_to


def at_level(report: Report, number: int) -> tuple[int, int, int]:
    level = report.policies[0].levels[number - 1]
    return level.reached, level.reminders, level.breaches


def test_a_case_solved_in_time_reaches_nobody_above(tmp_path: Path) -> None:
    """Taken after five minutes, solved after fifty: no reminder, no breach, one level."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:00Z,new,",
        "1,,2026-01-05T09:05Z,working,rita",
        "1,,2026-01-05T09:50Z,solved,rita",
        "1,,2026-01-05T12:00Z,done,rita",
    )

    assert [(level.reached, level.share) for level in figures.levels] == [(1, 1.0), (0, 0.0)]
    assert (figures.breached, figures.reminders, figures.unacknowledged) == (0, 0, 0)
    assert figures.endings == {"confirmed": 1}
    assert told(figures) == {"agent": 2, "customer": 3}


def test_a_case_that_nobody_takes_climbs(tmp_path: Path) -> None:
    """Asked again after ten minutes, reminded after an hour, up after two, told again each day."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:00Z,new,",
        "1,,2026-01-07T12:00Z,solved,rita",
        "1,,2026-01-07T12:30Z,done,rita",
    )

    assert [level.reached for level in figures.levels] == [1, 1]
    assert figures.breaches == {"window": 1}
    assert (figures.reminders, figures.unacknowledged, figures.repeats) == (1, 1, 2)


def test_silence_after_a_resolution_is_a_yes(tmp_path: Path) -> None:
    """A case that the log leaves resolved ends when the policy takes silence for a yes."""
    report = backtest(
        written(
            tmp_path,
            HEAD,
            "1,2026-01-05T09:00Z,2026-01-05T09:05Z,working,rita",
            "1,,2026-01-05T09:50Z,solved,rita",
        ),
        mapping(),
    )

    assert report.policies[0].endings == {"presumed": 1}
    assert report.unfinished == 1


def test_a_hold_stops_the_clock_and_is_measured(tmp_path: Path) -> None:
    """Four hours for the customer: the climb waits that long, and four hours are counted."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:05Z,working,rita",
        "1,,2026-01-05T09:30Z,waiting,rita",
        "1,,2026-01-05T13:30Z,working,rita",
        "1,,2026-01-05T14:50Z,solved,rita",
        "1,,2026-01-05T15:00Z,done,rita",
    )

    (hold,) = figures.holds
    assert (hold.reason, hold.times, hold.hours, hold.over) == ("customer", 1, 4.0, 0)
    assert figures.breaches == {}
    assert figures.levels[1].reached == 0


def test_from_one_hold_to_another(tmp_path: Path) -> None:
    """First the customer, then the vendor: two holds, each with its own time."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:05Z,waiting,rita",
        "1,,2026-01-05T10:05Z,asked,rita",
        "1,,2026-01-05T12:05Z,solved,rita",
        "1,,2026-01-05T12:05Z,done,rita",
    )

    assert [(hold.reason, hold.hours) for hold in figures.holds] == [
        ("customer", 1.0),
        ("vendor", 2.0),
    ]


def test_a_customer_who_stays_silent_ends_the_case_before_the_log_does(tmp_path: Path) -> None:
    """Held for six weeks: the policy gives up after ten business days; what came later is said."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:05Z,waiting,rita",
        "1,,2026-02-16T09:00Z,solved,rita",
        "1,,2026-02-17T09:00Z,done,rita",
    )

    assert figures.endings == {"unreachable": 1}
    assert figures.holds[0].over == 1
    assert [(each.cases, each.what) for each in figures.assumed] == [
        (1, "solved in the log after ending under the policy")
    ]


def test_reopened_before_and_after_the_end(tmp_path: Path) -> None:
    """A no to a resolution leads one level up; so does work on a case that had ended."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:05Z,working,rita",
        "1,,2026-01-05T09:30Z,solved,rita",
        "1,,2026-01-05T09:40Z,back,rita",
        "1,,2026-01-05T09:50Z,solved,rita",
        "1,,2026-01-05T09:55Z,done,rita",
        "2,2026-01-05T09:00Z,2026-01-05T09:05Z,working,rita",
        "2,,2026-01-05T09:30Z,solved,rita",
        "2,,2026-01-05T09:35Z,done,rita",
        "2,,2026-02-05T09:35Z,working,rita",
        "2,,2026-02-05T09:50Z,solved,rita",
        "2,,2026-02-05T09:55Z,done,rita",
    )

    assert [level.reached for level in figures.levels] == [2, 2]
    assert figures.endings == {"confirmed": 2}
    assert [each.what for each in figures.assumed] == [
        "worked on in the log after ending under the policy: opened again"
    ]


def test_withdrawn_and_closed_without_a_resolution(tmp_path: Path) -> None:
    """Spam is withdrawn; a case that is just closed is taken as resolved then, and that is said."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:05Z,spam,",
        "2,2026-01-05T09:00Z,2026-01-05T09:05Z,done,",
    )

    assert figures.endings == {"confirmed": 1, "withdrawn": 1}
    assert [each.cases for each in figures.assumed] == [1]


def test_each_reply_reaches_whoever_has_the_case(tmp_path: Path) -> None:
    """Two replies a minute apart are two messages: the first has arrived by then."""
    figures = played(
        tmp_path,
        "1,2026-01-05T09:00Z,2026-01-05T09:01Z,working,rita",
        "1,,2026-01-05T09:02Z,said,",
        "1,,2026-01-05T09:03Z,seen,",
        "1,,2026-01-05T09:04Z,said,",
        "1,,2026-01-05T09:05Z,solved,rita",
        "1,,2026-01-05T09:06Z,done,rita",
    )

    assert told(figures)["agent"] == 4


def test_hours_are_those_of_the_policy(tmp_path: Path) -> None:
    """Opened on Monday 9:00 UTC is told at 10:00 in Paris: the eleventh hour of the week."""
    figures = played(tmp_path, "1,2026-01-05T09:00Z,2026-01-05T09:00Z,new,")

    assert figures.per_hour_of_week[10] == 1
    assert sum(figures.per_hour_of_week) == 1
    assert figures.to_customers_per_hour_of_week[10] == 1


def test_until_when_open_cases_are_played(tmp_path: Path) -> None:
    """A case that the log leaves open stands as in its last row, or as when the log was written."""
    row = "1,2026-01-05T09:00Z,2026-01-05T09:00Z,new,"

    to_the_last_row = played(tmp_path, row)
    to_the_end = played(tmp_path, row, until="2026-01-05T12:00:00Z")

    assert (to_the_last_row.levels[1].reached, to_the_end.levels[1].reached) == (0, 1)
    assert to_the_end.endings == {"open": 1}


def test_two_policies_side_by_side(tmp_path: Path) -> None:
    """Each plays the same cases; where the windows are longer, fewer come to the second level."""
    log = written(
        tmp_path,
        HEAD,
        "1,2026-01-05T09:00Z,2026-01-05T09:05Z,working,rita",
        "1,,2026-01-05T12:00Z,solved,rita",
        "1,,2026-01-05T12:30Z,done,rita",
    )

    both = backtest(log, mapping(), shop(), shop(window="2h..4h"))

    assert [figures.levels[1].reached for figures in both.policies] == [1, 0]
    assert [figures.label for figures in both.policies] == ["policy-0", "policy-1"]


def test_the_excerpt_of_a_real_log() -> None:
    """Twelve real incidents, every rule of the real matrix on: each is played to its end."""
    report = of_excerpt()

    assert (report.cases, report.rows, report.used, report.unusable_rows) == (12, 96, 96, 0)
    assert report.unfinished == 0
    assert [(found.rows, found.lines) for found in report.adjusted] == [(1, [21])]
    (figures,) = report.policies
    assert figures.levels[0].reached == 12
    assert sum(figures.endings.values()) == 12
    assert figures.endings["unreachable"] == 1
    assert {hold.reason for hold in figures.holds} == {"customer", "incident", "vendor"}
    assert figures.messages == sum(figures.messages_to.values())
    inside = figures.messages - figures.messages_to["customer"]
    assert sum(figures.per_hour_of_week) == inside


def test_any_number_of_jobs_comes_to_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions played in other processes add up to what one process finds."""
    monkeypatch.setattr(running, "PORTION", 2)

    assert of_excerpt(jobs=2) == of_excerpt()


def test_the_excerpt_says_where_it_is_from() -> None:
    """The licence asks for attribution wherever an excerpt goes."""
    readme = (EXCERPT.parent / "README.md").read_text("utf-8")
    assert "CC BY 4.0" in readme
    assert "Amaral" in readme
