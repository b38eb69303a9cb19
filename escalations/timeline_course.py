"""The entries of a timeline that say how a case went: its levels, its people, its ending."""

from typing import Literal

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


class Released(Entry):
    """Nothing was heard of the owner for long; the contact was asked again."""

    type: Literal["released"] = "released"
    owner: str


class ActionCompleted(Entry):
    """One of the level's actions was done."""

    type: Literal["action_completed"] = "action_completed"
    by: str
    action: str
    evidence: str = ""


class PriorityChanged(Entry):
    """The case became more or less important."""

    type: Literal["priority_changed"] = "priority_changed"
    was: Priority
    priority: Priority
    why: str
    """`age`, or `set` by somebody."""
    by: str | None = None
    reason: str = ""


class PolicyAdopted(Entry):
    """The case goes on by another revision of its policy, or by another policy."""

    type: Literal["policy_adopted"] = "policy_adopted"
    by: str
    was: str
    """The revision it kept before: `name@revision`."""
    policy: str
    """The one that it keeps from now on."""
    was_level: int
    was_name: str
    name: str
    """The level's, by the new one; its number is the entry's."""
    was_due_at: Instant
    due_at: Instant
    """When what comes next is due; now, if that has passed."""


class Breached(Entry):
    """A promise was not kept: a window, the fix after a workaround, word to the customer."""

    type: Literal["breached"] = "breached"
    what: Literal["window", "fix", "update"] = "window"
    name: str


class LeftLevel(Entry):
    """The case left a level."""

    type: Literal["left_level"] = "left_level"
    why: str
    """`time`, `handed_up`, `handed_back`, `trigger:<name>`, `nobody_reachable`, `rejected`,
    `fix_overdue`, `survey`, `no_answer`, `not_helped`."""
    to_level: int
    by: str | None = None
    reason: str = ""
    undone: list[str] = []
    """The level's actions that were not done."""


class OnCall(Entry):
    """Who is on call was found out, and is not who it was before."""

    type: Literal["on_call"] = "on_call"
    contact: str
    people: str
    until: Instant | None = None


class NobodyOnCall(Entry):
    """Nobody is on call there, or nobody knows who is; the fallback was told."""

    type: Literal["nobody_on_call"] = "nobody_on_call"
    contact: str
    detail: str = ""


class RotaUnread(Entry):
    """A rota could not be read; what was known of it before holds as long as it reaches."""

    type: Literal["rota_unread"] = "rota_unread"
    contact: str
    problem: str


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
    why: Literal["by_hand", "customer_replied", "hold_over", "moved", "resolved", "adopted"]
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


class SurveyAsked(Entry):
    """The customer was asked how it went."""

    type: Literal["survey_asked"] = "survey_asked"
    until: Instant | None


class Rated(Entry):
    """The customer said how it went."""

    type: Literal["rated"] = "rated"
    score: int
    comment: str = ""


class Reopened(Entry):
    """The case is open again."""

    type: Literal["reopened"] = "reopened"
    why: str
    times: int


class RetrospectiveScheduled(Entry):
    """The retrospective was started."""

    type: Literal["retrospective_scheduled"] = "retrospective_scheduled"
    workflow_id: str
    already: bool = False
    """Whether one of an earlier ending is still under way, and goes on as the only one."""


class Closed(Entry):
    """The case has ended."""

    type: Literal["closed"] = "closed"
    ending: str
    by: str | None = None
    reason: str = ""
