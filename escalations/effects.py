"""What may follow from a decision: values that the workflow carries out.

Each has a key, `<case>/<n>`, the same for every retry; Message-ID, idempotency key and ledger key
begin with it.
"""

from datetime import UTC
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field

from escalations.model import Instant, Line, Name, Text, Value
from escalations.policy import Kind, Priority
from escalations.request import Identifier
from escalations.rota import Rota


class Notice(StrEnum):
    """What people inside are told; each has a template."""

    LEVEL_ENTERED = "level_entered"
    REMINDER = "reminder"
    UNACKNOWLEDGED = "unacknowledged"
    STILL_UNRESOLVED = "still_unresolved"
    BREACH = "breach"
    MANAGER_BRIEFED = "manager_briefed"
    STAKEHOLDER_INFORMED = "stakeholder_informed"
    CUSTOMER_REPLIED = "customer_replied"
    REOPENED = "reopened"
    HOLD_REMINDER = "hold_reminder"
    HOLD_ENDED = "hold_ended"
    FIX_OVERDUE = "fix_overdue"
    UPDATE_DUE = "update_due"
    UPDATE_MISSED = "update_missed"
    RELEASED = "released"
    PRIORITY_CHANGED = "priority_changed"
    NOBODY_ON_CALL = "nobody_on_call"
    EXECUTIVE_CALLED = "executive_called"
    CASE_CLOSED = "case_closed"
    UNDELIVERED = "undelivered"
    ASK_CUSTOMER = "ask_customer"
    RETROSPECTIVE_INVITATION = "retrospective_invitation"
    RETROSPECTIVE_UNSCHEDULED = "retrospective_unscheduled"
    RETROSPECTIVE_REMINDER = "retrospective_reminder"
    RETROSPECTIVE_UNDELIVERED = "retrospective_undelivered"
    RETROSPECTIVE_WITHDRAWN = "retrospective_withdrawn"


class CustomerNotice(StrEnum):
    """What the customer is told; each has a template."""

    ACKNOWLEDGED = "customer_acknowledged"
    SUGGESTION = "customer_suggestion"
    HANDED_OVER = "customer_handed_over"
    UPDATE = "customer_update"
    WAITING_FOR_YOU = "customer_waiting"
    CONFIRMATION_ASKED = "customer_confirmation_asked"
    WORKAROUND_CONFIRMED = "customer_workaround_confirmed"
    REOPENED = "customer_reopened"
    SURVEY = "customer_survey"
    CLOSED = "customer_closed"


class Recipient(Value):
    """Somebody to be told, as they were when it was decided."""

    key: Line
    """A contact's or role's name, `customer`, or `<contact>/<who>` for somebody on call."""
    name: Line
    reach: list[str]
    """Addresses, tried in order until one delivers."""
    language: str
    timezone: str


class Particulars(Value):
    """What a message says beyond the case itself; each notice uses the ones it needs."""

    level: int
    level_name: Line
    contact_name: Line
    """Who has the case now."""
    due_at: Instant | None = None
    """The moment the message speaks of: until when, or since when."""
    why: str = ""
    """A reason code: `time`, `handed_up`, `trigger:<name>`, an ending, a hold's reason …"""
    by: str = ""
    text: Text = ""
    """Somebody's words: the customer's, a summary, advice."""
    actions: list[str] = []
    """What is still to be done there."""
    leaves_on: list[str] = []
    may_grant: dict[str, str] = {}
    """What may be granted there: a name → an amount, or `any`."""
    kind: Kind = Kind.HIERARCHICAL
    """Which way the level leads: up the ranks, to the people with the skill, outside."""


class Notify(Value):
    """Tell people inside."""

    type: Literal["notify"] = "notify"
    key: Line
    notice: Notice
    to: list[Recipient]
    particulars: Particulars
    not_before: Instant | None = None
    """When the quiet hours of whoever is told end; at once if absent."""
    stay: int = 0
    """The stay at a level that it asks for; left, it need not be said any more. 0: always."""


class TellCustomer(Value):
    """Tell the customer."""

    type: Literal["tell_customer"] = "tell_customer"
    key: Line
    notice: CustomerNotice
    to: list[Recipient]
    particulars: Particulars


class ReadRota(Value):
    """Find out who is on call; the answer is `events.RosterRead`."""

    type: Literal["read_rota"] = "read_rota"
    key: Line
    contact: Name
    rota: Rota


class ScheduleRetrospective(Value):
    """Start the retrospective of the case that has just ended (A31)."""

    type: Literal["schedule_retrospective"] = "schedule_retrospective"
    key: Line


Send = Notify | TellCustomer
Effect = Annotated[
    Notify | TellCustomer | ReadRota | ScheduleRetrospective, Field(discriminator="type")
]


class Unaddressed(Value):
    """A message that waits: until it is known who is on call, or until a hold is over."""

    contact: str
    notice: Notice
    particulars: Particulars
    stay: int

    @classmethod
    def of(cls, said: Notify, to: Recipient) -> Self:
        """What was to be said to one of its recipients, by the contact that they belong to."""
        contact = to.key.partition("/")[0]
        return cls(
            contact=contact, notice=said.notice, particulars=said.particulars, stay=said.stay
        )


class Asked(Value):
    """What asked the customer in the present wait for their answer."""

    keys: list[str] = []
    """The requests that were sent and have not come back; out of the outbox, one has arrived."""
    in_vain: bool = False
    """Whether at some time all had come back, or there was no address."""


class Brief(Value):
    """The case, as short as a message needs it."""

    case: str
    title: Line
    statement: Text
    customer_name: Line
    priority: Priority
    category: Identifier | None
    status: str
    level: int
    levels: int
    owner: str | None
    at_stake: Text
    opened_at: Instant
    reported_at: Instant

    def filed(self, key: str) -> str:
        """A send's key, and what tells it from those of other cases that had the same id before."""
        return f"{key}-{self.reported_at.astimezone(UTC):%y%m%dT%H%M%S}"


class Dispatch(Value):
    """What one decision sends, in one activity."""

    brief: Brief
    sends: list[Send]
    taken_over: bool = False
    """Whether a run before may be sending it still: what that run sends is waited for."""
