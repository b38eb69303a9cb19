"""The state of one retrospective: query answer and result."""

from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, RootModel, Tag

from escalations.model import Instant, State, Value
from escalations.retrospective.events import ActionItem, Circular, Missing
from escalations.retrospective.request import RetrospectiveRequest
from escalations.retrospective.slots import Slot
from escalations.retrospective.timeline import FiledEntry


class RetrospectiveThen(StrEnum):
    """What happens at a due moment."""

    MEETING_OVER = "meeting_over"
    REMIND = "remind"


class RetrospectiveDeadline(Value):
    """The next due moment, and what will happen then."""

    at: Instant
    then: RetrospectiveThen


class RetrospectiveStatus(StrEnum):
    """Where a retrospective stands."""

    SCHEDULED = "scheduled"
    """The meeting is still to come."""
    WAITING = "waiting"
    """For root cause and action items, or for somebody to say that this is all."""
    FINISHED = "finished"
    WITHDRAWN = "withdrawn"
    """It will not be held, or not go on."""


class RetrospectiveSummary(Value):
    """A retrospective, short: the answer to every command."""

    case: str
    status: RetrospectiveStatus
    slot: Slot | None
    root_cause: str
    improvements: str
    action_items: list[ActionItem]
    missing: list[Missing]
    due: RetrospectiveDeadline | None


class RetrospectiveRecord(State):
    """Everything about a retrospective: query answer and result. Only the engine changes it."""

    request: RetrospectiveRequest
    """Without the history, which begins the timeline."""
    status: RetrospectiveStatus = RetrospectiveStatus.SCHEDULED
    slot: Slot | None = None
    """`None`: no opening hours are long enough, the facilitator finds a time."""
    invited: list[str] = []
    """The keys of those whose invitation was taken by a channel."""
    root_cause: str = ""
    improvements: str = ""
    revisions: int = 0
    """How often the root cause was written."""
    action_items: list[ActionItem] = []
    remind_at: Instant | None = None
    reminders: int = 0
    seen: list[str] = []
    """The message ids that have counted."""
    sent: int = 0
    outbox: list[Circular] = []
    """What was decided to be sent and has no result yet."""
    timeline: list[FiledEntry] = []
    """What happened to the case, then what came of it."""
    finished_at: Instant | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more is said or decided; the last results of sends may still be out."""
        return self.status in (RetrospectiveStatus.FINISHED, RetrospectiveStatus.WITHDRAWN)

    @property
    def missing(self) -> list[Missing]:
        """What is still to be said before it can be finished."""
        found = []
        if not self.root_cause:
            found.append(Missing.ROOT_CAUSE)
        if not self.action_items:
            found.append(Missing.ACTION_ITEMS)
        return found

    @property
    def open_items(self) -> list[ActionItem]:
        """The action items that are not done."""
        return [item for item in self.action_items if item.done_at is None]

    @property
    def next_deadline(self) -> RetrospectiveDeadline | None:
        """The next due moment; `None` once it is over."""
        if self.slot is not None and self.status is RetrospectiveStatus.SCHEDULED:
            then = RetrospectiveThen.MEETING_OVER
            return RetrospectiveDeadline(at=self.slot.end_at, then=then)
        if self.remind_at is None:
            return None
        return RetrospectiveDeadline(at=self.remind_at, then=RetrospectiveThen.REMIND)

    def summary(self) -> RetrospectiveSummary:
        """The short answer."""
        return RetrospectiveSummary(
            case=self.request.case,
            status=self.status,
            slot=self.slot,
            root_cause=self.root_cause,
            improvements=self.improvements,
            action_items=self.action_items,
            missing=self.missing,
            due=self.next_deadline,
        )


class RetrospectiveBaton(Value):
    """What one run hands to the next."""

    record: RetrospectiveRecord


class RetrospectiveOpening(
    RootModel[
        Annotated[
            Annotated[RetrospectiveRequest, Tag("request")]
            | Annotated[RetrospectiveBaton, Tag("baton")],
            Discriminator(
                lambda data: (
                    "baton"
                    if isinstance(data, RetrospectiveBaton)
                    or (isinstance(data, dict) and "record" in data)
                    else "request"
                )
            ),
        ]
    ]
):
    """The one argument of `Retrospective`: what its case hands over, or a baton of a run before."""
