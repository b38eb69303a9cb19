"""Why a command to a retrospective cannot be: what is missing or wrong, in one sentence."""

from typing import Final

from escalations.model import Instant
from escalations.retrospective.events import (
    AddActionItem,
    CompleteActionItem,
    Finish,
    Missing,
    RecordRootCause,
    RetrospectiveCommand,
)
from escalations.retrospective.record import RetrospectiveRecord, RetrospectiveStatus
from escalations.sentences import moment

MAX_REVISIONS: Final = 10
"""Of the root cause; with the next limit, what keeps a record within one payload."""
MAX_ACTION_ITEMS: Final = 50

_WAYS: Final = {
    Missing.ROOT_CAUSE: "the root cause is missing: say it with record_root_cause",
    Missing.ACTION_ITEMS: (
        "there is no action item: add one with add_action_item, "
        "or say in no_action_items of finish why none is needed"
    ),
}


def to(command: RetrospectiveCommand, record: RetrospectiveRecord, at: Instant) -> str | None:
    """What stands against this command now; `None` if nothing does."""
    objection = _objection(command, record, at)
    return f"{record.request.case}: {objection}" if objection else None


def _objection(
    command: RetrospectiveCommand, record: RetrospectiveRecord, at: Instant
) -> str | None:
    match record.status:
        case RetrospectiveStatus.FINISHED:
            return "the retrospective is finished and its result filed; nothing can be added"
        case RetrospectiveStatus.WITHDRAWN:
            return "the retrospective was called off; nothing can be added"
        case _:
            return _as_it_stands(command, record, at)


def _as_it_stands(
    command: RetrospectiveCommand, record: RetrospectiveRecord, at: Instant
) -> str | None:
    match command:
        case RecordRootCause() if record.revisions >= MAX_REVISIONS:
            return f"the root cause was written {MAX_REVISIONS} times, which is the most there is"
        case AddActionItem() if len(record.action_items) >= MAX_ACTION_ITEMS:
            return f"there are {MAX_ACTION_ITEMS} action items, which is the most there is"
        case CompleteActionItem():
            return _to_complete(command, record)
        case Finish():
            return _to_finish(command, record, at)
        case _:
            return None


def _to_complete(command: CompleteActionItem, record: RetrospectiveRecord) -> str | None:
    items = {item.id: item for item in record.action_items}
    if command.id not in items:
        known = ", ".join(map(str, items)) or "none yet"
        return f"there is no action item {command.id}; there are: {known}"
    done = items[command.id]
    return f"action item {done.id} was done by {done.done_by} already" if done.done_at else None


def _to_finish(command: Finish, record: RetrospectiveRecord, at: Instant) -> str | None:
    if record.slot is not None and at < record.slot.start_at:
        begins = moment(record.slot.start_at, record.request.timezone)
        return f"the meeting has not begun: it can be finished from {begins} on"
    given = {Missing.ACTION_ITEMS} if command.no_action_items else set()
    return "; ".join(_WAYS[each] for each in record.missing if each not in given) or None
