"""One page of metrics for Prometheus: the SDK's own, and ours.

Ours go through the SDK's meters too (`workflow.metric_meter` is silent in a replay), so there is
one registry and one port; prometheus-client would be a second of both.
"""

from collections.abc import Mapping
from itertools import product
from typing import Final, get_args

from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.runtime import PrometheusConfig, Runtime

from activities.measuring import Outcome
from escalations import metrics
from escalations.effects import CustomerNotice, Notice
from escalations.metrics import BUCKETS, Metric
from escalations.names import Workflow
from escalations.policy import Priority
from escalations.timeline import Breached

REPORTED_LATER: Final = "reported_later"
"""The notice of a bounce that a channel reports."""
_BROKEN: Final = get_args(Breached.model_fields["what"].annotation)
"""What may be breached."""

Counted = Mapping[tuple[str, ...], float]
"""The values of a metric's labels, in their order → what is counted under them."""


def page(address: str) -> PrometheusConfig:
    """The page at `host:port`, in Prometheus' own units and endings."""
    return PrometheusConfig(
        bind_address=address,
        durations_as_seconds=True,
        counters_total_suffix=True,
        unit_suffix=True,
        histogram_bucket_overrides={metric.name: list(BUCKETS[metric]) for metric in BUCKETS},
    )


def meter_of(client: Client) -> MetricMeter:
    """The meter of the page that a client writes on; one that does nothing if there is none."""
    return (client.service_client.config.runtime or Runtime.default()).metric_meter


def begin_at_zero(client: Client, task_queue: str, levels: int) -> None:
    """Show what is alarmed on as zero, so that Prometheus sees its first rise, too."""
    run = {"namespace": client.namespace, "task_queue": task_queue}
    of_a_case = {**run, "workflow_type": Workflow.ESCALATION.value}
    of_a_send = {**run, "activity_type": "notify"}
    meter = meter_of(client)
    undelivered = meter.create_counter(metrics.UNDELIVERED.name, metrics.UNDELIVERED.help)
    for notice in (*Notice, *CustomerNotice, REPORTED_LATER):
        undelivered.add(0, {**of_a_case, "notice": str(notice)})
    breaches = meter.create_counter(metrics.BREACHES.name, metrics.BREACHES.help)
    for level, priority, what in product(range(1, levels + 1), Priority, _BROKEN):
        labels = {"level": str(level), "priority": priority.value, "what": what}
        breaches.add(0, {**of_a_case, **labels})
    deliveries = meter.create_counter(metrics.DELIVERIES.name, metrics.DELIVERIES.help)
    for outcome in get_args(Outcome):
        deliveries.add(0, {**of_a_send, "channel": "mailto", "outcome": outcome})


class Gauges:
    """Gauges that show what was counted last; what was shown and is gone becomes zero."""

    def __init__(self, meter: MetricMeter) -> None:
        self._meter = meter
        self._shown: dict[Metric, set[tuple[str, ...]]] = {}

    def show(self, metric: Metric, counted: Counted) -> None:
        """Show it."""
        shown = self._shown.setdefault(metric, set())
        gauge = self._meter.create_gauge_float(metric.name, metric.help)
        for gone in shown - counted.keys():
            gauge.set(0, dict(zip(metric.labels, gone, strict=True)))
        for values, count in counted.items():
            gauge.set(count, dict(zip(metric.labels, values, strict=True)))
        shown.update(counted)
