"""The rules of the end: a resolution, the customer's yes, no or silence, closing, reopening."""

from escalations import asking, promises, replies, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import CustomerNotice, Notice
from escalations.events import ProposeResolution, Rate, RejectResolution, ResolutionKind, Resolve
from escalations.ladder import OF_A_STAY, leave_where_it_stood, move
from escalations.model import made
from escalations.policy import Kind
from escalations.record import Ending, EscalationRecord, Resolution, Status, SurveyState


def resolve(case: CaseFile, proposed: ProposeResolution | Resolve) -> None:
    """A fix or workaround is there; the customer is asked. Source: A28, A30."""
    record = case.record
    _end_hold(case)
    case.stop_clocks(ClockName.UPDATE)
    case.pause_clocks(*OF_A_STAY, ClockName.FIX, ClockName.AGE)
    case.recall()
    record.suggestion = None
    record.status = Status.RESOLVED
    record.resolution = made(
        Resolution, kind=proposed.kind, summary=proposed.summary, by=proposed.by, at=case.at
    )
    case.note(timeline.Resolved, by=proposed.by, kind=proposed.kind, summary=proposed.summary)
    asking.begin(case)
    await_confirmation(case)
    _ask(case)


def _ask(case: CaseFile) -> None:
    """The customer is asked whether it helps, and hears until when they may say no."""
    proposed = case.record.resolution
    if proposed is not None:
        asking.ask(
            case,
            CustomerNotice.CONFIRMATION_ASKED,
            why=proposed.kind,
            by=proposed.by,
            text=proposed.summary,
            due_at=case.due(ClockName.CONFIRMATION, Then.PRESUME),
        )


def _end_hold(case: CaseFile) -> None:
    """Nobody is waited for any more: there is something to try, or it has helped."""
    if case.record.hold is not None:
        case.record.hold = None
        case.note(timeline.Resumed, why="resolved")
    case.stop_clocks(ClockName.HOLD, ClockName.HOLD_REMINDER)


def await_confirmation(case: CaseFile) -> None:
    """The customer has this long from now to say yes or no."""
    care = case.policy.customer
    case.start_clock(ClockName.CONFIRMATION, care.calendar, {Then.PRESUME: care.confirm_within})


def presume(case: CaseFile) -> None:
    """The customer was silent: that is a yes, if they were asked; else they have their time again.

    Source: A30, A47.
    """
    if asking.silence_counts(case.record):
        confirm(case, None)
        return
    await_confirmation(case)
    if asking.nothing_asks(case.record):
        _ask(case)


def confirm(case: CaseFile, by: str | None) -> None:
    """The customer agrees, or is taken to: a fix closes the case, a workaround waits for its fix.

    `by` is `None` where silence was taken for a yes. Source: A29, A30.
    """
    asking.settle(case)
    case.stop_clocks(ClockName.CONFIRMATION)
    case.note(timeline.Confirmed, by=by)
    resolution = case.record.resolution
    if resolution is None or resolution.kind is ResolutionKind.FIX:
        _ask_or_close(case, Ending.CONFIRMED if by else Ending.PRESUMED, by)
        return
    case.record.status = Status.WORKAROUND
    care = case.policy.customer
    if ClockName.FIX in case.record.clocks:
        case.resume_clocks(ClockName.FIX)
    else:
        case.start_clock(ClockName.FIX, care.calendar, {Then.FIX_OVERDUE: care.fix_within})
    case.tell_customer(
        CustomerNotice.WORKAROUND_CONFIRMED, due_at=case.due(ClockName.FIX, Then.FIX_OVERDUE)
    )


def _ask_or_close(case: CaseFile, ending: Ending, by: str | None) -> None:
    """The customer is asked how it went, and the case ends when that is known. Source: A52, C41."""
    rule, record = case.policy.customer.survey, case.record
    if rule is None or not record.request.customer.contacts:
        close(case, ending, by)
        return
    case.stop_clocks(ClockName.FIX)
    record.survey = made(SurveyState, asked_at=case.at, ending=ending, by=by)
    calendar = case.policy.customer.calendar
    case.start_clock(ClockName.SURVEY, calendar, {Then.END_SURVEY: rule.within})
    until = case.due(ClockName.SURVEY, Then.END_SURVEY)
    case.note(timeline.SurveyAsked, until=until)
    case.tell_customer(CustomerNotice.SURVEY, why=ending, due_at=until)


def rate(case: CaseFile, command: Rate) -> None:
    """The customer's answer: the case ends, or a bad one opens it again."""
    record, rule = case.record, case.policy.customer.survey
    record.score = command.score
    case.note(timeline.Rated, score=command.score, comment=command.comment)
    worst = rule.reopen_at_or_below if rule else None
    if worst is not None and command.score <= worst:
        reopen(case, "survey", record.request.customer.name, command.comment)
        return
    end_survey(case)


