"""What a fact does to a case: it is never refused, and what makes no sense changes nothing."""

from typing import assert_never

from escalations import (
    asking,
    events,
    holding,
    ladder,
    objections,
    replies,
    resolving,
    sending,
    taking,
    timeline,
)
from escalations.casefile import CaseFile
from escalations.phrases import triggers_in
from escalations.record import Ending, Status


def hear(case: CaseFile, fact: events.Fact) -> None:
    """A fact; what comes too late or makes no sense is written down and changes nothing."""
    because = objections.to_fact(fact, case)
    if because is not None:
        _refuse(case, fact, because)
        return
    match fact:
        case events.CustomerReplied():
            _customer_replied(case, fact)
        case events.RaiseTrigger():
            _raise(case, fact.trigger, fact.by, fact.note)
        case events.AddNote():
            case.note(timeline.Noted, by=fact.by, text=fact.text)
        case events.Withdraw():
            resolving.close(case, Ending.WITHDRAWN, fact.by, fact.why)
        case events.Resolve():
            resolving.resolve(case, fact)
        case events.ReportDelivery():
            sending.reported(case, fact)
        case _:
            assert_never(fact)
    if not isinstance(fact, events.ReportDelivery | events.CustomerReplied):
        taking.sign_of_life(case)
        case.took_part("person", fact.by, fact.by)


def _customer_replied(case: CaseFile, reply: events.CustomerReplied) -> None:
    """A reply may raise a trigger or end a wait, and reaches whoever has the case."""
    record = case.record
    replies.came(case, reply.text)
    case.note(timeline.CustomerReplied, text=reply.text, channel=reply.channel, by=reply.by)
    by = reply.by or record.request.customer.name
    found = triggers_in(reply.text, record.request.customer.language, case.policy)
    if _raise_highest(case, found, by, reply.text):
        return
    if record.suggestion is not None:
        resolving.suggestion_did_not_help(case, by, reply.text)
        return
    if record.hold is not None and record.hold.reason == "customer":
        holding.resume(case, "customer_replied", reply.by)
    if record.status is Status.RESOLVED and record.survey is None:
        asking.settle(case)
        resolving.await_confirmation(case)
    replies.tell(case)


def _raise_highest(case: CaseFile, found: list[str], by: str, words: str) -> bool:
    """Of the triggers in one reply the highest moves the case, once; whether it moved."""
    found = sorted(found, key=lambda name: -ladder.target(case, case.policy.triggers[name]))
    for name in found[1:]:
        case.note(timeline.TriggerRaised, trigger=name, by=by, moved=False)
        ladder.call_executive(case, name, by, words)
    return bool(found) and _raise(case, found[0], by, "", words)


def _raise(case: CaseFile, name: str, by: str, note: str, words: str = "") -> bool:
    """A trigger moves the case, or it opens it again where it is; whether it did one of them.

    Nobody who threatens has agreed, however high the case is. Source: C18, A42.
    """
    if ladder.raise_trigger(case, name, by, note, words):
        return True
    if case.record.status not in (Status.RESOLVED, Status.WORKAROUND):
        return False
    resolving.reopen(case, f"trigger:{name}", by, words or note)
    return True


def _refuse(case: CaseFile, fact: events.Fact, because: str) -> None:
    """Write down what changed nothing, with its words."""
    said = [
        getattr(fact, field, "")
        for field in ("text", "summary", "why", "note", "detail", "trigger")
    ]
    case.note(
        timeline.Refused,
        what=type(fact).__name__,
        by=getattr(fact, "by", None),
        because=because,
        text=next((words for words in said if words), ""),
    )
