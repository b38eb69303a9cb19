"""What may be said at and after a retrospective, and what follows from it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from escalations.durations import Duration
from escalations.effects import Brief, Notify, Particulars
from escalations.events import Message
from escalations.model import Instant, Line, Text, Value, Words
from escalations.retrospective.slots import Slot
from escalations.timeline import TimelineEntry

Finding = Annotated[Words, Field(max_length=4_000)]
"""What people found out or agreed: 1–4,000 characters."""


Task = Annotated[Words, Field(max_length=500)]
"""What is to be done: 1–500 characters."""


class ActionKind(StrEnum):
    """What an action item changes (A35, A46)."""

    PRODUCT = "product"
    PROCESS = "process"
    TRAINING = "training"
    DOCUMENTATION = "documentation"
    OTHER = "other"


class RecordRootCause(Message):
    """Why it happened, and what to handle better next time (A32, A33); replaces what was said."""

    by: Line
    text: Finding
    improvements: Annotated[Text, Field(max_length=4_000)] = ""


class AddActionItem(Message):
    """Something that somebody will do about it (A35)."""

    by: Line
    text: Task
    owner: Line
    due: date | None = None
    kind: ActionKind = ActionKind.OTHER


class CompleteActionItem(Message):
    """An action item is done."""

    by: Line
    id: int = Field(ge=1)


class Finish(Message):
    """Everything is said; the result is filed."""

    by: Line
    no_action_items: Annotated[Text, Field(max_length=4_000)] = ""
    """Why none is needed, where there is none."""


RetrospectiveCommand = RecordRootCause | AddActionItem | CompleteActionItem | Finish


class ActionItem(Value):
    """A follow-up and who has it."""

    id: int
    text: str
    owner: str
    due: date | None
    kind: ActionKind
    done_at: Instant | None = None
    done_by: str | None = None


class Missing(StrEnum):
    """What a retrospective still has to yield."""

    ROOT_CAUSE = "root_cause"
    ACTION_ITEMS = "action_items"


class RetrospectiveParticulars(Particulars):
    """What a message of a retrospective says besides; each notice uses the parts that it needs.

    `due_at` is when the meeting begins, `contact_name` is the facilitator.
    """

    decided_at: Instant
    slot: Slot | None
    duration: Duration
    story: list[TimelineEntry]
    """What moved the case, in an invitation."""
    unreached: list[Line]
    """Who took part too and is known by name only."""
    missing: list[Missing]
    open_items: list[ActionItem]
    """The first of the action items that are not done."""


class Circular(Notify):
    """What one decision of a retrospective sends, in one activity.

    An invitation is to everybody who is asked to come.
    """

    brief: Brief
    particulars: RetrospectiveParticulars
