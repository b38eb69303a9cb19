"""The entries of a timeline that say what was said, sent, and not sent."""

from typing import Literal

from escalations.model import Instant
from escalations.timeline_course import Entry


class Suggested(Entry):
    """An answer was suggested to the customer; nobody was asked yet."""

    type: Literal["suggested"] = "suggested"
    article: str
    title: str


class HeldBack(Entry):
    """Somebody is left in peace: a message waits until their quiet hours end."""

    type: Literal["held_back"] = "held_back"
    key: str
    notice: str
    recipient: str
    until: Instant


class Recalled(Entry):
    """A message that waited for quiet hours to end is not sent: the case has moved on."""

    type: Literal["recalled"] = "recalled"
    key: str
    notice: str
    recipient: str


class CustomerUpdated(Entry):
    """The customer was told how it stands."""

    type: Literal["customer_updated"] = "customer_updated"
    by: str
    text: str


class UpdateReminded(Entry):
    """The customer is to hear of the case soon; whoever has it was reminded."""

    type: Literal["update_reminded"] = "update_reminded"
    due_at: Instant | None


class ExecutiveCalled(Entry):
    """The case calls for an executive: the customer may join the sponsor programme."""

    type: Literal["executive_called"] = "executive_called"
    trigger: str


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


class Folded(Entry):
    """Where a timeline grew too long for one record: how many entries stood here, by type.

    They are whole in the histories of the runs before.
    """

    type: Literal["folded"] = "folded"
    since: Instant
    counts: dict[str, int]
