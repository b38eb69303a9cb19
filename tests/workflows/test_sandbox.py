"""What our sandbox leaves out, and what it must not."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from temporalio.api.common.v1 import Payload
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.record import Ending
from escalations.snapshot import Snapshot, take
from escalations.temporal import data_converter, plugin
from tests import harness
from tests.harness import Desk


async def test_current_details_are_written_when_somebody_looks(desk: Desk) -> None:
    """Who opens a case in the Temporal UI sees how it stands, and after its end how it ended."""
    case = await desk.open()

    async def page() -> str:
        answer: WorkflowMetadata = await case.handle.query(
            "__temporal_workflow_metadata", result_type=WorkflowMetadata
        )
        return answer.current_details

    opened = await page()
    await case.command(names.Update.ACKNOWLEDGE, events.Acknowledge(by="ada"))
    taken = await page()
    await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="a mistake"))
    await case.handle.result()
    closed = await page()

    assert "- Status: **open**" in opened
    assert "- Owner: **nobody yet**; Call-centre representative is asked" in opened
    assert "- Owner: **ada**" in taken
    assert "closed: withdrawn" in closed


async def test_cases_share_the_snapshot_they_keep() -> None:
    """A worker with a thousand open cases of one policy has it in memory once."""
    converter, taken = data_converter(), take(harness.policies()["call-centre"], 2026)
    case, another = await converter.encode([taken]), await converter.encode([taken])

    (kept,) = await converter.decode(case, [Snapshot])
    (kept_by_another,) = await converter.decode(another, [Snapshot])

    assert kept is kept_by_another
    assert kept == taken


class Seal(PayloadCodec, WithSerializationContext):
    """Writes on each payload whose it is, and opens none that is somebody else's."""

    def __init__(self, owner: str = "nobody") -> None:
        self._owner = owner.encode()

    def with_context(self, context: SerializationContext) -> "Seal":
        """A seal for what belongs to that run."""
        assert isinstance(context, WorkflowSerializationContext | ActivitySerializationContext)
        return Seal(str(context.workflow_id))

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Seal them."""
        sealed = {"encoding": b"sealed", "owner": self._owner}
        return [Payload(metadata=sealed, data=each.SerializeToString()) for each in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Open them."""
        assert {each.metadata["owner"] for each in payloads} <= {self._owner}
        return [Payload.FromString(each.data) for each in payloads]


async def test_a_codec_that_asks_whose_a_payload_is_gets_an_answer(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Payloads can be bound to their run: the sandbox says which one it is, to whoever asks."""
    address = environment.client.service_client.config.target_host
    client = await Client.connect(address, plugins=[plugin(Seal())])
    async with harness.desk(WorkflowEnvironment.from_client(client), tmp_path) as desk:
        case = await desk.open()
        await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="a mistake"))
        async with asyncio.timeout(60):
            record = await case.handle.result()
        history = await case.handle.fetch_history()

    scheduled = [
        payload
        for event in history.events
        for payload in event.activity_task_scheduled_event_attributes.input.payloads
    ]
    assert record.ending is Ending.WITHDRAWN
    assert {payload.metadata["owner"].decode() for payload in scheduled} == {case.handle.id}
