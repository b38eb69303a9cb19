"""The rules of word to the customer: by when, how often, who is reminded, and a broken promise."""

from fractions import Fraction
from typing import Any, Final

from escalations import timeline
from escalations.casefile import CaseFile
from escalations.clock import Clock, ClockName, Then
from escalations.durations import Duration
from escalations.effects import CustomerNotice, Notice
from escalations.events import UpdateCustomer
from escalations.policy import HoldReason, Policy, Priority
from escalations.record import EscalationRecord, Status

REMIND_AT: Final = Fraction(3, 4)
"""The share of the promised time after which whoever has the case is reminded."""


def run(case: CaseFile) -> None:
    """The promise runs while somebody works on the case, with the time it had left. Source: A22.

    A customer who has an answer to try has heard.
    """
    if case.record.suggestion is not None:
        return
    if ClockName.UPDATE in case.record.clocks:
        case.resume_clocks(ClockName.UPDATE)
    else:
        restart(case)


def tell_by_when(case: CaseFile, notice: CustomerNotice, **particulars: Any) -> bool:
    """The customer is told by when they hear from us; whether they left an address.

    A moment that has passed, of a case that was reported late, is no promise.
    """
    due_at = case.due(ClockName.WINDOW, Then.CLIMB)
    if due_at is not None and due_at <= case.at:
        due_at = None
    told = case.tell_customer(notice, due_at=due_at, **particulars) is not None
    case.record.promised_at = due_at if told else None
    return told


def say_it_stands(case: CaseFile, reason: HoldReason) -> None:
    """The moment that the customer was told stands still with the clock. Source: A21."""
    if case.record.promised_at is not None:
        case.tell_customer(CustomerNotice.UPDATE, why=reason)


def say_it_moved(case: CaseFile, why: str, *, stood: bool = False) -> None:
    """The moment that the customer was told is later now, or runs again if it `stood`.

    What became sooner needs no word; nor does what is due at once, for a colleague takes over.
    Source: A21.
    """
    promised_at, due_at = case.record.promised_at, case.due(ClockName.WINDOW, Then.CLIMB)
    if promised_at is None or case.record.status is not Status.OPEN:
        return
    if due_at is None or due_at > (case.at if stood else max(promised_at, case.at)):
        tell_by_when(case, CustomerNotice.UPDATE, why=why)


def restart(case: CaseFile) -> None:
    """The customer has just heard: the next word is due that long from now."""
    case.recall(Notice.UPDATE_DUE)
    alarms = case.known.once(_alarms, case.record.priority)
    if not alarms:
        case.stop_clocks(ClockName.UPDATE)
        return
    case.start_clock(ClockName.UPDATE, case.policy.customer.calendar, alarms)


def _alarms(policy: Policy, priority: Priority) -> dict[Then, Duration]:
    """What the promise rings for; nothing where none is given."""
    every = policy.customer.update_every.get(priority)
    if every is None:
        return {}
    return {Then.REMIND_UPDATE: every * REMIND_AT, Then.MISS_UPDATE: every}


def update(case: CaseFile, command: UpdateCustomer) -> None:
    """Somebody tells the customer how it stands; without an address, they did so themselves."""
    case.note(timeline.CustomerUpdated, by=command.by, text=command.text)
    case.tell_customer(CustomerNotice.UPDATE, by=command.by, text=command.text)
    heard(case)


def heard(case: CaseFile) -> None:
    """The promise begins anew where there is one; if it stands still, it goes on doing so."""
    clock = case.record.clocks.get(ClockName.UPDATE)
    if clock is None:
        return
    restart(case)
    if not clock.running:
        case.pause_clocks(ClockName.UPDATE)


def follow_priority(case: CaseFile, *, more_important: bool) -> None:
    """Another priority, another promise; what was promised sooner is not put off for it."""
    record = case.record
    promised = record.clocks.get(ClockName.UPDATE)
    if promised is None:
        if somebody_works(record):
            restart(case)
        return
    if not (more_important and _is_sooner(case, promised)):
        heard(case)


def _is_sooner(case: CaseFile, promised: Clock) -> bool:
    """Whether what was promised is due before what this priority would promise from now on."""
    was = promised.due(Then.MISS_UPDATE)
    every = _alarms(case.policy, case.record.priority).get(Then.MISS_UPDATE)
    if was is None or every is None:
        return False
    return was < case.known.times[case.policy.customer.calendar].add(case.at, every)


def somebody_works(record: EscalationRecord) -> bool:
    """Whether the customer is owed word: nobody waits for them, and they have nothing to try."""
    waited_for = record.hold is not None and record.hold.reason is HoldReason.CUSTOMER
    working = record.status in (Status.OPEN, Status.ON_HOLD) and not waited_for
    return working and record.suggestion is None


def remind(case: CaseFile) -> None:
    """The next word to the customer is due soon."""
    case.silence(ClockName.UPDATE, Then.REMIND_UPDATE)
    due_at = case.due(ClockName.UPDATE, Then.MISS_UPDATE)
    case.note(timeline.UpdateReminded, due_at=due_at)
    case.tell(Notice.UPDATE_DUE, case.whoever_answers, asks=True, due_at=due_at)


def miss(case: CaseFile) -> None:
    """The customer did not hear in time: a promise is broken; the next one runs. Source: A43."""
    case.record.breached = True
    case.note(timeline.Breached, what="update", name=case.level.name)
    told = [*case.manager, *case.whoever_answers]
    case.tell(Notice.UPDATE_MISSED, told, due_at=case.at)
    restart(case)
