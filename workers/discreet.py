"""Spans without anybody's words."""

from collections.abc import Sequence
from typing import Final

from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Status

ATTRIBUTES: Final = frozenset(
    {"temporalWorkflowID", "temporalRunID", "temporalActivityID", "temporalUpdateID"}
)
"""What a span may say, all of it made by machines."""
_OF_AN_EVENT: Final = frozenset({"exception.type"})


class Discreet(SpanExporter):
    """Hands spans on with the attributes that are allowed, and errors by their type alone.

    OpenTelemetry writes an error's message and stack trace into the span, and ours say what was
    found where something else was allowed: a customer's name, an address.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Hand them on."""
        return self._exporter.export([_discreet(span) for span in spans])

    def shutdown(self) -> None:
        """No more come."""
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        """Whether all were handed on in time."""
        return self._exporter.force_flush(timeout_millis)


def _discreet(span: ReadableSpan) -> ReadableSpan:
    attributes = {key: each for key, each in (span.attributes or {}).items() if key in ATTRIBUTES}
    return ReadableSpan(
        name=span.name,
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=attributes,
        events=[_named(event) for event in span.events],
        links=span.links,
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _named(event: Event) -> Event:
    said = event.attributes or {}
    kept = {key: each for key, each in said.items() if key in _OF_AN_EVENT}
    return Event(event.name, kept, event.timestamp)
