"""The way for a backend, the CLI and the HTTP entrance to speak to cases: by names only.

A command must not be lost to a race: where the server turns it away because the case's run is just
ending or going on in a new one, it is sent again under the same id, and counts once. A fact is a
signal and carries an id too: whoever is not sure that it arrived may send it again.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from uuid import uuid4

from temporalio.client import (
    Client,
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowHistory,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from escalations import calls, errors, names, temporal
from escalations.casefile import CaseFile
from escalations.events import AdoptPolicy, Command, Fact
from escalations.histories import plain
from escalations.joining import as_reply, ended, ended_as_it_runs, same_complaint, verb
from escalations.mistakes import RequestMistakes, of_request
from escalations.names import Query, Signal, Update
from escalations.policy import Policy
from escalations.priorities import priority_of
from escalations.record import Baton, EscalationRecord, Summary
from escalations.request import EscalationRequest
from escalations.search import Listed, Search
from escalations.verbs import Verbs

ANSWER_WITHIN: Final = timedelta(seconds=10)
LOOK_EVERY: Final = timedelta(seconds=1)

_PAUSE: Final = 0.1  # seconds between two tries

Answer = TypeVar("Answer")


class EscalationClient(Verbs):
    """Opens cases, reports facts to them, gives commands, asks how they stand.

    Every method may raise `Unreachable`, and those that name a case `CaseUnknown`.
    """

    def __init__(
        self,
        connection: Client,
        *,
        policies: Mapping[str, Policy] | None = None,
        task_queue: str = names.TASK_QUEUE,
        answer_within: timedelta = ANSWER_WITHIN,
    ) -> None:
        """Speak over this connection, made by `temporal.connect` or with `temporal.plugin`.

        Args:
            connection: to Temporal.
            policies: by name; requests are checked against them, by the worker alone if `None`.
            task_queue: where new cases are worked.
            answer_within: how long each call tries, and waits for server and worker, at most.
        """
        self._connection = connection
        self._named = temporal.customer_names(connection)
        self._policies = policies
        self._task_queue = task_queue
        self._within = answer_within
        self._turns = calls.Turns()

    @classmethod
    async def connect(
        cls,
        address: str | None = None,
        namespace: str | None = None,
        profile: str | None = None,
        keys: Path | None = None,
        **settings: Any,
    ) -> Self:
        """A client with a connection of its own; `None` is read as `temporal.connect` does.

        Args as there, and the file of `keys` if payloads are encrypted.

        Raises:
            Unreachable: nobody answers as a Temporal server there.
            KeysInvalid: the file of keys cannot be used.
        """
        connection = await temporal.connect(
            address=address, namespace=namespace, profile=profile, codec=temporal.encryption(keys)
        )
        return cls(connection, **settings)

    async def open(self, request: EscalationRequest) -> Summary:
        """Open a case, or join the one that is running: the answer is the case as it stands.

        The same complaint again (its message id, or its channel and statement) changes nothing;
        another one about the same case reaches it as the customer's reply.

        Raises:
            RequestInvalid: the request or its policy has mistakes; all of them are named.
            CaseEnded: it has, and the request does not say `reopen` or its last word is held back.
        """
        if problems := of_request(request, self._policies):
            raise RequestMistakes(problems)
        policy = (self._policies or {}).get(request.policy)
        priority = priority_of(request, policy) if policy else request.priority
        opening: EscalationRequest | Baton = request
        reuse = WorkflowIDReusePolicy.REJECT_DUPLICATE
        case, connection, queue = request.case, self._connection, self._task_queue
        async with self._answered(case):
            while True:
                try:
                    await calls.start(connection, request, opening, priority, queue, reuse)
                except WorkflowAlreadyStartedError:
                    run = await self._handle(case).describe()
                else:
                    return await self._ask(case, Query.SUMMARY, Summary)
                if run.status is WorkflowExecutionStatus.RUNNING:
                    if joined := await self._join(request):
                        return joined
                    await asyncio.sleep(_PAUSE)
                    continue
                match await calls.outcome(self._handle(case, run.run_id)):
                    case str():
                        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
                    case record if request.reopen:
                        opening = Baton(record=record, reopening=request)
                        reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE
                    case record:
                        raise ended(case, record)

    async def send(
        self, case: str, command: Command | AdoptPolicy, answer: type[Summary] = Summary
    ) -> Summary:
        """Give a command; the answer is the case after it.

        Raises:
            Refused: it cannot be as the case stands; the message says how it stands.
        """
        message_id = command.message_id or uuid4().hex
        command = command.model_copy(update={"message_id": message_id})
        update = Update(verb(command).replace(" ", "_"))
        async with self._answered(case), self._turns.of(case):
            while True:
                try:
                    summary: Summary = await self._handle(case).execute_update(
                        update, command, id=f"{update}/{message_id}", result_type=answer
                    )
                except WorkflowUpdateFailedError as error:
                    if not calls.is_race(error):
                        raise errors.Refused(calls.said(error.cause)) from None
                except RPCError as error:
                    if calls.is_over(error):
                        return await self._after_the_end(case, command)
                    lost = await calls.was_lost(error, self._handle(case))
                    if not (lost or calls.is_race(error)):
                        raise
                else:
                    return summary
                await asyncio.sleep(_PAUSE)

    async def report(self, case: str, fact: Fact) -> None:
        """Report a fact; returns once the server keeps it, whether or not it changes anything.

        Raises:
            CaseEnded: the run is over, and nothing is written into its timeline any more.
        """
        fact = fact.model_copy(update={"message_id": fact.message_id or uuid4().hex})
        async with self._answered(case):
            try:
                await self._handle(case).signal(Signal(verb(fact).replace(" ", "_")), fact)
            except RPCError as error:
                if calls.is_over(error):
                    raise ended(case, await calls.outcome(self._handle(case))) from None
                raise

    async def summary(self, case: str) -> Summary:
        """The case, short; also after it has ended."""
        async with self._answered(case):
            return await self._ask(case, Query.SUMMARY, Summary)

    async def record(self, case: str) -> EscalationRecord:
        """Everything about the case; also after it has ended."""
        async with self._answered(case):
            return await self._ask(case, Query.RECORD, EscalationRecord)

    async def histories(self, case: str, *, retrospective: bool = False) -> list[WorkflowHistory]:
        """Its runs' histories, or its retrospective's, oldest first, plain; no worker is needed."""
        async with self._answered(case):
            return await plain.of_case(self._connection, case, retrospective=retrospective)

    async def timeline(self, case: str, language: str | None = None) -> list[str]:
        """What happened, a sentence an entry, in `en`, `fr` or `fi`; English if `None`."""
        async with self._answered(case):
            return await self._ask(case, Query.TIMELINE, list[str], language)

    async def search(self, search: Search | None = None) -> AsyncIterator[Listed]:
        """The cases that are asked for, the newest first; every open one if `None`."""
        search = search or Search()
        found: set[str] = set()
        runs = self._connection.list_workflows(search.query(self._named))
        while True:
            async with self._answered(None):
                run = await anext(runs, None)
            if run is None:
                return
            if run.id not in found:  # opened again since: the newest run speaks for the case
                found.add(run.id)
                if search.keeps(listed := await calls.listed(run)):
                    yield listed

    async def count(self, search: Search | None = None) -> int:
        """How many cases the server's list filter lets through; see `Search.exact`."""
        async with self._answered(None):
            query = (search or Search()).query(self._named)
            return (await self._connection.count_workflows(query)).count

    async def watch(
        self, case: str, every: timedelta = LOOK_EVERY
    ) -> AsyncIterator[EscalationRecord]:
        """The case as it stands, and again after every change, until it has ended.

        Args:
            every: how often to look; looking asks the server alone, only a change asks a worker.
        """
        seen = None
        while True:
            async with self._answered(case):
                run = await self._handle(case).describe()
            if (now := (run.run_id, run.history_length, run.status)) != seen:
                record = await self.record(case)
                yield record
                if record.closed or run.status is not WorkflowExecutionStatus.RUNNING:
                    return
                seen = now
            await asyncio.sleep(every.total_seconds())

    async def _join(self, request: EscalationRequest) -> Summary | None:
        """The running case, told of this complaint unless it knows it; `None` if it just ended."""
        case = request.case
        record = await self._ask(case, Query.RECORD, EscalationRecord)
        if record.closed:
            if refusal := ended_as_it_runs(request, record):
                raise refusal
            return None
        if same_complaint(request, record.request):
            return record.summary()
        try:
            await self._handle(case).signal(Signal.CUSTOMER_REPLIED, as_reply(request))
        except RPCError as error:
            if calls.is_over(error):
                return None
            raise
        return await self._ask(case, Query.SUMMARY, Summary)

    async def _ask(
        self, case: str, query: Query, answer: type[Answer], *args: str | None
    ) -> Answer:
        """A query's answer, once the case is there to answer."""
        handle = self._handle(case)
        while True:
            try:
                said: Answer = await handle.query(query, args=args, result_type=answer)
            except WorkflowQueryFailedError:
                run = await handle.describe()
                if run.status is not WorkflowExecutionStatus.RUNNING:
                    failure = await calls.outcome(self._handle(case, run.run_id))
                    if isinstance(failure, str):
                        msg = f"{case} could not be opened: {failure}"
                        raise errors.RequestInvalid(msg) from None
                await asyncio.sleep(_PAUSE)
            else:
                return said

    async def _after_the_end(self, case: str, command: Command | AdoptPolicy) -> Summary:
        """The summary if this very command counted before its run was over."""
        record = await calls.outcome(self._handle(case))
        if isinstance(record, EscalationRecord):
            file = CaseFile(record, at=record.opened_at)
            if file.has_counted(command.counts_as, command.message_id):
                return record.summary()
        raise errors.Refused(f"too late to {verb(command)}; {ended(case, record)}")

    def _handle(
        self, case: str, run_id: str | None = None
    ) -> WorkflowHandle[Any, EscalationRecord]:
        return self._connection.get_workflow_handle(
            names.escalation_id(case), run_id=run_id, result_type=EscalationRecord
        )

    def _answered(self, case: str | None) -> AbstractAsyncContextManager[None]:
        return calls.answered(self._connection, self._within, case)
