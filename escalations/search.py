"""Finding cases by what operators filter by, and what a list says of each."""

from collections.abc import Mapping
from typing import Any, Final, Self

from pydantic import Field

from escalations.model import Instant, Line, Value
from escalations.names import SearchAttribute, Workflow, case_of, escalation_id
from escalations.policy import Priority
from escalations.record import Status
from escalations.request import EscalationRequest


class Search(Value):
    """Which cases: all that are asked for at once; whatever is `None` is not asked."""

    status: Status | None = None
    priority: Priority | None = None
    category: Line | None = None
    customer: Line | None = None
    """The customer's id."""
    owner: Line | None = None
    level: int | None = Field(default=None, ge=1)
    breached: bool | None = None
    trigger: Line | None = None
    """A trigger that was raised."""
    due_before: Instant | None = None
    id_prefix: str | None = None
    """How the case's id begins."""
    ended: bool = False
    """Also the cases that have ended, as long as Temporal keeps them."""

    def query(self) -> str:
        """The server's list filter; what was asked for is quoted, never part of its grammar."""
        asked = {
            SearchAttribute.STATUS: self.status,
            SearchAttribute.PRIORITY: self.priority,
            SearchAttribute.CATEGORY: self.category,
            SearchAttribute.CUSTOMER: self.customer,
            SearchAttribute.OWNER: self.owner,
            SearchAttribute.REASONS: self.trigger,
        }
        terms = [f"WorkflowType = {quoted(Workflow.ESCALATION)}", _EVERY if self.ended else _OPEN]
        terms += [f"{name} = {quoted(value)}" for name, value in asked.items() if value is not None]
        if self.level is not None:
            terms.append(f"{SearchAttribute.LEVEL} = {self.level}")
        if self.breached is not None:
            terms.append(f"{SearchAttribute.BREACHED} = {str(self.breached).lower()}")
        if self.due_before is not None:
            terms.append(f"{SearchAttribute.DUE_AT} < {quoted(self.due_before.isoformat())}")
        if self.id_prefix is not None:
            terms.append(f"WorkflowId STARTS_WITH {quoted(escalation_id(self.id_prefix))}")
        return " AND ".join(terms)


_OPEN: Final = "ExecutionStatus = 'Running'"
_EVERY: Final = "ExecutionStatus != 'ContinuedAsNew'"


def quoted(text: str) -> str:
    """A value in a list filter, whatever characters it has.

    The server does not find values with `"`, a backslash or a line break, however they are written.
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
        SearchAttribute.CUSTOMER: request.customer.id.encode()[:255].decode(errors="ignore"),
    }
    return {name: value for name, value in known.items() if value is not None}
