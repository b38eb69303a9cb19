"""Finding cases by what operators filter by, and what a list says of each."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, Final, Self, TypeAlias, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from escalations.model import CaseId, Instant, Line, Name, Value
from escalations.names import SearchAttribute, Workflow, case_of, escalation_id
from escalations.policy import Priority
from escalations.record import Status
from escalations.request import EscalationRequest

MAX_BYTES: Final = 255
"""What the server keeps of a value, at most: PostgreSQL's column."""


def _findable(text: str) -> str:
    for mark in '"\\?':
        if mark in text:
            msg = (
                f"Temporal's list filters do not find values with {mark} in them, "
                "however they are written: ask for something else the cases have in common"
            )
            raise ValueError(msg)
    if text.startswith("'") or text.endswith("'"):
        msg = "Temporal's list filters lose a ' at either end of a value, and find another one"
        raise ValueError(msg)
    if len(text.encode()) > MAX_BYTES:
        msg = f"longer than the {MAX_BYTES} bytes that Temporal keeps of a value"
        raise ValueError(msg)
    return text


Sought = Annotated[Line, AfterValidator(_findable)]
"""A value that the server can find; it is compared letter by letter, and case matters."""

PolicyReference = Annotated[
    str, Field(pattern=r"^[a-z0-9][a-z0-9_\-]{0,63}(@[0-9a-f]{1,64})?$", max_length=130)
]
"""A policy's name, every revision of it, or `name@revision`."""

_One = TypeVar("_One")

if TYPE_CHECKING:
    AnyOf: TypeAlias = _One | tuple[_One, ...] | None
else:

    class AnyOf:
        """One value, or several of which any will do; `None` is not asked for."""

        def __class_getitem__(cls, one: Any) -> Any:
            """Read as a tuple, so that a mistake is named once, at its own value."""
            return Annotated[tuple[one, ...], BeforeValidator(_tuple)]


def _tuple(asked: Any) -> tuple[Any, ...]:
    return () if asked is None else tuple(asked) if isinstance(asked, tuple | list) else (asked,)


class Search(Value):
    """Which cases: all that is asked for at once; whatever is `None` or empty is not asked.

    This is the one place where list filters are made. A filter is built of names and quoted values,
    and never joined of what somebody wrote. What the server cannot filter by (a word of the title,
    when the case was opened if it goes on in a later run) is looked at on our side, by `keeps`.
    """

    status: AnyOf[Status] = ()
    priority: AnyOf[Priority] = ()
    category: AnyOf[Sought] = ()
    customer: AnyOf[Sought] = ()
    """The customer's id."""
    owner: AnyOf[Sought] = ()
    unowned: bool = False
    """Nobody has it: its level has not acknowledged it, or the owner has lost it."""
    level: int | None = Field(default=None, ge=1)
    level_from: int | None = Field(default=None, ge=1)
    level_to: int | None = Field(default=None, ge=1)
    breached: bool | None = None
    trigger: AnyOf[Name] = ()
    """A trigger that was raised; `executive` if an executive was called in.

    In small letters, as policies name them: the dev server's lists of words do not tell case apart.
    """
    policy: AnyOf[PolicyReference] = ()
    incident: AnyOf[Sought] = ()
    due_before: Instant | None = None
    opened_before: Instant | None = None
    opened_after: Instant | None = None
    case: AnyOf[CaseId] = ()
    id_prefix: str | None = None
    """How the case's id begins."""
    title: Line | None = None
    """What the title has in it, in small letters or capitals."""
    ended: bool = False
    """Also the cases that have ended, as long as Temporal keeps them."""

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if self.unowned and self.owner:
            msg = "owner and unowned at once: no case has somebody and nobody"
            raise ValueError(msg)
        for low, high, name in (
            (self.level_from, self.level_to, "level"),
            (self.opened_after, self.opened_before, "opened"),
        ):
            if low is not None and high is not None and low > high:  # type: ignore[operator]  # alike, pair by pair
                msg = f"{name}: from {low} to {high} is nothing; give the smaller one first"
                raise ValueError(msg)
        return self

    @property
    def exact(self) -> bool:
        """Whether the server's filter alone says which cases these are."""
        asked = (self.opened_before, self.opened_after, self.id_prefix, self.title)
        return all(each is None for each in asked)

    def query(self, named: Callable[[str], str] = str) -> str:
        """The server's list filter; what was asked for is quoted, never part of its grammar.

        Where it is not `exact` it lets more cases through, and never fewer.

        Args:
            named: what a customer is called in search attributes: `encryption.search_name`.
        """
        levels = {"=": self.level, ">=": self.level_from, "<=": self.level_to}
        terms = [
            _among("WorkflowType", [Workflow.ESCALATION]),
            _EVERY if self.ended else _OPEN,
            _among(SearchAttribute.STATUS, _tuple(self.status)),
            _among(SearchAttribute.PRIORITY, _tuple(self.priority)),
            _among(SearchAttribute.CATEGORY, _tuple(self.category)),
            _among(SearchAttribute.CUSTOMER, map(named, _tuple(self.customer))),
            _among(SearchAttribute.OWNER, _tuple(self.owner)),
            f"{SearchAttribute.OWNER} IS NULL" if self.unowned else "",
            _among(SearchAttribute.REASONS, _tuple(self.trigger)),
            _among(SearchAttribute.INCIDENT, _tuple(self.incident)),
            _any(_of_policy(each) for each in _tuple(self.policy)),
            *(f"{SearchAttribute.LEVEL} {sign} {n}" for sign, n in levels.items() if n is not None),
            _truth(SearchAttribute.BREACHED, self.breached),
            _moment(SearchAttribute.DUE_AT, "<", self.due_before),
            # A case that goes on in a later run was opened before that began.
            _moment("StartTime", ">=", self.opened_after),
            _among("WorkflowId", [escalation_id(each) for each in _tuple(self.case)]),
            "" if self.id_prefix is None else _starts("WorkflowId", escalation_id(self.id_prefix)),
        ]
        return " AND ".join(filter(None, terms))

    def keeps(self, case: "Listed") -> bool:
        """Whether a case that the server lets through is one of those that are asked for."""
        title = self.title is None or self.title.casefold() in case.title.casefold()
        prefix = self.id_prefix is None or case.case.startswith(self.id_prefix)
        after = self.opened_after is None or case.opened_at >= self.opened_after
        before = self.opened_before is None or case.opened_at < self.opened_before
        return title and prefix and after and before


