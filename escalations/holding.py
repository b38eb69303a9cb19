"""The rules of holds: why a clock stands still, who is reminded, and how it ends."""

from escalations import asking, promises, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import CustomerNotice, Notice, Unaddressed
from escalations.events import Hold
from escalations.ladder import OF_A_STAY
from escalations.model import made
from escalations.policy import HoldReason, HoldRule
from escalations.record import Ending, HoldState, Status
from escalations.resolving import close


def hold(case: CaseFile, command: Hold) -> None:
    """The clocks of the level stand still; the hold has clocks of its own."""
    record = case.record
    rule = case.policy.holds[command.reason]
    record.status = Status.ON_HOLD
    of_customer = command.reason is HoldReason.CUSTOMER
    unsaid = _recall(case, of_customer=of_customer)
    record.hold = made(
        HoldState, reason=command.reason, by=command.by, since=case.at, unsaid=unsaid
    )
    case.pause_clocks(*OF_A_STAY)
    if of_customer:
        case.pause_clocks(ClockName.UPDATE)
        asking.begin(case)
    _begin_limit(case, rule)
    _remind_later(case, rule)
    over_at = case.due(ClockName.HOLD, Then.END_HOLD)
    case.note(timeline.Held, by=command.by, reason=command.reason, note=command.note, until=over_at)
    if of_customer:
        _ask(case)
    else:
        promises.say_it_stands(case, command.reason)


def _recall(case: CaseFile, *, of_customer: bool) -> list[Unaddressed]:
    """While the clock stands still nobody is reminded of it; what is to be asked after that."""
    case.recall(Notice.STILL_UNRESOLVED)
    unsaid = case.recall(Notice.REMINDER, Notice.UNACKNOWLEDGED)
    if of_customer:
        unsaid += case.recall(Notice.UPDATE_DUE)
    return list({(each.notice, each.contact): each for each in unsaid}.values())


def _ask_now(case: CaseFile, unsaid: list[Unaddressed]) -> None:
    """What the hold recalled is asked now, unless somebody took the case or wrote meanwhile."""
    for each in unsaid:
        if each.notice is Notice.UPDATE_DUE:
            over = case.due(ClockName.UPDATE, Then.REMIND_UPDATE) is not None
            due_at, asked = case.due(ClockName.UPDATE, Then.MISS_UPDATE), case.whoever_answers
        else:
            over = case.record.acknowledged
            window = ClockName.WINDOW
            due_at = case.due(window, Then.CLIMB) or case.due(window, Then.BREACH)
            asked = [*case.contact(case.level.contact), *case.manager]
        told = [one for one in asked if one.key.partition("/")[0] == each.contact]
        if not over:
            said = {**dict(each.particulars), "due_at": due_at}
            case.tell(each.notice, told, asks=True, **said)


def _begin_limit(case: CaseFile, rule: HoldRule) -> None:
    if rule.at_most is not None:
        limit = {Then.END_HOLD: rule.at_most}
        case.start_clock(ClockName.HOLD, case.policy.customer.calendar, limit)


def wait_anew(case: CaseFile) -> None:
    """Whoever is waited for has the whole time of the hold from now."""
    state = case.record.hold
    if state is not None:
        _begin_limit(case, case.policy.holds[state.reason])
        remind_in_time(case, state.reason)


def _remind_later(case: CaseFile, rule: HoldRule) -> None:
    """The next reminder of this hold, unless the hold is over before it."""
    again = {Then.REMIND_HOLD: rule.remind_every}
    case.start_clock(ClockName.HOLD_REMINDER, case.policy.customer.calendar, again)
    _unless_over(case)


def remind_in_time(case: CaseFile, reason: HoldReason) -> None:
    """Another limit counts for a hold: it is reminded of as before, unless it is over before."""
    if ClockName.HOLD_REMINDER in case.record.clocks:
        _unless_over(case)
    else:
        _remind_later(case, case.policy.holds[reason])


def _unless_over(case: CaseFile) -> None:
    over_at = case.due(ClockName.HOLD, Then.END_HOLD)
    next_at = case.due(ClockName.HOLD_REMINDER, Then.REMIND_HOLD)
    if over_at is not None and next_at is not None and over_at <= next_at:
        case.stop_clocks(ClockName.HOLD_REMINDER)


def remind_hold(case: CaseFile) -> None:
    """Whoever is waited for hears that we wait; for others than the customer, the manager does."""
    state = case.record.hold
    if state is None:
        return
    if asking.in_vain(case.record):
        wait_anew(case)
    _remind_later(case, case.policy.holds[state.reason])
    case.note(timeline.HoldReminded, reason=state.reason)
    if state.reason is HoldReason.CUSTOMER:
        _ask(case)
    else:
        over_at = case.due(ClockName.HOLD, Then.END_HOLD)
        told = [*case.manager, *case.whoever_has_it]
        case.tell(Notice.HOLD_REMINDER, told, asks=True, why=state.reason, due_at=over_at)


def _ask(case: CaseFile) -> None:
    """The customer hears that we wait for them, and until when."""
    over_at = case.due(ClockName.HOLD, Then.END_HOLD)
    asking.ask(case, CustomerNotice.WAITING_FOR_YOU, why=HoldReason.CUSTOMER, due_at=over_at)


def end_hold(case: CaseFile) -> None:
    """The limit is reached: a silent customer ends the case, any other hold ends itself."""
    state = case.record.hold
    if state is None:
        return
    if state.reason is HoldReason.CUSTOMER:
        _customer_silent(case)
        return
    resume(case, "hold_over")
    case.tell(
        Notice.HOLD_ENDED,
        [*case.manager, *case.whoever_has_it],
        why=state.reason,
        due_at=case.due(ClockName.WINDOW, Then.CLIMB),
    )


def _customer_silent(case: CaseFile) -> None:
    """The case ends, if the customer was asked; else they have their time again. Source: A47."""
    if asking.silence_counts(case.record):
        close(case, Ending.UNREACHABLE)
        return
    wait_anew(case)
    if asking.nothing_asks(case.record):
        _ask(case)


def resume(case: CaseFile, why: str, by: str | None = None) -> None:
    """The clocks of the level go on with the time they had left."""
    state = case.record.hold
    case.record.status = Status.OPEN
    case.record.hold = None
    case.stop_clocks(ClockName.HOLD, ClockName.HOLD_REMINDER)
    case.recall(Notice.HOLD_REMINDER)
    asking.settle(case)
    case.resume_clocks(*OF_A_STAY)
    promises.run(case)
    case.note(timeline.Resumed, why=why, by=by)
    if state is not None:
        _ask_now(case, state.unsaid)
        stood = state.reason is not HoldReason.CUSTOMER
        promises.say_it_moved(case, "resumed", stood=stood)
