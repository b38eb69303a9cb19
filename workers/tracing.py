"""Traces, where OpenTelemetry is installed (`escalade[otel]`) and its variables ask for them.

`OTEL_EXPORTER_OTLP_ENDPOINT` turns them on; the other `OTEL_…` variables mean what OpenTelemetry
says. A span says which run, which activity, which message, and how long; never what was said: an
error's own words may quote a customer, so they are left out.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import structlog
from temporalio.worker import Interceptor

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

SERVICE: Final = "escalade-worker"
_WHERE_TO: Final = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOL: Final = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
_SPOKEN: Final = "http/protobuf"

log = structlog.stdlib.get_logger(__name__)


@asynccontextmanager
async def tracing(environment: Mapping[str, str]) -> AsyncIterator[Sequence[Interceptor]]:
    """What a worker traces with; nothing, and nothing imported, where traces are not asked for.

    Where they cannot be had, the log says why: a worker without traces still works.
    """
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or not any(
        environment.get(name) for name in _WHERE_TO
    ):
        yield ()
        return
    protocol = next((environment[name] for name in _PROTOCOL if environment.get(name)), _SPOKEN)
    if protocol != _SPOKEN:
        log.warning("traces.switched_off", why=f"found {protocol!r}; allowed: {_SPOKEN}")
        yield ()
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        provider = traced(OTLPSpanExporter(), environment)
    except ImportError as error:
        why = f"{error.name} is not installed: install escalade[otel], or unset OTEL_…"
        log.warning("traces.switched_off", why=why)
        yield ()
        return
    log.info("traces.switched_on")
    try:
        yield interceptors(provider)
    finally:
        await asyncio.to_thread(provider.shutdown)


def traced(exporter: "SpanExporter", environment: Mapping[str, str]) -> "TracerProvider":
    """A provider whose spans go to an exporter, in batches and without anybody's words."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    from workers.discreet import Discreet

    named = environment.get("OTEL_SERVICE_NAME") or "service.name=" in environment.get(
        "OTEL_RESOURCE_ATTRIBUTES", ""
    )
    provider = TracerProvider(resource=Resource.create({} if named else {"service.name": SERVICE}))
    provider.add_span_processor(BatchSpanProcessor(Discreet(exporter)))
    return provider


def interceptors(provider: "TracerProvider") -> Sequence[Interceptor]:
    """Spans of runs, messages and activities; short ones, since a case is open for weeks.

    A case that was opened by somebody who does not trace has spans all the same.
    """
    from temporalio.contrib.opentelemetry import TracingInterceptor

    tracer = provider.get_tracer("escalade")
    return (TracingInterceptor(tracer, always_create_workflow_spans=True),)
