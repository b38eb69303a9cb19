"""The state of one case: query answer, result, baton of continue-as-new, row of the records."""

from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, RootModel, Tag

from escalations.clock import Clock, ClockName, Deadline, Then
from escalations.effects import Brief, Effect
from escalations.events import ResolutionKind
from escalations.model import Instant, State, Value
from escalations.policy import HoldReason, Priority
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot
from escalations.timeline import TimelineEntry

_ORDER = list(Then)


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    """Waits for the customer's yes or no."""
    WORKAROUND = "workaround"
    """The customer can live with it; waits for the real fix."""
    CLOSED = "closed"


class Ending(StrEnum):
    """How a case ended; exactly one."""

    CONFIRMED = "confirmed"
    PRESUMED = "presumed"
    WITHDRAWN = "withdrawn"
    MERGED = "merged"
    UNREACHABLE = "unreachable"


class HoldState(Value):
    """The hold a case is on."""

    reason: HoldReason
    by: str
    since: Instant


class Resolution(Value):
    """What was proposed to the customer."""

    kind: ResolutionKind
    summary: str
    by: str
    at: Instant


class Summary(Value):
    """A case, short: the answer to every command."""

    case: str
    title: str
    status: Status
    ending: Ending | None
    level: int
    """The level's number, from 1."""
    level_name: str
    levels: int
    owner: str | None
    priority: Priority
    category: str | None
    customer: str
    policy: str
    """`name@revision`."""
    due: Deadline | None
    """What happens next and when; none once closed."""
    breached: bool
    reopened: int
    opened_at: Instant
    closed_at: Instant | None


class EscalationRecord(State):
    """Everything about a case. Only the engine changes it."""

    request: EscalationRequest
    snapshot: Snapshot
    """The policy as it was when the case opened; a running case keeps it."""
    status: Status = Status.OPEN
    ending: Ending | None = None
    priority: Priority
    level: int
    """The level's number, from 1."""
    highest_level: int
    stays: int = 0
    """How many times a level was entered; the present stay is this one."""
    owner: str | None = None
    acknowledged: bool = False
    """Whether somebody took the case at this stay."""
    hold: HoldState | None = None
    resolution: Resolution | None = None
    clocks: dict[ClockName, Clock] = {}
    opened_at: Instant
    """The first opening; `reported_at` of the request is when the clock started."""
    closed_at: Instant | None = None
    breached: bool = False
    reopened: int = 0
    hand_offs: int = 0
    """How often it changed hands by a level (C12)."""
    replies: int = 0
    replies_untold: int = 0
    """Replies that came while word of an earlier one was still on its way to the owner."""
    last_words: str = ""
    """The customer's last words, cut to 500 characters."""
    seen: list[str] = []
    """Marks of the message ids that have counted, oldest first."""
    participants: dict[str, str] = {}
    """Who took part, in order: `contact:<name>`, `role:<role>` or `person:<who>` → name."""
    effects_issued: int = 0
    outbox: list[Effect] = []
    """Effects that were decided and whose result is not known yet."""
    timeline: list[TimelineEntry] = []

    @property
    def case(self) -> str:
        """The case's id."""
        return self.request.case

    @property
    def closed(self) -> bool:
        """Whether the case has ended."""
        return self.status is Status.CLOSED

    @property
    def level_name(self) -> str:
        """The name of the level it is on."""
        return self.snapshot.policy.levels[self.level - 1].name

    @property
    def next_deadline(self) -> Deadline | None:
        """The earliest due moment; of two at the same moment the one `Then` names first."""
        return min(
            (
                Deadline(at=alarm.due_at, clock=name, then=alarm.then)
                for name, clock in self.clocks.items()
                for alarm in clock.alarms
                if alarm.due_at is not None
            ),
            key=lambda deadline: (deadline.at, _ORDER.index(deadline.then)),
            default=None,
        )

    def summary(self) -> Summary:
        """The short answer."""
        return Summary(
            case=self.case,
            title=self.request.title,
            status=self.status,
            ending=self.ending,
            level=self.level,
            level_name=self.level_name,
            levels=len(self.snapshot.policy.levels),
            owner=self.owner,
            priority=self.priority,
            category=self.request.category,
            customer=self.request.customer.name,
            policy=self.snapshot.reference,
            due=self.next_deadline,
            breached=self.breached,
            reopened=self.reopened,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
        )

    def brief(self) -> Brief:
        """What a message says of the case."""
        request = self.request
        return Brief(
            case=self.case,
            title=request.title,
            statement=request.statement,
            customer_name=request.customer.name,
            priority=self.priority,
            category=request.category,
            status=self.status,
            level=self.level,
            levels=len(self.snapshot.policy.levels),
            owner=self.owner,
            at_stake=request.at_stake,
            opened_at=self.opened_at,
        )


class Baton(Value):
    """What one run hands to the next: the record, and the request that opens the case again."""

    record: EscalationRecord
    reopening: EscalationRequest | None = None
    """Present where the record is that of a run that ended."""


class Opening(
    RootModel[
        Annotated[
            Annotated[EscalationRequest, Tag("request")] | Annotated[Baton, Tag("baton")],
            Discriminator(
                lambda data: (
                    "baton"
                    if isinstance(data, Baton) or (isinstance(data, dict) and "record" in data)
                    else "request"
                )
            ),
        ]
    ]
):
    """The one argument of `Escalation`: a backend's request, or a baton of a run before."""
