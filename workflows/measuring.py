"""Measuring what happens to a case, where metrics are offered; a replay measures nothing again.

A task that is repeated because its worker was killed in it is measured twice: metrics are for
watching, the timeline is for counting.
"""

from collections.abc import Callable
from datetime import timedelta

from temporalio import workflow
from temporalio.common import MetricCounter, MetricHistogramTimedelta

from escalations.clock import Deadline
from escalations.engine import Case
from escalations.measures import Measure, Measured, lateness
from escalations.metrics import Kind, Metric
from escalations.names import Workflow
from escalations.record import Baton
from escalations.request import EscalationRequest


class Measuring:
    """One run's measurements."""

    def __init__(self) -> None:
        self._measured = Measured()
        self._instruments: dict[Metric, MetricCounter | MetricHistogramTimedelta] = {}
        self._counts = workflow.info().workflow_type == Workflow.ESCALATION  # a canary is no case

    def begin(self, case: Case, opening: EscalationRequest | Baton) -> None:
        """What the runs before this one have measured is not measured again."""
        if isinstance(opening, Baton):
            self._measured.skip(case.record, len(opening.record.timeline))

    def falls_due(self, case: Case, deadline: Deadline) -> None:
        """A due moment is about to be carried out."""
        if self._counts:
            self._emit(lateness(deadline, case.record, workflow.now()))

    def look(self, case: Case) -> None:
        """Measure what is new."""
        if self._counts:
            for measure in self._measured.news(case.record):
                self._emit(measure)

    def _emit(self, measure: Measure) -> None:
        instrument = self._instruments.get(measure.metric)
        if instrument is None:
            instrument = self._instruments[measure.metric] = _instrument(measure.metric)
        if isinstance(instrument, MetricCounter):
            instrument.add(1, measure.labels)
        else:
            instrument.record(measure.value or timedelta(0), measure.labels)


def _instrument(metric: Metric) -> MetricCounter | MetricHistogramTimedelta:
    meter = workflow.metric_meter()
    create: Callable[[str, str], MetricCounter | MetricHistogramTimedelta] = (
        meter.create_counter if metric.kind is Kind.COUNTER else meter.create_histogram_timedelta
    )
    return create(metric.name, metric.help)
