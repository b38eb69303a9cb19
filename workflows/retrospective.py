"""The workflow `Retrospective`: it waits, has people told, and takes what they say.

It needs no continue-as-new: commands are limited in number, and a reminder a business day, the only
thing without an end, fills a history in twelve years at the earliest.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.invitations import INVITE_OPTIONS, Invitations
from escalations import names
from escalations.errors import Refused
from escalations.events import Delivered
from escalations.names import Query, RetrospectiveUpdate
from escalations.retrospective import console
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import (
    AddActionItem,
    Circular,
    CompleteActionItem,
    Finish,
    RecordRootCause,
    RetrospectiveCommand,
)
from escalations.retrospective.record import (
    RetrospectiveDeadline,
    RetrospectiveRecord,
    RetrospectiveSummary,
)
from escalations.retrospective.request import RetrospectiveRequest
from escalations.sending import unreachable

LAST_SENDS_WITHIN = timedelta(minutes=2)
"""How long messages that are on their way when it is finished may still take."""


def _checked(kind: type[RetrospectiveCommand]) -> Any:
    """A validator for this kind of command; Temporal wants one that takes the same type."""

    def check(self: "RetrospectiveWorkflow", command: Any) -> None:
        self._check(command)

    check.__annotations__ = {"command": kind, "return": None}
    return check


@workflow.defn(name=names.Workflow.RETROSPECTIVE)
class RetrospectiveWorkflow:
    """One retrospective, from the end of its case to the filing of what came of it."""

    @workflow.init
    def __init__(self, request: RetrospectiveRequest) -> None:
        self._retrospective = Retrospective.begin(request, at=workflow.now())
        self._under_way: set[asyncio.Task[None]] = set()

    @workflow.run
    async def run(self, request: RetrospectiveRequest) -> RetrospectiveRecord:
        """Invite, remind until all is said, answer with it; once cancelled, send what is out."""
        try:
            return await self._hold()
        except asyncio.CancelledError:
            await self._last_sends()
            raise

    async def _hold(self) -> RetrospectiveRecord:
        self._publish()
        retrospective = self._retrospective
        while deadline := retrospective.next_deadline:
            self._send(retrospective.take_circulars())
            if deadline.at <= workflow.now():
                retrospective.fall_due(deadline, at=workflow.now())
                self._publish()
                continue
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
                    or any(task.done() and task.exception() for task in self._under_way)
                ),
                timeout=deadline.at - workflow.now(),
                timeout_summary=console.timer_summary(retrospective.record, deadline),
            )
        self._look_at_sends()

    def _look_at_sends(self) -> None:
        """A mistake of ours in carrying out a send comes to light here."""
        for task in [task for task in self._under_way if task.done()]:
            self._under_way.discard(task)
            task.result()

    def _send(self, circulars: list[Circular]) -> None:
        """Started, not waited for: nothing holds up the next deadline."""
        self._under_way |= {asyncio.create_task(self._tell(each)) for each in circulars}

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

    def _publish(self) -> None:
        workflow.set_current_details(console.current_details(self._retrospective.record))

    def _check(self, command: RetrospectiveCommand) -> None:
        """What every validator asks: refuses what cannot be, as things stand."""
        try:
            self._retrospective.check(command, at=workflow.now())
        except Refused as refused:
            raise ApplicationError(str(refused), type=Refused.__name__) from None

    def _obey(self, command: RetrospectiveCommand) -> RetrospectiveSummary:
        self._retrospective.handle(command, at=workflow.now())
        self._publish()
        return self._retrospective.record.summary()

    @workflow.update(
        name=RetrospectiveUpdate.RECORD_ROOT_CAUSE,
        description='Why: {"by": "ida", "text": "A certificate expired"}, "improvements" if any',
    )
    def record_root_cause(self, command: RecordRootCause) -> RetrospectiveSummary:
        """A command: see `RecordRootCause`."""
        return self._obey(command)

    @workflow.update(
        name=RetrospectiveUpdate.ADD_ACTION_ITEM,
        description='To do: {"by": "ida", "text": "Watch it", "owner": "bob"}, "due", "kind"',
    )
    def add_action_item(self, command: AddActionItem) -> RetrospectiveSummary:
        """A command: see `AddActionItem`."""
        return self._obey(command)

    @workflow.update(
        name=RetrospectiveUpdate.COMPLETE_ACTION_ITEM,
        description='An action item is done: {"by": "bob", "id": 1}',
    )
    def complete_action_item(self, command: CompleteActionItem) -> RetrospectiveSummary:
        """A command: see `CompleteActionItem`."""
        return self._obey(command)

    @workflow.update(
        name=RetrospectiveUpdate.FINISH,
        description='Everything is said: {"by": "ida"}, "no_action_items": why none is needed',
    )
    def finish(self, command: Finish) -> RetrospectiveSummary:
        """A command: see `Finish`."""
        return self._obey(command)

    record_root_cause.validator(_checked(RecordRootCause))
    add_action_item.validator(_checked(AddActionItem))
    complete_action_item.validator(_checked(CompleteActionItem))
    finish.validator(_checked(Finish))

    @workflow.query(
        name=Query.RECORD, description="Everything about the retrospective; no argument"
    )
    def record(self) -> RetrospectiveRecord:
        """The whole record."""
        return self._retrospective.record

    @workflow.query(name=Query.SUMMARY, description="The retrospective, short; no argument")
    def summary(self) -> RetrospectiveSummary:
        """The short answer."""
        return self._retrospective.record.summary()
