"""The rules of the beginning: a new case, and one that is opened again after it had ended."""

from escalations import promises, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import CustomerNotice, Notice
from escalations.ladder import ask_level, call_executive, get_level, target
from escalations.model import Instant, made
from escalations.phrases import triggers_in
from escalations.priorities import grow_old, inform_stakeholders, priority_of
from escalations.record import Baton, EscalationRecord, Status
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot


def new_record(request: EscalationRequest, snapshot: Snapshot, at: Instant) -> EscalationRecord:
    """The record of a case that begins now, before anything was decided about it."""
    start = snapshot.policy.start(request.category)
    return made(
        EscalationRecord,
        request=request,
        snapshot=snapshot,
        priority=priority_of(request, snapshot.policy),
        level=start,
        highest_level=start,
        opened_at=at,
    )


def record_again(baton: Baton, snapshot: Snapshot, at: Instant) -> EscalationRecord:
    """The record of an ended case that begins again: its past stays, its ending does not.

    A report that the case has answered once starts no clock: where the request brings the old one
    again, it counts as reported now.
    """
    request = baton.reopening or baton.record.request
    answered = baton.record.closed_at or baton.record.request.reported_at
    if request.reported_at <= answered:
        request = request.model_copy(update={"reported_at": at})
    last = len(snapshot.policy.levels)
    priority = priority_of(request, snapshot.policy)
    was = baton.record.highest_priority or baton.record.priority
    return baton.record.model_copy(
        update={
            "request": request,
            "snapshot": snapshot,
            "priority": priority,
            "highest_priority": was.or_higher(priority),
            "status": Status.OPEN,
            "ending": None,
            "closed_at": None,
            "level": min(baton.record.level + 1, last),
            "highest_level": min(baton.record.highest_level, last),
            "reopened": baton.record.reopened + 1,
            "outbox": [],
            "unaddressed": [],
            "replies_untold": 0,
            "replies_told_to": [],
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
    _begin(case, case.record.request.statement, again=False)


def open_case_again(case: CaseFile, past: EscalationRecord) -> None:
    """The same, one level above the one where the case had ended.

    What was said then has been heard; a new statement may raise triggers.
    """
    said = case.record.request.statement
    _begin(case, "" if said == past.request.statement else said, again=True)


def _begin(case: CaseFile, statement: str, *, again: bool) -> None:
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
    raised = _raised_by(statement, case)
    why = _begin_higher(case, raised)
    reported_at = min(request.reported_at, case.at)
    get_level(case, record.level, reported_at)
    grow_old(case, reported_at)
    for recipient in case.manager:
        case.took_part("contact", recipient.key, recipient.name)
    due_at = case.due(ClockName.WINDOW, Then.CLIMB)
    case.tell(Notice.MANAGER_BRIEFED, case.manager, due_at=due_at)
    for name in raised:
        call_executive(case, name, request.customer.name, statement)
    inform_stakeholders(case)
    if case.policy.customer.acknowledge and record.suggestion is None:
        promises.tell_by_when(case, CustomerNotice.ACKNOWLEDGED)
    ask_level(case, why or ("opened_again" if again else "opened"))


def _raised_by(statement: str, case: CaseFile) -> list[str]:
    """The triggers whose words the customer opens with, the highest first. Source: A54, B2."""
    found = triggers_in(statement, case.record.request.customer.language, case.policy)
    return sorted(found, key=lambda name: -target(case, case.policy.triggers[name]))


def _begin_higher(case: CaseFile, raised: list[str]) -> str:
    """A threat in the statement is not asked of the first level: the case begins at its target.

    Why it begins there; nothing if no trigger leads higher than where it begins anyway.
    """
    begins = case.record.level
    by = case.record.request.customer.name
    for name in raised:
        to_level = target(case, case.policy.triggers[name])
        moves = name == raised[0] and begins < to_level <= case.last_level
        case.note(timeline.TriggerRaised, trigger=name, by=by, moved=moves)
        if moves:
            begins = to_level
    if begins == case.record.level:
        return ""
    case.record.level = begins
    return f"trigger:{raised[0]}"
