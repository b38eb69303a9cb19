"""The escalation matrix as it is written: levels, contacts, triggers, promises.

The language by example is `policies/call-centre.yaml`. `policy`, `contacts` and `levels` are
required; everything else has the default that its field states.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from escalations import feasible, references
from escalations.calendars import Calendar, Zone
from escalations.contacts import Contact, Stakeholder
from escalations.durations import Duration, Window
from escalations.knowledge import Articles
from escalations.model import Language, Line, Name, Value
from escalations.policy_terms import (
    Address,
    Grade,
    Grant,
    HoldReason,
    Kind,
    OpenTime,
    Priority,
    Span,
)

__all__ = [
    "Address",
    "Category",
    "Cell",
    "Contact",
    "CustomerCare",
    "Grade",
    "HoldReason",
    "HoldRule",
    "Kind",
    "Level",
    "Policy",
    "Priorities",
    "Priority",
    "RetrospectiveRule",
    "RetrospectiveWhen",
    "Stakeholder",
    "Survey",
    "Trigger",
]


class Priorities(Value):
    """How priority follows from nature and customer (C30), and what it does to time (D10)."""

    matrix: dict[Grade, Annotated[list[Priority], Field(min_length=3, max_length=3)]] = {
        Grade.HIGH: [Priority.P3, Priority.P2, Priority.P1],
        Grade.MEDIUM: [Priority.P4, Priority.P3, Priority.P2],
        Grade.LOW: [Priority.P4, Priority.P4, Priority.P3],
    }
    """Impact → the priorities for low, medium and high urgency."""
    raise_for_tier: dict[Name, Annotated[int, Field(ge=1, le=3, strict=True)]] = {}
    """Customer tier → steps up."""
    raise_after: Span | None = None
    """One step up for a case that old (C31)."""
    speed: dict[Priority, Annotated[float, Field(gt=0, le=1, strict=True)]] = {}
    """Priority → the share that its windows shrink to; 1 if absent."""

    @model_validator(mode="after")
    def _every_impact(self) -> Self:
        missing = [grade.value for grade in Grade if grade not in self.matrix]
        if missing:
            msg = f"found no `matrix` row for {', '.join(missing)}; write one for each impact"
            raise ValueError(msg)
        return self


class Level(Value):
    """One rung of the ladder: who, how long, and what to do there."""

    name: Line
    contact: Name
    within: Window
    """`15m..30m`: remind at the lower bound, leave at the upper (D24); `until-resolved` (D27)."""
    kind: Kind = Kind.HIERARCHICAL
    calendar: Name = "always"
    """Whose opening hours its windows run on."""
    acknowledge_within: Span | None = None
    """Until then somebody takes the case, or is asked again; nobody is asked if absent."""
    release_after: Span | None = None
    """An owner of whom nothing is heard for that long loses the case; never if absent."""
    repeat_every: Span = Duration.parse("1bd")
    """How often the contact hears of the case once the level has no climb left before it."""
    actions: list[Name] = []
    """What is to be done here before leaving (D28)."""
    may_grant: dict[Name, Grant] = {}
    """What may be granted here (C14, D40)."""
    leaves_on: list[Name] = []
    """The triggers that people here are told to look out for (D29)."""


class Cell(Value):
    """One cell of category × level, where it differs from the level's own (D31)."""

    contact: Name | None = None
    within: Window | None = None
    kind: Kind | None = None
    calendar: Name | None = None
    acknowledge_within: Span | None = None
    release_after: Span | None = None
    repeat_every: Span | None = None
    actions: list[Name] | None = None
    may_grant: dict[Name, Grant] | None = None
    leaves_on: list[Name] | None = None


class Category(Value):
    """A kind of problem (D20)."""

    start: Line | None = None
    """The level's name where such a case begins; the first one if absent."""
    levels: dict[Line, Cell] = {}
    """Level's name → what is different there."""


class Trigger(Value):
    """A fact that moves a case at once; never down (D29)."""

    to: Line
    """A level's name, or `next`."""
    phrases: dict[Language, list[Annotated[Line, Field(min_length=2)]]] = {}
    """Language → words of a customer that raise it, in the statement or a reply; whole words, case
    does not count."""
    executive: bool = False
    """Also enrols the customer in the sponsor programme where its criteria hold (A54, A56)."""


class HoldRule(Value):
    """How a clock may stand still."""

    remind_every: Span = Duration.parse("1bd")
    """How often whoever is waited for (or the escalation manager) is reminded."""
    at_most: Span | None = None
    """How long at most; without end if absent."""


