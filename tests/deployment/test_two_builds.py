"""A new build comes while cases are open: real worker processes, worker versioning, one server.

The builds are copies of this checkout with the worked example of docs/deploying.md (`builds.py`).
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from temporalio.client import Client

from escalations import events, names
from escalations.calls import Unanswered
from escalations.client import EscalationClient
from escalations.effects import Notice
from escalations.record import Ending, EscalationRecord, Status
from escalations.retrospective.events import RecordRootCause
from escalations.retrospective.record import RetrospectiveRecord
from escalations.timeline import LevelEntered, Notified, Undelivered
from tests.deployment import builds
from tests.deployment.kills import remains
from tests.deployment.kills.postbox import Postbox, postbox
from tests.harness import request
from tests.house import CHECKOUT

PATIENT = timedelta(seconds=60)
POLICY = """
policy: {name}
contacts:
  one: {{name: First line, reach: ["mailto:one@desk.example"]}}
  two: {{name: Second line, reach: ["mailto:two@desk.example"]}}
  three: {{name: The board, reach: ["mailto:three@desk.example"]}}
  manager: {{name: Escalation manager, reach: ["mailto:manager@desk.example"]}}
  auditor: {{name: The auditor, reach: ["mailto:auditor@desk.example"]}}
escalation_manager: manager
fallback: auditor
levels:
  - {{name: One, contact: one, within: {window}}}
  - {{name: Two, contact: two, within: {window}}}
  - {{name: Three, contact: three, within: until-resolved, repeat_every: {again}}}
customer: {{confirm_within: 10m}}
retrospective:
  when: {{breached: true}}
