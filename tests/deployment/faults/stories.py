"""More stories, beside the five of the kills."""

import asyncio
from datetime import UTC, datetime
from functools import partial

from escalations import events
from escalations.record import Ending, EscalationRecord
from tests.deployment.kills.stories import LAST_LEVEL, Caller, Story


async def waiting(caller: Caller) -> None:
    """A case that nothing happens to, until it is withdrawn."""
    await caller.open()
    await caller.over.wait()
    await caller.must("closed", events.Withdraw, why="It solved itself.")


async def talking(caller: Caller) -> None:
    """The customer writes again and again; each time whoever has the case is told."""
    await caller.open()
    while not caller.over.is_set():
        await caller.must("customer_replied", events.CustomerReplied, text="And another thing.")
        await caller.until(lambda record: not record.outbox)
    await caller.must("closed", events.Withdraw, why="All is said.")


async def raced(caller: Caller) -> None:
    """Taken at the very moment at which something is due, level after level, up to the last one."""
    await caller.open()
    for level in range(1, LAST_LEVEL):
        record = await caller.until(partial(_got_to, level))
        if record.next_deadline is not None:
            left = (record.next_deadline.at - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(0, left + caller.random.gauss(-0.005, 0.015)))
        await caller.say("acknowledged", events.Acknowledge)
    await caller.must("closed", events.Withdraw, why="The race is over.")


def _got_to(level: int, record: EscalationRecord) -> bool:
    return record.level >= level


WAITING = Story(waiting, "patient", Ending.WITHDRAWN)
TALKING = Story(talking, "patient", Ending.WITHDRAWN)
RACED = Story(raced, "hasty", Ending.WITHDRAWN)
