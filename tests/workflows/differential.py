"""One life through the workflow and through the simulator, and where the two differ.

    python -m tests.workflows.differential 17 18      these seeds alone, told entry by entry

The workflow lives it first, on a real server in virtual time. The simulator then gets what was said
and what the world did: the moments of the worker's turns, which alone real time touches, and whom
the channels did not reach. All the rest it has to come to by itself.
"""

import asyncio
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import unified_diff
from itertools import pairwise
from pathlib import Path
from typing import Any

from temporalio.client import (
    WorkflowHistory,
    WorkflowUpdateFailedError,
)

from benchmarks.bare import IdleRetrospective
from benchmarks.life import settled
from escalations import names
from escalations.engine import Case
from escalations.histories.reading import SAID
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.simulation.running import _REPORTED, Promise, Simulation
from escalations.snapshot import take
from tests import harness
from tests.harness import Desk, OpenCase
from tests.questions import not_yet
from tests.workflows.random_lives import Life
from tests.workflows.what_was_heard import Heard, Recorded, heard
from workflows.escalation import EscalationWorkflow

WORKFLOWS = (EscalationWorkflow, IdleRetrospective)
"""That a retrospective begins belongs to the case; what becomes of it does not."""
NO_SUCH_PERSON = "550 no such person"
"""What the fake channels answer for an address they refuse."""

AT_HAND = timedelta(seconds=1)
"""What is due so soon is waited for."""
MOST_LATE = timedelta(seconds=50)
"""How long after a due moment the worker's turn for it may come.

Only a busy machine makes it late. A rule that lost or gave away time would show here: the shortest
that any matrix of these lives counts is minutes (three, at the highest speed of P1).
"""


@dataclass
class Lived:
    """What the workflow made of a life."""

    life: Life
    record: EscalationRecord
    heard: Heard
    refusals: list["Refusal"]

    @property
    def comparable(self) -> list["Refusal"]:
        """The refusals of which it is known how the case stood: nothing else was heard meanwhile.

        A refused command leaves nothing in the history, not even its place.
        """
        return [
            each
            for each in self.refusals
            if each.command.message_id not in self.heard.adopting
            and not any(each.asked_at <= turn <= each.answered_at for turn in self.heard.turns)
        ]

    @property
    def moved_on(self) -> list["Refusal"]:
        """What was to be adopted, and could not be any more when its policy was there."""
        adopting = self.heard.adopting
        return [each for each in self.refusals if each.command.message_id in adopting]


@dataclass(frozen=True)
class Refusal:
    """A command that changed nothing."""

    command: Any
    because: str
    asked_at: datetime
    answered_at: datetime


class Living:
    """A life on its way through the workflow."""

    def __init__(self, life: Life, desk: Desk) -> None:
        self.life, self.desk = life, desk
        self.refusals: list[Refusal] = []
        self.adoptions = 0

    async def to_its_end(self) -> Lived:
        """Open it, say what is said, look at the record; a case that is still open is ended."""
        life = self.life
        case = await self.desk.start(at=life.opened_at, case=f"D-{life.seed}", **life.request())
        await _opened(case)
        for _ in range(life.steps):
            summary = await case.summary()
            if summary.closed_at is not None:
                break
            while summary.due is not None and summary.due.at <= await case.now() + AT_HAND:
                await settled(case.handle)  # else the clock is put forward over its timer
                summary = await case.summary()
            if pause := life.pause(summary, await case.now()):
                await _go_on(case, pause)
            summary = await case.summary()
            if summary.closed_at is not None:
                break
            self._leave()
            said = life.burst(summary)
            await asyncio.gather(*(self._say(case, *each) for each in said))
            await settled(case.handle)
        record, history = await _at_rest(case)
        if not record.closed:
            await case.handle.terminate()
        return Lived(life, record, heard(history), self.refusals)

    def _leave(self) -> None:
        self.desk.channels.refuses.update(map(self.life.address, self.life.absentees()))

    async def _say(self, case: OpenCase, name: str, said: dict[str, Any]) -> None:
        if name not in list(names.Update):
            await case.handle.signal(name, said)
            return
        command, known = SAID[name].model_validate(said), None
        if name == names.Update.ADOPT_POLICY:
            self.adoptions += 1
            known = f"adopt-{self.adoptions}"
            command = command.model_copy(update={"message_id": known})
        asked_at = await case.now()
        try:
            await case.handle.execute_update(name, command, id=known)
        except WorkflowUpdateFailedError as error:
            because = getattr(error.cause, "message", str(error.cause))
            self.refusals.append(Refusal(command, because, asked_at, await case.now()))


