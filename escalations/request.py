"""What a backend says when it opens a case."""

from typing import Annotated, Final

from pydantic import Field

from escalations.calendars import Zone
from escalations.model import CaseId, Instant, Language, Line, MessageId, Name, Text, Value, Words
from escalations.policy import Address, Grade, Policy, Priority
from escalations.references import Problem

MAX_BYTES: Final = 500_000
"""A request travels with its record from run to run, and a payload holds 2 MB."""

Identifier = Annotated[Line, Field(max_length=100)]
"""Somebody else's key, such as a customer number."""


class Person(Value):
    """Somebody on either side, and how they are reached."""

    name: Line
    reach: list[Address] = Field(min_length=1, max_length=10)
    """Addresses, tried in order until one delivers."""
    language: Language | None = None
    timezone: Zone | None = None


class Customer(Value):
    """Whose problem it is."""

    id: Identifier
    name: Line
    tier: Name | None = None
    language: Language | None = None
    """The language they are written to in; the policy's first one if absent or not in it."""
    timezone: Zone | None = None
    contacts: list[Address] = Field(default=[], max_length=10)
    """Where they are written to, tried in order; nobody is written to if empty."""


class Said(Value):
    """Something said before the case was opened (C2, B30)."""

    at: Instant
    by: Line
    channel: Name | None = None
    text: Words


class EscalationRequest(Value):
    """A failure that has not been solved, and for whom (A1)."""

    case: CaseId
    title: Line
    statement: Words
    """The problem as understood before a fix is proposed (A67)."""
    customer: Customer
    policy: Name
    """The policy's name; its content is copied into the case when it opens."""
    reported_at: Instant
    """When the customer said so: the clock starts here (C17)."""
    category: Name | None = None
    impact: Grade = Grade.MEDIUM
    urgency: Grade = Grade.MEDIUM
    priority: Priority | None = None
    """Said outright, instead of following from impact, urgency and tier."""
    channel: Name = "other"
    team: dict[Name, Person] = Field(default={}, max_length=30)
    """Role → who that is for this customer, such as the customer success manager (A17)."""
    at_stake: Text = ""
    """What it means for the customer and for us (A65, A66)."""
    tags: list[Identifier] = Field(default=[], max_length=30)
    evidence: list[Annotated[str, Field(pattern=r"^https?://\S+$", max_length=500)]] = Field(
        default=[], max_length=50
    )
    """Links (D15)."""
    history: list[Said] = Field(default=[], max_length=100)
    """What was said before, oldest first."""
    message_id: MessageId | None = None
    by: Line | None = None
    """Who opens it, or which system."""
    reopen: bool = False
    """Open a case again that has ended, one level above the one where it ended."""

    def too_large(self) -> list[Problem]:
        """That it is, if it is."""
        size = len(self.model_dump_json().encode())
        if size <= MAX_BYTES:
            return []
        allowed = f"{MAX_BYTES} bytes of JSON; shorten `history` or `statement`"
        return [Problem(("the request",), f"{size} bytes", allowed)]

    def problems(self, policy: Policy) -> list[Problem]:
        """What this policy does not know of it; none means it can be opened."""
        found = []
        if self.policy != policy.policy:
            found.append(Problem(("policy",), self.policy, policy.policy))
        if policy.categories and self.category not in (None, *policy.categories):
            found.append(Problem(("category",), str(self.category), " | ".join(policy.categories)))
        return found
