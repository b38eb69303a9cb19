"""What happened to a case: a closed set of entries with typed details.

`sentences.py` renders each of them, in one place, in the reader's language.
"""

from typing import Annotated, Literal

from pydantic import Field

from escalations.events import ResolutionKind
from escalations.model import Instant, Value
from escalations.policy import HoldReason, Priority


class Entry(Value):
    """What every entry has."""

    at: Instant
    level: int
    """The level the case was on, from 1."""


class Opened(Entry):
    """The case was opened, or opened again after it had ended."""

    type: Literal["opened"] = "opened"
    by: str | None
    channel: str
    priority: Priority
    again: bool = False


class LevelEntered(Entry):
    """The case came to a level."""

    type: Literal["level_entered"] = "level_entered"
    name: str
    contact: str
    due_at: Instant | None
    """When it will leave by time; never if `None`."""


class Reminded(Entry):
    """The lower bound of the window: the contact was reminded."""

    type: Literal["reminded"] = "reminded"
    name: str


class Repeated(Entry):
    """No climb is left, and the contact heard of the case again."""

    type: Literal["repeated"] = "repeated"
    name: str
    times: int


class Acknowledged(Entry):
    """Somebody took the case."""

    type: Literal["acknowledged"] = "acknowledged"
    by: str


class AcknowledgementExpired(Entry):
    """Nobody took it in time; they were asked again and the escalation manager was told."""

    type: Literal["acknowledgement_expired"] = "acknowledgement_expired"
    name: str


class Assigned(Entry):
    """Somebody was made the owner."""

    type: Literal["assigned"] = "assigned"
    by: str
    to: str


class Breached(Entry):
    """A promise was not kept: a level's window, or the real fix after a workaround."""

    type: Literal["breached"] = "breached"
    what: Literal["window", "fix"] = "window"
    name: str


class LeftLevel(Entry):
    """The case left a level."""

    type: Literal["left_level"] = "left_level"
    why: str
    """`time`, `handed_up`, `trigger:<name>`, `rejected`, `fix_overdue`, `opened_again`."""
    to_level: int
    by: str | None = None
    reason: str = ""


class CustomerReplied(Entry):
    """The customer said something."""

    type: Literal["customer_replied"] = "customer_replied"
    text: str
    channel: str
    by: str | None = None


class TriggerRaised(Entry):
    """A fact that moves a case; `moved` is false where it is at or above the target already."""

    type: Literal["trigger_raised"] = "trigger_raised"
    trigger: str
    by: str
    note: str = ""
    moved: bool


class Noted(Entry):
    """Somebody wrote something down."""

    type: Literal["noted"] = "noted"
    by: str
    text: str


class Held(Entry):
    """The clock stands still."""

    type: Literal["held"] = "held"
    by: str
    reason: HoldReason
    note: str = ""
    until: Instant | None
    """When the hold ends by itself."""


class HoldReminded(Entry):
    """Whoever is waited for was reminded, or the escalation manager."""

    type: Literal["hold_reminded"] = "hold_reminded"
    reason: HoldReason


class Resumed(Entry):
    """The clock goes on."""

    type: Literal["resumed"] = "resumed"
    why: Literal["by_hand", "customer_replied", "hold_over", "moved", "resolved"]
    by: str | None = None


class Resolved(Entry):
    """A fix or a workaround was proposed; the customer is asked."""

    type: Literal["resolved"] = "resolved"
    by: str
    kind: ResolutionKind
    summary: str


class Confirmed(Entry):
    """The customer agreed, or was silent long enough to be taken to agree."""

    type: Literal["confirmed"] = "confirmed"
    by: str | None
    """`None`: presumed from silence."""


class Rejected(Entry):
    """The customer did not agree."""

    type: Literal["rejected"] = "rejected"
    by: str
    reason: str


class Reopened(Entry):
    """The case is open again."""

    type: Literal["reopened"] = "reopened"
    why: str
    times: int


class Notified(Entry):
    """Somebody was told, and a channel took it."""

    type: Literal["notified"] = "notified"
    key: str
    notice: str
    recipient: str
    address: str | None


class Undelivered(Entry):
    """Somebody could not be told."""

    type: Literal["undelivered"] = "undelivered"
    key: str
    notice: str
    recipient: str
    detail: str


class Refused(Entry):
    """Something that came too late or made no sense, and changed nothing."""

    type: Literal["refused"] = "refused"
    what: str
    by: str | None = None
    because: str
    text: str = ""


class RetrospectiveScheduled(Entry):
    """The retrospective was started."""

    type: Literal["retrospective_scheduled"] = "retrospective_scheduled"
    workflow_id: str


class Folded(Entry):
    """Where a timeline grew too long for one record: how many entries stood here, by type.

    They are whole in the histories of the runs before.
    """

    type: Literal["folded"] = "folded"
    since: Instant
    counts: dict[str, int]


class Closed(Entry):
    """The case has ended."""

    type: Literal["closed"] = "closed"
    ending: str
    by: str | None = None
    reason: str = ""


TimelineEntry = Annotated[
    Opened
    | LevelEntered
    | Reminded
    | Repeated
    | Acknowledged
    | AcknowledgementExpired
    | Assigned
    | Breached
    | LeftLevel
    | CustomerReplied
    | TriggerRaised
    | Noted
    | Held
    | HoldReminded
    | Resumed
    | Resolved
    | Confirmed
    | Rejected
    | Reopened
    | Notified
    | Undelivered
    | Refused
    | RetrospectiveScheduled
    | Folded
    | Closed,
    Field(discriminator="type"),
]