def end_survey(case: CaseFile) -> None:
    """The customer has answered, or will not: the case ends as it would have."""
    survey = case.record.survey
    if survey is not None:
        close(case, survey.ending, survey.by)


def suggestion_helped(case: CaseFile, by: str) -> None:
    """The answer that was suggested is what the customer needed. Source: C6."""
    record, found = case.record, case.record.suggestion
    if found is None:
        return
    _end_hold(case)
    record.suggestion = None
    case.pause_clocks(*OF_A_STAY, ClockName.AGE)
    record.status = Status.RESOLVED
    record.resolution = Resolution(
        kind=ResolutionKind.FIX, summary=found.title, by=case.level.name, at=case.at
    )
    case.note(timeline.Resolved, by=case.level.name, kind=ResolutionKind.FIX, summary=found.title)
    confirm(case, by)


def suggestion_did_not_help(case: CaseFile, by: str, words: str) -> None:
    """It is not: people are asked from now on, with the customer's words."""
    leave_where_it_stood(case, "not_helped")
    move(case, min(case.record.level + 1, case.last_level), "not_helped", by, words)


def fix_overdue(case: CaseFile) -> None:
    """The real fix has not come: a promise is broken, and the case is open again. Source: A43."""
    case.record.breached = True
    case.note(timeline.Breached, what="fix", name=case.level.name)
    case.tell(Notice.FIX_OVERDUE, [*case.manager, *case.whoever_has_it], due_at=case.at)
    reopen(case, "fix_overdue")


def reject(case: CaseFile, command: RejectResolution) -> None:
    """The customer does not agree. Source: A42."""
    case.note(timeline.Rejected, by=command.by, reason=command.why)
    if case.record.suggestion is not None:
        suggestion_did_not_help(case, command.by, command.why)
        return
    reopen(case, "rejected", command.by, command.why)


def reopen(case: CaseFile, why: str, by: str = "", reason: str = "") -> None:
    """The case goes on: one level up, or where it was with the time it had left."""
    record = case.record
    record.reopened += 1
    record.resolution = record.survey = None
    asking.settle(case)
    case.stop_clocks(ClockName.CONFIRMATION, ClockName.FIX, ClockName.SURVEY)
    case.note(timeline.Reopened, why=why, times=record.reopened)
    if why != "fix_overdue":  # which they have just been told
        told = [*case.manager, *case.whoever_answers]
        case.tell(Notice.REOPENED, told, why=why, by=by, text=reason)
        replies.heard(case, reason)
        if case.level.kind is Kind.EXTERNAL:  # without what the customer wrote
            case.tell(Notice.REOPENED, case.contact(case.level.contact), why=why)
    nobody_was_asked = case.level.kind is Kind.SELF_SERVICE
    if case.policy.customer.reopen == "next" or nobody_was_asked:
        move(case, min(record.level + 1, case.last_level), why, by, reason)
        return
    record.status = Status.OPEN
    case.resume_clocks(*OF_A_STAY, ClockName.AGE)
    promises.run(case)
    promises.tell_by_when(case, CustomerNotice.REOPENED, why=why)


def close(case: CaseFile, ending: Ending, by: str | None = None, reason: str = "") -> None:
    """The case ends, once and explicitly; no effect comes after these. Source: A37."""
    record = case.record
    told = [*case.manager, *case.whoever_has_it]
    record.status = Status.CLOSED
    record.ending = ending
    record.closed_at = case.at
    record.hold = record.survey = record.suggestion = record.asked = record.promised_at = None
    record.clocks = {}
    case.recall()
    record.unaddressed = []
    case.note(timeline.Closed, ending=ending, by=by, reason=reason)
    case.tell_customer(CustomerNotice.CLOSED, why=ending, by=by or "", text=reason)
    case.tell(Notice.CASE_CLOSED, told, why=ending, by=by or "", text=reason)
    if _calls_for_retrospective(record):
        case.schedule_retrospective()


def _calls_for_retrospective(record: EscalationRecord) -> bool:
    """Any one of the policy's conditions is enough, as bad as it ever was. Source: A31."""
    policy = record.snapshot.policy
    if policy.retrospective is None:
        return False
    when = policy.retrospective.when
    priority = record.highest_priority or record.priority
    return bool(
        (when.level and record.highest_level >= policy.number(when.level))
        or (when.priority and priority.or_higher(when.priority) is priority)
        or (when.breached and record.breached)
        or (when.reopened and record.reopened)
        or (when.survey_at_or_below and (record.score or 6) <= when.survey_at_or_below)
    )
