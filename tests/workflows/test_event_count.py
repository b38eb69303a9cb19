"""How many events a case costs: a golden file, so that no case becomes dearer unseen.

    python -m tests.workflows.test_event_count      writes the file anew, and says what is different

Nobody asks these cases anything: a query is a task of its own.
"""

import asyncio
import json
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDReusePolicy
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.ledger import SqlLedger
from activities.letters import Letter
from activities.notifications import Notifications
from activities.policies import Policies
from activities.templates import JinjaTemplates
from benchmarks.bare import IdleRetrospective
from benchmarks.life import WHOLE_LIFE, Bid, Forward, Say, Step, counted, live
from escalations import calls, events, names
from escalations.names import Signal, Update
from escalations.policy import HoldReason, Policy
from escalations.record import EscalationRecord
from tests import harness
from workers.composition import give_time
from workflows.escalation import EscalationWorkflow

GOLDEN = Path(__file__).with_name("event_count.json")

WITHDRAWN = Say(Signal.WITHDRAW, events.Withdraw(by="ada", why="It was a mistake."))
UNHAPPY: tuple[Step, ...] = (
    Forward(timedelta(minutes=6)),
    Bid(Update.HOLD, events.Hold(by="ada", reason=HoldReason.CUSTOMER)),
    Forward(timedelta(hours=1)),
    Say(Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="Here it is.")),
    Bid(Update.PROPOSE_RESOLUTION, events.ProposeResolution(by="ada", summary="Refunded.")),
    Bid(Update.REJECT_RESOLUTION, events.RejectResolution(by="Bob", why="Not a cent.")),
    *(
        Bid(Update.COMPLETE_ACTION, events.CompleteAction(by="eve", action=action))
        for action in ("attempt-solution", "collect-contact-details", "follow-up-after-review")
    ),
    Bid(Update.HAND_UP, events.HandUp(by="eve", from_level=2, reason="He is furious.")),
    WITHDRAWN,
)


def ladder(levels: int, people: int) -> Policy:
    """Windows of half an hour to an hour; with each climb so many are told, the customer apart."""
    others = [f"lead-{n}" for n in range(1, people - 1)]
    contacts = [*(f"desk-{n}" for n in range(1, levels + 1)), "manager", *others]
    written: dict[str, Any] = {
        "policy": f"ladder-{levels}-{people}",
        "contacts": {
            each: {"name": each, "reach": [f"mailto:{each}@shop.example"]} for each in contacts
        },
        "levels": [
            {
                "name": f"Desk {n}",
                "contact": f"desk-{n}",
                "within": "30m..1h" if n < levels else "until-resolved",
            }
            for n in range(1, levels + 1)
        ],
    }
    if people > 1:
        written["escalation_manager"] = "manager"
        written["stakeholders"] = [{"contact": each} for each in others]
    return Policy.model_validate(written)


def climbs(levels: int, replies: int) -> tuple[Step, ...]:
    """Reminded and left at every level; then the customer speaks up, and it is withdrawn."""
    half_hours = (timedelta(minutes=30 + (n == 0)) for n in range(2 * levels - 2))
    said = (events.CustomerReplied(text=f"Hello {n}?") for n in range(replies))
    return (
        *map(Forward, half_hours),
        *(Say(Signal.CUSTOMER_REPLIED, each) for each in said),
        WITHDRAWN,
    )


@dataclass(frozen=True)
class Shape:
    """A case, and what happens to it."""

    policy: Policy
    steps: tuple[Step, ...]


CALL_CENTRE = harness.policies()["whole"]
SHAPES = {
    "a whole life on the real matrix": Shape(CALL_CENTRE, WHOLE_LIFE),
    "on hold, refused, handed up, withdrawn": Shape(CALL_CENTRE, UNHAPPY),
    "3 levels, 1 person told, no reply": Shape(ladder(3, 1), climbs(3, 0)),
    "3 levels, 4 people told, no reply": Shape(ladder(3, 4), climbs(3, 0)),
    "3 levels, 8 people told, no reply": Shape(ladder(3, 8), climbs(3, 0)),
    "3 levels, 4 people told, 5 replies": Shape(ladder(3, 4), climbs(3, 5)),
}


