"""Every metric of ours, once: its name, its kind, its labels, what it says.

What the SDK measures of itself stands beside them, on the same page. A label has few values, all of
them ours: never a case, a customer, an address or anybody's words.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How Prometheus reads it."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"
    """Of durations, in seconds."""


@dataclass(frozen=True)
class Metric:
    """One metric; `name` is without the ending that its kind adds."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    help: str
    """One sentence, for the page that Prometheus reads."""

    @property
    def served(self) -> str:
        """Its name as Prometheus reads it."""
        return self.name + _ENDING[self.kind]


_ENDING: Final = {Kind.COUNTER: "_total", Kind.GAUGE: "", Kind.HISTOGRAM: "_seconds"}

TO_ACKNOWLEDGE: Final = Metric(
    "escalade_time_to_acknowledge",
    Kind.HISTOGRAM,
    ("level", "priority"),
    "From a level's being asked to somebody's taking the case there.",
)
TO_OWN: Final = Metric(
    "escalade_time_to_own",
    Kind.HISTOGRAM,
    ("priority",),
    "From the customer's report to the first owner of the case.",
)
TO_RESOLVE: Final = Metric(
    "escalade_time_to_resolve",
    Kind.HISTOGRAM,
    ("kind", "priority"),
    "From the customer's report to the fix or workaround that the customer agreed to.",
)
TO_CLOSE: Final = Metric(
    "escalade_time_to_close",
    Kind.HISTOGRAM,
    ("ending", "priority"),
    "From the customer's report to the end of the case.",
)
LATENESS: Final = Metric(
    "escalade_lateness",
    Kind.HISTOGRAM,
    ("what",),
    "From a moment that was due (a climb, a reminder ...) to its being carried out.",
)
BREACHES: Final = Metric(
    "escalade_breaches",
    Kind.COUNTER,
    ("level", "priority", "what"),
    "Promises that were not kept: a window, a fix, word to the customer.",
)
LEVELS_LEFT: Final = Metric(
    "escalade_levels_left",
    Kind.COUNTER,
    ("why",),
    "Times that a case left a level, by why.",
)
UNDELIVERED: Final = Metric(
    "escalade_undelivered",
    Kind.COUNTER,
    ("notice",),
    "People who could not be told, by any of their addresses, at any attempt.",
)
DELIVERIES: Final = Metric(
    "escalade_deliveries",
    Kind.COUNTER,
    ("channel", "outcome"),
    "Attempts to send one message to one address, by how they went.",
)
DELIVERY_DELAY: Final = Metric(
    "escalade_delivery_delay",
    Kind.HISTOGRAM,
    ("channel",),
    "From the decision to tell somebody to a channel's taking the message.",
)
OPEN_CASES: Final = Metric(
    "escalade_open_cases",
    Kind.GAUGE,
    ("level", "priority"),
    "Cases that run; level 0 are those that no worker has begun.",
)
CASES_BY_STATUS: Final = Metric(
    "escalade_cases_by_status",
    Kind.GAUGE,
    ("status",),
    "Cases that run, by where they stand.",
)
UNOWNED_CASES: Final = Metric(
    "escalade_unowned_cases",
    Kind.GAUGE,
    ("priority",),
    "Open cases that nobody has taken.",
)
BREACHED_CASES: Final = Metric(
    "escalade_breached_cases",
    Kind.GAUGE,
    ("priority",),
    "Cases that run and have a broken promise behind them.",
)
OVERDUE_CASES: Final = Metric(
    "escalade_overdue_cases",
    Kind.GAUGE,
    (),
    "Cases whose next moment has passed and was not carried out: the machinery is late.",
)
STUCK_RUNS: Final = Metric(
    "escalade_stuck_runs",
    Kind.GAUGE,
    ("workflow_type",),
    "Runs whose tasks fail again and again (TemporalReportedProblems).",
)
CENSUS_AT: Final = Metric(
    "escalade_census_timestamp_seconds",
    Kind.GAUGE,
    (),
    "When the cases were counted last; older than some minutes, the gauges are not to be believed.",
)
CANARY_CLIMBED_AT: Final = Metric(
    "escalade_canary_last_climb_timestamp_seconds",
    Kind.GAUGE,
    (),
    "When a canary climbed last and its next level was told.",
)
CANARY_TOOK: Final = Metric(
    "escalade_canary_climb_seconds",
    Kind.GAUGE,
    (),
    "How long the newest canary that climbed took, from its opening to its end.",
)
CANARIES: Final = Metric(
    "escalade_canaries",
    Kind.COUNTER,
    ("outcome",),
    "Canaries sent, by what became of them.",
)

OF_WORKERS: Final = (
    TO_ACKNOWLEDGE,
    TO_OWN,
    TO_RESOLVE,
    TO_CLOSE,
    LATENESS,
    BREACHES,
    LEVELS_LEFT,
    UNDELIVERED,
    DELIVERIES,
    DELIVERY_DELAY,
)
"""What workers measure of what they do."""

OF_THE_CENSUS: Final = (
    OPEN_CASES,
    CASES_BY_STATUS,
    UNOWNED_CASES,
    BREACHED_CASES,
    OVERDUE_CASES,
    STUCK_RUNS,
    CENSUS_AT,
)
"""What is counted on the server, by every worker and by the canary's probe: all say the same."""

OF_THE_CANARY: Final = (CANARY_CLIMBED_AT, CANARY_TOOK, CANARIES)
"""What the canary's probe says."""

ALL: Final = (*OF_WORKERS, *OF_THE_CENSUS, *OF_THE_CANARY)

_MINUTE, _HOUR, _DAY = 60.0, 3_600.0, 86_400.0
_OF_PEOPLE: Final = (
    *(each * _MINUTE for each in (1, 5, 15, 30)),
    *(each * _HOUR for each in (1, 2, 4, 8)),
    *(each * _DAY for each in (1, 2, 3, 5, 7, 14, 30, 90)),
)
"""The bounds of what people take: those that matrices are written in."""
_OF_MACHINES: Final = (0.1, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""The bounds of what the machinery takes: 5 s is what is promised, 15 s after a killed worker."""

BUCKETS: Final = {
    TO_ACKNOWLEDGE: _OF_PEOPLE,
    TO_OWN: _OF_PEOPLE,
    TO_RESOLVE: _OF_PEOPLE,
    TO_CLOSE: _OF_PEOPLE,
    LATENESS: _OF_MACHINES,
    DELIVERY_DELAY: _OF_MACHINES,
}
"""Histogram → the upper bounds of its buckets, in seconds."""