_OPEN: Final = "ExecutionStatus = 'Running'"
_EVERY: Final = "ExecutionStatus != 'ContinuedAsNew'"


def _among(name: str, values: Iterable[str]) -> str:
    values = [quoted(each) for each in values]
    if len(values) > 1:
        return f"{name} IN ({', '.join(values)})"
    return f"{name} = {values[0]}" if values else ""


def _any(terms: Iterable[str]) -> str:
    terms = list(terms)
    return f"({' OR '.join(terms)})" if len(terms) > 1 else "".join(terms)


def _of_policy(reference: str) -> str:
    if "@" in reference:
        return _among(SearchAttribute.POLICY, [reference])
    return _starts(SearchAttribute.POLICY, f"{reference}@")


def _starts(name: str, prefix: str) -> str:
    return f"{name} STARTS_WITH {quoted(prefix)}"


def _truth(name: str, truth: bool | None) -> str:
    return "" if truth is None else f"{name} = {str(truth).lower()}"


def _moment(name: str, sign: str, at: datetime | None) -> str:
    return "" if at is None else f"{name} {sign} {quoted(at.isoformat())}"


def quoted(text: str) -> str:
    """A value in a list filter, whatever characters it has.

    The server does not find values with `"`, a backslash or a line break, however they are written,
    and on PostgreSQL it takes a `?` within the quotes for a place where a value is to be put.
    """
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Listed(Value):
    """A case in a list: what the server keeps of it, without asking a worker."""

    case: str
    title: str
    """Empty if the case was not opened through our client."""
    status: str
    """A status of ours, or how Temporal ended the run: `terminated`, `failed`, `canceled`."""
    priority: str | None
    category: str | None
    customer: str | None
    """The customer's id."""
    owner: str | None
    level: int | None
    due_at: Instant | None
    breached: bool
    policy: str | None
    opened_at: Instant
    closed_at: Instant | None

    @property
    def unacknowledged(self) -> bool:
        """Whether its level was asked and nobody has taken it yet, as far as a list can say."""
        return self.status == Status.OPEN and self.owner is None

    @classmethod
    def of(
        cls, workflow_id: str, run_status: str, attributes: Mapping[str, Any], **rest: Any
    ) -> Self:
        """What the server keeps of a run, as a case in a list."""
        status = attributes.get(SearchAttribute.STATUS) or Status.OPEN
        return cls(
            case=case_of(workflow_id),
            status=status if run_status == "running" or status == Status.CLOSED else run_status,
            priority=attributes.get(SearchAttribute.PRIORITY),
            category=attributes.get(SearchAttribute.CATEGORY),
            customer=attributes.get(SearchAttribute.CUSTOMER),
            owner=attributes.get(SearchAttribute.OWNER),
            level=attributes.get(SearchAttribute.LEVEL),
            due_at=attributes.get(SearchAttribute.DUE_AT),
            breached=attributes.get(SearchAttribute.BREACHED, False),
            policy=attributes.get(SearchAttribute.POLICY),
            **rest,
        )


def known_when_opening(
    request: EscalationRequest, priority: Priority | None
) -> dict[SearchAttribute, str]:
    """What a list can say of a case before a worker has seen it."""
    known = {
        SearchAttribute.STATUS: Status.OPEN,
        SearchAttribute.PRIORITY: priority,
        SearchAttribute.CATEGORY: request.category,
        SearchAttribute.CUSTOMER: request.customer.id.encode()[:MAX_BYTES].decode(errors="ignore"),
    }
    return {name: value for name, value in known.items() if value is not None}
