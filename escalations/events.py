"""What may be said to a case: facts, which are never refused, and commands, which may be.

The models are the payloads on the wire. `Delivered` and `Unreadable` are reported by the workflow
itself: the result of a send, and a signal that could not be understood.
"""

from enum import StrEnum
from typing import Final, Self

from pydantic import Field, ValidationError

from escalations.model import Instant, Line, MessageId, Name, Text, Value, Words
from escalations.policy import HoldReason, Priority
from escalations.rota import Roster
from escalations.snapshot import Snapshot


class Message(Value):
    """What every message may carry."""

    message_id: MessageId | None = None
    """A repeated one changes nothing."""

    @property
    def counts_as(self) -> str:
        """The kind of message within which its id is recognised."""
        return type(self).__name__


class ResolutionKind(StrEnum):
    """Whether the cause is gone or only its effect (A28)."""

    FIX = "fix"
    WORKAROUND = "workaround"


class CustomerReplied(Message):
    """The customer said something, on whatever channel (C33)."""

    text: Words
    channel: Name = "other"
    by: Line | None = None
    at: Instant | None = None
    """When they said it, if that is not now; for the reader, no clock depends on it."""


class RaiseTrigger(Message):
    """A fact that moves the case at once (D29)."""

    trigger: Name
    by: Line
    note: Text = ""


class AddNote(Message):
    """Something the others should know (C26)."""

    by: Line
    text: Words


class Withdraw(Message):
    """The customer or the company gives the case up."""

    by: Line
    why: Words

    @classmethod
    def of_a_cancelled_run(cls, reason: str) -> Self:
        """What it means that somebody has cancelled a run, giving a reason or none."""
        try:
            return cls(by=BY_OPERATOR, why=reason)
        except ValidationError:
            return cls(by=BY_OPERATOR, why="Cancelled in Temporal.")


BY_OPERATOR: Final = "operator"
"""Whoever may cancel runs; a run is not told who it was, its history is."""


class Resolve(Message):
    """Reported as solved, by a system that does not wait for an answer."""

    by: Line
    kind: ResolutionKind = ResolutionKind.FIX
    summary: Words


class ReportDelivery(Message):
    """A channel learned later what became of something we sent, such as a bounce."""

    key: Line
    """The send's key, as in its Message-ID."""
    recipient: Line
    delivered: bool
    detail: Text = ""


class Outcome(StrEnum):
    """What became of one recipient of a send."""

    DELIVERED = "delivered"
    UNREACHABLE = "unreachable"


class Delivery(Value):
    """One recipient's result: the address that took it, or why none did."""

    key: Line
    """The send's key, `<case>/<effect>`."""
    recipient: Line
    """The recipient's key: a contact's or role's name, or `customer`."""
    outcome: Outcome
    address: str | None = None
    detail: Text = ""


class Delivered(Value):
    """The results of what one decision sent; a send without a result here was not tried."""

    deliveries: list[Delivery]


class RosterRead(Value):
    """A contact's rota was read, or why it was not."""

    key: Line
    roster: Roster


class RetrospectiveStarted(Value):
    """The retrospective of this case is under way."""

    key: Line
    workflow_id: Line
    already: bool = False
    """Whether it was before."""


class Unreadable(Value):
    """A signal whose payload is not what it should be."""

    signal: Line
    problem: Text


class Acknowledge(Message):
    """Somebody takes the case: they own it, and nobody is reminded at this level any more."""

    by: Line


class Assign(Message):
    """Somebody is made the owner."""

    by: Line
    to: Line


class HandUp(Message):
    """This level passes the case on by hand (C10)."""

    by: Line
    from_level: int = Field(ge=1)
    """The level the sender saw; if the case has moved on, this is refused."""
    reason: Words


class HandBack(Message):
    """A level gives the case back to a lower one, with advice (B36)."""

    by: Line
    from_level: int = Field(ge=1)
    """The level the sender saw; if the case has moved on, this is refused."""
    to_level: int = Field(ge=1)
    advice: Words


class CompleteAction(Message):
    """One of the level's actions is done (D28)."""

    by: Line
    action: Name
    evidence: Text = ""
    """What shows it: a link, a number, a sentence."""


class UpdateCustomer(Message):
    """The customer is told how it stands (A22)."""

    by: Line
    text: Words


class Rate(Message):
    """The customer's answer to the survey (A52)."""

    score: int = Field(ge=1, le=5)
    """From 1, bad, to 5, good."""
    comment: Text = ""


class SetPriority(Message):
    """Somebody says how important it is."""

    by: Line
    priority: Priority
    why: Words


class Hold(Message):
    """The clock stands still, for one of the policy's reasons."""

    by: Line
    reason: HoldReason
    note: Text = ""


class Resume(Message):
    """The clock goes on."""

    by: Line


class ProposeResolution(Message):
    """A fix or a workaround is there; the customer is asked."""

    by: Line
    kind: ResolutionKind = ResolutionKind.FIX
    summary: Words


class ConfirmResolution(Message):
    """The customer agrees (A30)."""

    by: Line


class RejectResolution(Message):
    """The customer does not agree (A42)."""

    by: Line
    why: Words


class AdoptPolicy(Message):
    """The case goes on by a policy as it is now, not by the revision that it keeps."""

    by: Line
    policy: Name | None = None
    """Another policy's name; the one that the case keeps, if absent."""
    preview: bool = Field(default=False, strict=True)
    """Changes nothing: the answer says what would change."""


class Adopt(AdoptPolicy):
    """The same, with the revision that was found: what the workflow reports to the engine."""

    snapshot: Snapshot

    @property
    def counts_as(self) -> str:
        """What was said is the command."""
        return AdoptPolicy.__name__


Command = (
    Acknowledge
    | Assign
    | HandUp
    | HandBack
    | CompleteAction
    | UpdateCustomer
    | Rate
    | SetPriority
    | Hold
    | Resume
    | ProposeResolution
    | ConfirmResolution
    | RejectResolution
)
Fact = CustomerReplied | RaiseTrigger | AddNote | Withdraw | Resolve | ReportDelivery
Report = Delivered | RosterRead | RetrospectiveStarted | Unreadable
Event = Fact | Command | Adopt | Report
