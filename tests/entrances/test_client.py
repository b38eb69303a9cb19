"""What a backend can rely on when it speaks to cases through the client."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowUpdateInput,
    WorkflowUpdateHandle,
)
from temporalio.service import RPCError, RPCStatusCode

from escalations.client import EscalationClient
from escalations.errors import CaseEnded, CaseUnknown, Refused, Unreachable
from escalations.policy import HoldReason, Priority
from escalations.record import EscalationRecord, Status
from escalations.search import Search
from escalations.temporal import connect, plugin
from tests.entrances.conftest import PATIENT, Complaint, eventually
from tests.harness import Desk

UntilOver = Callable[[str], Awaitable[None]]


def types(record: EscalationRecord) -> list[str]:
    return [entry.type for entry in record.timeline]


async def test_every_message_reaches_its_case(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """One verb per message: each is in the timeline, or in the summary that answers it."""
    case = (await client.open(complaint())).case

    taken = await client.acknowledge(case, by="ada")
    given = await client.assign(case, by="ada", to="grace")
    held = await client.hold(case, by="ada", reason=HoldReason.CUSTOMER, note="asked for it")
    resumed = await client.resume(case, by="ada")
    done = await client.complete_action(case, by="ada", action="record-statement", evidence="4711")
    above = await client.hand_up(case, by="ada", from_level=1, reason="no access")
    below = await client.hand_back(case, by="eve", from_level=2, to_level=1, advice="Ask IT.")
    graver = await client.set_priority(case, by="eve", priority=Priority.P1, why="He is furious.")
    await client.update_customer(case, by="ada", text="We are on it.")
    await client.customer_replied(case, text="Any news?", channel="mail", at=datetime.now(UTC))
    await client.add_note(case, by="ada", text="Called back.")
    await client.raise_trigger(case, "data-at-risk", by="ada")
    await client.report_delivery(case, key=f"{case}/1", recipient="customer", delivered=False)
    await client.resolve(case, by="billing-system", summary="Paid back.")
    again = await client.reject_resolution(case, by="customer", why="Not on my account.")
    await client.propose_resolution(case, by="ada", summary="Paid back, now really.")
    closed = await client.confirm_resolution(case, by="customer")
    await until_over(case)

    assert (taken.owner, given.owner) == ("ada", "grace")
    assert (held.status, resumed.status) == (Status.ON_HOLD, Status.OPEN)
    assert (done.level, above.level, below.level) == (1, 2, 1)
    assert graver.priority is Priority.P1
    assert again.reopened == 1
    assert closed.status is Status.CLOSED
    assert types(await client.record(case)).count("undelivered") == 1
    said = {"acknowledged", "assigned", "held", "resumed", "customer_replied", "noted"}
    assert said <= set(types(await client.record(case)))
    assert "trigger_raised" in types(await client.record(case))


async def test_a_case_that_has_ended_still_answers(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """Summary, record and timeline can be asked of a closed case, in the reader's language."""
    case = (await client.open(complaint())).case
    await client.withdraw(case, by="ada", why="Opened by mistake.")
    await until_over(case)

    summary = await client.summary(case)
    english, french = await client.timeline(case), await client.timeline(case, "fr")

    assert summary == (await client.record(case)).summary()
    assert (summary.status, summary.ending) == (Status.CLOSED, "withdrawn")
    assert len(english) == len(french)
    assert english[-1] != french[-1]


async def test_a_command_is_refused_with_where_the_case_stands(
    client: EscalationClient, complaint: Complaint
) -> None:
    """Whoever hands up a case that has moved on is told so, and the case stays where it is."""
    case = (await client.open(complaint())).case
    await client.complete_action(case, by="ada", action="record-statement")
    await client.hand_up(case, by="ada", from_level=1, reason="no access")

    with pytest.raises(Refused, match=r"you saw level 1.*open at level 2 of 7"):
        await client.hand_up(case, by="bob", from_level=1, reason="me too")

    assert (await client.summary(case)).level == 2


