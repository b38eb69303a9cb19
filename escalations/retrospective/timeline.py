"""What happens to a retrospective, after what happened to its case: typed entries."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from escalations.effects import Notice
from escalations.model import Instant, Value
from escalations.retrospective.events import ActionItem, ActionKind, Missing
from escalations.timeline import TimelineEntry


class RetrospectiveEntry(Value):
    """What every entry of a retrospective has."""

    at: Instant


class Scheduled(RetrospectiveEntry):
    """The meeting has its slot."""

    type: Literal["scheduled"] = "scheduled"
    start_at: Instant
    end_at: Instant
    late: bool


class Unscheduled(RetrospectiveEntry):
    """No opening hours are long enough; the facilitator is asked to find a time."""

    type: Literal["unscheduled"] = "unscheduled"
    duration: str


class Invited(RetrospectiveEntry):
    """Somebody was invited, and a channel took it."""

    type: Literal["invited"] = "invited"
    key: str
    recipient: str
    address: str | None


class NotInvited(RetrospectiveEntry):
    """Who took part and is known by name only; the facilitator is asked to tell them."""

    type: Literal["not_invited"] = "not_invited"
    names: list[str]


class Undelivered(RetrospectiveEntry):
    """Somebody could not be told."""

    type: Literal["undelivered"] = "undelivered"
    key: str
    notice: Notice
    recipient: str
    detail: str


class MeetingOver(RetrospectiveEntry):
    """The meeting's time has passed."""

    type: Literal["meeting_over"] = "meeting_over"


class RootCauseRecorded(RetrospectiveEntry):
    """Why it happened (A32), and what to handle better (A33)."""

    type: Literal["root_cause_recorded"] = "root_cause_recorded"
    by: str
    text: str
    improvements: str


class ActionItemAdded(RetrospectiveEntry):
    """Somebody will do something about it (A35)."""

    type: Literal["action_item_added"] = "action_item_added"
    by: str
    id: int
    text: str
    owner: str
    due: date | None
    kind: ActionKind


class ActionItemDone(RetrospectiveEntry):
    """It is done."""

    type: Literal["action_item_done"] = "action_item_done"
    by: str
    id: int
    text: str


class Reminded(RetrospectiveEntry):
    """The facilitator was reminded."""

    type: Literal["reminded"] = "reminded"
    times: int
    missing: list[Missing]


class Finished(RetrospectiveEntry):
    """The whole outcome."""

    type: Literal["finished"] = "finished"
    by: str
    root_cause: str
    improvements: str
    action_items: list[ActionItem]
    no_action_items: str
    """Why there is none, where there is none."""


class Withdrawn(RetrospectiveEntry):
    """It will not be held, or not go on."""

    type: Literal["withdrawn"] = "withdrawn"
    by: str
    reason: str


OwnEntry = Annotated[
    Scheduled
    | Unscheduled
    | Invited
    | NotInvited
    | Undelivered
    | MeetingOver
    | RootCauseRecorded
    | ActionItemAdded
    | ActionItemDone
    | Reminded
    | Finished
    | Withdrawn,
    Field(discriminator="type"),
]


def _whose(entry: Any) -> str:
    """An entry of the case's own history has a level; some types are in both."""
    has_level = "level" in entry if isinstance(entry, dict) else hasattr(entry, "level")
    return "case" if has_level else "retrospective"


FiledEntry = Annotated[
    Annotated[TimelineEntry, Tag("case")] | Annotated[OwnEntry, Tag("retrospective")],
    Discriminator(_whose),
]
