"""One page of metrics for Prometheus: the SDK's own, and ours.

Ours go through the SDK's meters too (`workflow.metric_meter` is silent in a replay), so there is
one registry and one port; prometheus-client would be a second of both.
"""

from collections.abc import Mapping

from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.runtime import PrometheusConfig, Runtime

from escalations.metrics import BUCKETS, Metric

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
