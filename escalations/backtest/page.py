"""The figures of a backtest as a page: one file that needs nothing else."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape
from typing import Final

from escalations.backtest import plots
from escalations.backtest.findings import Found
from escalations.backtest.report import PolicyFigures, Report
from escalations.backtest.table import DAYS, assumptions, change, compared

_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1f2933; background: #fff;
       max-width: 860px; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0; } .quiet { color: #52606d; } svg { width: 100%; height: auto; }
.cards { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.2rem 0; }
.card { background: #f5f7fa; border-radius: 8px; padding: .7rem 1rem; min-width: 8rem; }
.card b { display: block; font-size: 1.5rem; line-height: 1.2; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px;
       margin: 0 .35rem 0 .9rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid #e4e7eb; }
th:first-child, td:first-child { text-align: left; overflow-wrap: anywhere; }
td.section { font-weight: 600; padding-top: .7rem; } td.of { padding-left: 1.4rem; }
"""


def page(report: Report) -> str:
    """The whole page."""
    title = f"Backtest: {report.log}"
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>",
        f"<h1>{escape(title)}</h1>",
        *_head(report),
        *(_plots(report) if report.cases else ()),
        *_findings("Rows that could not be used", report.unusable),
        *_findings("Rows that were not used as they stand", report.adjusted),
        "<h2>What was assumed</h2><ul>",
        *(f"<li>{escape(line)}</li>" for line in assumptions(report)),
        "</ul></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _head(report: Report) -> Iterator[str]:
    names = ", ".join(figures.policy for figures in report.policies)
    opened = f", opened {report.years[0]} to {report.years[1]}" if report.years else ""
    yield (
        f'<p class="quiet">What {escape(names)} would have done to the cases of this log'
        f"{opened}; read with the mapping {escape(report.mapping)}.</p>"
    )
    cards = [
        (f"{report.cases:,}", "case" if report.cases == 1 else "cases"),
        (f"{report.rows:,}", "row" if report.rows == 1 else "rows"),
        (f"{report.unusable_rows:,}", "rows that could not be used"),
    ]
    if report.unfinished:
        cards.append((f"{report.unfinished:,}", "cases without an end in the log"))
    shares = " → ".join(f"{100 * each.breached_share:.0f} %" for each in report.policies)
    messages = " → ".join(f"{each.messages:,}" for each in report.policies)
    cards += [(shares, "of cases with a breach"), (messages, "messages")]
    yield '<div class="cards">'
    for number, words in cards:
        yield f'<div class="card"><b>{escape(number)}</b>{escape(words)}</div>'
    yield "</div>"


def _plots(report: Report) -> Iterator[str]:
    policies = report.policies
    if len(policies) > 1:
        keys = "".join(
            f'<span class="key" style="background:{plots.COLOURS[n % len(plots.COLOURS)]}"></span>'
            f"{escape(figures.label)}"
            for n, figures in enumerate(policies)
        )
        yield f"<p>{keys}</p>"
    yield from _plot("Cases that reach each level", _reached(policies))
    yield from _plot("Reminders at each level", _at_levels(policies, "reminders"))
    yield from _plot("Missed windows at each level", _at_levels(policies, "breaches"))
    yield from _plot("Days on hold", _sections(policies, "Days on hold"))
    yield from _plot("Messages to each contact", _sections(policies, "Messages to"))
    for figures in policies:
        for hours, whom in (
            (figures.per_hour_of_week, "people inside are"),
            (figures.to_customers_per_hour_of_week, "customers are"),
        ):
            title = f"When {whom} written to: {figures.label}"
            yield f"<h2>{escape(title)}</h2>"
            yield f'<p class="quiet">Messages by hour of the week, {escape(figures.timezone)}</p>'
            yield plots.week(hours, DAYS, title)
    yield from _totals(policies)


def _plot(title: str, rows: Sequence[tuple[str, Sequence[plots.Bar]]]) -> Iterator[str]:
    if rows:
        yield f"<h2>{escape(title)}</h2>"
        yield plots.bars(rows, title)


def _reached(policies: Sequence[PolicyFigures]) -> list[tuple[str, list[plots.Bar]]]:
    return _by_level(
        policies,
        [[(each.share, f"{100 * each.share:.1f} %") for each in one.levels] for one in policies],
    )


def _at_levels(policies: Sequence[PolicyFigures], key: str) -> list[tuple[str, list[plots.Bar]]]:
    counts = [[getattr(each, key) for each in one.levels] for one in policies]
    return _by_level(policies, [[(n, f"{n:,}") for n in each] for each in counts])


def _by_level(
    policies: Sequence[PolicyFigures], bars: Sequence[Sequence[plots.Bar]]
) -> list[tuple[str, list[plots.Bar]]]:
    """A row for each level; a policy with fewer levels has no bar in the last ones."""
    rows = []
    for n in range(max(len(one.levels) for one in policies)):
        names = [one.levels[n].name for one in policies if n < len(one.levels)]
        row = [one[n] if n < len(one) else (0.0, "–") for one in bars]
        rows.append((f"{n + 1} {' / '.join(dict.fromkeys(names))}", row))
    return rows


def _sections(policies: Sequence[PolicyFigures], wanted: str) -> list[tuple[str, list[plots.Bar]]]:
    return [
        (what, [(value, f"{value:,.0f}") for value in values])
        for section, what, values in compared(policies)
        if section == wanted
    ]


def _totals(policies: Sequence[PolicyFigures]) -> Iterator[str]:
    both = len(policies) > 1
    heads = [*(figures.label for figures in policies), *(["change"] if both else [])]
    yield "<h2>In numbers</h2><table><tr><th></th>"
    yield f"{''.join(f'<th>{escape(head)}</th>' for head in heads)}</tr>"
    above = ""
    for section, what, values in compared(policies):
        if section and section != above:
            yield f'<tr><td class="section" colspan="{len(heads) + 1}">{escape(section)}</td></tr>'
        above = section
        cells = [f"{value:,.0f}" for value in values] + ([change(values)] if both else [])
        kind = ' class="of"' if section else ""
        numbers = "".join(f"<td>{each}</td>" for each in cells)
        yield f"<tr><td{kind}>{escape(what)}</td>{numbers}</tr>"
    yield "</table>"


def _findings(title: str, found: Sequence[Found]) -> Iterable[str]:
    if not found:
        return
    yield f"<h2>{escape(title)}</h2><table><tr><th>reason</th><th>rows</th><th>lines</th></tr>"
    for each in found:
        lines = ", ".join(map(str, each.lines)) + (", …" if each.rows > len(each.lines) else "")
        yield (f"<tr><td>{escape(each.reason)}</td><td>{each.rows:,}</td><td>{lines}</td></tr>")
    yield "</table>"
