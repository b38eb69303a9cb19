"""A flow chart as Mermaid text, which wikis and Git hosts draw."""

import re
from collections.abc import Iterable, Iterator

from escalations.policy_pages.chart import Chart, Step
from escalations.policy_pages.wording import Wording

_MEANT = re.compile(r"""["#&<>`%*_\[\]{}|\\~$]|^[-+=]|(?<=\d)[.)](?= )""")
"""What means something in a Mermaid label: quotes, entities, HTML, Markdown, directives."""
_STYLES = (
    "classDef step fill:#e8f0fa,stroke:#1f4e79,color:#10263b",
    "classDef begin fill:#eaf5ea,stroke:#2e6b34,color:#143317",
    "classDef fact fill:#fdf3e1,stroke:#8a5a00,color:#3d2800",
)


def mermaid(chart: Chart, words: Wording) -> str:
    """The chart as `flowchart TD`; whatever names hold, they are shown and never mean anything."""
    return "\n".join(["flowchart TD", *(f"    {line}" for line in _lines(chart, words)), ""])


def _lines(chart: Chart, words: Wording) -> Iterator[str]:
    for step in chart.steps:
        yield from _step(step, words, last=step is chart.steps[-1])
    for step, above in zip(chart.steps, chart.steps[1:], strict=False):
        arrow = "-->" if step.by_time else "-.->"
        yield f"L{step.number} {arrow}|{_label(step.climbs)}| L{above.number}"
    if chart.to_next:
        yield f"next>{_label([words('at_once_next'), *chart.to_next])}]:::fact"
    yield from _STYLES


def _step(step: Step, words: Wording, *, last: bool) -> Iterator[str]:
    here = f"L{step.number}"
    named = [f"{step.number} · {step.name}", *filter(None, [step.who]), *step.differs]
    stays = step.climbs if last else ()
    yield f"{here}[{_label([*named, *stays])}]:::step"
    if step.begins:
        yield f"B{step.number}([{_label(step.begins)}]):::begin --> {here}"
    if step.triggers:
        heading = words("at_once", level=step.number)
        yield f"T{step.number}>{_label([heading, *step.triggers])}]:::fact -.-> {here}"


def _label(lines: Iterable[str]) -> str:
    return '"' + "<br/>".join(map(escaped, lines)) + '"'


def escaped(text: str) -> str:
    """Text as a Mermaid label shows it, each character that could mean something as its number."""
    return _MEANT.sub(lambda found: f"#{ord(found[0])};", text)
