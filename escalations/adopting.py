"""The rules of adopting a policy: an open case goes on by another revision, its time consumed kept.

The stay goes on: who has the case keeps it, what is done stays done, what has rung does not ring
again (`carrying_over`). Only who is asked for the first time, by the new revision, hears of it.

Passed over: measuring anew, on the new calendars, the time that has passed. It needs every pause of
a case that may be months old, and a case moved to another revision and back would not be what it
was.
"""

from escalations import addressees, holding, promises, replies, timeline
from escalations.carrying_over import carry_over
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.clock_terms import terms
from escalations.effects import Notice
from escalations.events import Adopt
from escalations.ladder import ask_level
from escalations.policy import Policy
from escalations.record import EscalationRecord, Status
from escalations.snapshot import Snapshot


def adopt(case: CaseFile, command: Adopt) -> None:
    """The case goes on by this revision; nothing happens if it does so already."""
    record, was = case.record, case.record.snapshot
    if goes_by(record, command.snapshot):
        return
    contact, manager = case.level.contact, case.policy.escalation_manager
    was_level, was_name, stood = record.level, record.level_name, record.next_deadline
    before, consumed = terms(case), case.consumed()
    case.go_by(command.snapshot)
    _take_place(record, was.policy)
    carry_over(case, was, before, consumed)
    _end_unknown_hold(case, command.by)
    due = record.next_deadline
    case.note(
        timeline.PolicyAdopted,
        by=command.by,
        was=was.reference,
        policy=command.snapshot.reference,
        was_level=was_level,
        was_name=was_name,
        name=record.level_name,
        was_due_at=stood.at if stood else case.at,
        due_at=due.at if due else case.at,
    )
    _readdress(case, contact, manager)
    promises.say_it_moved(case, "adopted")


def goes_by(record: EscalationRecord, snapshot: Snapshot) -> bool:
    """Whether the case keeps this already: the same revision, and the same calendars of it."""
    kept = record.snapshot
    return kept.reference == snapshot.reference and kept.calendars == snapshot.calendars


def corresponding(number: int, was: Policy, now: Policy) -> int:
    """The level of the new policy that stands for one of the old: by name, else by number."""
    name = was.levels[number - 1].name
    by_name = (n for n, level in enumerate(now.levels, 1) if level.name == name)
    return next(by_name, min(number, len(now.levels)))


def _take_place(record: EscalationRecord, was: Policy) -> None:
    """The case stands where it stood, by the new policy's levels; so does what was done."""
    now = record.snapshot.policy
    record.level = corresponding(record.level, was, now)
    record.highest_level = max(corresponding(record.highest_level, was, now), record.level)
    record.actions_done = [
        each.model_copy(update={"level": corresponding(each.level, was, now)})
        for each in record.actions_done
    ]


def _end_unknown_hold(case: CaseFile, by: str) -> None:
    """A hold for a reason that the new policy does not allow ends; else it is reminded of."""
    hold = case.record.hold
    if hold is None:
        return
    if hold.reason not in case.policy.holds:
        holding.resume(case, "adopted", by)
    else:
        holding.remind_in_time(case, hold.reason)


def _readdress(case: CaseFile, contact: str, manager: str | None) -> None:
    """Who is asked by the new policy and was not hears of it; rotas are read anew. Source: A15."""
    record, level = case.record, case.level
    record.rosters = {}
    if level.contact != contact:
        case.recall()
        record.on_call = []
        case.took_part("contact", level.contact, case.policy.contacts[level.contact].name)
    _say_what_waited(case)
    if level.contact != contact and record.status in (Status.OPEN, Status.ON_HOLD):
        ask_level(case, "adopted", by=record.owner or "")
    case.read_rota(level.contact)
    if case.policy.escalation_manager not in (None, manager):
        for recipient in case.manager:
            case.took_part("contact", recipient.key, recipient.name)
        due_at = case.due(ClockName.WINDOW, Then.CLIMB)
        case.tell(Notice.MANAGER_BRIEFED, case.manager, due_at=due_at)


def _say_what_waited(case: CaseFile) -> None:
    """What waited for a rota waits for the new one; without one it is said now."""
    record, contacts = case.record, case.policy.contacts
    waiting, record.unaddressed = record.unaddressed, []
    for each in waiting:
        if each.notice is Notice.CUSTOMER_REPLIED:
            continue  # whoever answers by the new policy hears of it below
        if each.contact in contacts:
            told = case.contact(each.contact)
        else:
            told = addressees.fallback(record, each.contact, case.at)
        case.tell(each.notice, told, asks=bool(each.stay), **dict(each.particulars))
    replies.tell(case)
