"""What the one plugin promises: bad input fails its run, our mistakes and batons wait."""

import asyncio
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError
from temporalio.worker import Worker

from escalations import names
from escalations.temporal import INVALID_REQUEST, RunInputPayloadConverter
from tests.entrances.conftest import Complaint
from tests.harness import Desk


def raw(data: bytes, encoding: bytes = b"json/plain") -> RawValue:
    return RawValue(Payload(metadata={"encoding": encoding}, data=data))


@pytest.mark.parametrize(
    ("start", "named"),
    [
        pytest.param([{"case": "T-1"}], ["title", "statement", "customer", "policy"], id="fields"),
        pytest.param([{"case": "T 1", "x": 1}], ["case", "x"], id="unknown field"),
        pytest.param([{"reported_at": "2026-11-23T09:00:00"}], ["offset"], id="naive time"),
        pytest.param([[1, 2]], ["a JSON object"], id="list"),
        pytest.param([], ["one JSON object"], id="no input"),
        pytest.param([{}, {}], ["one JSON object"], id="two inputs"),
        pytest.param([None], ["one JSON object"], id="null"),
        pytest.param([b"bytes"], ["one JSON object"], id="bytes"),
        pytest.param([raw(b"{no json")], ["one JSON object"], id="garbage"),
        pytest.param([raw(b"{}", b"martian")], ["martian"], id="encoding"),
    ],
)
async def test_a_malformed_start_fails_its_run(
    desk: Desk, start: list[Any], named: list[str]
) -> None:
    """Whoever starts a run by hand with nonsense sees it failed at once, every mistake named."""
    run = await desk.client.start_workflow(
        names.Workflow.ESCALATION, args=start, id=f"bad/{uuid4().hex}", task_queue=desk.task_queue
    )

    with pytest.raises(WorkflowFailureError) as failed:
        await asyncio.wait_for(run.result(), 60)

    cause = failed.value.cause
    assert isinstance(cause, ApplicationError)
    assert (cause.type, cause.non_retryable) == (INVALID_REQUEST, True)
    assert [name for name in named if name not in cause.message] == []


async def test_a_baton_nobody_can_read_waits(desk: Desk) -> None:
    """A case of weeks is not failed by a worker too old for its record: its run stays open."""
    run = await desk.client.start_workflow(
        names.Workflow.ESCALATION,
        {"record": {"of": "another time"}},
        id=f"baton/{uuid4().hex}",
        task_queue=desk.task_queue,
    )

    async with asyncio.timeout(60):
        async for event in run.fetch_history_events(wait_new_event=True):
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED:
                break

    described = await run.describe()
    assert described.close_time is None
    await run.terminate()


async def test_what_is_none_of_a_workflows_business_is_refused_at_the_start(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A workflow file with an import that the sandbox would load for every run stops the worker."""
    (tmp_path / "heavy_luggage.py").write_text("WEIGHT = 30\n")
    (tmp_path / "stray_workflow.py").write_text(
        "import heavy_luggage\nfrom temporalio import workflow\n\n\n"
        "@workflow.defn\nclass Stray:\n    @workflow.run\n"
        "    async def run(self) -> int:\n        return heavy_luggage.WEIGHT\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    import stray_workflow  # type: ignore[import-not-found]  # it was written a moment ago

    with pytest.raises(RuntimeError, match="validating workflow") as refused:
        Worker(desk.client, task_queue="stray", workflows=[stray_workflow.Stray])

    assert "heavy_luggage" in str(refused.value.__cause__)


def test_runs_share_their_type_adapters() -> None:
    """The SDK makes a converter a run; what is costly in it is there once."""
    first, second = RunInputPayloadConverter(), RunInputPayloadConverter()

    assert first.converters[b"json/plain"] is second.converters[b"json/plain"]


def test_a_request_survives_the_wire(complaint: Complaint) -> None:
    """What a client sends is what the run reads, scripts of any direction and emoji included."""
    request = complaint(title="Rechnung doppelt 😀", customer={"name": "שלום ACME"})
    converter = RunInputPayloadConverter()

    (read,) = converter.from_payloads(converter.to_payloads([request]), [type(request)])

    assert read == request
