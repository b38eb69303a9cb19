"""What the entrances are tested with: a backend's client, and complaints."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from escalations import names
from escalations.client import EscalationClient
from escalations.request import EscalationRequest
from escalations.search import Listed, Search
from tests import harness
from tests.entrances.terminal import Terminal
from tests.harness import Desk

PATIENT = timedelta(seconds=60)
"""Nothing here is about how fast the machine is."""

Complaint = Callable[..., EscalationRequest]


@pytest.fixture
def client(desk: Desk) -> EscalationClient:
    """A backend's client, that knows the policies."""
    return EscalationClient(
        desk.client, policies=desk.policies, task_queue=desk.task_queue, answer_within=PATIENT
    )


@pytest.fixture
def stranger(desk: Desk) -> EscalationClient:
    """A client of a backend that has no policies."""
    return EscalationClient(desk.client, task_queue=desk.task_queue, answer_within=PATIENT)


@pytest.fixture
def complaint() -> Complaint:
    """A request for a case of its own, but for what is said."""

    def complain(**said: Any) -> EscalationRequest:
        case = f"T-{uuid4().hex[:8]}"
        return harness.request(**{"case": case, "reported_at": datetime.now(UTC)} | said)

    return complain


@pytest.fixture
def until_over(desk: Desk) -> Callable[[str], Any]:
    """Wait until the run of a case is over, its last messages sent."""

    async def wait(case: str) -> None:
        await desk.client.get_workflow_handle(names.escalation_id(case)).result()

    return wait


@pytest.fixture
def terminal(desk: Desk) -> Terminal:
    """A terminal that talks to the test's server."""
    return Terminal.at(desk.client.service_client.config.target_host, desk.task_queue)


async def eventually(
    search: Callable[[Search], AsyncIterator[Listed]], asked: Search
) -> list[Listed]:
    """What a search finds, once it finds something: the server's lists lag behind."""
    async with asyncio.timeout(60):
        while True:
            if found := [listed async for listed in search(asked)]:
                return found
            await asyncio.sleep(0.05)
