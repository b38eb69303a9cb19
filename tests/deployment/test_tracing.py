"""Traces: spans of what a case goes through, without anybody's words; none unless asked for."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.testing import capture_logs
from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.opentelemetry import TracingInterceptor
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.canary import Canaries
from activities.ledger import SqlLedger
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from escalations import events, names
from escalations.client import EscalationClient
from escalations.record import EscalationRecord, Opening
from escalations.temporal import plugin
from tests.harness import ROOT, FakeChannels, policies, request
from tests.questions import not_yet
from workers.composition import WORKFLOWS
from workers.discreet import ATTRIBUTES
from workers.tracing import SERVICE, interceptors, traced, tracing

WHO = "Zoë Kanarienvogel"
QUEUE = "traced"
PATIENT = timedelta(seconds=60)
"""Nothing here is about how fast the machine is."""


async def test_spans_of_a_case(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    """A case's run, what it hears and the activities it starts are spans, with the ids of machines
    and the types of errors, and nothing that anybody said. An activity and the attempts at it are
    one trace, and so is the whole case where whoever opened it traces, too. A history that was made
    under traces is replayed without them."""
    kept = InMemorySpanExporter()
    provider = traced(kept, {})
    channels, ledger = FakeChannels(), SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    channels.fails.add("mailto:representative@callcentre.example")
    async with Worker(
        environment.client,
        task_queue=QUEUE,
        workflows=WORKFLOWS,
        activities=[
            Policies(policies()).snapshot,
            Notifications(channels, ledger, JinjaTemplates()).notify,
            Canaries().snapshot,
        ],
        interceptors=interceptors(provider),
    ):
        client = EscalationClient(environment.client, task_queue=QUEUE, answer_within=PATIENT)
        asked = request(case="T-traced", reported_at=datetime.now(UTC), title=WHO, statement=WHO)
        await client.open(asked)
        await client.send("T-traced", events.Acknowledge(by=WHO))
        await client.report("T-traced", events.Withdraw(by=WHO, why=WHO))
        handle = environment.client.get_workflow_handle(names.escalation_id("T-traced"))
        await environment.fast_forward(handle)
        history = await handle.fetch_history()
        channels.fails.clear()
        await opened_by_a_backend_that_traces(environment, provider)
    provider.shutdown()
    await ledger.close()

    spans = kept.get_finished_spans()
    found = {span.name for span in spans}
    assert found >= {
        "RunWorkflow:Escalation",
        "HandleUpdate:acknowledge",
        "HandleSignal:withdraw",
        "StartActivity:notify",
        "RunActivity:notify",
        "RunActivity:snapshot_policy",
    }
    assert {span.resource.attributes["service.name"] for span in spans} == {SERVICE}
    assert {key for span in spans for key in span.attributes or {}} <= ATTRIBUTES
    failed = [span for span in spans if span.name == "RunActivity:notify" and span.events]
    assert {dict(each.attributes or {})["exception.type"] for each in failed[0].events} == {
        "temporalio.exceptions.ApplicationError"
    }
    for secret in (WHO, "Zoë", "callcentre.example", "acme.example", "could not be told"):
        assert secret not in everything(spans)
    assert len(traces(spans, "T-traced", "RunActivity:notify")) == 2  # two activities
    assert len(traces(spans, "T-backend")) == 1
    await Replayer(workflows=list(WORKFLOWS), plugins=[plugin()]).replay_workflow(history)


async def opened_by_a_backend_that_traces(
    environment: WorkflowEnvironment, provider: TracerProvider
) -> None:
    """One whose client has the SDK's interceptor."""
    client = await Client.connect(
        environment.client.service_client.config.target_host,
        plugins=[plugin()],
        interceptors=[TracingInterceptor(provider.get_tracer("backend"))],
    )
    asked = request(case="T-backend", reported_at=datetime.now(UTC), title=WHO)
    backend = await client.start_workflow(
        names.Workflow.ESCALATION,
        Opening(asked),
        id=names.escalation_id("T-backend"),
        task_queue=QUEUE,
    )
    async with asyncio.timeout(60):
        while True:
            if await told(backend):
                break
            await asyncio.sleep(0.1)
    await backend.terminate()


async def told(case: WorkflowHandle[Any, Any]) -> bool:
    """Whether somebody was told of the case's opening."""
    with not_yet():
        record = await case.query(names.Query.RECORD, result_type=EscalationRecord)
        return any(entry.type == "notified" for entry in record.timeline)
    return False


def traces(spans: Sequence[ReadableSpan], case: str, name: str = "") -> set[int]:
    """The traces of a case's spans, but for those of who asks for its record."""
    return {
        span.context.trace_id
        for span in spans
        if (span.attributes or {}).get("temporalWorkflowID") == names.escalation_id(case)
        and "Query" not in span.name
        and name in span.name
    }


def everything(spans: tuple[ReadableSpan, ...]) -> str:
    """All that is exported of these spans."""
    return "\n".join(span.to_json() for span in spans)


async def test_nothing_without_being_asked() -> None:
    """Where no variable asks for traces, or they are switched off, there are none."""
    endpoint = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}
    for environment in ({}, {"OTEL_SERVICE_NAME": "x"}, {**endpoint, "OTEL_SDK_DISABLED": "true"}):
        async with tracing(environment) as found:
            assert found == ()


def test_nothing_is_imported() -> None:
    """A worker that does not trace has not even loaded OpenTelemetry."""
    imported = "import sys, workers.service; print([m for m in sys.modules if 'opentelem' in m])"
    said = subprocess.run(
        [sys.executable, "-c", imported], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "[]"


async def test_asked_for() -> None:
    """The variable turns them on; a collector that is not there does not hold up the worker."""
    async with tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}) as found:
        assert len(found) == 1


async def test_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the packages are missing, the log names the extra, and the worker works."""
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with capture_logs() as lines:
        async with tracing({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"}) as found:
            assert found == ()

    assert lines[0]["event"] == "traces.switched_off"
    assert "install escalade[otel]" in lines[0]["why"]


async def test_another_protocol() -> None:
    """A protocol that is not spoken is named, with the one that is."""
    asked = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}
    with capture_logs() as lines:
        async with tracing(asked) as found:
            assert found == ()

    assert lines[0]["why"] == "found 'grpc'; allowed: http/protobuf"
