"""The workflow `Canary`: a case that climbs, tells nobody and goes."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta

from temporalio import workflow

from activities.canary import Canaries
from escalations import console, events, names
from escalations.canary import CANARY
from escalations.effects import Dispatch, Effect, Notify, Send, TellCustomer
from escalations.engine import Case
from escalations.names import SearchAttribute
from escalations.record import EscalationRecord, Opening
from escalations.request import EscalationRequest
from escalations.search import known_when_opening
from escalations.snapshot import Snapshot

with workflow.unsafe.imports_passed_through():
    from workflows.escalation import EscalationWorkflow

AT_HAND = timedelta(seconds=5)
"""How long a worker has for its policy, and for telling nobody."""


@workflow.defn(name=names.Workflow.CANARY)
class CanaryWorkflow(EscalationWorkflow):
    """One canary, from its opening to the withdrawal that its climb is followed by."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)

    @workflow.run
    async def run(self, opening: Opening) -> EscalationRecord:
        """Climb as a case does."""
        return await super().run(opening)

    def _act(self, case: Case, at: datetime) -> None:
        super()._act(case, at)
        if case.record.level > 1 and not case.record.outbox and not case.closed:
            climbed = events.Withdraw(by=CANARY, why="It has climbed.")
            case.handle(climbed, at=workflow.now())
            self._carry_out(case, case.take_effects())

    async def _snapshot(self, request: EscalationRequest) -> Snapshot:
        self._show(known_when_opening(request, request.priority))
        return await workflow.execute_local_activity_method(
            Canaries.snapshot, request, schedule_to_close_timeout=AT_HAND
        )

    def _show(self, values: Mapping[SearchAttribute, console.AttributeValue]) -> None:
        """Only what it is: a filter for cases that leaves out their type does not find it."""
        category = SearchAttribute.CATEGORY
        super()._show({category: values[category]})

    def _carry_out(self, case: Case, effects: list[Effect]) -> None:
        sends: list[Send] = [each for each in effects if isinstance(each, Notify | TellCustomer)]
        if sends:
            self._under_way.add(asyncio.create_task(self._tell_nobody(case, sends)))

    async def _tell_nobody(self, case: Case, sends: list[Send]) -> None:
        deliveries = await workflow.execute_activity_method(
            Canaries.tell,
            Dispatch(brief=case.record.brief(), sends=sends),
            start_to_close_timeout=AT_HAND,
        )
        case.handle(events.Delivered(deliveries=deliveries), at=workflow.now())
