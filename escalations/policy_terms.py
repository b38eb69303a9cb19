"""The words a policy is made of: its scales, spans of time, addresses and grants."""

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from escalations.durations import LONGEST, Duration, Unit


class Priority(StrEnum):
    """How important a case is: P1 first."""

    P1 = "P1"
    P2 = "P2"
    P3 = "P3"
    P4 = "P4"

    def raised(self, steps: int = 1) -> "Priority":
        """So many steps more important; P1 stays P1."""
        ranks = list(Priority)
        return ranks[max(0, ranks.index(self) - steps)]

    def or_higher(self, other: "Priority") -> "Priority":
        """The more important one of the two."""
        return min(self, other, key=list(Priority).index)


class Grade(StrEnum):
    """The scale of impact and of urgency."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Kind(StrEnum):
    """Which way a level leads (C45, C46, C47, C6).

    Functional is to the people with the skill, hierarchical up the ranks (ITIL's and D's sense).
    """

    HIERARCHICAL = "hierarchical"
    FUNCTIONAL = "functional"
    EXTERNAL = "external"
    SELF_SERVICE = "self-service"


class HoldReason(StrEnum):
    """Why a clock may stand still."""

    CUSTOMER = "customer"
    VENDOR = "vendor"
    INCIDENT = "incident"
    EVIDENCE = "evidence"


def _positive(duration: Duration) -> Duration:
    if duration.is_zero:
        msg = f"found {str(duration)!r}; write a span longer than nothing"
        raise ValueError(msg)
    if duration > LONGEST[duration.unit]:
        msg = f"found {str(duration)!r}; write at most {LONGEST[duration.unit]}"
        raise ValueError(msg)
    return duration


def _of_open_time(duration: Duration) -> Duration:
    if duration.unit is not Unit.HOURS:
        msg = f"found {str(duration)!r}; write minutes or hours, such as `45m`"
        raise ValueError(msg)
    return _positive(duration)


Span = Annotated[Duration, AfterValidator(_positive)]
"""A duration longer than nothing, and no longer than makes sense."""

OpenTime = Annotated[Duration, AfterValidator(_of_open_time)]
"""A span in hours and minutes of a calendar."""

Address = Annotated[
    str, Field(pattern=r"^(mailto:[^@\s]+@[^@\s]+|[a-z][a-z0-9+.\-]*://\S+)$", max_length=500)
]
"""Where somebody is reached: `mailto:` or a channel's URL, secrets in it written `${NAME}`."""

Grant = Annotated[str, Field(pattern=r"^(any|\d+(\.\d{1,2})? [A-Z]{3})$")]
"""What may be granted: `100 EUR`, or `any` (C14)."""
