"""The life of a case, step by step: time that passes, and what is said.

On a server with virtual time, and each step only when all that came of the one before is done: so
a history has the same events however slow the machine is.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from escalations import events
from escalations.names import Signal, Update

Handle = WorkflowHandle[Any, Any]

OF_VIRTUAL_TIME: Final = frozenset(
    {
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
        EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
    }
)
"""Events by which the server's clock is moved: no case has them where time passes by itself."""

_LOOK_EVERY = 0.02  # seconds


@dataclass(frozen=True)
class Forward:
    """Time passes."""

    by: timedelta


@dataclass(frozen=True)
class Say:
    """A fact is reported."""

    signal: Signal
    fact: events.Fact


@dataclass(frozen=True)
class Bid:
    """A command is given."""

    update: Update
    command: events.Command


Step = Forward | Say | Bid

WHOLE_LIFE: Final[tuple[Step, ...]] = (
    *(Forward(timedelta(minutes=minutes)) for minutes in (6, 10, 15, 30, 30)),
    Say(Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="Where is my money?")),
    Bid(Update.ACKNOWLEDGE, events.Acknowledge(by="ada")),
    Say(Signal.RESOLVE, events.Resolve(by="ada", summary="Refunded.")),
    Bid(Update.CONFIRM_RESOLUTION, events.ConfirmResolution(by="Bob")),
    Bid(Update.RATE, events.Rate(score=5)),
)
"""On the real matrix: told, asked again, reminded, climbed, reminded, climbed; the customer asks,
somebody takes it, solves it, the customer agrees and says how it went. The window was missed: a
retrospective begins."""


async def live(environment: WorkflowEnvironment, handle: Handle, steps: Iterable[Step]) -> None:
    """Take a run that has just been started through all the steps."""
    await settled(handle)
    for step in steps:
        match step:
            case Forward(by=by):
                await environment.fast_forward(handle, by)
            case Say(signal=signal, fact=fact):
                await handle.signal(signal, fact)
            case Bid(update=update, command=command):
                await handle.execute_update(update, command)
        await settled(handle)


async def settled(handle: Handle) -> None:
    """Wait until worker and server have nothing to do for this run but wait."""
    while True:
        run = (await handle.describe()).raw_description
        if not run.HasField("pending_workflow_task") and not run.pending_activities:
            return
        await asyncio.sleep(_LOOK_EVERY)


def counted(history: WorkflowHistory) -> Counter[str]:
    """How many events of each type a history has, those of virtual time left out."""
    types = (event.event_type for event in history.events)
    return Counter(
        EventType.Name(each).removeprefix("EVENT_TYPE_").lower()
        for each in types
        if each not in OF_VIRTUAL_TIME
    )


def size(history: WorkflowHistory) -> int:
    """Its bytes, without the events of virtual time."""
    return sum(e.ByteSize() for e in history.events if e.event_type not in OF_VIRTUAL_TIME)
