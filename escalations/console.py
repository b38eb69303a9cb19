"""What operators see in the Temporal UI: search attributes, summaries, current details."""

import re
from collections.abc import Iterator
from datetime import datetime

from escalations import sentences
from escalations.clock import Deadline, Then
from escalations.effects import Send
from escalations.names import SearchAttribute
from escalations.opening_hours import zone
from escalations.policy import Priority
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest

_MARKS = re.compile(r"[\\`*_\[\]<>#|!~&]")
_BEGINNING = re.compile(r"^(\s*(?:\d+(?=[.)]))?)([-+=.)])")

AttributeValue = str | int | bool | datetime | list[str] | None
MAX_BYTES = 255
"""PostgreSQL's column for a search attribute."""
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


def _short(text: str, most: int = MAX_BYTES) -> str:
    return text.encode()[:most].decode(errors="ignore")


def static_summary(request: EscalationRequest, priority: Priority | None) -> str:
    """One line for the list of runs: `P1 Billing: double charge (ACME)`."""
    category = (request.category or "").replace("-", " ").capitalize()
    head = " ".join(filter(None, [priority, category]))
    title = f"{head}: {request.title}" if head else request.title
    name = f" ({request.customer.name[:80]})"
    return f"{title[: 200 - len(name)]}{name}"


def static_details(request: EscalationRequest) -> str:
    """The problem and what is at stake, as Markdown."""
    stake = f"\n\n**At stake**\n\n{_quoted(request.at_stake)}" if request.at_stake else ""
    return _short(f"**Problem**\n\n{_quoted(request.statement)}{stake}", MAX_DETAILS)


def current_details(record: EscalationRecord) -> str:
    """A short page as Markdown: where it stands, who has it, what happens next, what was said."""
    timezone = record.snapshot.policy.timezone
    words = sentences.words_of("en")
    status = words.STATUS[record.status]
    if record.hold is not None:
        status = f"{status}, waiting for {sentences.why(record.hold.reason, words)}"
    if record.ending is not None:
        status = f"{status}: {sentences.why(record.ending, words)}"
    level = record.snapshot.policy.level(record.level, record.request.category)
    contact = record.snapshot.policy.contacts[level.contact].name
    levels = len(record.snapshot.policy.levels)
    lines = [
        f"**{record.case}** is **{status}**",
        "",
        f"- Level **{record.level} of {levels}**: {record.level_name} ({level.kind})",
        f"- Owner: {_owner(record, contact)}",
        *([f"- On call: {_plain(people)}"] if (people := record.people_on_call) else []),
        f"- Next: {_next(record, record.next_deadline, timezone)}",
        f"- Priority {record.priority}, policy {record.snapshot.reference}",
        f"- Breached: {'**yes**' if record.breached else 'no'} · reopened: {record.reopened} · "
        f"replies from the customer: {record.replies} · changed hands: {record.hand_offs}",
    ]
    if record.last_words:
        lines += ["", "**Last words of the customer**", "", _quoted(record.last_words)]
    if record.open_actions and not record.closed:
        lines += ["", f"To be done here: {', '.join(record.open_actions)}"]
    if level.leaves_on and not record.closed:
        lines += ["", f"This level passes the case on when: {', '.join(level.leaves_on)}"]
    lines += ["", "**Latest**", ""]
    lines += [
        f"- {sentences.moment(entry.at, timezone)} {_plain(sentences.sentence(entry, timezone))}"
        for entry in [entry for entry in record.timeline if entry.type != "notified"][-5:]
    ]
    return "\n".join(lines)


def _owner(record: EscalationRecord, contact: str) -> str:
    if record.owner:
        return _plain(record.owner)
    return "nobody" if record.closed else f"nobody yet; {contact} is asked"


def _next(record: EscalationRecord, deadline: Deadline | None, timezone: str) -> str:
    words = sentences.upcoming(record)
    return f"{words}, **{sentences.moment(deadline.at, timezone)}**" if deadline else words


def timer_summary(record: EscalationRecord, deadline: Deadline) -> str:
    """What a timer waits for: `Level 2 → 3 at 15:00 CET: Account manager`."""
    at = deadline.at.astimezone(zone(record.snapshot.policy.timezone))
    clock = at.strftime("%d %b %H:%M %Z")
    words = sentences.upcoming(record)
    if deadline.then is Then.CLIMB:
        head, _, name = words.partition(": ")
        return f"{head} at {clock}: {name}"[:200]
    return f"{words} at {clock}"[:200]


def send_summary(sends: list[Send]) -> str:
    """What an activity sends: `level entered → Support manager; customer handed over → Ada`."""
    told = (
        f"{send.notice.replace('_', ' ')} → {', '.join(each.name for each in send.to)}"
        for send in sends
    )
    return "; ".join(told)[:200]


def _plain(text: str) -> str:
    """Somebody's words on one line, without any meaning in Markdown."""
    return _MARKS.sub(r"\\\g<0>", text[:300])


def _quoted(text: str) -> str:
    """Somebody's words as a quotation, in which no line begins a list, a rule or a heading."""
    lines = (_BEGINNING.sub(r"\1\\\2", _plain(line)) for line in text[:4000].splitlines())
    return "\n".join(f"> {line}" for line in lines)
