"""Every name on the wire, once: workflow types and ids, messages, queries, search attributes.

Source: the contract, `docs/design.md` (Contract on the wire).
"""

from enum import StrEnum
from typing import Final

NAMESPACE: Final = "default"
TASK_QUEUE: Final = "escalations"


class Workflow(StrEnum):
    """Workflow types, as they stand in the Temporal UI."""

    ESCALATION = "Escalation"
    RETROSPECTIVE = "Retrospective"
    CANARY = "Canary"
    """A probe that climbs as a case does; no list of cases has it, since none asks for it."""


def escalation_id(case: str) -> str:
    """The workflow id of a case's escalation."""
    return f"escalation/{case}"


def retrospective_id(case: str) -> str:
    """The workflow id of the retrospective of a case."""
    return f"retrospective/{case}"


def canary_id(canary: str) -> str:
    """The workflow id of a canary."""
    return f"canary/{canary}"


def case_of(workflow_id: str) -> str:
    """The case behind a workflow id: `escalation/T-1` → `T-1`."""
    return workflow_id.partition("/")[2]


class Signal(StrEnum):
    """Facts reported to `Escalation`: never refused."""

    CUSTOMER_REPLIED = "customer_replied"
    RESOLVE = "resolve"
    RAISE_TRIGGER = "raise_trigger"
    ADD_NOTE = "add_note"
    WITHDRAW = "withdraw"
    REPORT_DELIVERY = "report_delivery"


class Update(StrEnum):
    """Commands to `Escalation`: refused when they cannot be, answered with the summary."""

    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    HAND_UP = "hand_up"
    HAND_BACK = "hand_back"
    COMPLETE_ACTION = "complete_action"
    UPDATE_CUSTOMER = "update_customer"
    RATE = "rate"
    SET_PRIORITY = "set_priority"
    HOLD = "hold"
    RESUME = "resume"
    PROPOSE_RESOLUTION = "propose_resolution"
    CONFIRM_RESOLUTION = "confirm_resolution"
    REJECT_RESOLUTION = "reject_resolution"
    ADOPT_POLICY = "adopt_policy"


class RetrospectiveUpdate(StrEnum):
    """Commands to `Retrospective`."""

    RECORD_ROOT_CAUSE = "record_root_cause"
    ADD_ACTION_ITEM = "add_action_item"
    COMPLETE_ACTION_ITEM = "complete_action_item"
    FINISH = "finish"


class Query(StrEnum):
    """Questions to `Escalation`."""

    RECORD = "record"
    SUMMARY = "summary"
    TIMELINE = "timeline"


class SearchAttribute(StrEnum):
    """What operators filter by; each at most 255 bytes, PostgreSQL's column."""

    STATUS = "EscalationStatus"
    PRIORITY = "EscalationPriority"
    CATEGORY = "EscalationCategory"
    CUSTOMER = "EscalationCustomer"
    OWNER = "EscalationOwner"
    POLICY = "EscalationPolicy"
    INCIDENT = "EscalationIncident"
    LEVEL = "EscalationLevel"
    DUE_AT = "EscalationDueAt"
    BREACHED = "EscalationBreached"
    REASONS = "EscalationReasons"


SEARCH_ATTRIBUTES: Final[dict[SearchAttribute, str]] = {
    SearchAttribute.STATUS: "Keyword",
    SearchAttribute.PRIORITY: "Keyword",
    SearchAttribute.CATEGORY: "Keyword",
    SearchAttribute.CUSTOMER: "Keyword",
    SearchAttribute.OWNER: "Keyword",
    SearchAttribute.POLICY: "Keyword",
    SearchAttribute.INCIDENT: "Keyword",
    SearchAttribute.LEVEL: "Int",
    SearchAttribute.DUE_AT: "Datetime",
    SearchAttribute.BREACHED: "Bool",
    SearchAttribute.REASONS: "KeywordList",
}
"""Search attribute → its type as the Temporal server names it. SQL visibility has room for ten
Keywords and three of each other type."""
