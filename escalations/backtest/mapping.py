"""The mapping: which columns and states of a log mean what, so that any log can be read.

The language by example is `policies/logs/servicenow.yaml`; `docs/backtest.md` explains it.
"""

import codecs
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Generic, Literal, Self, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from escalations.backtest.moments import known_format, reader
from escalations.calendars import Zone
from escalations.durations import Duration, Unit
from escalations.model import Line, Name, Value
from escalations.policy import Grade, HoldReason, Priority
from escalations.policy_files.findings import MISSING
from escalations.references import Problem

T = TypeVar("T")


class Means(StrEnum):
    """What a state, or an event, of a log says about its case."""

    OPEN = "open"
    """Nobody has it; after a hold or a resolution: it is open again."""
    TAKEN = "taken"
    """Somebody works on it."""
    RESOLVED = "resolved"
    """A solution is there; the customer has not said yes."""
    CLOSED = "closed"
    """The customer agreed, or was taken to; over."""
    REOPENED = "reopened"
    """The customer did not agree, or the problem is back."""
    WITHDRAWN = "withdrawn"
    """Given up: a duplicate, spam, no longer wanted."""
    CUSTOMER_REPLIED = "customer-replied"
    CUSTOMER_UPDATED = "customer-updated"
    """The customer was told how it stands."""
    NOTHING = "nothing"
    """Known, and of no consequence: the row counts as read."""


HAPPENED: Final = frozenset({Means.CUSTOMER_REPLIED.value, Means.CUSTOMER_UPDATED.value})
"""What a case does not go on being: said twice, it happened twice."""


class Meaning(Value):
    """What a state means: one of the words of `Means`, or a hold and its reason."""

    means: Means | None = None
    hold: HoldReason | None = None
    """On hold, for this reason of the policy's holds."""

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, written: Any) -> Any:
        return written if isinstance(written, dict) else {"means": written}

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.means is None) == (self.hold is None):
            found = "an empty block" if self.means is None else "`means` and `hold`"
            msg = f"found {found}: write a word such as `taken`, or {{hold: customer}}"
            raise ValueError(msg)
        return self

    @property
    def standing(self) -> str:
        """In one word: `taken`, `hold:customer`."""
        return f"hold:{self.hold}" if self.hold else f"{self.means}"


class Column(Value, Generic[T]):
    """Where a value comes from: a column as it is, or its values translated."""

    column: Line | None = None
    """The name of the column; in JSON a path such as `fields.priority.name`."""
    values: dict[str, T] = {}
    """What is written there → what it means; taken as it is if absent."""
    otherwise: T | None = None
    """For all that `values` does not name, and for unknown; without `column`, for every case."""

    @model_validator(mode="before")
    @classmethod
    def _one_word(cls, written: Any) -> Any:
        return written if isinstance(written, dict) else {"column": written}

    @model_validator(mode="after")
    def _from_somewhere(self) -> Self:
        if self.column is None and (self.otherwise is None or self.values):
            msg = "found no `column`: write the column's name, or `otherwise` alone for every case"
            raise ValueError(msg)
        return self