"""

_T = TypeVar("_T")


@pytest.fixture
async def mails() -> AsyncIterator[Postbox]:
    async with postbox(Random(4)) as box:
        yield box


async def until(look: Callable[[], Awaitable[_T]], right: Callable[[_T], object]) -> _T:
    """What is seen once it is right."""
    async with asyncio.timeout(PATIENT.total_seconds()):
        while True:
            if right(seen := await look()):
                return seen
            await asyncio.sleep(0.1)


def told_of_breaches(record: EscalationRecord) -> list[str]:
    """To whom missed windows were told, in order."""
    return [
        entry.recipient
        for entry in record.timeline
        if isinstance(entry, Notified) and entry.notice == Notice.BREACH
    ]


def entered(record: EscalationRecord) -> list[str]:
    return [entry.name for entry in record.timeline if isinstance(entry, LevelEntered)]


class Desk:
    """Cases on builds, opened and looked at."""

    def __init__(self, connection: Client) -> None:
        self.connection = connection
        self.client = EscalationClient(connection, answer_within=PATIENT)

    async def open(self, case: str, policy: str) -> None:
        said = request(case=case, policy=policy, category=None, reported_at=datetime.now(UTC))
        await self.client.open(said)

    async def quiet(self, case: str) -> EscalationRecord:
        """The case, when nothing of it is on its way."""
        return await until(lambda: self.client.record(case), lambda record: not record.outbox)

    async def build_of(self, case: str) -> str:
        return await builds.build_of(self.connection, names.escalation_id(case))

    async def moved(self, case: str, build: str) -> EscalationRecord:
        await until(lambda: self.build_of(case), lambda on: on == build)
        return await self.quiet(case)

    async def retrospective(self, case: str) -> RetrospectiveRecord:
        """That of a case which is over, once everybody is invited."""
        return await remains.retrospective(self.connection, case)

    async def over(self, case: str) -> EscalationRecord:
        """What the case left: by then its retrospective has begun."""
        handle = self.connection.get_workflow_handle(
            names.escalation_id(case), result_type=EscalationRecord
        )
        async with asyncio.timeout(PATIENT.total_seconds()):
            record: EscalationRecord = await handle.result()
        return record

    async def root_cause(self, case: str, *, moves_to: str) -> RetrospectiveRecord:
        """Say it to the retrospective, which then goes on with that build."""
        workflow_id = names.retrospective_id(case)
        said = RecordRootCause(by="kim", text="An invoice was sent twice.")
        handle = self.connection.get_workflow_handle(workflow_id)

        async def spoken_to() -> str:
            # The queue hears of the current build a moment later: what came before moves nothing.
            await handle.execute_update(names.RetrospectiveUpdate.RECORD_ROOT_CAUSE, said)
            await asyncio.sleep(0.3)
            return await builds.build_of(self.connection, workflow_id)

        await until(spoken_to, lambda on: on == moves_to)
        return await self.retrospective(case)


def write_policies(folder: Path) -> None:
    (folder / "policies").mkdir()
    for name, window, again in (("hasty", "1.5s..3s", "3s"), ("patient", "10m..20m", "10m")):
        written = POLICY.format(name=name, window=window, again=again)
        (folder / "policies" / f"{name}.yaml").write_text(written, "utf-8")


@pytest.mark.timeout(300)
async def test_cases_go_on_where_a_new_build_comes(tmp_path: Path, mails: Postbox) -> None:
    """Cases of build 1 are finished, none lost, none decided anew; new ones go to build 2, under
    its rules; drained, build 1 is stopped; taken back, it goes on with the cases of build 2."""
    write_policies(tmp_path)
    one = builds.checkout(tmp_path / "build-1", *builds.LEARNT)
    two = builds.checkout(tmp_path / "build-2", *builds.LEARNT, *builds.GIVEN)
    mail = {"ESCALADE_SMTP_URL": mails.url, "ESCALADE_MAIL_FROM": "Escalade <esc@desk.example>"}
    async with builds.server() as environment:
        connection = environment.client
        desk = Desk(connection)
        async with builds.build("1", one, tmp_path, connection, **mail) as first:
            await builds.make_current(connection, "1")
            for case in ("WAITS", "ASKED", "ENDS"):
                await desk.open(case, "patient")
            await desk.client.send("ASKED", events.ProposeResolution(by="kim", summary="Paid back"))
            await desk.client.report("ENDS", events.Withdraw(by="kim", why="by mistake"))
            waited, asked = await desk.quiet("WAITS"), await desk.quiet("ASKED")

            async with builds.build("2", two, tmp_path, connection, **mail) as second:
                await desk.open("CLIMBS", "hasty")
                assert await desk.build_of("CLIMBS") == "1"
                await builds.make_current(connection, "2")
                await builds.stands(connection, "1", "draining")
                before = await desk.client.record("CLIMBS")
                await desk.open("NEW", "hasty")
                assert await desk.build_of("NEW") == "2"
                assert [await desk.build_of(case) for case in ("WAITS", "ASKED")] == ["1", "1"]

                await desk.client.report("WAITS", events.AddNote(by="deploying", text="to 2"))
                await desk.client.send("ASKED", events.ConfirmResolution(by="the customer"))
                after = await desk.moved("WAITS", "2")
                assert after.timeline[:-1] == waited.timeline
                assert after.next_deadline == waited.next_deadline
                assert after.snapshot == waited.snapshot

                climbed = await until(
                    lambda: desk.moved("CLIMBS", "2"), lambda record: record.level == 3
                )
                assert climbed.timeline[: len(before.timeline)] == before.timeline
                assert entered(climbed) == ["One", "Two", "Three"]
                assert climbed.snapshot.rules == 1
                ended = await until(lambda: desk.client.record("ASKED"), lambda it: it.closed)
                assert ended.ending is Ending.CONFIRMED
                assert ended.timeline[: len(asked.timeline)] == asked.timeline

                await builds.stands(connection, "1", "drained")
                first.signal(signal.SIGTERM)
                assert await first.ends() == 0
                new = await until(lambda: desk.quiet("NEW"), lambda record: record.level == 3)
                assert new.snapshot.rules == 2
                assert entered(new) == ["One", "Two", "Three"]
                assert told_of_breaches(new).count("auditor") == 2
                assert sorted(told_of_breaches(climbed)) == ["manager", "manager", "one", "two"]

                async with builds.build("1", one, tmp_path, connection, **mail) as back:
                    await builds.make_current(connection, "1")
                    for case in ("NEW", "WAITS"):
                        await desk.client.send(case, events.Acknowledge(by="kim"))
                        record = await desk.moved(case, "1")
                        assert record.owner == "kim"
                    await desk.client.send("NEW", events.ProposeResolution(by="kim", summary="ok"))
                    await desk.client.send("NEW", events.ConfirmResolution(by="the customer"))
                    over = await desk.over("NEW")
                    assert over.status is Status.CLOSED
                    assert over.snapshot.rules == 2
                    invited = await desk.retrospective("NEW")
                    await builds.make_current(connection, "2")
                    retrospective = await desk.root_cause("NEW", moves_to="2")
                    for worker in (back, second):
                        worker.signal(signal.SIGTERM)
                        assert await worker.ends() == 0
    assert retrospective.root_cause == "An invoice was sent twice."
    assert retrospective.timeline[: len(invited.timeline)] == invited.timeline
    assert retrospective.next_deadline == invited.next_deadline
    assert len({(each.id, each.to) for each in mails.mails}) == len(mails.mails)
    assert not any(isinstance(entry, Undelivered) for entry in over.timeline)


def test_the_worked_example_is_what_was_tried() -> None:
    """The change that the builds of these tests carry is the one that the page tells."""
    page = (CHECKOUT / "docs/deploying.md").read_text("utf-8")

    for name, _, now in (*builds.LEARNT, *builds.GIVEN):
        assert name in page
        for line in now.splitlines():
            assert line.strip() in page


async def test_a_case_whose_build_is_gone(tmp_path: Path) -> None:
    """Whoever speaks to a case whose build has no worker is told which one to start."""
    write_policies(tmp_path)
    async with builds.server() as environment:
        connection = environment.client
        desk = Desk(connection)
        async with builds.build("old", CHECKOUT, tmp_path, connection) as old:
            await builds.make_current(connection, "old")
            await desk.open("ALONE", "patient")
            await desk.quiet("ALONE")
            old.signal(signal.SIGTERM)
            assert await old.ends() == 0
        hasty = EscalationClient(connection, answer_within=timedelta(seconds=2))

        with pytest.raises(Unanswered, match="build old of escalade: start a worker with ESC"):
            await hasty.send("ALONE", events.Acknowledge(by="kim"))
