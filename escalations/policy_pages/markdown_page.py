"""A sheet as Markdown, with the flow chart in it."""

from collections.abc import Iterator

from escalations.policy_pages.chart import Chart
from escalations.policy_pages.mermaid import mermaid
from escalations.policy_pages.sheet import Section, Sheet
from escalations.policy_pages.wording import Wording

_MARKS = "\\`*_[]<>#|!~"


def markdown(sheet: Sheet, chart: Chart, words: Wording) -> str:
    """The page: the levels, the chart, and the other sections."""
    first, *others = sheet.sections
    lines = [f"# {escaped(sheet.title)}", ""]
    if sheet.summary:
        lines += [escaped(sheet.summary), ""]
    lines += _section(first)
    lines += [f"## {escaped(chart.title)}", "", f"{words('legend')}", ""]
    lines += ["```mermaid", mermaid(chart, words).rstrip("\n"), "```", ""]
    for section in others:
        lines += _section(section)
    return "\n".join([*lines, f"*{escaped(sheet.source)}*", ""])


def _section(section: Section) -> Iterator[str]:
    yield from (f"## {escaped(section.title)}", "")
    if section.rows:
        yield _row([escaped(name) for name in section.header])
        yield _row(["---"] * len(section.header))
        for row in section.rows:
            yield _row(["<br>".join(map(escaped, cell)) for cell in row])
        yield ""
    if section.notes:
        yield from (f"- {escaped(note)}" for note in section.notes)
        yield ""


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def escaped(text: str) -> str:
    """Words on one line, without any meaning in Markdown or HTML."""
    line = " ".join(text.replace("&", "&amp;").split())
    return "".join(f"\\{mark}" if mark in _MARKS else mark for mark in line)