class Survey(Value):
    """The question after the case (A52), on a scale of 1 to 5."""

    within: Span
    reopen_at_or_below: int | None = Field(default=None, ge=1, le=4, strict=True)


class CustomerCare(Value):
    """What the customer is promised."""

    calendar: Name = "always"
    """The business hours of these promises, and of everything that names no calendar itself."""
    acknowledge: bool = True
    """Tell the customer at once that the case is open (A4, A6)."""
    update_every: dict[Priority, Span] = {}
    """How often the customer hears of progress (A22)."""
    confirm_within: Span = Duration.parse("3bd")
    """Silence for that long after a resolution closes the case."""
    reopen: Literal["next", "same"] = "next"
    """Where a refused resolution goes on: one level up, or where it was."""
    fix_within: Span = Duration.parse("10bd")
    """How long a workaround may wait for the real fix (A29)."""
    survey: Survey | None = None


class RetrospectiveWhen(Value):
    """After which cases there is a retrospective: any one of these is enough."""

    level: Line | None = None
    """It reached this level or a higher one."""
    priority: Priority | None = None
    """It was of this priority or a more important one."""
    breached: bool = False
    reopened: bool = False
    survey_at_or_below: int | None = Field(default=None, ge=1, le=5, strict=True)


class RetrospectiveRule(Value):
    """When there is a retrospective, and how it is arranged (A31)."""

    when: RetrospectiveWhen
    within: Span = Duration.parse("5bd")
    duration: OpenTime = Duration.parse("45m")
    calendar: Name = "always"


class Policy(Value):
    """An escalation matrix, as its file says it."""

    policy: Name
    summary: Line | None = None
    timezone: Zone = "UTC"
    languages: list[Language] = Field(default=["en"], min_length=1)
    """The first one is the default."""
    calendars: dict[Name, Calendar] = {}
    """Name → opening hours; `always` is there without being written."""
    contacts: dict[Name, Contact] = Field(min_length=1)
    escalation_manager: Name | None = None
    """Drives every case from its first minute (A5, A15); told of breaches and ended holds."""
    fallback: Name | None = None
    """Told when nobody of a level can be reached (A47); the escalation manager if absent."""
    stakeholders: list[Stakeholder] = []
    priorities: Priorities = Priorities()
    levels: list[Level] = Field(min_length=1, max_length=50)
    triggers: dict[Name, Trigger] = {}
    knowledge: Articles = []
    """What a self-service level answers with; in a file, the name of another file with them."""
    categories: dict[Name, Category] = {}
    """The categories a case may have; any one if none is written."""
    holds: dict[HoldReason, HoldRule] = {
        HoldReason.CUSTOMER: HoldRule(at_most=Duration.parse("10bd")),
        HoldReason.VENDOR: HoldRule(at_most=Duration.parse("5bd")),
        HoldReason.INCIDENT: HoldRule(),
        HoldReason.EVIDENCE: HoldRule(at_most=Duration.parse("5bd")),
    }
    """Reason → its limits; a reason that is not written is not allowed."""
    customer: CustomerCare = CustomerCare()
    retrospective: RetrospectiveRule | None = None
    """None is held if absent."""

    @model_validator(mode="before")
    @classmethod
    def _always_is_there(cls, data: Any) -> Any:
        if isinstance(data, dict) and isinstance(data.get("calendars", {}), dict):
            return {**data, "calendars": {"always": "always", **data.get("calendars", {})}}
        return data

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        dumped = self.model_dump(mode="json", exclude_none=True)
        if found := references.problems(dumped) or feasible.problems(self):
            context = {"all": "; ".join(map(str, found)), "problems": found}
            raise PydanticCustomError("policy_problems", "{all}", context)
        return self

    def start(self, category: str | None) -> int:
        """The number of the level where a case of this category begins, from 1."""
        cell = self.categories.get(category or "")
        return self.number(cell.start) if cell and cell.start else 1

    def number(self, level: str) -> int:
        """A level's number, from 1, by its name."""
        return next(n for n, each in enumerate(self.levels, 1) if each.name == level)

    def level(self, number: int, category: str | None) -> Level:
        """A level as it is for this category, by its number, from 1."""
        level = self.levels[number - 1]
        cells = self.categories[category].levels if category in self.categories else {}
        if level.name not in cells:
            return level
        changes = {name: value for name, value in cells[level.name] if value is not None}
        return level.model_copy(update=changes)
