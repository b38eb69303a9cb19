"""A request for a case that is there already: the same complaint, another one, or too late."""

import re
from hashlib import blake2s

from escalations.effects import Notify
from escalations.errors import CaseEnded
from escalations.events import AdoptPolicy, Command, CustomerReplied, Fact
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest


def same_complaint(request: EscalationRequest, first: EscalationRequest) -> bool:
    """Whether this says nothing new: the same message, or the same words on the same channel."""
    if request.message_id is not None and request.message_id == first.message_id:
        return True
    return (request.channel, request.statement) == (first.channel, first.statement)


def as_reply(request: EscalationRequest) -> CustomerReplied:
    """A further complaint as the customer's reply; the same one again has the same message id."""
    complaint = f"{request.channel}\n{request.statement}".encode()
    return CustomerReplied(
        text=request.statement,
        channel=request.channel,
        by=request.customer.name,
        at=request.reported_at,
        message_id=request.message_id or f"opened:{blake2s(complaint, digest_size=9).hexdigest()}",
    )


def ended(case: str, outcome: EscalationRecord | str) -> CaseEnded:
    """Too late, and how it ended; a record without an ending was stopped by an operator."""
    how = outcome if isinstance(outcome, str) else outcome.ending or "stopped by an operator"
    return CaseEnded(
        f"{case} has ended: {how}. Open it again with `reopen: true` if the problem is back."
    )


def ended_as_it_runs(request: EscalationRequest, record: EscalationRecord) -> CaseEnded | None:
    """Why a case whose last messages are on their way is not opened again; `None`: soon it is.

    Where somebody has quiet hours its run goes on until they have heard of the end.
    """
    waiting = [each for each in record.outbox if isinstance(each, Notify) and each.not_before]
    if not waiting:
        return None if request.reopen else ended(record.case, record)
    told = ", ".join(sorted({recipient.name for each in waiting for recipient in each.to}))
    until = max(each.not_before for each in waiting if each.not_before)
    return CaseEnded(
        f"{record.case} has ended: {record.ending}, and its last word to {told} goes out at "
        f"{until.isoformat(timespec='minutes')}, when their quiet hours end. It cannot be opened "
        "again before that: send it after that with `reopen: true`, or open another case now."
    )


def verb(message: Command | AdoptPolicy | Fact) -> str:
    """What a message says, in words: `HandUp` → `hand up`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", type(message).__name__).lower()
