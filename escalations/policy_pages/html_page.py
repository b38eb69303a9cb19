"""A sheet as one page of HTML for a wall or a screen: nothing is loaded from elsewhere."""

from collections.abc import Iterator
from html import escape
from typing import Final

from escalations.policy_pages.chart import Chart
from escalations.policy_pages.mermaid import mermaid
from escalations.policy_pages.sheet import Cell, Section, Sheet
from escalations.policy_pages.svg_chart import svg
from escalations.policy_pages.wording import Wording

_STYLE: Final = """
@page { size: A4 landscape; margin: 8mm }
* { box-sizing: border-box }
body { font: 14px/1.4 "Helvetica Neue", Arial, "Noto Sans", sans-serif; color: #1b1f24;
  max-width: 1400px; margin: 0 auto; padding: 20px 24px }
h1 { font-size: 26px; margin: 0 }
h2 { font-size: 18px; margin: 28px 0 8px; break-after: avoid }
header p { margin: 2px 0; color: #4a5560 }
table { border-collapse: collapse; width: 100%; break-inside: auto }
tr { break-inside: avoid }
thead { display: table-header-group }
th, td { text-align: start; vertical-align: top; padding: 6px 8px; border: 1px solid #c3ccd5;
  overflow-wrap: anywhere }
thead th { background: #1f4e79; color: #fff; font-weight: 600 }
tbody th { background: #e8f0fa; font-weight: 600 }
tbody th div + div { font-weight: 400; color: #4a5560; font-size: .9em }
td div + div { margin-top: 2px }
.levels { table-layout: fixed; font-size: 13px }
.levels th:nth-child(1) { width: 11% }
.levels th:nth-child(2) { width: 10% }
.levels th:nth-child(3) { width: 25% }
.levels td:nth-child(3) div + div { color: #4a5560; font-size: .92em }
.levels td:nth-child(n + 6) div::before { content: "• "; color: #1f4e79 }
.categories th:first-child, .triggers th:first-child { width: 30% }
.short { display: grid; grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); gap: 0 28px }
.short section { break-inside: avoid; min-width: 0 }
ul { margin: 8px 0; padding-inline-start: 20px }
.chart { break-inside: avoid }
svg { display: block; width: 100%; max-height: 176mm;
  font: 14px "Helvetica Neue", Arial, "Noto Sans", sans-serif }
svg .step { fill: #e8f0fa; stroke: #1f4e79; stroke-width: 1.5 }
svg .begin { fill: #eaf5ea; stroke: #2e6b34 }
svg .fact { fill: #fdf3e1; stroke: #8a5a00 }
svg text { fill: #1b1f24; unicode-bidi: plaintext }
svg .name { font-weight: 700 }
svg .time { fill: #4a5560 }
svg .edge { stroke: #4a5560; stroke-width: 1.6; fill: none }
svg .seldom { stroke-dasharray: 4 4 }
svg marker path { fill: #4a5560 }
details { margin-top: 20px }
pre { white-space: pre-wrap; font-size: 12px; background: #f4f6f8; padding: 10px }
@media print {
  body { font-size: 11px; padding: 0; max-width: none }
  .levels { font-size: 10.3px }
  .levels td div + div, .levels th div + div { margin: 0 }
  header { display: flex; align-items: baseline; gap: 18px }
  h1 { font-size: 20px }
  h2 { font-size: 14px; margin: 12px 0 4px }
  .chart, .rest { break-before: page }
  .categories th:first-child, .triggers th:first-child { width: 30% }
.short { display: block; columns: 2 }
  th, td { padding: 2px 5px }
  thead th, tbody th, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact }
  details { display: none }
}
"""


def html(sheet: Sheet, chart: Chart, words: Wording) -> str:
    """The page; whatever names hold, they are shown and never mean anything."""
    first, *others = sheet.sections
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{words.language}">',
            '<head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(sheet.title)}</title>",
            f"<style>{_STYLE}</style></head>",
            "<body>",
            f"<header><h1><bdi>{escape(sheet.title)}</bdi></h1>",
            f'<p dir="auto">{escape(sheet.summary)}</p>',
            f"<p><bdi>{escape(sheet.source)}</bdi></p></header>",
            "<main>",
            *_section(first),
            f'<section class="chart"><h2>{escape(chart.title)}</h2>',
            f"<p>{escape(words('legend'))}</p>",
            svg(chart, words),
            "</section>",
            '<div class="rest">',
            *(line for each in others if _is_wide(each) for line in _section(each)),
            '<div class="short">',
            *(line for each in others if not _is_wide(each) for line in _section(each)),
            "</div></div>",
            f"<details><summary>Mermaid</summary><pre>{escape(mermaid(chart, words))}</pre>",
            "</details></main>",
            "</body></html>",
            "",
        ]
    )


def _is_wide(section: Section) -> bool:
    return section.key in ("categories", "triggers", "knowledge")


def _section(section: Section) -> Iterator[str]:
    yield f'<section><h2 id="{section.key}">{escape(section.title)}</h2>'
    if section.rows:
        yield f'<table class="{section.key}" aria-labelledby="{section.key}"><thead><tr>'
        yield from (f'<th scope="col">{escape(name)}</th>' for name in section.header)
        yield "</tr></thead><tbody>"
        for name, *cells in section.rows:
            yield f'<tr><th scope="row">{_lines(name)}</th>'
            yield from (f"<td>{_lines(cell)}</td>" for cell in cells)
            yield "</tr>"
        yield "</tbody></table>"
    if section.notes:
        yield "<ul>"
        yield from (f'<li dir="auto">{escape(note)}</li>' for note in section.notes)
        yield "</ul>"
    yield "</section>"


def _lines(cell: Cell) -> str:
    return "".join(f'<div dir="auto">{escape(line)}</div>' for line in cell)
