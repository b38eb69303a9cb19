"""Reading a page of metrics as Prometheus does, and which metrics an expression is about."""

import asyncio
import re
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

_LINE = re.compile(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
_BY_PROMETHEUS = {"job", "instance", "le"}
"""Labels that every series may have."""
_NO_METRICS = frozenset(
    {"sum", "max", "min", "count", "rate", "increase", "histogram_quantile", "time", "absent"}
    | {"vector", "or", "and", "unless"}
)
MADE_BY_PROMETHEUS = frozenset({"up", "ALERTS"})


@dataclass(frozen=True)
class Page:
    """What was served: series by name, and what kind of metric each family is."""

    series: dict[str, list[tuple[dict[str, str], float]]]
    kinds: dict[str, str]
    text: str

    def labels(self, name: str) -> set[str]:
        """The labels of a metric's series."""
        return {label for labels, _ in self.series[name] for label in labels}

    def value(self, name: str, **labels: str) -> float:
        """All series of a metric with these labels, together."""
        return sum(
            value for has, value in self.series.get(name, []) if labels.items() <= has.items()
        )

    def __or__(self, other: "Page") -> "Page":
        series = {
            name: self.series.get(name, []) + other.series.get(name, [])
            for name in self.series.keys() | other.series.keys()
        }
        return Page(series, self.kinds | other.kinds, self.text + other.text)


def read(text: str) -> Page:
    """A page, line by line; a line that is none fails the test."""
    series: dict[str, list[tuple[dict[str, str], float]]] = defaultdict(list)
    kinds = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split()
            kinds[name] = kind
        elif line and not line.startswith("#"):
            match = _LINE.match(line)
            assert match is not None, line
            series[match[1]].append((dict(_LABEL.findall(match[2] or "")), float(match[3])))
    return Page(dict(series), kinds, text)


async def scrape(address: str) -> Page:
    """What is served there now."""

    def get() -> str:
        with urllib.request.urlopen(f"http://{address}/metrics", timeout=30) as answer:
            text: str = answer.read().decode()
        return text

    return read(await asyncio.to_thread(get))


def faults(expression: str, page: Page) -> Iterator[str]:
    """Metrics that are not served, and labels that the metric does not have."""
    bare = re.sub(r"\[[^]]*]", "", expression)
    for name, matchers in re.findall(r"(\w+)\{([^}]*)\}", bare):
        for label in set(re.findall(r"(\w+)\s*[=!]", re.sub(r'"[^"]*"', "", matchers))):
            if name in page.series and label not in page.labels(name) | _BY_PROMETHEUS:
                yield f"{name} has no label {label}"
    bare = re.sub(r"\{[^}]*\}", "", bare)
    grouped = {
        label.strip()
        for labels in re.findall(r"\b(?:by|without)\s*\(([^)]*)\)", bare)
        for label in labels.split(",")
    }
    bare = re.sub(r"\b(?:by|without)\s*\([^)]*\)", "", bare)
    named = set(re.findall(r"[a-zA-Z_:][\w:]*", bare)) - _NO_METRICS
    for name in sorted(named):
        if name not in page.series and name not in MADE_BY_PROMETHEUS:
            yield f"{name} is not served"
        for label in sorted(grouped - _BY_PROMETHEUS):
            if name in page.series and label not in page.labels(name):
                yield f"{name} has no label {label}"
    if not named:
        yield "it is about no metric"
