"""One run: a fresh folder, five cases, and somebody who kills the worker or its server."""

import asyncio
import traceback
from collections.abc import Iterator, Mapping
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
from escalations.temporal import connect
from tests.deployment.kills import remains, verdict
from tests.deployment.kills.outcome import Outcome
from tests.deployment.kills.postbox import Mail, postbox
from tests.deployment.kills.stories import STORIES, Caller, insist, write_policies
from tests.deployment.kills.victim import Victim, left_behind

LONG = timedelta(minutes=5)
"""After which what has to happen has not happened."""

_ANSWER_WITHIN = timedelta(seconds=10)
_LOOK_EVERY = 0.3


@dataclass(frozen=True)
class Seen:
    """What a case looked like, and after how many kills."""

    record: EscalationRecord
    kills: int


async def run(seed: int, folder: Path) -> Outcome:
    """Everything that one seed does, in an empty folder; what is wrong is in the outcome."""
    began, outcome = monotonic(), Outcome()
    try:
        async with asyncio.timeout(LONG.total_seconds()):
            await _Run(seed, folder, outcome).go()
    except Exception as broken:
        (folder / "traceback.txt").write_text("".join(traceback.format_exception(broken)))
        outcome.faults += _said(broken)
    outcome.faults += [f"left behind: {each}" for each in await left_behind(folder)]
    outcome.took = monotonic() - began
    return outcome


def _said(broken: Exception) -> Iterator[str]:
    if isinstance(broken, ExceptionGroup):
        for each in broken.exceptions:
            yield from _said(each)
    elif isinstance(broken, TimeoutError):
        yield f"not over within {LONG}"
    else:
        yield f"{type(broken).__name__}: {broken}"


class _Run:
    def __init__(self, seed: int, folder: Path, outcome: Outcome) -> None:
        self._seed = seed
        self._folder = folder
        self._outcome = outcome
        self._seen: dict[str, list[Seen]] = {name: [] for name in STORIES}
        self._looked = asyncio.Event()
        """Set when every case was seen since the last kill."""

    async def go(self) -> None:
        """Tell the stories, kill meanwhile, and judge what is left."""
        policies = self._folder / "policies"
        policies.mkdir()
        write_policies(policies)
        async with postbox(self._random("postbox")) as box:
            victim = Victim(self._folder, box.url, many_runs=self._seed % 2 == 1)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(victim.run())
                try:
                    await self._live(victim, box.mails)
                finally:
                    victim.stop()

    def _random(self, of: str) -> Random:
        """A source of chance for each part: what one of them does leaves the others alone."""
        return Random(f"{self._seed}/{of}")

    async def _live(self, victim: Victim, mails: list[Mail]) -> None:
        connection = await insist(lambda: connect(address=victim.address, within=LONG))
        client = EscalationClient(connection, answer_within=_ANSWER_WITHIN)
        over = asyncio.Event()
        callers = {
            name: Caller(client, f"K{self._seed}-{name}", story.policy, self._random(name), over)
            for name, story in STORIES.items()
        }
        async with asyncio.TaskGroup() as tasks:
            await victim.working.wait()
            killer = tasks.create_task(self._kill(victim, over))
            witness = tasks.create_task(self._look(victim, client, callers))
            ended = {
                name: tasks.create_task(self._tell(name, caller, connection))
                for name, caller in callers.items()
            }
            await asyncio.wait(ended.values())
            killer.cancel()
            witness.cancel()
        results = {name: task.result() for name, task in ended.items()}
        self._outcome.killed.update(whom for whom, _ in victim.killed)
        self._judge(callers, results, mails)
        cases = [caller.case for caller in callers.values()]
        begun = [callers[name].case for name in callers if results[name][1] is not None]
        self._outcome.runs = await remains.runs_of(connection, cases)
        self._outcome.faults += await remains.strangers(connection, cases, begun)
        self._outcome.faults += await remains.unrepeatable(connection)

    async def _tell(
        self, name: str, caller: Caller, connection: Client
    ) -> tuple[EscalationRecord, RetrospectiveRecord | None]:
        """The story from its opening to the last mail about it; how it ended."""
        await caller.pause()
        await STORIES[name].tell(caller)
        record = await remains.result(connection, caller.case)
        if any(entry.type == "retrospective_scheduled" for entry in record.timeline):
            return record, await remains.retrospective(connection, caller.case)
        return record, None

    async def _kill(self, victim: Victim, over: asyncio.Event) -> None:
        """Two to four kills, now and then of what is only just starting again."""
        random = self._random("kills")
        for _ in range(random.randint(2, 4)):
            starting, pause, whom = random.random() < 0.25, random.uniform(0, 2), random.random()
            if not starting:
                await self._looked.wait()
            await asyncio.sleep(pause)
            self._looked.clear()
            if whom < 0.5 or not victim.kill_server():
                victim.kill_worker()
        await self._looked.wait()
        over.set()

    async def _look(
        self, victim: Victim, client: EscalationClient, callers: Mapping[str, Caller]
    ) -> None:
        """See how every case stands, again and again, as soon as anybody answers."""
        answered_after = 0
        while True:
            kills = len(victim.killed)
            for name, caller in callers.items():
                if not caller.opened:
                    continue
                try:
                    record = await client.record(caller.case)
                except Unreachable:
                    break
                if kills < len(victim.killed):
                    break
                self._seen[name].append(Seen(record, kills))
                if kills > answered_after:
                    outage = timedelta(seconds=monotonic() - victim.killed[-1][1])
                    self._outcome.outage = max(self._outcome.outage, outage)
                    answered_after = kills
            else:
                if all(self._seen.values()):
                    self._looked.set()
            await asyncio.sleep(_LOOK_EVERY)

    def _judge(
        self,
        callers: Mapping[str, Caller],
        results: Mapping[str, tuple[EscalationRecord, RetrospectiveRecord | None]],
        mails: list[Mail],
    ) -> None:
        outcome = self._outcome
        outcome.cases = len(callers)
        outcome.mails = len(mails)
        for name in callers:
            (self._folder / f"{name}.json").write_text(results[name][0].model_dump_json(indent=1))
        outcome.repeated = len(mails) - len({mail.id for mail in mails})
        for name, caller in callers.items():
            record, retrospective = results[name]
            evidence = verdict.Evidence(
                ending=STORIES[name].ending,
                record=record,
                retrospective=retrospective,
                seen=[each.record for each in self._seen[name]],
                accepted=caller.accepted,
                refused=caller.refused,
                mails=[mail for mail in mails if mail.case == caller.case],
            )
            outcome.faults += [f"{caller.case}: {each}" for each in verdict.faults(evidence)]
            climb, word = verdict.latest(record, evidence.mails)
            outcome.late_climb = max(outcome.late_climb, climb)
            outcome.late_word = max(outcome.late_word, word)
            outcome.promises += sum(
                before.kills < after.kills and verdict.quiet(before.record, after.record)
                for before, after in pairwise(self._seen[name])
                if not before.record.closed
            )
