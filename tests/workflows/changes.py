"""Changes that somebody might make to our code.

An incompatible one makes other commands, or in another order: the SDK's replayer finds it, and a
case that runs would stop. A silent one fills them with something else: the replayer finds nothing,
and the case would go on as another one than it was. A compatible one leaves it as it is.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from temporalio import workflow

from activities.policies import Policies
from escalations import events, ladder, resolving, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import Effect, Notice, ScheduleRetrospective
from escalations.engine import Case
from escalations.request import EscalationRequest
from escalations.retrospective.events import Circular
from escalations.snapshot import Snapshot
from workflows import carrying_out, early
from workflows.escalation import EscalationWorkflow
from workflows.retrospective import RetrospectiveWorkflow

Change = tuple[Any, str, Callable[..., Any]]
"""Whose function of which name is another one now."""

_carry_out = EscalationWorkflow._carry_out


def timer_before_sends(self: EscalationWorkflow, case: Case, at: datetime) -> None:
    """The timer is set first, then the messages go out."""
    while (deadline := case.next_deadline) is not None and deadline.at <= at:
        case.fall_due(deadline, at=at)
    self._arm(case, deadline)
    self._carry_out(case, case.take_effects())
    self._publish(case)


def no_timer(self: EscalationWorkflow, case: Case, deadline: object) -> None:
    """Nothing falls due any more."""


def each_send_by_itself(self: EscalationWorkflow, case: Case, effects: list[Effect]) -> None:
    """An activity a message."""
    for effect in effects:
        _carry_out(self, case, [effect])


def pause_at_the_end(self: EscalationWorkflow, case: Case, effects: list[Effect]) -> None:
    """The last messages wait a moment, for some reason."""
    _carry_out(self, case, effects)
    if case.closed:
        self._under_way.add(asyncio.create_task(workflow.sleep(1)))


def behind_a_patch(self: EscalationWorkflow, case: Case, effects: list[Effect]) -> None:
    """The same, made as it should be: cases that run keep the old way."""
    if workflow.patched("pause-at-the-end"):
        pause_at_the_end(self, case, effects)
    else:
        _carry_out(self, case, effects)


def never_ripe(self: EscalationWorkflow) -> bool:
    """No case goes on in a new run."""
    return False


async def no_retrospective(case: Case, effect: ScheduleRetrospective) -> None:
    """The retrospective is only written down."""
    started = events.RetrospectiveStarted(key=effect.key, workflow_id="retrospective/none")
    case.handle(started, at=workflow.now())


async def policy_by_activity(request: EscalationRequest) -> Snapshot:
    """The policy is copied by an activity of its own, always."""
    return await workflow.execute_activity_method(
        Policies.snapshot, request, start_to_close_timeout=2 * early.AT_HAND
    )


def no_invitations(self: RetrospectiveWorkflow, circulars: list[Circular]) -> None:
    """Nobody is told of a retrospective."""


def nobody_above_hears(case: CaseFile) -> None:
    """The manager is not told of a missed window."""
    case.record.breached = True
    case.note(timeline.Breached, what="window", name=case.level.name)
    contact = case.contact(case.level.contact)
    case.tell(Notice.BREACH, contact, why="time", due_at=case.at)


def twice_as_long(case: CaseFile) -> None:
    """The customer has more time to say yes or no."""
    care = case.policy.customer
    alarms = {Then.PRESUME: care.confirm_within * 2}
    case.start_clock(ClockName.CONFIRMATION, care.calendar, alarms)


def nothing_remembered(self: CaseFile, kind: str, message_id: str | None) -> None:
    """A repeated message counts again."""


TIMER_BEFORE_SENDS: Final[Change] = (EscalationWorkflow, "_act", timer_before_sends)
NO_TIMER: Final[Change] = (EscalationWorkflow, "_arm", no_timer)
EACH_SEND_BY_ITSELF: Final[Change] = (EscalationWorkflow, "_carry_out", each_send_by_itself)
PAUSE_AT_THE_END: Final[Change] = (EscalationWorkflow, "_carry_out", pause_at_the_end)
NEVER_RIPE: Final[Change] = (EscalationWorkflow, "_ripe", never_ripe)
NO_RETROSPECTIVE: Final[Change] = (
    carrying_out,
    "_schedule_retrospective",
    no_retrospective,
)
POLICY_BY_ACTIVITY: Final[Change] = (early, "snapshot", policy_by_activity)
NO_INVITATIONS: Final[Change] = (RetrospectiveWorkflow, "_send", no_invitations)

NOBODY_ABOVE_HEARS: Final[Change] = (ladder, "_breach", nobody_above_hears)
TWICE_AS_LONG: Final[Change] = (resolving, "await_confirmation", twice_as_long)
NOTHING_REMEMBERED: Final[Change] = (CaseFile, "counts", nothing_remembered)

BEHIND_A_PATCH: Final[Change] = (EscalationWorkflow, "_carry_out", behind_a_patch)
