"""The workflow `Retrospective`: it waits, and has people told.

It lives until somebody finishes it, which may take months: so it goes on in a new run where another
build has become the current one. Its history alone would last for twelve years of reminders.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.invitations import INVITE_OPTIONS, Invitations
from escalations import names
from escalations.events import Delivered, Withdraw
from escalations.retrospective import console
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import Circular
from escalations.retrospective.record import (
    RetrospectiveBaton,
    RetrospectiveDeadline,
    RetrospectiveOpening,
    RetrospectiveRecord,
)
from escalations.retrospective.request import RetrospectiveRequest
from escalations.sending import unreachable
from workflows.moving import TO_THE_NEW_BUILD, is_time_to_move
from workflows.retrospective_messages import RetrospectiveMessages
from workflows.trace import Trace

LAST_SENDS_WITHIN = timedelta(minutes=2)
"""How long messages that are on their way when it is finished may still take."""


@workflow.defn(name=names.Workflow.RETROSPECTIVE)
class RetrospectiveWorkflow(RetrospectiveMessages):
    """One retrospective, from the end of its case to the filing of what came of it."""

    @workflow.init
    def __init__(self, opening: RetrospectiveOpening) -> None:
        super().__init__(_begun(opening.root))
        self._under_way: list[asyncio.Task[None]] = []
        self._trace = Trace()
        self._began_with = workflow.info().get_current_history_length()
        """How many events there were at its first task."""

    @workflow.run
    async def run(self, opening: RetrospectiveOpening) -> RetrospectiveRecord:
        """Invite, remind until all is said, answer with it.

        Who cancels the run calls the retrospective off, and people hear of it.
        """
        try:
            return await self._hold()
        except asyncio.CancelledError:
            reason = workflow.cancellation_reason()
            if reason is None:
                raise
            withdrawn = Withdraw.of_a_cancelled_run(reason)
            self._retrospective.handle(withdrawn, at=workflow.now())
            return await self._hold()

    async def _hold(self) -> RetrospectiveRecord:
        self._publish()
        retrospective = self._retrospective
        while deadline := retrospective.next_deadline:
            self._send(retrospective.take_circulars())
            if deadline.at <= workflow.now():
                retrospective.fall_due(deadline, at=workflow.now())
                self._publish()
                continue
            if self._ripe():
                await workflow.wait_condition(workflow.all_handlers_finished)
                workflow.continue_as_new(
                    RetrospectiveOpening(RetrospectiveBaton(record=retrospective.record)),
                    memo=dict(workflow.memo()),
                    initial_versioning_behavior=TO_THE_NEW_BUILD,
                )
            await self._spoken_or_due(deadline)
        self._send(retrospective.take_circulars())
        await self._last_sends()
        await workflow.wait_condition(workflow.all_handlers_finished)
        return retrospective.record

    async def _spoken_or_due(self, deadline: RetrospectiveDeadline) -> None:
        """Wait until the moment has come, or something was said that changes what comes next."""
        retrospective = self._retrospective
        with suppress(TimeoutError):
            await workflow.wait_condition(
                lambda: (
                    retrospective.next_deadline != deadline
                    or bool(retrospective.to_send)
                    or self._ripe()
                    or any(task.done() and task.exception() for task in self._under_way)
                ),
                timeout=deadline.at - workflow.now(),
                timeout_summary=console.timer_summary(retrospective.record, deadline),
            )
        self._look_at_sends()

    def _ripe(self) -> bool:
        """Whether it is time for a new run, and nothing is on its way."""
        quiet = all(task.done() for task in self._under_way)
        info = workflow.info()
        settled = info.get_current_history_length() > self._began_with
        return quiet and is_time_to_move(info, settled)

    def _look_at_sends(self) -> None:
        """A mistake of ours in carrying out a send comes to light here."""
        for task in [task for task in self._under_way if task.done()]:
            self._under_way.remove(task)
            task.result()

    def _send(self, circulars: list[Circular]) -> None:
        """Started, not waited for: nothing holds up the next deadline."""
        self._under_way += [asyncio.create_task(self._tell(each)) for each in circulars]

    async def _tell(self, circular: Circular) -> None:
        """Send what one decision sends, in one activity; a failure is a result, too."""
        try:
            deliveries = await workflow.execute_activity_method(
                Invitations.invite,
                circular,
                summary=console.send_summary(circular),
                **INVITE_OPTIONS,
            )
        except ActivityError as error:
            deliveries = unreachable([circular], str(error.cause or error))
        self._retrospective.handle(Delivered(deliveries=deliveries), at=workflow.now())
        self._publish()
        self._trace.leave(workflow.now())  # the next deadline may be the same: nothing else does

    async def _last_sends(self) -> None:
        """What is on its way may arrive; what has not by then is given up."""
        try:
            await workflow.wait_condition(
                lambda: all(task.done() for task in self._under_way),
                timeout=LAST_SENDS_WITHIN,
                timeout_summary="Messages that are on their way",
            )
        except TimeoutError:
            for task in self._under_way:
                task.cancel()
            await workflow.wait_condition(lambda: all(task.done() for task in self._under_way))
        self._look_at_sends()


def _begun(opening: RetrospectiveRequest | RetrospectiveBaton) -> Retrospective:
    """A new one, or the one that a run before handed over."""
    if isinstance(opening, RetrospectiveBaton):
        return Retrospective(opening.record)
    return Retrospective.begin(opening, at=workflow.now())
