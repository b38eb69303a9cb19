"""Word to customers in a backtest: what the log tells of it, and what is made of the rest."""

from pathlib import Path

from escalations import policy_file
from escalations.backtest.report import Report
from tests.domain.backtests import HEAD, MAPPING, SHOP, backtest, mapping, written


def test_updates_are_assumed_where_the_log_cannot_say(tmp_path: Path) -> None:
    """Promised every four hours: reminded after three, whoever has the case tells the customer."""
    report = promised(tmp_path)
    figures = report.policies[0]

    assert (figures.updates, figures.breaches) == (2, {})
    assert "customer_updates: assumed" in "\n".join(report.assumptions)


def test_updates_count_as_missed_where_the_mapping_says_so(tmp_path: Path) -> None:
    """The same case, and every update that fell due was not given."""
    report = promised(tmp_path, customer_updates="counted-as-missed")
    figures = report.policies[0]

    assert (figures.updates, figures.breaches) == (0, {"update": 1})
    assert "customer_updates: counted-as-missed" in "\n".join(report.assumptions)


def test_a_log_that_tells_of_updates_is_believed(tmp_path: Path) -> None:
    """Told after two and after four hours, in rows alike: nobody is reminded, none missed."""
    states = MAPPING.replace("  seen: nothing", "  told: customer-updated")
    told = [f"1,,2026-01-05T{hour}:05Z,told,rita" for hour in ("11", "13")]
    report = promised(tmp_path, *told, text=states)

    assert (report.policies[0].updates, report.policies[0].breaches) == (2, {})
    assert "customer_updates: counted-as-missed" in "\n".join(report.assumptions)


def promised(folder: Path, *rows: str, text: str = MAPPING, **changes: str) -> Report:
    """A case taken at once and solved after seven hours; its customer is to hear every four."""
    ends = ["1,,2026-01-05T16:05Z,solved,rita", "1,,2026-01-05T16:06Z,done,rita"]
    policy = policy_file.read(
        SHOP.replace("1h..2h", "1d..2d").replace("3d}", "3d, update_every: {P3: 4h}}")
    )
    first = "1,2026-01-05T09:05Z,2026-01-05T09:05Z,working,rita"
    return backtest(written(folder, HEAD, first, *rows, *ends), mapping(text, **changes), policy)
