"""Opening a case again while it has ended and somebody in quiet hours has not heard of it yet."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations import names
from escalations.client import EscalationClient
from escalations.errors import CaseEnded
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest
from tests import harness
from tests.domain.matrices import ladder
from tests.entrances.conftest import PATIENT, Complaint
from tests.harness import Desk


def asleep() -> Policy:
    """A policy whose manager is left in peace from an hour ago for the next twelve hours."""
    now = datetime.now(UTC).replace(minute=0)
    hours = f"{now - timedelta(hours=1):%H:%M}-{now + timedelta(hours=12):%H:%M}"
    contacts = ladder("9h").policy.model_dump(mode="json")["contacts"]
    contacts["manager"]["quiet_hours"] = [hours]
    return ladder("9h", policy="night", timezone="UTC", contacts=contacts).policy


@pytest.fixture
async def night(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk at night."""
    async with harness.desk(environment, tmp_path, more=[asleep()]) as desk:
        yield desk


async def _ended(client: EscalationClient, request: EscalationRequest) -> EscalationRecord:
    """It has ended, and whoever is awake knows; what waits for the morning is all that it holds."""
    await client.open(request)
    await client.withdraw(request.case, by="ada", why="It works again.")
    while True:
        record = await client.record(request.case)
        if record.closed and all(getattr(each, "not_before", None) for each in record.outbox):
            return record
        await asyncio.sleep(0.05)


async def test_opened_again_before_the_last_word_is_out(night: Desk, complaint: Complaint) -> None:
    """Who opens it again is told at once from when on that can be, and nothing of it is lost: the
    manager hears of its end in the morning, once, and after that it is opened with its past."""
    client = EscalationClient(
        night.client, policies=night.policies, task_queue=night.task_queue, answer_within=PATIENT
    )
    request = complaint(policy="night", category=None)
    record = await _ended(client, request)
    again = request.model_copy(update={"reopen": True, "statement": "It happened again."})
    until = record.next_deadline
    assert until is not None
    night.channels.take(case=request.case)

    for asked in (again, request):
        with pytest.raises(
            CaseEnded, match=rf"last word to Manager goes out at {until.at:%Y-%m-%dT%H:%M}"
        ) as refused:
            await client.open(asked)
        assert f"{request.case} has ended: withdrawn" in str(refused.value)

    handle = night.client.get_workflow_handle(names.escalation_id(request.case))
    await night.environment.fast_forward(handle)
    await handle.result()
    told = [recipient for recipient, _ in night.channels.take(case=request.case)]
    assert told == ["manager", "manager"]  # of its opening and of its end
    summary = await client.open(again)
    assert (summary.reopened, summary.ending) == (1, None)
