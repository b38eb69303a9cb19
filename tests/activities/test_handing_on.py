"""What one attempt hands on to the next: what was accepted, where the ledger could not be told."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from temporalio import workflow
from temporalio.client import Client, WorkflowHandle
from temporalio.common import RetryPolicy
from temporalio.converter import PayloadCodec
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment, WorkflowEnvironment
from temporalio.worker import Worker

from activities.ledger import SqlLedger
from activities.letters import Accepted, Letter, Unavailable
from activities.notifications import ATTEMPTS, HEARD_WITHIN, Notifications
from activities.templates import JinjaTemplates
from escalations.effects import Dispatch
from escalations.encryption import Encryption, Keys
from escalations.events import Delivery, Outcome
from escalations.temporal import plugin
from tests.activities.office import BrokenLedger, Office
from tests.activities.people import recipient, telling
from tests.activities.smtp import Manner
from tests.activities.test_ledger import row

ADA, KEN = "mailto:ada@example.com", "mailto:ken@example.com"
FILED = "T-1/3-261123T123000"
HANDED_ON = [[row(key=FILED, address=ADA).model_dump(mode="json")]]
"""As the server gives it to the next attempt: Ada has it since the first one."""


@workflow.defn(sandboxed=False)
class TellingWorkflow:
    """Tells people, and is not patient between two attempts."""

    @workflow.run
    async def run(self, dispatch: Dispatch) -> list[Delivery]:
        """What `notify` answers."""
        answered: list[Delivery] = await workflow.execute_activity(
            "notify",
            dispatch,
            result_type=list[Delivery],
            start_to_close_timeout=timedelta(minutes=1),
            heartbeat_timeout=HEARD_WITHIN,
            retry_policy=RetryPolicy(
                initial_interval=timedelta(milliseconds=1), maximum_attempts=ATTEMPTS
            ),
        )
        return answered


class Ways:
    """Takes what it gets; at Ken's third try only, and what has to be done then is done before."""

    def __init__(self, before_ken: Callable[[int], Any]) -> None:
        self.sent: list[str] = []
        self._tries = 0
        self._before_ken = before_ken

    async def send(self, written: str, letter: Letter, _within: timedelta) -> str:
        if written == KEN:
            self._tries += 1
            await self._before_ken(self._tries)
            if self._tries < 3:
                msg = "451 try again later"
                raise Unavailable(msg)
        self.sent.append(letter.recipient)
        return letter.id


@contextmanager
def _locked(file: Path) -> Iterator[sqlite3.Connection]:
    """Somebody else writes to the ledger's file all the while: it can be read, and not written."""
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@pytest.fixture
async def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SqlLedger]:
    """A ledger that waits for nobody; what is logged of that is long, and none of these stories."""
    monkeypatch.setattr("activities.ledger.BUSY_WITHIN", 0)
    opened = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    await opened.accepted([])
    with capture_logs():
        yield opened
    await opened.close()


async def _under_way(handle: WorkflowHandle[Any, Any]) -> str:
    """What the server keeps of the attempt before the one that is under way."""
    described = await handle.describe()
    (pending,) = described.raw_description.pending_activities
    return str(pending.heartbeat_details)


@pytest.mark.parametrize("codec", [None, Encryption(Keys({"may": b"k" * 32}, b"s" * 32))])
async def test_what_the_ledger_could_not_be_told_is_not_sent_again(
    environment: WorkflowEnvironment, tmp_path: Path, ledger: SqlLedger, codec: PayloadCodec | None
) -> None:
    """While the ledger can be read and not be written, and Ken cannot be told yet, Ada hears once:
    the server hands on from attempt to attempt that she has it, encrypted where payloads are. As
    soon as the ledger takes it, it has her row of the first attempt."""
    address = environment.client.service_client.config.target_host
    client = await Client.connect(address, plugins=[plugin(codec)])
    queue, kept = f"telling-{uuid4().hex[:8]}", []

    async def before_ken(tries: int) -> None:
        if tries > 1:
            kept.append(await _under_way(client.get_workflow_handle(queue)))
        if tries == 3:
            other.execute("ROLLBACK")

    ways = Ways(before_ken)
    notify = Notifications(ways, ledger, JinjaTemplates()).notify
    with _locked(tmp_path / "ledger.db") as other:
        async with Worker(
            client, task_queue=queue, workflows=[TellingWorkflow], activities=[notify]
        ):
            answered = await client.execute_workflow(
                TellingWorkflow.run,
                telling(recipient("ada"), recipient("ken")),
                id=queue,
                task_queue=queue,
            )

    assert ways.sent == ["ada", "ken"]
    assert [(each.outcome, each.address) for each in answered] == [
        (Outcome.DELIVERED, ADA),
        (Outcome.DELIVERED, KEN),
    ]
    assert {each.recipient: each.attempt for each in await ledger.of_case("T-1")} == {
        "ada": 1,
        "ken": 3,
    }
    assert [ADA in each for each in kept] == [codec is None] * 2


