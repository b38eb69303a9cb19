"""The paths through our workflows of which a history is recorded, and what their stories speak.

Every case opens on Monday 4 March 2030, 10:00 in Paris, under `tests/histories/policy.yaml`: the
desk has it for 30 minutes, the head of service for two business days, then management for good.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from escalations import names
from escalations.events import Message
from escalations.names import Signal, Update
from escalations.record import EscalationRecord, Opening
from escalations.request import EscalationRequest
from tests.harness import Desk, OpenCase, request

Handle = WorkflowHandle[Any, Any]
Story = Callable[[Desk], Awaitable[Handle]]

MONDAY = datetime(2030, 3, 4, 9, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

PATHS: dict[str, Story] = {}
"""The name of a recorded history → what happens in it; its workflow's handle is the answer."""


def path(story: Story) -> Story:
    """This story is recorded."""
    PATHS[story.__name__] = story
    return story


@dataclass
class Case(OpenCase):
    """A running case to which every message has an id, so that there is no chance in its record."""

    said: int = field(default=0, kw_only=True)

    async def tell(self, *messages: Message) -> None:
        """Say these, one after another, as signal or as update."""
        for message in messages:
            self.said += 1
            known = message.model_copy(update={"message_id": f"m-{self.said}"})
            name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(message).__name__).lower()
            if name in list(Update):
                await self.command(Update(name), known)
            else:
                await self.say(Signal(name), known)

    async def left_open(self) -> Handle:
        """Here the story ends, and the case goes on: when everybody has been told."""
        await self.ready()
        return self.handle


def asked(case: str, **said: Any) -> EscalationRequest:
    """The request that opens a recorded case."""
    said = {"policy": "recorded", "category": None, "reported_at": MONDAY, **said}
    return request(case=case, **said)


async def open_case(desk: Desk, case: str, **said: Any) -> Case:
    """Open a case, and wait until whoever is told of that has been told."""
    opened = await start(desk, Opening(asked(case, **said)), case, MONDAY)
    await opened.ready()
    return opened


async def start(desk: Desk, opening: Opening, case: str, at: datetime) -> Case:
    """Start a run whose clock begins at a moment to come."""
    delay = at - datetime.now(UTC)
    handle = await desk.client.start_workflow(
        names.Workflow.ESCALATION,
        opening,
        id=names.escalation_id(case),
        task_queue=desk.task_queue,
        start_delay=delay,
        result_type=EscalationRecord,
    )
    await desk.environment.fast_forward(handle, delay)
    return Case(case, handle, desk)
