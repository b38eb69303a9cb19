"""The state of one case: query answer, result, baton of continue-as-new, row of the records."""

from enum import StrEnum
from typing import Annotated

from pydantic import Discriminator, RootModel, Tag

from escalations.clock import Clock, ClockName, Deadline, Then
from escalations.effects import Asked, Brief, Effect, Notify, Unaddressed
from escalations.events import ResolutionKind
from escalations.knowledge import Suggestion
from escalations.model import Instant, State, Value, made
from escalations.policy import HoldReason, Priority
from escalations.request import EscalationRequest
from escalations.rota import Roster
from escalations.snapshot import Snapshot
from escalations.timeline import TimelineEntry

_RANK = {then: rank for rank, then in enumerate(Then)}


class Status(StrEnum):
    """Where a case stands."""

    OPEN = "open"
    ON_HOLD = "on_hold"
    RESOLVED = "resolved"
    """Waits for the customer's yes or no."""
    WORKAROUND = "workaround"
    """The customer can live with it; waits for the real fix."""
    CLOSED = "closed"


_CLOSED = Status.CLOSED  # an enum's attribute costs more than a look into a dict


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
    unsaid: list[Unaddressed] = []
    """What quiet hours had held back and the hold recalled; asked when the clock goes on."""


class Resolution(Value):
    """What was proposed to the customer."""

    kind: ResolutionKind
    summary: str
    by: str
    at: Instant


class SurveyState(Value):
    """The customer was asked how it went; the case ends when they have answered, or not."""

    asked_at: Instant
    ending: Ending
    """How the case ends then."""
    by: str | None
    """Who confirmed; `None`: presumed from silence."""


class ActionDone(Value):
    """An action of a level, and who did it."""

    action: str
    level: int
    by: str
    at: Instant
    evidence: str = ""


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
    highest_priority: Priority | None = None
    """What it ever was at most; `None` while it has had but one."""
    level: int
    """The level's number, from 1."""
    highest_level: int
    stays: int = 0
    """How many times a level was entered; the present stay is this one."""
    owner: str | None = None
    acknowledged: bool = False
    """Whether somebody took the case at this stay."""
    hold: HoldState | None = None
    promised_at: Instant | None = None
    """By when the customer was told last that they hear from us."""
    resolution: Resolution | None = None
    asked: Asked | None = None
    """While the customer is waited for; `None` where they have heard, so that silence counts."""
    survey: SurveyState | None = None
    score: int | None = None
    """The customer's newest answer to the survey, from 1 to 5."""
    suggestion: Suggestion | None = None
    """What a self-service level has suggested and nobody has answered yet."""
    suggested: list[str] = []
    """The articles that were suggested; none is suggested again."""
    actions_done: list[ActionDone] = []
    executive: bool = False
    """Whether a trigger called for an executive."""
    rosters: dict[str, Roster] = {}
    """Contact → who is on call when, as it was read last."""
    on_call: list[str] = []
    """Who of the level's contact was told last that the case is theirs."""
    unaddressed: list[Unaddressed] = []
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
    """Replies that came since all who answer had heard the newest."""
    replies_told_to: list[str] = []
    """Who of them has heard it all the same, or will when their quiet hours end."""
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
        return self.status is _CLOSED

    @property
    def level_name(self) -> str:
        """The name of the level it is on."""
        return self.snapshot.policy.levels[self.level - 1].name

    @property
    def next_deadline(self) -> Deadline | None:
        """The earliest due moment; of two at the same moment the one `Then` names first.

        A case that has ended may have one left: its last word to somebody in quiet hours.
        """
        first: tuple[Instant, int, Then, ClockName] | None = None
        for name, clock in self.clocks.items():
            for alarm in clock.alarms:
                at = alarm.due_at
                if at is not None and (first is None or at <= first[0]):
                    then = alarm.then
                    rank = _RANK[then]
                    if first is None or at < first[0] or rank < first[1]:
                        first = at, rank, then, name
        for effect in self.outbox:
            if isinstance(effect, Notify) and effect.not_before is not None:
                found = effect.not_before, _RANK[Then.DELIVER], Then.DELIVER, ClockName.QUIET
                if first is None or found[:2] < first[:2]:
                    first = found
        if first is None:
            return None
        return made(Deadline, at=first[0], clock=first[3], then=first[2])

    @property
    def open_actions(self) -> list[str]:
        """The actions of the level that are not done yet."""
        level = self.snapshot.policy.level(self.level, self.request.category)
        done = {each.action for each in self.actions_done if each.level == self.level}
        return [action for action in level.actions if action not in done]

    @property
    def people_on_call(self) -> str:
        """Who is on call at the level, by name; empty where it has no rota or nobody is."""
        level = self.snapshot.policy.level(self.level, self.request.category)
        roster = self.rosters.get(level.contact)
        keys = {each.partition("/")[2] for each in self.on_call}
        names = {each.key: each.name for each in (roster.shifts if roster else [])}
        return ", ".join(name for key, name in names.items() if key in keys)

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
            due=None if self.closed else self.next_deadline,
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
            reported_at=request.reported_at,
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