async def test_a_worker_that_is_told_to_stop_hands_on(environment: WorkflowEnvironment) -> None:
    """A worker that stops while the ledger hangs tells the next one what was accepted."""

    class Hangs(BrokenLedger):
        async def accept(self, row: Accepted) -> None:
            if not hanging.is_set():
                hanging.set()
                await asyncio.Event().wait()

    async def before_ken(tries: int) -> None:
        if tries == 1:
            trying.set()
            await asyncio.Event().wait()

    hanging, trying = asyncio.Event(), asyncio.Event()
    ways = Ways(before_ken)
    notify = Notifications(ways, Hangs(reads=True), JinjaTemplates()).notify
    queue = f"telling-{uuid4().hex[:8]}"

    def worker() -> Worker:
        return Worker(
            environment.client,
            task_queue=queue,
            workflows=[TellingWorkflow],
            activities=[notify],
            graceful_shutdown_timeout=timedelta(0),
        )

    async with worker():
        handle = await environment.client.start_workflow(
            TellingWorkflow.run,
            telling(recipient("ada"), recipient("ken")),
            id=queue,
            task_queue=queue,
        )
        await asyncio.gather(hanging.wait(), trying.wait())
    async with worker():
        answered = await handle.result()

    assert ways.sent == ["ada", "ken"]
    assert {each.outcome for each in answered} == {Outcome.DELIVERED}


@pytest.mark.parametrize(
    ("write", "beat_every"),
    [("fails", timedelta(hours=1)), ("hangs", timedelta(milliseconds=1))],
)
async def test_a_killed_worker_has_handed_on(write: str, beat_every: timedelta) -> None:
    """What was accepted is said at once if the ledger does not take it, and with every beat as long
    as it does not answer; so the server has it should the worker be killed before the end."""

    class Hangs(BrokenLedger):
        async def accept(self, row: Accepted) -> None:
            await asyncio.Event().wait()

    async def before_ken(_tries: int) -> None:
        await asyncio.Event().wait()

    def hear(*details: Any) -> None:
        if details != ([],):
            heard.set_result(details)
            environment.on_heartbeat = lambda *_: None

    heard: asyncio.Future[tuple[list[Accepted]]] = asyncio.Future()
    environment = ActivityEnvironment()
    environment.on_heartbeat = hear
    ledger = Hangs(reads=True) if write == "hangs" else BrokenLedger(reads=True)
    ways = Ways(before_ken)
    notifications = Notifications(
        ways, ledger, JinjaTemplates(), all_within=timedelta(hours=1), beat_every=beat_every
    )
    people = telling(recipient("ada"), recipient("ken"))
    attempt = asyncio.create_task(environment.run(notifications.notify, people))
    ((told,),) = await heard
    attempt.cancel()
    await asyncio.gather(attempt, return_exceptions=True)

    assert (told.recipient, told.address) == ("ada", ADA)


async def test_a_failed_write_is_tried_again(office: Office) -> None:
    """A row that the ledger does not take at first is there when the attempt has failed for
    somebody else."""

    class Stumbles(BrokenLedger):
        async def accept(self, row: Accepted) -> None:
            if not stumbled:
                stumbled.append(row)
                raise OSError("disk full for a moment")
            await office.ledger.accept(row)

    stumbled: list[Accepted] = []
    office.server.manners["ken@example.com"] = Manner.DELAYS
    with pytest.raises(ApplicationError, match="1 of 2 could not be told yet: ken"):
        await office.tell(telling(recipient("ada"), recipient("ken")), ledger=Stumbles(reads=True))

    assert len(office.server.take(to="ada@example.com")) == 1
    assert await office.ledger.of_case("T-1") == stumbled
    assert [each.recipient for each in stumbled] == ["ada"]


async def test_what_was_handed_on_is_answered_and_written(office: Office) -> None:
    """The next attempt answers what the one before had sent, and tells the ledger of it before
    anybody else is told."""

    class Looks:
        async def send(self, _written: str, letter: Letter, _within: timedelta) -> str:
            known.extend(await office.ledger.of_case("T-1"))
            return letter.id

    known: list[Accepted] = []
    office.channels = Looks()
    answered = await office.tell(
        telling(recipient("ada"), recipient("ken")), attempt=2, handed_on=HANDED_ON
    )

    assert known == [row(key=FILED, address=ADA)]
    assert [(each.recipient, each.address) for each in answered] == [("ada", ADA), ("ken", KEN)]


@pytest.mark.parametrize("attempt", [2, ATTEMPTS])
async def test_what_was_handed_on_needs_no_ledger(office: Office, attempt: int) -> None:
    """Where everybody was told before, the next attempt answers though the ledger is gone."""
    (answer,) = await office.tell(
        telling(recipient("ada")),
        attempt=attempt,
        handed_on=HANDED_ON,
        ledger=BrokenLedger(reads=False),
    )

    assert (answer.outcome, answer.address) == (Outcome.DELIVERED, ADA)
    assert office.server.asked_for == []


async def test_what_another_build_handed_on_is_left(office: Office) -> None:
    """What cannot be understood fails nothing: the ledger is asked, and the log has it."""
    await office.ledger.accept(row(key=FILED, address=ADA))
    with capture_logs() as logs:
        (answer,) = await office.tell(
            telling(recipient("ada")), attempt=2, handed_on=[{"said": "otherwise"}]
        )

    assert (answer.outcome, answer.address) == (Outcome.DELIVERED, ADA)
    assert office.server.asked_for == []
    assert [each["event"] for each in logs] == ["notification.heartbeat_not_understood"]