def _a_codec(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        msg = f"found {name!r}: write how the file is encoded, such as utf-8 or cp1252"
        raise ValueError(msg) from None


def _around_the_clock(duration: Duration) -> Duration:
    if duration.unit is not Unit.DAYS or duration.is_zero:
        msg = f"found {str(duration)!r}: write days or weeks, such as `30d`"
        raise ValueError(msg)
    return duration


def _as_text(written: object) -> object:
    return written.isoformat() if isinstance(written, date) else written


def _a_moment(text: str) -> str:
    if reader(["iso"], "UTC")(text) is None:
        msg = f"found {text!r}: write a moment such as 2017-03-01T00:00:00Z"
        raise ValueError(msg)
    return text


class Mapping(Value):
    """How a log is read."""

    mapping: Name
    """The name of this mapping, such as `servicenow`"""
    summary: Line | None = None
    format: Literal["csv", "json-lines"] | None = None
    """By the file's name if absent: `.csv`, `.jsonl`, `.ndjson`, each also `.gz`."""
    encoding: Annotated[str, AfterValidator(_a_codec)] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    """What stands between the columns of a CSV file."""
    rows: Literal["case-by-case", "by-time", "one-a-case"]
    """How the log is ordered, `case-by-case` (the rows of a case stand together), `by-time` or
    `one-a-case`"""
    quiet_for: Annotated[Duration, AfterValidator(_around_the_clock)] = Duration.parse("30d")
    """With `by-time`: a case that ended, and of which no row came for that long, is complete."""
    forgotten_after: Annotated[Duration, AfterValidator(_around_the_clock)] = Duration.parse("365d")
    """With `by-time`: the same for a case that did not end."""
    moments: Annotated[list[Annotated[str, AfterValidator(known_format)]], Field(min_length=1)] = [
        "iso"
    ]
    """How moments are written, tried in order: `iso`, `epoch-seconds`, `epoch-milliseconds`, or
    `%d/%m/%Y %H:%M`."""
    zone: Zone = "UTC"
    """The zone of moments that are written without one."""
    unknown: list[str] = [""]
    """What stands where nothing is known."""
    only: dict[Line, list[str]] = {}
    """Column → values: rows with other values there are about something else and passed over."""
    until: Annotated[str, BeforeValidator(_as_text), AfterValidator(_a_moment)] | None = None
    """When the log was written out: until then its open cases are played, else to their last row.
    As `2017-03-01T00:00:00Z`; without an offset it is meant in `zone`."""

    case: Line
    """The column with the case's number"""
    opened: Line | None = None
    """The column with the moment the case was opened; the moment of its first row if absent."""
    at: Line | None = None
    """The column with the moment of the row."""
    state: Line | None = None
    """The column with the state after the row, or with what happened."""
    states: dict[str, Meaning] = {}
    """State → what it means."""
    happened: dict[Line, Meaning] = {}
    """With `one-a-case`: column with a moment → what happened then."""
    customer_updates: Literal["assumed", "counted-as-missed"] | None = None
    """What becomes of promised updates to customers that the log does not tell: `assumed`, whoever
    has the case gives them when reminded, or `counted-as-missed`. `assumed` if absent; where a
    state means `customer-updated`, `counted-as-missed`, since the log can tell."""
    owner: Column[Line] | None = None
    """Who has the case."""
    priority: Column[Priority] | None = None
    impact: Column[Grade] | None = None
    urgency: Column[Grade] | None = None
    category: Column[Name] | None = None
    customer: Column[Line] | None = None
    tier: Column[Name] | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if found := list(self._problems()):
            context = {"all": "; ".join(map(str, found)), "problems": found}
            raise PydanticCustomError("mapping_problems", "{all}", context)
        return self

    def _problems(self) -> list[Problem]:
        one = self.rows == "one-a-case"
        needed = ["opened", "happened"] if one else ["at", "state", "states"]
        senseless = ["at", "state", "states"] if one else ["happened"]
        return [
            *(
                Problem((key,), MISSING, f"it is needed where `rows` is {self.rows}")
                for key in needed
                if not getattr(self, key)
            ),
            *(
                Problem((key,), "a value", f"none, where `rows` is {self.rows}")
                for key in senseless
                if getattr(self, key)
            ),
        ]

    @property
    def assumes_updates(self) -> bool:
        """Whether customers are taken to be told in time where the log says nothing of it."""
        if self.customer_updates is not None:
            return self.customer_updates == "assumed"
        meanings = (*self.states.values(), *self.happened.values())
        return all(each.means is not Means.CUSTOMER_UPDATED for each in meanings)

    @property
    def quiet(self) -> tuple[timedelta, timedelta]:
        """How long no row of a case may come: after its end, and before it."""
        ended, open_ = (
            timedelta(microseconds=int(each.amount))
            for each in (self.quiet_for, self.forgotten_after)
        )
        return ended, open_

    @property
    def until_at(self) -> datetime | None:
        """`until` as a moment."""
        return reader(["iso"], self.zone)(self.until) if self.until else None

    def columns(self) -> dict[tuple[str, ...], str]:
        """Every column that is named → where in the mapping (its first place)."""
        plain: dict[tuple[str, ...], str | None] = {
            (key,): getattr(self, key) for key in ("case", "opened", "at", "state")
        }
        specs = ("owner", "priority", "impact", "urgency", "category", "customer", "tier")
        for key in specs:
            spec: Column[Any] | None = getattr(self, key)
            plain[(key,)] = spec.column if spec else None
        plain |= {("only", name): name for name in self.only}
        plain |= {("happened", name): name for name in self.happened}
        return {place: name for place, name in plain.items() if name is not None}
