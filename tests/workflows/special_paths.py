"""What becomes of a run: it begins late, fails, goes on in another one, or reaches nobody."""

import asyncio
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError

from activities.policies import Policies
from escalations import events
from escalations.policy import Policy
from escalations.record import Baton, Opening
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot
from tests import harness
from tests.harness import Desk
from tests.workflows.ordinary_paths import CONFIRMED, FIX
from tests.workflows.paths import DAY, HOUR, MINUTE, MONDAY, Handle, asked, open_case, path, start


@path
async def opened_again(desk: Desk) -> Handle:
    """A case that ended is opened again: a new run, one level up, with what was before."""
    first = await open_case(desk, "opened-again")
    await first.tell(FIX, CONFIRMED)
    record = await first.to_the_end()
    again = asked("opened-again", reopen=True, reported_at=MONDAY + DAY, message_id="m-again")
    opening = Opening(Baton(record=record, reopening=again))
    case = await start(desk, opening, "opened-again", MONDAY + DAY)
    await case.ready()
    await case.forward(MINUTE)
    return await case.left_open()


@path
async def continued(desk: Desk) -> Handle:
    """Very much is said: the case goes on in a new run, as it was."""
    case = await open_case(desk, "continued")
    await case.tell(events.Acknowledge(by="Kim"))
    run = (await case.handle.describe()).run_id
    while (await case.handle.describe()).run_id == run:
        await case.tell(events.AddNote(by="Kim", text="Still at it"))
    await case.tell(FIX, CONFIRMED)
    await case.to_the_end()
    return case.handle


@path
async def undelivered(desk: Desk) -> Handle:
    """The desk's mailbox refuses, a letter to the customer bounces: the fallback hears of it."""
    desk.channels.refuses.add("mailto:desk@shop.example")
    case = await open_case(desk, "undelivered")
    bounce = {"key": f"{case.case}/2", "recipient": "customer", "detail": "mailbox is full"}
    await case.tell(events.ReportDelivery.model_validate({**bounce, "delivered": False}))
    await case.forward(MINUTE)
    desk.channels.refuses.clear()
    return await case.left_open()


@path
async def unreached_at_the_end(desk: Desk) -> Handle:
    """No channel works while it closes: it ends, and says who was not told."""
    case = await open_case(desk, "unreached-at-the-end")
    everybody = [f"mailto:{who}@shop.example" for who in ("desk", "boss", "coordinator")]
    desk.channels.fails = {*everybody, "mailto:ada@acme.example"}
    await case.tell(events.Withdraw(by="Ada", why="It was my own mistake."))
    await case.to_the_end()
    desk.channels.fails = set()
    return case.handle


@path
async def senseless_signals(desk: Desk) -> Handle:
    """What nobody can make sense of is written down, and changes nothing."""
    case = await open_case(desk, "senseless-signals")
    said: list[tuple[str, list[Any]]] = [
        ("customer_replied", [{"text": ""}]),
        ("customer_replied", []),
        ("withdraw", [{"by": "Kim", "why": "A test", "surprise": 1}]),
        ("add_note", ["just words", "and more"]),
        ("customer_said", [{"text": "Hello"}]),
    ]
    for signal, arguments in said:
        await case.handle.signal(signal, args=arguments)
    await case.tell(events.RaiseTrigger(trigger="no-such", by="Kim"))
    await case.forward(MINUTE)
    return await case.left_open()


class LatePolicies(Policies):
    """Hands the policy out when a story says so."""

    released = asyncio.Event()

    @activity.defn(name="snapshot_policy")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The policy, late."""
        await self.released.wait()
        return await super().snapshot(request)


@path
async def said_during_the_opening(desk: Desk) -> Handle:
    """The policy is late: what is said before it is there counts from when it was said."""
    more = [desk.policies["recorded"]]
    with TemporaryDirectory() as folder:
        late = harness.desk(desk.environment, Path(folder), more=more, copied_by=LatePolicies)
        async with late as slow:
            opening = Opening(asked("said-during-the-opening"))
            case = await start(slow, opening, "said-during-the-opening", MONDAY)
            await case.tell(events.AddNote(by="Kim", text="Is it there?"))
            await case.tell(events.CustomerReplied(text="I shall call my lawyer.", by="Ada"))
            with suppress(WorkflowUpdateFailedError):
                await case.tell(events.Acknowledge(by="Kim"))
            await _second_task(case.handle)
            await case.tell(events.CustomerReplied(text="Nobody answers me.", by="Ada"))
            LatePolicies.released.set()
            await case.ready()
            await case.forward(MINUTE)
            return await case.left_open()


async def _second_task(handle: Handle) -> None:
    """Wait until the worker, for want of the policy, has asked for another task."""
    started = 0
    async for event in handle.fetch_history_events(wait_new_event=True):
        started += event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED
        if started == 2:
            return


class NewestPolicies(Policies):
    """Hands a policy out as it is by now."""

    @activity.defn(name="snapshot_policy")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The policy, read anew."""
        return await Policies(self._policies).snapshot(request)


def longer(policy: Policy) -> Policy:
    """The matrix after a change: the desk has an hour or two, and the head of service is new."""
    written = policy.model_dump(mode="json")
    written["levels"][0] |= {"within": "1h..2h", "acknowledge_within": "20m"}
    head = {"name": "New head of service", "reach": ["mailto:newcomer@shop.example"]}
    written["contacts"] |= {"newcomer": head}
    written["levels"][1] |= {"contact": "newcomer"}
    return Policy.model_validate(written)


@path
async def adopted(desk: Desk) -> Handle:
    """The matrix changes twice: looked at, adopted at the desk, and then by the head of service."""
    with TemporaryDirectory() as folder:
        more = [desk.policies["recorded"]]
        newest = harness.desk(desk.environment, Path(folder), more=more, copied_by=NewestPolicies)
        async with newest as changing:
            case = await open_case(changing, "adopted")
            await case.forward(20 * MINUTE)
            changing.policies["recorded"] = longer(more[0])
            await case.tell(
                events.AdoptPolicy(by="Kim", preview=True),
                events.AdoptPolicy(by="Kim"),
                events.AdoptPolicy(by="Kim"),
            )
            with suppress(WorkflowUpdateFailedError):
                await case.tell(events.AdoptPolicy(by="Kim", policy="no-such"))
            await case.forward(2 * HOUR)
            changing.policies["recorded"] = more[0]
            await case.tell(events.AdoptPolicy(by="Jo"))
            await case.forward(MINUTE)
            return await case.left_open()


@path
async def refused_opening(desk: Desk) -> Handle:
    """A request that its policy does not know fails the run."""
    opening = Opening(asked("refused-opening", category="no-such"))
    case = await start(desk, opening, "refused-opening", MONDAY)
    with suppress(WorkflowFailureError):
        await case.handle.result()
    return case.handle


@path
async def cancelled(desk: Desk) -> Handle:
    """An operator cancels the run while a mail is on its way: the case is withdrawn."""
    case = await open_case(desk, "cancelled")
    desk.channels.fails.add("mailto:desk@shop.example")
    await case.forward(5 * MINUTE)
    await case.handle.cancel()
    desk.channels.fails.clear()
    await case.to_the_end()
    return case.handle
