"""What operators see of a retrospective in the Temporal UI: current details and summaries."""

from collections.abc import Iterator
from typing import assert_never

from escalations.console import headline
from escalations.effects import Brief
from escalations.languages import en
from escalations.markdown import plain, quoted
from escalations.retrospective import timeline as told
from escalations.retrospective.events import ActionItem, Circular, Missing
from escalations.retrospective.record import (
    RetrospectiveDeadline,
    RetrospectiveRecord,
    RetrospectiveStatus,
    RetrospectiveThen,
)
from escalations.retrospective.timeline import FiledEntry, RetrospectiveEntry
from escalations.sentences import moment, sentence, why

LATEST = 5
_MISSING = {Missing.ROOT_CAUSE: "the root cause", Missing.ACTION_ITEMS: "action items"}
_NEXT = {
    RetrospectiveThen.MEETING_OVER: "the meeting is over",
    RetrospectiveThen.REMIND: "the facilitator is reminded",
}


def current_details(record: RetrospectiveRecord) -> str:
    """A short page as Markdown: when people meet, what was said, what is missing, what is next."""
    return "\n".join(_lines(record))


def _lines(record: RetrospectiveRecord) -> Iterator[str]:
    request, slot = record.request, record.slot
    brief = request.brief
    title = f"**Retrospective of {request.case} · {plain(brief.title)}**"
    yield f"{title} · {plain(brief.customer_name)}"
    yield ""
    yield f"- Status: **{record.status}**"
    ending = f": {why(request.ending, en)}" if request.ending else ""
    closed = moment(request.closed_at, request.timezone)
    yield f"- The case closed at level {brief.level} of {brief.levels}, {closed}{ending}"
    if slot is None:
        yield f"- Meeting: no opening hours are {request.duration} long; the facilitator finds one"
    elif record.status is RetrospectiveStatus.WITHDRAWN and not _held(record):
        yield f"- Meeting: called off; it was for {moment(slot.start_at, request.timezone)}"
    else:
        late = ", **later than it should be**" if slot.late else ""
        yield f"- Meeting: **{moment(slot.start_at, request.timezone)}**, {request.duration}{late}"
    yield f"- Facilitator: {plain(request.facilitator.name)}"
    yield f"- Invited: {len(record.invited)} of {len(request.participants)}"
    if request.unreached:
        yield f"- Took part, no address known: {plain(', '.join(request.unreached))}"
    if not record.over:
        missing = ", ".join(_MISSING[each] for each in record.missing)
        yield f"- Missing: {missing or 'nothing; it can be finished'}"
    if deadline := record.next_deadline:
        yield f"- Next: {_NEXT[deadline.then]}, **{moment(deadline.at, request.timezone)}**"
    yield from _outcome(record)
    yield from ("", "**Latest**", "")
    for entry in record.timeline[-LATEST:]:
        yield f"- {moment(entry.at, request.timezone)} {plain(_sentence(entry, request.timezone))}"


def _held(record: RetrospectiveRecord) -> bool:
    return any(isinstance(entry, told.MeetingOver) for entry in record.timeline)


def _outcome(record: RetrospectiveRecord) -> Iterator[str]:
    for title, words in (
        ("Root cause", record.root_cause),
        ("What to handle better", record.improvements),
    ):
        if words:
            yield from ("", f"**{title}**", "", quoted(words))
    if record.action_items:
        yield from ("", "**Action items**", "")
    for item in record.action_items:
        yield f"- {'✓' if item.done_at else '○'} {_item(item)}"


def _item(item: ActionItem) -> str:
    due = f", by {item.due}" if item.due else ""
    return f"{item.id}. {plain(item.text)} ({plain(item.owner)}, {item.kind}{due})"


def static_summary(brief: Brief) -> str:
    """One line about a run: `Retrospective of T-1: Charged twice (ACME)`."""
    return headline(f"Retrospective of {brief.case}: {brief.title}", brief.customer_name)


def timer_summary(record: RetrospectiveRecord, deadline: RetrospectiveDeadline) -> str:
    """What a timer waits for, in words."""
    what = _NEXT[deadline.then]
    return f"{what[0].upper()}{what[1:]} at {moment(deadline.at, record.request.timezone)}"


def send_summary(circular: Circular) -> str:
    """What an activity sends: `retrospective invitation → Ida Koski, Desk`."""
    names = ", ".join(recipient.name for recipient in circular.to)
    return f"{circular.notice.replace('_', ' ')} → {names}"[:200]


def _sentence(entry: FiledEntry, timezone: str) -> str:
    return (
        _own(entry, timezone)
        if isinstance(entry, RetrospectiveEntry)
        else sentence(entry, timezone)
    )


def _own(entry: told.OwnEntry, timezone: str) -> str:
    match entry:
        case told.Scheduled():
            return f"The meeting is at {moment(entry.start_at, timezone)}"
        case told.Unscheduled():
            return f"No opening hours are {entry.duration} long; the facilitator finds a time"
        case told.Invited():
            return f"{entry.recipient} was invited"
        case told.NotInvited():
            return f"Not invited, no address is known: {', '.join(entry.names)}"
        case told.Undelivered():
            return f"{entry.recipient} could not be told: {entry.detail}"
        case told.MeetingOver():
            return "The meeting is over"
        case told.RootCauseRecorded():
            return f"{entry.by} recorded the root cause: {entry.text}"
        case told.ActionItemAdded():
            return f"{entry.by} added action item {entry.id} for {entry.owner}: {entry.text}"
        case told.ActionItemDone():
            return f"{entry.by} did action item {entry.id}: {entry.text}"
        case told.Reminded():
            return f"The facilitator was reminded, for the {entry.times}. time"
        case told.Finished():
            return f"{entry.by} finished it; action items filed: {len(entry.action_items)}"
        case told.Withdrawn():
            return f"{entry.by} called it off: {entry.reason}"
        case _:
            assert_never(entry)
