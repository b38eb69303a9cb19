"""Many people at once, and messages that are none."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from temporalio.api.common.v1 import Payload, Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import SignalWorkflowExecutionRequest
from temporalio.client import WorkflowQueryFailedError, WorkflowUpdateFailedError
from temporalio.common import RawValue

from activities.letters import Unavailable
from activities.notifications import ATTEMPTS
from escalations import names
from escalations.client import EscalationClient
from escalations.errors import Refused
from escalations.record import Summary
from tests.harness import Desk

PEOPLE = 100
PATIENT = timedelta(seconds=60)


async def test_a_hundred_people_take_one_case(desk: Desk) -> None:
    """One of them has it, and each of the others is told who."""
    case = await desk.open()
    client = EscalationClient(desk.client, task_queue=desk.task_queue, answer_within=PATIENT)

    answers = await asyncio.gather(
        *(client.acknowledge(case.case, by=f"person {n}") for n in range(PEOPLE)),
        return_exceptions=True,
    )

    record = await case.record()
    won = [answer for answer in answers if isinstance(answer, Summary)]
    lost = [str(answer) for answer in answers if isinstance(answer, Refused)]
    assert (len(won), len(lost)) == (1, PEOPLE - 1)
    assert sum(entry.type == "acknowledged" for entry in record.timeline) == 1
    assert won[0].owner == record.owner
    assert all(f"{record.owner} has it already" in said for said in lost)


async def test_no_channel_works(desk: Desk) -> None:
    """With every address down for now the case climbs and says who was not told; each message is
    tried as often as it is allowed, and never again."""
    tries: Counter[str] = Counter()
    addresses = {
        address for each in desk.policies["call-centre"].contacts.values() for address in each.reach
    } | {"mailto:ada@acme.example"}
    for address in addresses:
        desk.channels.hangs[address] = _down(tries, address)

    case = await desk.start(category="quality-complaint")
    await case.forward(timedelta(minutes=35))
    before = await case.record()
    counted = tries.total()
    await case.forward(timedelta(minutes=2))
    record = await case.record()

    messages = sum(entry.type == "undelivered" for entry in record.timeline)
    types = [entry.type for entry in record.timeline]
    assert record.level == before.level == 2
    assert "notified" not in types
    assert types.count("breached") == 1
    assert record.outbox == before.outbox == []
    assert tries.total() == counted == messages * ATTEMPTS


def _down(tries: Counter[str], address: str) -> Callable[[], Awaitable[None]]:
    async def down() -> None:
        tries[address] += 1
        raise Unavailable("451 try again later")

    return down


POISON = {
    "no-json": Payload(metadata={"encoding": b"json/plain"}, data=b'{"text": "He'),
    "no-text": Payload(metadata={"encoding": b"json/plain"}, data=b"\xff\xfe\x00"),
    "unknown-encoding": Payload(metadata={"encoding": b"binary/rot13"}, data=b"uryyb"),
    "no-encoding": Payload(data=b"hello"),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON.keys())
async def test_poison(desk: Desk, poison: Payload) -> None:
    """Bytes that nobody can read: the signal becomes an entry, command and question are refused,
    and the case goes on."""
    case = await desk.open()
    await desk.client.workflow_service.signal_workflow_execution(
        SignalWorkflowExecutionRequest(
            namespace=desk.client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=case.handle.id),
            signal_name=names.Signal.CUSTOMER_REPLIED,
            input=Payloads(payloads=[poison]),
        )
    )
    with pytest.raises(WorkflowUpdateFailedError):
        await case.handle.execute_update(names.Update.ACKNOWLEDGE, RawValue(poison))
    with pytest.raises(WorkflowQueryFailedError):
        await case.handle.query(names.Query.TIMELINE, RawValue(poison))

    await case.forward(timedelta(minutes=31))
    record = await case.record()

    types = [entry.type for entry in record.timeline]
    assert types.count("refused") == 1
    assert "acknowledged" not in types
    assert record.level == 2
