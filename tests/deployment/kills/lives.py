"""Some cases, from their opening to the last word about them, and how they stood meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from time import monotonic

from temporalio.client import Client

from escalations.client import EscalationClient
from escalations.errors import Unreachable
from escalations.record import EscalationRecord
from escalations.retrospective.record import RetrospectiveRecord
from tests.deployment.kills import remains, verdict
from tests.deployment.kills.outcome import Outcome
from tests.deployment.kills.postbox import Mail
from tests.deployment.kills.scene import Place
from tests.deployment.kills.stories import Caller, Story

_ANSWER_WITHIN = timedelta(seconds=10)
_LOOK_EVERY = 0.3

Left = tuple[EscalationRecord, RetrospectiveRecord | None]
"""What a case has left: its record, and its retrospective where one was started."""


@dataclass(frozen=True)
class Seen:
    """What a case looked like, and after how many blows."""

    record: EscalationRecord
    blows: int


class Lives:
    """The cases of one cast on one place."""

    def __init__(
        self, of: str, cast: Mapping[str, Story], place: Place, connection: Client, seed: str
    ) -> None:
        """`of` goes before each name to make the case's id; `seed` is that of their callers."""
        client = EscalationClient(connection, answer_within=_ANSWER_WITHIN)
        self._cast = cast
        self._place = place
        self._connection = connection
        self._client = client
        self._over = asyncio.Event()
        self._seen: dict[str, list[Seen]] = {name: [] for name in cast}
        self._left: dict[str, Left] = {}
        self._longest = timedelta(0)
        self._callers = {
            name: Caller(client, f"{of}-{name}", story.policy, Random(f"{seed}/{name}"), self._over)
            for name, story in cast.items()
        }
        self.looked = asyncio.Event()
        """Set when every case was seen since the last blow."""

    @property
    def cases(self) -> list[str]:
        """Their ids."""
        return [caller.case for caller in self._callers.values()]

    @property
    def looked_back_on(self) -> list[str]:
        """Those of which a retrospective was started."""
        return [self._callers[name].case for name, left in self._left.items() if left[1]]

    async def live(self, trouble: Callable[[], Awaitable[None]]) -> None:
        """From the first opening to the last mail, in trouble meanwhile."""

        async def troubled() -> None:
            await trouble()
            self._over.set()

        async with asyncio.TaskGroup() as tasks:
            meanwhile = [tasks.create_task(troubled()), tasks.create_task(self._look())]
            ended = {name: tasks.create_task(self._tell(name)) for name in self._cast}
            await asyncio.wait(ended.values())
            for task in meanwhile:
                task.cancel()
        self._left = {name: task.result() for name, task in ended.items()}

    async def _tell(self, name: str) -> Left:
        """The story from its opening to the last mail about it; how it ended."""
        caller = self._callers[name]
        await caller.pause()
        await self._cast[name].tell(caller)
        record = await remains.result(self._connection, caller.case)
        if any(entry.type == "retrospective_scheduled" for entry in record.timeline):
            return record, await remains.retrospective(self._connection, caller.case)
        return record, None

    async def _look(self) -> None:
        """See how every case stands, again and again, as soon as anybody answers."""
        answered_after = 0
        while True:
            blows = len(self._place.blows)
            for name, caller in self._callers.items():
                if not caller.opened:
                    continue
                try:
                    record = await self._client.record(caller.case)
                except Unreachable:
                    break
                if blows < len(self._place.blows):
                    break
                self._seen[name].append(Seen(record, blows))
                if blows > answered_after:
                    outage = timedelta(seconds=monotonic() - self._place.blows[-1][1])
                    self._longest = max(self._longest, outage)
                    answered_after = blows
            else:
                if all(self._seen.values()):
                    self.looked.set()
            await asyncio.sleep(_LOOK_EVERY)

    def judge(self, mails: list[Mail], folder: Path) -> Outcome:
        """What came of them; their records are written into the folder."""
        outcome = Outcome(cases=len(self._cast), outage=self._longest)
        for name, (record, _) in self._left.items():
            case = self._callers[name].case
            (folder / f"{case}.json").write_text(record.model_dump_json(indent=1), "utf-8")
        for name, caller in self._callers.items():
            record, retrospective = self._left[name]
            evidence = verdict.Evidence(
                ending=self._cast[name].ending,
                record=record,
                retrospective=retrospective,
                seen=[each.record for each in self._seen[name]],
                accepted=caller.accepted,
                refused=caller.refused,
                mails=[mail for mail in mails if mail.case == caller.case],
            )
            outcome.mails += len(evidence.mails)
            outcome.repeated += len(evidence.mails) - len({mail.id for mail in evidence.mails})
            outcome.faults += [f"{caller.case}: {each}" for each in verdict.faults(evidence)]
            climb, word = verdict.latest(record, evidence.mails)
            outcome.late_climb = max(outcome.late_climb, climb)
            outcome.late_word = max(outcome.late_word, word)
            outcome.promises += sum(
                before.blows < after.blows and verdict.quiet(before.record, after.record)
                for before, after in pairwise(self._seen[name])
                if not before.record.closed
            )
        return outcome