async def test_what_comes_after_the_end_is_refused(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """A command or fact for a case whose run is over is refused, and told how it ended."""
    case = (await client.open(complaint())).case
    await client.withdraw(case, by="ada", why="Opened by mistake.")
    await until_over(case)

    with pytest.raises(Refused, match=r"too late to acknowledge.*has ended: withdrawn"):
        await client.acknowledge(case, by="bob")
    with pytest.raises(CaseEnded, match="has ended: withdrawn"):
        await client.customer_replied(case, text="Hello?")


async def test_the_command_that_ended_the_case_may_be_repeated(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """Whoever is not sure that the confirmation arrived sends it again and gets the same answer."""
    case = (await client.open(complaint())).case
    await client.propose_resolution(case, by="ada", summary="Paid back.")
    first = await client.confirm_resolution(case, by="customer", message_id="link-1")
    await until_over(case)

    second = await client.confirm_resolution(case, by="customer", message_id="link-1")

    assert (first.status, second.status) == (Status.CLOSED, Status.CLOSED)
    assert types(await client.record(case)).count("confirmed") == 1


async def test_commands_that_end_cases_are_never_lost(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """Confirmations that race the replies of their customers all end their cases."""
    cases = [(await client.open(complaint())).case for _ in range(12)]

    async def end(case: str) -> Status:
        await client.propose_resolution(case, by="ada", summary="Paid back.")
        closed, _ = await asyncio.gather(
            client.confirm_resolution(case, by="customer"),
            client.customer_replied(case, text="Thank you!"),
            return_exceptions=True,
        )
        assert not isinstance(closed, BaseException)
        return closed.status

    assert {await each for each in map(end, cases)} == {Status.CLOSED}
    for case in cases:
        await until_over(case)
        assert types(await client.record(case)).count("confirmed") == 1


class LosesAnswers(Interceptor):
    """A network on which the first answers to an update never arrive."""

    def __init__(self, lost: int, status: RPCStatusCode) -> None:
        self.lost = lost
        self.status = status
        self.ids: list[str] = []

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        return _Losing(next, self)


class _Losing(OutboundInterceptor):
    def __init__(self, next: OutboundInterceptor, losses: LosesAnswers) -> None:
        super().__init__(next)
        self._losses = losses

    async def start_workflow_update(
        self, input: StartWorkflowUpdateInput
    ) -> WorkflowUpdateHandle[Any]:
        handle = await super().start_workflow_update(input)
        self._losses.ids.append(handle.id)
        if len(self._losses.ids) <= self._losses.lost:
            raise RPCError("not ready, or not found", self._losses.status, b"")
        return handle


@pytest.mark.parametrize(
    "status", ["FAILED_PRECONDITION", "NOT_FOUND", "RESOURCE_EXHAUSTED", "UNAVAILABLE"]
)
async def test_a_command_turned_away_is_sent_again_and_counts_once(
    desk: Desk, complaint: Complaint, status: str
) -> None:
    """A command that counted while its answer was lost is resent under its id: nothing doubles.

    A server that has forgotten it says so as it does of a case that there is not; one that has ten
    commands of a case in hand takes no eleventh, and gives them all up now and then.
    """
    losses = LosesAnswers(3, RPCStatusCode[status])
    config = desk.client.config()
    config["interceptors"] = [losses]
    client = EscalationClient(Client(**config), task_queue=desk.task_queue, answer_within=PATIENT)
    case = (await client.open(complaint())).case

    summary = await client.hold(case, by="ada", reason=HoldReason.VENDOR)

    assert summary.status is Status.ON_HOLD
    assert len(losses.ids) == 4
    assert len(set(losses.ids)) == 1
    assert types(await client.record(case)).count("held") == 1


async def test_an_unknown_case_is_named_with_its_neighbours(
    client: EscalationClient, complaint: Complaint
) -> None:
    """A mistyped id is answered with the one that was meant."""
    case = (await client.open(complaint())).case
    await eventually(client.search, Search(id_prefix=case))

    with pytest.raises(CaseUnknown, match=f"Did you mean {case}"):
        await client.summary(f"{case}0")
    with pytest.raises(CaseUnknown, match="Check its id"):
        await client.acknowledge("zz-unheard-of", by="ada")


@pytest.mark.parametrize(
    "hostile", ["x' OR WorkflowType = 'Escalation", "a'b", "x') OR ('1'='1", "x' OR 1=1 --"]
)
async def test_a_search_asks_for_what_was_said(
    client: EscalationClient, complaint: Complaint, hostile: str
) -> None:
    """Text in a search is a value, never grammar: a hostile one finds nothing more."""
    mine = complaint(customer={"id": "C-hostile"})
    await client.open(mine)
    await eventually(client.search, Search(customer="C-hostile"))

    found = [each async for each in client.search(Search(customer=hostile))]

    assert found == []


async def test_a_customer_with_an_apostrophe_is_found(
    client: EscalationClient, complaint: Complaint
) -> None:
    """The list finds a case by its customer's id, and says where it stands."""
    request = complaint(customer={"id": "O'Hara"}, priority=Priority.P2)
    await client.open(request)
    await client.acknowledge(request.case, by="ada")

    (found,) = await eventually(
        client.search, Search(customer="O'Hara", owner="ada", id_prefix=request.case)
    )

    assert (found.case, found.level, found.priority) == (request.case, 1, "P2")
    assert found.due_at is not None
    assert not found.breached


async def test_watching_ends_with_the_case(client: EscalationClient, complaint: Complaint) -> None:
    """Whoever watches sees every change, the end at last, and is let go."""
    case = (await client.open(complaint())).case
    seen: list[Status] = []

    async for record in client.watch(case, every=timedelta(milliseconds=1)):
        seen.append(record.status)
        if record.status is Status.OPEN and len(seen) == 1:
            await client.propose_resolution(case, by="ada", summary="Paid back.")
        elif record.status is Status.RESOLVED and seen.count(Status.RESOLVED) == 1:
            await client.confirm_resolution(case, by="customer")

    assert seen[0] is Status.OPEN
    assert Status.RESOLVED in seen
    assert seen[-1] is Status.CLOSED


async def test_nobody_at_the_address() -> None:
    """A closed port is named with its address and what to do, at once."""
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 \(connection refused\).*TEMPORAL_ADD"):
        await connect(address="127.0.0.1:1")


async def test_somebody_else_at_the_address() -> None:
    """A server that takes connections and says nothing is given up in bounded time."""
    hung = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    async with await asyncio.start_server(say_nothing, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Unreachable, match=f"127.0.0.1:{port}"):
            await connect(address=f"127.0.0.1:{port}", within=timedelta(milliseconds=300))
        hung.set()


async def test_a_namespace_that_is_not_there(desk: Desk) -> None:
    """A call into a namespace that does not exist says so, and is no unknown case."""
    elsewhere = await Client.connect(
        desk.client.service_client.config.target_host, namespace="nowhere", plugins=[plugin()]
    )

    with pytest.raises(Unreachable, match="Namespace nowhere is not found"):
        await EscalationClient(elsewhere).summary("T-1")