async def _opened(case: OpenCase) -> None:
    """Wait until the policy is there; somebody in quiet hours may hear of the case much later."""
    opened = False
    while not opened:
        await settled(case.handle)
        with not_yet():
            await case.summary()
            opened = True


async def _go_on(case: OpenCase, pause: timedelta) -> None:
    """Let time pass, from one due moment to the next: on a busy machine one that is set while the
    clock is put forward may be jumped over.
    """
    until = await case.now() + pause
    while (now := await case.now()) < until:
        summary = await case.summary()
        if summary.closed_at is not None:
            return
        due_at = until if summary.due is None else max(summary.due.at, now + AT_HAND)
        await case.forward(min(due_at, until) - now)
        await settled(case.handle)


async def _at_rest(case: OpenCase) -> tuple[EscalationRecord, WorkflowHistory]:
    """The record and the history that made it: of an open case, while nothing is under way."""
    while True:
        await settled(case.handle)
        record = await case.record()
        if record.closed and not record.outbox:
            record = await case.handle.result()
        history = await case.handle.fetch_history()
        await settled(case.handle)
        if await case.record() == record:
            return record, history


def simulated(lived: Lived) -> tuple[EscalationRecord, list[str], list[timedelta]]:
    """The same life through the simulator: its record, what it refused, how late turns were."""
    request = lived.record.request
    snapshot = take(lived.life.policy, max(request.reported_at, lived.record.opened_at).year)
    world = Recorded(refusal=NO_SUCH_PERSON, heard=lived.heard)
    case = Case.open(request, snapshot, lived.record.opened_at)
    simulation = Simulation(case, world)
    for at, event in lived.heard.said:
        simulation.say(event, at)
    for each in lived.comparable:
        simulation.say(each.command, each.asked_at)
    for at, place, adopt in lived.heard.adopted:
        simulation._expect(at, _REPORTED, adopt, place)
    asked = [each.asked_at for each in lived.comparable]
    simulation.until(max([*lived.heard.turns, *asked]))
    refusals = [step.refused for step in simulation.steps if step.refused is not None]
    late = [
        step.at - max(step.cause.deadline.at, before.at)  # what is said may make it overdue at once
        for before, step in pairwise(simulation.steps)
        if isinstance(step.cause, Promise)
    ]
    return simulation.case.record, refusals, late


def differences(lived: Lived) -> list[str]:
    """Where the simulator came to something else; nothing if it did not."""
    record, refusals, late = simulated(lived)
    found = [*_of_timelines(lived.record, record)]
    for name in type(record).model_fields:
        ran, simulated_ = getattr(lived.record, name), getattr(record, name)
        if name != "timeline" and ran != simulated_:
            found.append(f"{name}: {ran!r} ran, {simulated_!r} was simulated")
    why = [each.because for each in [*lived.comparable, *lived.moved_on]]
    if sorted(refusals) != sorted(why):
        found.append(f"refused: {why} when it ran, {refusals} when it was simulated")
    if max(late, default=timedelta()) > MOST_LATE:
        found.append(f"a due moment was passed by {max(late)}")
    return found


def _of_timelines(ran: EscalationRecord, simulated_: EscalationRecord) -> Iterable[str]:
    before, after = (
        [entry.model_dump_json() for entry in record.timeline] for record in (ran, simulated_)
    )
    return unified_diff(before, after, "ran", "simulated", lineterm="", n=1)


async def live(seeds: Sequence[int], desk: Desk, at_a_time: int = 5) -> dict[int, Lived]:
    """Live so many lives, some of them beside each other."""
    turn = asyncio.Semaphore(at_a_time)

    async def one(seed: int) -> Lived:
        async with turn:
            return await Living(Life(seed), desk).to_its_end()

    lived = await asyncio.gather(*(one(seed) for seed in seeds))
    return {each.life.seed: each for each in lived}


def matrices(seeds: Iterable[int]) -> list[Policy]:
    """What these lives are lived by."""
    lives = [Life(seed) for seed in seeds]
    return [policy for life in lives for policy in (life.policy, life.newer)]


async def main(seeds: Sequence[int]) -> int:
    """Tell what these lives come to, one way and the other."""
    with tempfile.TemporaryDirectory() as folder:
        async with (
            harness.virtual_time_server() as environment,
            harness.desk(
                environment, Path(folder), more=matrices(seeds), workflows=WORKFLOWS
            ) as desk,
        ):
            code = 0
            for seed, lived in (await live(seeds, desk)).items():
                found = differences(lived)
                print(f"seed {seed}: {len(lived.record.timeline)} entries")  # noqa: T201 - its answer
                print("\n".join(found) or "no difference")  # noqa: T201 - its answer
                code |= bool(found)
    return code


if __name__ == "__main__":
    sys.exit(asyncio.run(main([int(seed) for seed in sys.argv[1:]])))
