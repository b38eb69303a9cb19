"""The rules of the beginning: a new case, and one that is opened again after it had ended."""

from escalations import timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import CustomerNotice, Notice
from escalations.ladder import ask_level, get_level
from escalations.model import Instant
from escalations.priorities import grow_old, inform_stakeholders, priority_of
from escalations.record import Baton, EscalationRecord, Status
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot


def new_record(request: EscalationRequest, snapshot: Snapshot, at: Instant) -> EscalationRecord:
    """The record of a case that begins now, before anything was decided about it."""
    start = snapshot.policy.start(request.category)
    return EscalationRecord(
        request=request,
        snapshot=snapshot,
        priority=priority_of(request, snapshot.policy),
        level=start,
        highest_level=start,
        opened_at=at,
    )


def record_again(baton: Baton, snapshot: Snapshot) -> EscalationRecord:
    """The record of an ended case that begins again: its past stays, its ending does not."""
    request = baton.reopening or baton.record.request
    last = len(snapshot.policy.levels)
    return baton.record.model_copy(
        update={
            "request": request,
            "snapshot": snapshot,
            "priority": priority_of(request, snapshot.policy),
            "status": Status.OPEN,
            "ending": None,
            "closed_at": None,
            "level": min(baton.record.level + 1, last),
            "highest_level": min(baton.record.highest_level, last),
            "reopened": baton.record.reopened + 1,
            "outbox": [],
            "unaddressed": [],
            "survey": None,
            "score": None,
            "executive": False,
            "actions_done": [],
            "rosters": {},
        },
        deep=True,
    )


def open_case(case: CaseFile) -> None:
    """Everybody who must know is told at once: manager, stakeholders, customer, level (A4–A7)."""
    _begin(case, again=False)


def open_case_again(case: CaseFile) -> None:
    """The same, one level above the one where the case had ended."""
    _begin(case, again=True)


def _begin(case: CaseFile, *, again: bool) -> None:
    record, request = case.record, case.record.request
    case.note(
        timeline.Opened,
        by=request.by,
        channel=request.channel,
        priority=record.priority,
        again=again,
    )
    if again:
        case.note(timeline.Reopened, why="opened_again", times=record.reopened)
    get_level(case, record.level, since=min(request.reported_at, case.at))
    grow_old(case)
    for recipient in case.manager:
        case.took_part("contact", recipient.key, recipient.name)
    due_at = case.due(ClockName.WINDOW, Then.CLIMB)
    case.tell(Notice.MANAGER_BRIEFED, case.manager, due_at=due_at)
    inform_stakeholders(case)
    if case.policy.customer.acknowledge and record.suggestion is None:
        case.tell_customer(CustomerNotice.ACKNOWLEDGED, due_at=due_at)
    ask_level(case, "opened_again" if again else "opened")
