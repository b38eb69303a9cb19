"""What operators see in the Temporal UI: search attributes, summaries, static details.

The page of a case, its current details, is `console_page`.
"""

from collections.abc import Iterator
from datetime import datetime

from escalations import sentences
from escalations.clock import Deadline
from escalations.effects import Send
from escalations.markdown import plain, quoted
from escalations.names import SearchAttribute
from escalations.opening_hours import zone
from escalations.policy import Priority
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest

AttributeValue = str | int | bool | datetime | list[str] | None
MAX_BYTES = 255
"""PostgreSQL's column for a search attribute."""
MAX_SUMMARY = 200
"""Characters of a summary: what a line of the UI has room for."""
MAX_SUMMARY_BYTES = 390
"""Of 400 that Temporal keeps of a summary, with its quotation marks."""
MAX_DETAILS = 20_000
"""Bytes that Temporal keeps of a run's static details."""


def search_attributes(record: EscalationRecord) -> dict[SearchAttribute, AttributeValue]:
    """The case as operators filter it; `None` where there is nothing to filter by."""
    request, deadline = record.request, record.next_deadline
    return {
        SearchAttribute.STATUS: record.status.value,
        SearchAttribute.PRIORITY: record.priority.value,
        SearchAttribute.CATEGORY: request.category,
        SearchAttribute.CUSTOMER: _short(request.customer.id),
        SearchAttribute.OWNER: _short(record.owner) if record.owner else None,
        SearchAttribute.POLICY: record.snapshot.reference,
        SearchAttribute.LEVEL: record.level,
        SearchAttribute.DUE_AT: deadline.at if deadline else None,
        SearchAttribute.BREACHED: record.breached,
        SearchAttribute.REASONS: list(dict.fromkeys(_reasons(record))) or None,
    }


def _reasons(record: EscalationRecord) -> Iterator[str]:
    if record.executive:
        yield "executive"
    for entry in record.timeline:
        if entry.type == "trigger_raised":  # isinstance is dear in the sandbox, a timeline long
            yield entry.trigger


def copy_summary(policy: str, by: str = "") -> str:
    """What fetching a policy says of itself; `by` is who wants a case to adopt it."""
    return _line(f"Copy policy {policy}, asked by {by}" if by else f"Copy policy {policy}")


def rota_summary(contact: str) -> str:
    """What reading a contact's rota says of itself."""
    return _line(f"Who is on call: {contact}")


def _short(text: str, most: int = MAX_BYTES) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _line(text: str) -> str:
    return _short(text[:MAX_SUMMARY], MAX_SUMMARY_BYTES)


def static_summary(request: EscalationRequest, priority: Priority | None) -> str:
    """One line about a run: `P1 Billing: double charge (ACME)`."""
    category = (request.category or "").replace("-", " ").capitalize()
    head = " ".join(filter(None, [priority, category]))
    title = f"{head}: {request.title}" if head else request.title
    return headline(title, request.customer.name)


def static_details(request: EscalationRequest) -> str:
    """The problem and what is at stake."""
    return problem(request.statement, request.at_stake)


def headline(title: str, customer: str) -> str:
    """A summary that names the customer however long the title is.

    The UI reads it as Markdown, so that no title may mean anything in it.
    """
    name = f" ({plain(customer, 40)})"
    for length in range(MAX_SUMMARY - len(name), 0, -1):
        summary = f"{plain(title, length)}{name}"
        if len(summary) <= MAX_SUMMARY and len(summary.encode()) <= MAX_SUMMARY_BYTES:
            break
    return summary


def problem(statement: str, at_stake: str) -> str:
    """Static details, as Markdown."""
    stake = f"\n\n**At stake**\n\n{quoted(at_stake)}" if at_stake else ""
    return _short(f"**Problem**\n\n{quoted(statement)}{stake}", MAX_DETAILS)


def timer_summary(record: EscalationRecord, deadline: Deadline) -> str:
    """What a timer was set for: `Level 2 → 3 at 22 Dec 15:00 CET: Account manager, if …`.

    The timer stays where its moment moves later; it is looked at when it rings.
    """
    at = deadline.at.astimezone(zone(record.snapshot.policy.timezone))
    what, colon, rest = sentences.upcoming(record).partition(": ")
    return _line(f"{what} at {at:%d %b %H:%M %Z}{colon}{rest}, if nothing comes first")


def send_summary(sends: list[Send]) -> str:
    """What an activity sends: `level entered → Support manager; customer handed over → Ada`."""
    told = (
        f"{send.notice.replace('_', ' ')} → {', '.join(each.name for each in send.to)}"
        for send in sends
    )
    return _line("; ".join(told))
