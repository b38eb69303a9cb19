"""What a backend can rely on when it speaks to cases through the client."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations import errors, events, names
from escalations.calls import Unanswered
from escalations.client import EscalationClient
from escalations.events import ResolutionKind
from escalations.record import Ending, EscalationRecord, Status, Summary
from escalations.request import EscalationRequest
from escalations.search import Search
from escalations.timeline import CustomerReplied
from tests import harness
from tests.harness import Desk

PATIENT = timedelta(seconds=60)


@pytest.fixture
def client(desk: Desk) -> EscalationClient:
    """A backend's client, that knows the policies."""
    return backend(desk)


def backend(desk: Desk, **settings: Any) -> EscalationClient:
    return EscalationClient(
        desk.client,
        policies=desk.policies,
        task_queue=desk.task_queue,
        answer_within=PATIENT,
        **settings,
    )


def complaint(**said: Any) -> EscalationRequest:
    return harness.request(
        **{"case": f"T-{uuid4().hex[:8]}", "reported_at": datetime.now(UTC)} | said
    )


def replies(record: EscalationRecord) -> list[str]:
    return [entry.text for entry in record.timeline if isinstance(entry, CustomerReplied)]


async def settled(client: EscalationClient, case: str) -> None:
    """Wait until the run of a case that has ended is over."""
    handle = client._connection.get_workflow_handle(names.escalation_id(case))
    await handle.result()


async def test_one_complaint_sent_fifty_times_at_once_is_one_case(client: EscalationClient) -> None:
    """Fifty backends that open the same case at the same moment get fifty equal answers."""
    request = complaint()

    answers = await asyncio.gather(*(client.open(request) for _ in range(50)))

    record = await client.record(request.case)
    assert {answer.model_dump_json() for answer in answers} == {record.summary().model_dump_json()}
    assert [entry.type for entry in record.timeline].count("opened") == 1
    assert replies(record) == []


async def test_another_channel_joins_the_case(client: EscalationClient) -> None:
    """What the customer says elsewhere about the same case reaches it as a reply, once."""
    by_phone = complaint(channel="phone")
    by_mail = by_phone.model_copy(
        update={"channel": "mail", "statement": "I called you about it, and nothing happened."}
    )
    await client.open(by_phone)

    await client.open(by_mail)
    await client.open(by_mail)
    await client.open(by_phone)

    record = await client.record(by_phone.case)
    assert replies(record) == ["I called you about it, and nothing happened."]
    assert record.timeline[-1].type != "refused"


async def test_the_same_message_id_is_the_same_complaint(client: EscalationClient) -> None:
    """A backend that words its retry differently, under one message id, opens nothing new."""
    request = complaint(message_id="mail-17")
    await client.open(request)

    await client.open(request.model_copy(update={"statement": "The same, forwarded."}))

    assert replies(await client.record(request.case)) == []
