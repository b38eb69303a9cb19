"""The figures of a backtest for a terminal: tables that read well in sixty columns."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich import box
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from escalations.backtest.findings import Found
from escalations.backtest.report import PolicyFigures, Report
from escalations.counting import counted

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHADES: Final = " ░▒▓█"


def renderables(report: Report) -> Iterator[RenderableType]:
    """The parts of the answer, in order."""
    cases, rows = counted(report.cases, "case"), counted(report.rows, "row")
    yield Text(f"{cases} in {rows} of {report.log}{_years(report)}")
    if report.unfinished:
        yield Text(f"{report.unfinished:,} of them without an end in the log")
    if report.cases:
        for figures in report.policies:
            yield Text()
            yield _levels(figures)
        yield Text()
        yield _totals(report.policies)
        for figures in report.policies:
            yield Text()
            yield Text(f"When people inside are written to, {figures.label}", style="bold")
            yield from _week(figures)
    yield from _found("Rows that could not be used", report.unusable)
    yield from _found("Rows that were not used as they stand", report.adjusted)
    if report.passed_over:
        rows = counted(report.passed_over, "row is", "rows are")
        yield Text(f"\n{rows} about something else (`only`)")
    if report.cases:
        yield Text("\nWhat was assumed", style="bold")
        for line in assumptions(report):
            yield Text(f"- {line}")


def assumptions(report: Report) -> Iterator[str]:
    """What was assumed, in sentences."""
    yield from report.assumptions
    several = len(report.policies) > 1
    for figures in report.policies:
        for each in figures.assumed:
            of = f"{figures.label}: " if several else ""
            yield f"{of}{counted(each.cases, 'case')} {each.what}."


def totals(figures: PolicyFigures) -> list[tuple[str, str, float]]:
    """Section, what is counted, how many."""
    rows = [
        ("", "Cases with a breach", figures.breached),
        *(("Breaches", what, n) for what, n in figures.breaches.items()),
        ("", "Reminders", figures.reminders),
        ("", "Not acknowledged in time", figures.unacknowledged),
        ("", "Told again at the top", figures.repeats),
        ("", "Customers told of progress", figures.updates),
        *(("Days on hold", hold.reason, round(hold.hours / 24)) for hold in figures.holds),
        *(
            ("Holds ended by their limit", hold.reason, hold.over)
            for hold in figures.holds
            if hold.over
        ),
        *(("Ended", ending, n) for ending, n in figures.endings.items()),
        ("", "Retrospectives", figures.retrospectives),
        *(("Messages to", who, n) for who, n in figures.messages_to.items()),
        ("", "Messages in all", figures.messages),
    ]
    return [(section, what, float(n)) for section, what, n in rows]


def compared(policies: Sequence[PolicyFigures]) -> list[tuple[str, str, list[float]]]:
    """The totals of all policies side by side; what one of them does not have is 0."""
    order: dict[tuple[str, str], list[float]] = {}
    for n, figures in enumerate(policies):
        for section, what, value in totals(figures):
            order.setdefault((section, what), [0.0] * len(policies))[n] = value
    rows = [(section, what, values) for (section, what), values in order.items()]
    sections = list(dict.fromkeys(section or what for section, what, _ in rows))
    return sorted(rows, key=lambda row: sections.index(row[0] or row[1]))


def change(values: Sequence[float]) -> str:
    """From the first to the last: `+12 %`, `−3 %`, `new`, `gone`."""
    before, after = values[0], values[-1]
    if before == after:
        return "="
    if not before:
        return "new"
    return f"{100 * (after - before) / before:+,.0f} %".replace("-", "−") if after else "gone"


def _years(report: Report) -> str:
    if not report.years:
        return ""
    first, last = report.years
    return f", opened {first}" if first == last else f", opened {first}–{last}"


def _levels(figures: PolicyFigures) -> Table:
    table = _table(figures.label)
    for title in ("reached", "share", "reminded", "missed"):
        table.add_column(title, justify="right", no_wrap=True)
    for level in figures.levels:
        table.add_row(
            f"{level.level} {level.name}",
            f"{level.reached:,}",
            f"{100 * level.share:.1f} %",
            f"{level.reminders:,}",
            f"{level.breaches:,}",
        )
    return table


def _totals(policies: Sequence[PolicyFigures]) -> Table:
    table = _table("")
    for figures in policies:
        table.add_column(figures.label, justify="right", overflow="fold")
    if len(policies) > 1:
        table.add_column("change", justify="right", no_wrap=True)
    above = ""
    for section, what, values in compared(policies):
        if section and section != above:
            table.add_row(section)
        above = section
        cells = [f"{value:,.0f}" for value in values]
        changed = [change(values)] if len(policies) > 1 else []
        table.add_row(f"  {what}" if section else what, *cells, *changed)
    return table


def _table(title: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column(title, overflow="fold")
    return table


def _week(figures: PolicyFigures) -> Iterator[Text]:
    """A row a day, a column an hour: the darker, the more messages."""
    hours = figures.per_hour_of_week
    most = max(hours) or 1
    marks = "".join(f"{hour:<6}" for hour in range(0, 24, 3))
    yield Text(f"     {marks}  {figures.timezone}".rstrip(), style="dim")
    for day, name in enumerate(DAYS):
        row = hours[24 * day : 24 * day + 24]
        cells = "".join(_SHADES[-(-4 * n // most)] * 2 for n in row)
        yield Text(f"{name}  {cells}  {sum(row):,}")


def _found(title: str, found: Sequence[Found]) -> Iterator[Text]:
    if not found:
        return
    yield Text(f"\n{title}: {sum(each.rows for each in found):,}", style="bold")
    for each in found:
        lines = ", ".join(map(str, each.lines)) + (", …" if each.rows > len(each.lines) else "")
        which = "line" if each.rows == 1 else "lines"
        yield Text(f"- {each.rows:,}: {each.reason} ({which} {lines})")
