"""How important a case is: the checklist that yields it (C30), and how it changes on the way."""

from escalations import promises, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import Notice
from escalations.ladder import window_alarms
from escalations.model import Instant
from escalations.policy import Grade, Policy, Priority
from escalations.record import Status
from escalations.request import EscalationRequest


def priority_of(request: EscalationRequest, policy: Policy) -> Priority:
    """The request's own priority, or impact × urgency, raised for the customer's tier."""
    if request.priority is not None:
        return request.priority
    row = policy.priorities.matrix[request.impact]
    steps = policy.priorities.raise_for_tier.get(request.customer.tier or "", 0)
    return row[list(Grade).index(request.urgency)].raised(steps)


def grow_old(case: CaseFile, since: Instant | None = None) -> None:
    """From then on, or from now, the case grows old, and more important with it. Source: C31.

    Not while the customer tries a resolution: a case that is over for them is not raised.
    """
    after, care = case.policy.priorities.raise_after, case.policy.customer
    if after is None or case.record.priority is Priority.P1 or _was_raised(case):
        return
    case.start_clock(ClockName.AGE, care.calendar, {Then.RAISE_PRIORITY: after}, since)
    if case.record.status in (Status.RESOLVED, Status.WORKAROUND):
        case.pause_clocks(ClockName.AGE)


def _was_raised(case: CaseFile) -> bool:
    """Whether the case has become more important by its age since it was opened: once is enough."""
    for entry in reversed(case.record.timeline):
        if isinstance(entry, timeline.Opened):
            break
        if isinstance(entry, timeline.PriorityChanged) and entry.why == "age":
            return True
    return False


def raise_for_age(case: CaseFile) -> None:
    """The case is old: one step up, once."""
    case.stop_clocks(ClockName.AGE)
    if case.record.priority is not Priority.P1:
        change(case, case.record.priority.raised(), "age")


def change(
    case: CaseFile, priority: Priority, why: str, by: str | None = None, reason: str = ""
) -> None:
    """The case is more or less important: its clocks, its listeners and its promises follow."""
    record, was = case.record, case.record.priority
    record.priority = priority
    record.highest_priority = (record.highest_priority or was).or_higher(priority)
    case.note(timeline.PriorityChanged, was=was, priority=priority, why=why, by=by, reason=reason)
    if priority is Priority.P1:
        case.stop_clocks(ClockName.AGE)
        case.deliver(everything=True)
    elif was is Priority.P1:
        grow_old(case)
    case.rescale_clock(ClockName.WINDOW, window_alarms(case))
    ranks = list(Priority)
    more_important = ranks.index(priority) < ranks.index(was)
    promises.follow_priority(case, more_important=more_important)
    promises.say_it_moved(case, why)
    inform_stakeholders(case, but_not_of=was)
    if record.status in (Status.OPEN, Status.ON_HOLD):
        case.tell(
            Notice.PRIORITY_CHANGED,
            [*case.manager, *case.whoever_has_it],
            why=why,
            by=by or "",
            text=reason,
            due_at=case.due(ClockName.WINDOW, Then.CLIMB),
        )


def inform_stakeholders(case: CaseFile, but_not_of: Priority | None = None) -> None:
    """Who should know of a case of this priority, and not of one like before. Source: A7."""
    informed = [
        recipient
        for stakeholder in case.policy.stakeholders
        if case.record.priority in stakeholder.priorities
        and but_not_of not in stakeholder.priorities
        for recipient in (
            case.role(stakeholder.role) if stakeholder.role else case.contact(stakeholder.contact)
        )
    ]
    case.tell(Notice.STAKEHOLDER_INFORMED, informed)
    for recipient in informed:
        name = recipient.key.partition("/")[0]
        kind = "contact" if name in case.policy.contacts else "role"
        case.took_part(kind, name, recipient.name)
