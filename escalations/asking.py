"""The rules of asking the customer: silence counts only once a request has reached them."""

from typing import Any, Final

from escalations.casefile import CaseFile
from escalations.effects import Asked, CustomerNotice, Notice
from escalations.record import EscalationRecord

MAX_KEYS: Final = 20
"""Requests of one wait that are remembered; of more, the oldest are forgotten."""


def begin(case: CaseFile) -> None:
    """From now on the customer is waited for, and nothing has asked them yet."""
    case.record.asked = Asked()


def ask(case: CaseFile, notice: CustomerNotice, **particulars: Any) -> None:
    """The customer is asked; where they left no address, somebody of ours has to ask."""
    key = case.tell_customer(notice, **particulars)
    asked = case.record.asked
    if asked is None:
        return
    if key is None:
        case.record.asked = Asked(in_vain=True)
        have_asked_by_hand(case)
    else:
        case.record.asked = Asked(keys=[*asked.keys, key][-MAX_KEYS:], in_vain=asked.in_vain)


def silence_counts(record: EscalationRecord) -> bool:
    """Whether the customer knows that we wait for them. Source: A30."""
    if record.asked is None:
        return True
    on_their_way = {effect.key for effect in record.outbox}
    return any(key not in on_their_way for key in record.asked.keys)


def nothing_asks(record: EscalationRecord) -> bool:
    """Whether no request has reached the customer, and none is on its way."""
    return record.asked is not None and not record.asked.keys


def in_vain(record: EscalationRecord) -> bool:
    """Whether all that asked the customer has come back, or they have no address."""
    return nothing_asks(record) and record.asked is not None and record.asked.in_vain


def came_back(record: EscalationRecord, key: str) -> bool:
    """A message was not delivered; whether nothing asks the customer any more because of it."""
    asked = record.asked
    if asked is None or key not in asked.keys:
        return False
    left = [each for each in asked.keys if each != key]
    record.asked = Asked(keys=left, in_vain=asked.in_vain or not left)
    return not left


def have_asked_by_hand(case: CaseFile, missed: str = "") -> None:
    """Whoever answers the customer, and the manager, hear that they have to ask. Source: A47.

    So does the fallback, where a message was `missed`.
    """
    fallback = case.contact(case.policy.fallback) if missed else []
    case.recall(Notice.ASK_CUSTOMER)
    told = [*fallback, *case.manager, *case.whoever_answers]
    case.tell(Notice.ASK_CUSTOMER, told, asks=True, why=case.record.status, text=missed)


def settle(case: CaseFile) -> None:
    """The customer has evidently heard, or nobody waits: what comes back changes nothing now."""
    case.record.asked = None
    case.recall(Notice.ASK_CUSTOMER)
