"""Carrying out what was decided: each effect by its activity or child, its result reported back."""

from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

from temporalio import workflow
from temporalio.exceptions import ActivityError, WorkflowAlreadyStartedError

from activities.notifications import NOTIFY_OPTIONS, Notifications
from activities.rotas import READ_OPTIONS, Rotas
from escalations import console, events, names
from escalations.effects import Dispatch, Effect, ReadRota, ScheduleRetrospective
from escalations.engine import Case
from escalations.retrospective import console as retrospective_console
from escalations.retrospective.request import request_for
from escalations.rostering import unreadable
from escalations.rota import RotaQuestion
from escalations.sending import unreachable


def begun(case: Case, effects: Sequence[Effect]) -> Iterator[Coroutine[Any, Any, None]]:
    """What these effects take, to be run beside each other."""
    for dispatch in case.dispatches(effects):
        yield _send(case, dispatch)
    for effect in effects:
        if isinstance(effect, ReadRota):
            yield _read_rota(case, effect)
        elif isinstance(effect, ScheduleRetrospective):
            yield _schedule_retrospective(case, effect)


async def _send(case: Case, dispatch: Dispatch) -> None:
    """Send what one decision sends, in one activity; a failure is a result, too."""
    sends = dispatch.sends
    try:
        deliveries = await workflow.execute_activity_method(
            Notifications.notify,
            dispatch,
            summary=console.send_summary(sends),
            **NOTIFY_OPTIONS,
        )
        answered = {delivery.key for delivery in deliveries}
        unanswered = [send for send in sends if send.key not in answered]
        deliveries += unreachable(unanswered, "the worker gave no answer for it")
    except ActivityError as error:
        deliveries = unreachable(sends, str(error.cause or error))
    case.handle(events.Delivered(deliveries=deliveries), at=workflow.now())


async def _read_rota(case: Case, effect: ReadRota) -> None:
    """Find out who is on call; that it could not be read is an answer, too."""
    question = RotaQuestion(
        contact=effect.contact,
        rota=effect.rota,
        at=workflow.now(),
        timezone=case.record.snapshot.policy.timezone,
    )
    try:
        roster = await workflow.execute_activity_method(
            Rotas.read_rota,
            question,
            summary=console.rota_summary(effect.contact),
            **READ_OPTIONS,
        )
    except ActivityError as error:
        roster = unreadable(question, str(error.cause or error))
    case.handle(events.RosterRead(key=effect.key, roster=roster), at=workflow.now())


async def _schedule_retrospective(case: Case, effect: ScheduleRetrospective) -> None:
    """Start the retrospective, which outlives this run."""
    workflow_id, already = names.retrospective_id(case.record.case), False
    request = request_for(case.record, workflow.now())
    try:
        await workflow.start_child_workflow(
            names.Workflow.RETROSPECTIVE,
            request,
            id=workflow_id,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            static_summary=retrospective_console.static_summary(request.brief),
            static_details=console.static_details(case.record.request),
        )
    except WorkflowAlreadyStartedError:
        already = True
    started = events.RetrospectiveStarted(key=effect.key, workflow_id=workflow_id, already=already)
    case.handle(started, at=workflow.now())
