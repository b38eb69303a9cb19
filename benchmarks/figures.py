"""Figures: medians between their extremes, beside the floor, and what they may be."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.hand import Kind

MAX_EVENTS: Final = 1.10
"""Times the events of the floor."""
MAX_CPU: Final = 1.5
"""Times the processor time of the floor's worker, for the engine in the sandbox."""

_TITLES: Final = {
    Kind.BARE: "bare workflow",
    Kind.ENGINE: "Escalation",
    Kind.WHOLE: "  with letters and ledger",
}


@dataclass(frozen=True)
class Case:
    """What the history of one case holds, events of virtual time apart."""

    by_type: Mapping[str, int]
    bytes: int


@dataclass(frozen=True)
class Round:
    """The cases that one kind of worker lived through in a row."""

    cases: Sequence[Case]
    cpu: float
    """Milliseconds of the worker's processor time, a case."""


@dataclass(frozen=True)
class Spread:
    """A median between its extremes."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of at least one value."""
        return cls(statistics.median(values), min(values), max(values))

    def __format__(self, spec: str) -> str:
        """`21 (20–23)`."""
        least, most = format(self.least, spec), format(self.most, spec)
        return f"{format(self.median, spec)} ({least}–{most})"


@dataclass(frozen=True)
class Cost:
    """What a case costs with one kind of worker."""

    by_type: dict[str, float]
    """Type of event → how many of them."""
    events: float
    bytes: float
    cpu: Spread
    """Milliseconds."""

    @classmethod
    def of(cls, rounds: Sequence[Round]) -> "Cost":
        """In these rounds."""
        cases = [case for each in rounds for case in each.cases]
        types = sorted({each for case in cases for each in case.by_type})
        return cls(
            by_type={
                each: statistics.median(case.by_type.get(each, 0) for case in cases)
                for each in types
            },
            events=statistics.median(sum(case.by_type.values()) for case in cases),
            bytes=statistics.median(case.bytes for case in cases),
            cpu=Spread.of([each.cpu for each in rounds]),
        )


@dataclass(frozen=True)
class Times:
    """A cost as a multiple of the floor's."""

    events: float
    bytes: float
    cpu: Spread
    """Of rounds that were run beside each other, so that other load on the machine hit both."""


@dataclass(frozen=True)
class Figures:
    """What was measured, and which limits it breaks."""

    costs: dict[Kind, Cost]
    ratios: dict[Kind, Times]
    """Each kind but the floor, as a multiple of it."""
    broken: list[str]

    @classmethod
    def of(cls, measured: Mapping[Kind, Sequence[Round]]) -> "Figures":
        """From the rounds of every kind, as many of each."""
        costs = {kind: Cost.of(rounds) for kind, rounds in measured.items()}
        floor = costs[Kind.BARE]
        ratios: dict[Kind, Times] = {
            kind: Times(
                events=cost.events / floor.events,
                bytes=cost.bytes / floor.bytes,
                cpu=Spread.of(
                    [
                        each.cpu / beside.cpu
                        for each, beside in zip(measured[kind], measured[Kind.BARE], strict=True)
                    ]
                ),
            )
            for kind, cost in costs.items()
            if kind is not Kind.BARE
        }
        return cls(costs, ratios, _broken(ratios[Kind.ENGINE]))


def _broken(times: Times) -> list[str]:
    limits = (("events", times.events, MAX_EVENTS), ("worker CPU", times.cpu.median, MAX_CPU))
    return [
        f"{what}: {found:.2f} times the bare workflow, {limit:.2f} at most"
        for what, found, limit in limits
        if found > limit
    ]


def table(figures: Figures) -> str:
    """The figures for people."""
    head = f"{'':28}{'events':>8}{'bytes':>9}   worker CPU"
    lines = ["A whole case, of which the worker's processor time in milliseconds:", "", head]
    for kind, cost in figures.costs.items():
        lines.append(f"{_TITLES[kind]:28}{cost.events:>8.0f}{cost.bytes:>9,.0f}   {cost.cpu:.0f}")
    lines += ["", "Times the bare workflow:"]
    for kind, times in figures.ratios.items():
        lines.append(f"{_TITLES[kind]:28}{times.events:>8.2f}{times.bytes:>9.1f}   {times.cpu:.2f}")
    lines += [f"{'at most':28}{MAX_EVENTS:>8.2f}{'':9}   {MAX_CPU:.2f}", ""]
    ours, floor = figures.costs[Kind.ENGINE].by_type, figures.costs[Kind.BARE].by_type
    other = [
        f"{ours.get(each, 0) - floor.get(each, 0):+.0f} {each}"
        for each in sorted({*ours, *floor})
        if ours.get(each) != floor.get(each)
    ]
    return "\n".join([*lines, f"Other events than the bare workflow's: {', '.join(other)}"])