@dataclass
class GatedChannels(harness.FakeChannels):
    """Take letters while the gate is open: so nothing is told while other things are going on."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, written: str, letter: Letter, within: timedelta) -> str:
        """Take it, as soon as the gate is open."""
        await self.gate.wait()
        return await super().send(written, letter, within)


@dataclass
class Counting:
    """A worker whose cases are counted."""

    environment: WorkflowEnvironment
    channels: GatedChannels
    task_queue: str

    async def count(self, shape: Shape) -> Counter[str]:
        """Live through it; the events of its history, by type."""
        handle = await self._open(shape.policy)
        self.channels.gate.set()
        *before, last = shape.steps
        await live(self.environment, handle, before)
        self.channels.gate.clear()
        match last:
            case Say(signal=signal, fact=fact):
                await handle.signal(signal, fact)
            case Bid(update=update, command=command):
                await handle.execute_update(update, command)
        await self._everything_started(handle)
        self.channels.gate.set()
        await handle.result()
        return counted(await handle.fetch_history())

    async def _open(self, policy: Policy) -> WorkflowHandle[Any, EscalationRecord]:
        case = f"T-{uuid4().hex[:8]}"
        asked = harness.request(case=case, policy=policy.policy, reported_at=datetime.now(UTC))
        client, fresh = self.environment.client, WorkflowIDReusePolicy.REJECT_DUPLICATE
        await calls.start(client, asked, asked, None, self.task_queue, fresh)
        return client.get_workflow_handle(names.escalation_id(case), result_type=EscalationRecord)

    async def _everything_started(self, handle: WorkflowHandle[Any, Any]) -> None:
        """Wait until a retrospective that begins has begun, and the case knows of it."""
        while True:
            seen = counted(await handle.fetch_history())
            begun = seen["child_workflow_execution_started"]
            run = (await handle.describe()).raw_description
            if (
                begun == seen["start_child_workflow_execution_initiated"]
                and run.pending_activities
                and not run.HasField("pending_workflow_task")
            ):
                return
            await asyncio.sleep(0.02)


@asynccontextmanager
async def counting(environment: WorkflowEnvironment, folder: Path) -> AsyncIterator[Counting]:
    """A worker for all shapes; its retrospectives begin and do nothing."""
    known = {shape.policy.policy: shape.policy for shape in SHAPES.values()}
    channels, task_queue = GatedChannels(), f"test-{uuid4().hex[:8]}"
    ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}")
    worker = Worker(
        environment.client,
        task_queue=task_queue,
        workflows=[EscalationWorkflow, IdleRetrospective],
        activities=[
            Policies(known).snapshot,
            Notifications(channels, ledger, JinjaTemplates()).notify,
        ],
        graceful_shutdown_timeout=timedelta(seconds=5),
    )
    async with give_time(worker):
        yield Counting(environment, channels, task_queue)


def difference(shape: str, golden: Mapping[str, int], found: Mapping[str, int]) -> str:
    """What has become of the number of events, for whoever changed it; empty if nothing has."""
    types = [each for each in sorted({*golden, *found}) if golden.get(each) != found.get(each)]
    if not types:
        return ""
    changes = [f"  {each}: {golden.get(each, 0)} → {found.get(each, 0)}" for each in types]
    total = f"{sum(golden.values())} → {sum(found.values())} events"
    return "\n".join([f"{shape}: {total}", *changes])


ADVICE = f"""\
Is that meant? `python -m tests.workflows.test_event_count` writes {GOLDEN.name} anew; where a case
costs more than before, CHANGELOG.md says why."""


@pytest.mark.parametrize("name", SHAPES)
async def test_a_case_costs_as_many_events_as_ever(
    environment: WorkflowEnvironment, tmp_path: Path, name: str
) -> None:
    """A case makes the events of the golden file: not one timer, send or update more."""
    golden = json.loads(GOLDEN.read_text("utf-8"))

    async with counting(environment, tmp_path) as worker:
        found = await worker.count(SHAPES[name])

    changed = difference(name, golden[name], found)
    assert not changed, f"{changed}\n{ADVICE}"


def test_the_golden_file_knows_these_shapes() -> None:
    """Each shape is in the file, and no other; telling more people costs no event."""
    golden = json.loads(GOLDEN.read_text("utf-8"))

    assert list(golden) == list(SHAPES)
    assert (
        golden["3 levels, 4 people told, no reply"] == golden["3 levels, 8 people told, no reply"]
    )


async def write_anew() -> None:
    """Count every shape; say what is different, and write it down."""
    golden = json.loads(GOLDEN.read_text("utf-8")) if GOLDEN.exists() else {}
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            harness.virtual_time_server() as environment,
            counting(environment, Path(folder)) as worker,
        ):
            for name, shape in SHAPES.items():
                found[name] = dict(sorted((await worker.count(shape)).items()))
    for name, counts in found.items():
        changed = difference(name, golden.get(name, {}), counts)
        sys.stdout.write(f"{changed or f'{name}: as before'}\n")
    GOLDEN.write_text(json.dumps(found, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    asyncio.run(write_anew())
