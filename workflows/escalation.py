"""The workflow `Escalation`: it waits, carries out and records. The engine decides."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import workflow

from escalations import console, names
from escalations.clock import Deadline
from escalations.effects import Effect
from escalations.engine import Case
from escalations.events import Withdraw
from escalations.names import SearchAttribute
from escalations.record import Baton, EscalationRecord, Opening
from escalations.request import EscalationRequest
from escalations.search import known_when_opening
from escalations.snapshot import Snapshot
from escalations.temporal import search_attribute_update
from workflows import carrying_out, early
from workflows.measuring import Measuring
from workflows.messages import Messages
from workflows.moving import TO_THE_NEW_BUILD, is_time_to_move
from workflows.trace import Trace

AT_ONCE = timedelta(milliseconds=1)
"""What a timer takes at least."""

MAX_EVENTS = 10_000
MAX_BYTES = 10_000_000
"""A history this long or large goes on in a new run even while messages are on their way."""


@workflow.defn(name=names.Workflow.ESCALATION)
class EscalationWorkflow(Messages):
    """One case, from its opening to its one ending."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        super().__init__()
        self._under_way: set[asyncio.Task[None]] = set()
        self._timer: asyncio.Task[None] | None = None
        self._timer_due: Deadline | None = None
        self._published: Mapping[SearchAttribute, console.AttributeValue] = {}
        self._measuring = Measuring()
        self._trace = Trace()
        self._settled = False
        """Whether this run has done more than begin."""

    @workflow.run
    async def run(self, opening: Opening) -> EscalationRecord:
        """Climb until the case is closed and everybody has been told.

        Who cancels the run withdraws the case: it has an ending, and people hear of it.
        """
        try:
            return await self._climb(await self._begun(opening))
        except asyncio.CancelledError:
            reason = workflow.cancellation_reason()
            if self._case is None or reason is None:
                raise
            self._case.handle(Withdraw.of_a_cancelled_run(reason), at=workflow.now())
            self._act(self._case, workflow.now())
            return await self._climb(self._case)

    async def _begun(self, opening: Opening) -> Case:
        began_at = workflow.now()
        case = await self._opened(opening.root, began_at)
        self._measuring.begin(case, opening.root)
        for at in early.turns(case, began_at, self._early):
            self._act(case, at)
            await asyncio.sleep(0)  # sends and timer of this turn before the next, as on replay
        self._case = case
        return case

    async def _climb(self, case: Case) -> EscalationRecord:
        while not case.closed or case.record.outbox:
            if self._ripe():
                await workflow.wait_condition(workflow.all_handlers_finished)
                self._measuring.look(case)
                workflow.continue_as_new(
                    Opening(Baton(record=case.record)),
                    memo=dict(workflow.memo()),
                    initial_versioning_behavior=TO_THE_NEW_BUILD,
                )
            await self._heard_or_due()
            self._settled = True
            self._act(case, workflow.now())
        await workflow.wait_condition(workflow.all_handlers_finished)
        return case.record

    def _act(self, case: Case, at: datetime) -> None:
        """Carry out what is decided and what is due by now; show it, and set the timer."""
        self._carry_out(case, case.take_effects())
        while (deadline := case.next_deadline) is not None and deadline.at <= at:
            self._measuring.falls_due(case, deadline)
            case.fall_due(deadline, at=at)
            self._carry_out(case, case.take_effects())
        self._measuring.look(case)
        self._publish(case)
        self._arm(case, deadline)
        self._trace.leave(at)

    async def _opened(self, opening: EscalationRequest | Baton, at: datetime) -> Case:
        """The case: a new one, one opened again, or the one that a run before handed over."""
        if isinstance(opening, EscalationRequest):
            return Case.open(opening, await self._snapshot(opening), at)
        if opening.reopening is not None:
            snapshot = await self._snapshot(opening.reopening)
            return Case.open_again(opening, snapshot, at)
        return Case(opening.record)

    async def _snapshot(self, request: EscalationRequest) -> Snapshot:
        # Without a command in the first task, a replay would take it and the next one for one, and
        # the case would open at another moment.
        self._show(known_when_opening(request, request.priority))
        return await early.snapshot(request)

    async def _heard_or_due(self) -> None:
        """Wait until somebody has spoken, a send has ended or the timer has rung."""
        turns, timer = self._turns, self._timer
        await workflow.wait_condition(
            lambda: (
                self._turns != turns
                or (timer is not None and timer.done())
                or any(task.done() for task in self._under_way)
            )
        )
        if timer is not None and timer.done():
            self._timer = None
        for task in [task for task in self._under_way if task.done()]:
            self._under_way.discard(task)
            task.result()

    def _arm(self, case: Case, deadline: Deadline | None) -> None:
        """One timer; it is kept where the deadline moved later, and looked at when it rings."""
        if deadline is None:
            return
        if self._timer is not None:
            if self._timer_due is not None and self._timer_due.at <= deadline.at:
                return
            self._timer.cancel()
        self._trace.given()
        self._timer_due = deadline
        self._timer = asyncio.create_task(
            workflow.sleep(
                max(deadline.at - workflow.now(), AT_ONCE),
                summary=console.timer_summary(case.record, deadline),
            )
        )

    def _ripe(self) -> bool:
        """Whether it is time for a new run, best while nothing is on its way."""
        info = workflow.info()
        quiet = not self._under_way and workflow.all_handlers_finished()
        length, size = info.get_current_history_length(), info.get_current_history_size()
        long = length > MAX_EVENTS or size > MAX_BYTES
        return (quiet or long) and is_time_to_move(info, self._settled)

    def _carry_out(self, case: Case, effects: list[Effect]) -> None:
        """Start what was decided; nothing of it holds up the next deadline."""
        for work in carrying_out.begun(case, effects):
            self._trace.given()
            self._under_way.add(asyncio.create_task(work))

    def _publish(self, case: Case) -> None:
        """Show operators how the case stands."""
        self._show(console.search_attributes(case.record))

    def _show(self, values: Mapping[SearchAttribute, console.AttributeValue]) -> None:
        """Show operators what has changed."""
        changed = [
            search_attribute_update(name, value)
            for name, value in values.items()
            if value != self._published.get(name)
        ]
        self._published = values
        if changed:
            self._trace.given()
            workflow.upsert_search_attributes(changed)
