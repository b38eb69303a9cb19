"""Why a command cannot be, or a fact changes nothing: where the case stands, in one sentence."""

from typing import assert_never

from escalations import events
from escalations.casefile import CaseFile
from escalations.events import AdoptPolicy, Command, Fact
from escalations.policy import Kind
from escalations.record import EscalationRecord, Status, SurveyState
from escalations.self_service import fresh_answer


def to(command: Command | AdoptPolicy, case: CaseFile) -> str | None:
    """What stands against this command now; `None` if nothing does."""
    objection = _objection(command, case)
    return f"{objection}; {standing(case)}" if objection else None


def to_fact(fact: Fact, case: CaseFile) -> str | None:
    """Why this fact changes nothing; `None` if it counts."""
    record = case.record
    match fact:
        case events.ReportDelivery() if not _sent(fact.key, record):
            return f"this case has sent no message {fact.key}"
        case events.AddNote() | events.ReportDelivery():
            return None
        case _ if record.closed:
            return f"the case has ended: {record.ending}"
        case events.RaiseTrigger() if fact.trigger not in case.policy.triggers:
            return f"{fact.trigger} is no trigger of this policy: {', '.join(case.policy.triggers)}"
        case events.Resolve():
            return _to_resolve(fact, record)
        case _:
            return None


def _sent(key: str, record: EscalationRecord) -> bool:
    """Whether an effect with this key was ever issued."""
    case, _, number = key.rpartition("/")
    known = case == record.case and number.isascii() and number.isdigit()
    return known and 0 < int(number) <= record.effects_issued


def standing(case: CaseFile) -> str:
    """Where a case stands: status, level and owner."""
    record = case.record
    if record.closed:
        return f"{record.case} has ended: {record.ending}"
    status = record.status.replace("_", " ")
    if record.hold is not None:
        status = f"{status} ({record.hold.reason})"
    owner = f"taken by {record.owner}" if record.owner else "taken by nobody"
    return (
        f"{record.case} is {status} at level {record.level} of {case.last_level} "
        f"({record.level_name}), {owner}"
    )


def _objection(command: Command | AdoptPolicy, case: CaseFile) -> str | None:
    record = case.record
    if record.closed:
        return f"too late to {_said(command)}"
    match command:
        case events.Acknowledge():
            return _to_acknowledge(command, case)
        case events.Assign():
            return None
        case events.HandUp():
            return _to_hand_up(command, case)
        case events.HandBack():
            return _to_hand_back(command, case)
        case events.CompleteAction():
            return _to_complete(command, case)
        case events.UpdateCustomer():
            return None
        case events.Rate():
            return None if record.survey is not None else "no survey is out"
        case events.SetPriority():
            same = command.priority is record.priority
            return f"it is {record.priority} already" if same else None
        case events.Hold():
            return _to_hold(command, case)
        case events.Resume():
            return None if record.hold is not None else "it is not on hold"
        case events.ProposeResolution():
            return _to_resolve(command, record)
        case events.ConfirmResolution() if record.survey is not None:
            return _asked_how_it_went(record.survey)
        case events.RejectResolution() if record.status is Status.WORKAROUND:
            return None
        case events.ConfirmResolution() | events.RejectResolution():
            if record.status is Status.RESOLVED or record.suggestion is not None:
                return None
            return "no resolution waits for the customer's answer"
        case events.Adopt():
            return _to_adopt(command, case)
        case events.AdoptPolicy():
            return None
        case _:
            assert_never(command)


def _to_acknowledge(command: events.Acknowledge, case: CaseFile) -> str | None:
    record = case.record
    if record.status not in (Status.OPEN, Status.ON_HOLD):
        return "there is nothing to take: it waits for the customer or for the fix"
    if record.acknowledged and record.owner != command.by:
        return f"{record.owner} has it already: assign it if that should change"
    return None


def _to_hand_up(command: events.HandUp, case: CaseFile) -> str | None:
    record = case.record
    if record.status not in (Status.OPEN, Status.ON_HOLD):
        return "it waits for the customer or for the fix: reject the resolution or raise a trigger"
    if command.from_level != record.level:
        return f"you saw level {command.from_level}, and the case has moved"
    if record.level == case.last_level:
        return "there is no level above this one"
    if undone := record.open_actions:
        return f"this level has still to do: {', '.join(undone)} (complete these actions first)"
    return None


def _to_hand_back(command: events.HandBack, case: CaseFile) -> str | None:
    record = case.record
    if record.status not in (Status.OPEN, Status.ON_HOLD):
        return "it waits for the customer or for the fix: reject the resolution or raise a trigger"
    if command.from_level != record.level:
        return f"you saw level {command.from_level}, and the case has moved"
    if command.to_level >= record.level:
        return f"level {command.to_level} is not below: hand it up, or raise a trigger"
    return _to_self_service(command.to_level, case)


def _to_self_service(number: int, case: CaseFile) -> str | None:
    """Where it has nothing to suggest, the case would come back at once. Source: C6, C12."""
    request = case.record.request
    level = case.known.level(number, request.category)
    if level.kind is not Kind.SELF_SERVICE:
        return None
    name = f"level {number} ({level.name})"
    if not request.customer.contacts:
        return f"{name} writes to the customer, who left no address: hand it back to people"
    if fresh_answer(case) is None:
        return (
            f"{name} has no answer that the customer has not had: hand it back to people, or have "
            "an article written into the policy and adopt it"
        )
    return None


def _to_complete(command: events.CompleteAction, case: CaseFile) -> str | None:
    record, actions = case.record, case.level.actions
    if command.action not in actions:
        there_are = f"there are {', '.join(actions)}" if actions else "it has none"
        return f"{command.action} is no action of this level: {there_are}"
    if command.action not in record.open_actions:
        return f"{command.action} is done already"
    return None


def _to_resolve(
    proposed: events.ProposeResolution | events.Resolve, record: EscalationRecord
) -> str | None:
    """A fix takes the place of a workaround that nobody has answered yet. Source: A29."""
    if record.survey is not None:
        return _asked_how_it_went(record.survey)
    waiting = record.resolution if record.status is Status.RESOLVED else None
    kinds = (waiting.kind, proposed.kind) if waiting else None
    if kinds in (None, (events.ResolutionKind.WORKAROUND, events.ResolutionKind.FIX)):
        return None
    return "a resolution waits for the customer's answer already"


def _asked_how_it_went(survey: SurveyState) -> str:
    agreed = "has agreed" if survey.by else "was silent, which was taken for a yes"
    return f"the customer {agreed}, and is asked how it went"


def _to_hold(command: events.Hold, case: CaseFile) -> str | None:
    record = case.record
    if record.status is not Status.OPEN:
        return "only an open case can be held"
    if command.reason not in case.policy.holds:
        allowed = ", ".join(case.policy.holds) or "none"
        return f"this policy has no hold for {command.reason}: allowed are {allowed}"
    return None


def _to_adopt(command: events.Adopt, case: CaseFile) -> str | None:
    category, policy = case.record.request.category, command.snapshot.policy
    if not policy.categories or category in (None, *policy.categories):
        return None
    return (
        f"{command.snapshot.reference} has no category {category}: there are "
        f"{', '.join(policy.categories)} (write it into that policy, or let the case end by "
        f"{case.record.snapshot.reference})"
    )


def _said(command: Command | AdoptPolicy) -> str:
    """The command's name in words: `HandUp` → `hand up`."""
    name = command.counts_as
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
