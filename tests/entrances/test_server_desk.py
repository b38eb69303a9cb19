"""The test kit at a server: the same calls, spoken to a worker that runs."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations.errors import Refused, RequestInvalid
from escalations.policy import Policy
from escalations.testing.server import ServerDesk
from tests import harness

SECONDS = Policy.model_validate(
    {
        "policy": "seconds",
        "contacts": {
            "desk": {"name": "Desk", "reach": ["mailto:desk@shop.example"]},
            "head": {"name": "Head", "reach": ["mailto:head@shop.example"]},
        },
        "escalation_manager": "head",
        "levels": [
            {"name": "Desk", "contact": "desk", "within": "1s", "actions": ["look"]},
            {"name": "Head", "contact": "head", "within": "until-resolved"},
        ],
    }
)


@pytest.fixture
async def worked(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[harness.Desk]:
    """A worker that knows a policy of seconds."""
    async with harness.desk(environment, tmp_path, more=[SECONDS]) as desk:
        yield desk


def _story(address: str, task_queue: str) -> None:
    """What a user's test says, which knows nothing of loops."""
    with ServerDesk(SECONDS, address, task_queue=task_queue) as desk:
        case = desk.open(title="Charged twice")
        assert desk.told("desk", "level_entered")

        desk.forward("1s")
        assert case.level == 2
        assert case.breached
        assert desk.told("head", "level_entered")
        assert "nobody: told nobody" in repr(desk.told("nobody"))

        desk.reply("Is anybody there?")
        assert desk.told("head", "customer_replied")
        with pytest.raises(Refused, match="no level above"):
            desk.hand_up()
        desk.propose("Paid back")
        desk.confirm(by="Ada")
        assert (case.status, case.ending) == ("closed", "confirmed")

        with pytest.raises(ValueError, match="too long to be waited for at a server"):
            desk.forward("2h")
        with pytest.raises(RequestInvalid, match="impact"):
            desk.open(impact="enormous")


async def test_the_same_calls_at_a_server(worked: harness.Desk) -> None:
    """Opened, climbed in a second, replied, resolved, confirmed: as on a desk without a server."""
    address = worked.client.service_client.config.target_host
    async with asyncio.timeout(timedelta(seconds=90).total_seconds()):
        await asyncio.to_thread(_story, address, worked.task_queue)
