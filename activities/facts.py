"""What a message says of the case besides its sentences: a table of facts, and what can be done."""

import json
import shlex
from collections.abc import Iterator
from datetime import timedelta

from activities.phrases import Isolated, Phrases
from escalations.effects import (
    Brief,
    CustomerNotice,
    Notice,
    Notify,
    Particulars,
    Recipient,
    Send,
)
from escalations.names import RetrospectiveUpdate, retrospective_id

_SHOW = "show"
_AT_A_RETROSPECTIVE = (
    RetrospectiveUpdate.RECORD_ROOT_CAUSE,
    RetrospectiveUpdate.ADD_ACTION_ITEM,
    RetrospectiveUpdate.FINISH,
)
COMMANDS: dict[Notice, tuple[str, ...]] = {
    Notice.LEVEL_ENTERED: (
        *("acknowledge", "assign", "resolve", "complete_action", "hand_up", "hand_back"),
        _SHOW,
    ),
    Notice.REMINDER: ("acknowledge", "resolve", "complete_action", "hand_up", _SHOW),
    Notice.UNACKNOWLEDGED: ("acknowledge", "hand_up", _SHOW),
    Notice.STILL_UNRESOLVED: ("resolve", _SHOW),
    Notice.BREACH: (_SHOW,),
    Notice.MANAGER_BRIEFED: (_SHOW,),
    Notice.STAKEHOLDER_INFORMED: (_SHOW,),
    Notice.CUSTOMER_REPLIED: (_SHOW, "resolve"),
    Notice.REOPENED: (_SHOW,),
    Notice.HOLD_REMINDER: ("resume", _SHOW),
    Notice.HOLD_ENDED: (_SHOW, "resolve"),
    Notice.FIX_OVERDUE: (_SHOW,),
    Notice.UPDATE_DUE: ("update_customer", _SHOW),
    Notice.UPDATE_MISSED: ("update_customer", _SHOW),
    Notice.RELEASED: ("acknowledge", _SHOW),
    Notice.PRIORITY_CHANGED: (_SHOW, "set_priority"),
    Notice.NOBODY_ON_CALL: ("acknowledge", "assign", _SHOW),
    Notice.EXECUTIVE_CALLED: (_SHOW,),
    Notice.CASE_CLOSED: (_SHOW,),
    Notice.UNDELIVERED: (_SHOW, "acknowledge"),
    Notice.ASK_CUSTOMER: ("update_customer", _SHOW),
    Notice.RETROSPECTIVE_INVITATION: (*_AT_A_RETROSPECTIVE, _SHOW),
    Notice.RETROSPECTIVE_UNSCHEDULED: (*_AT_A_RETROSPECTIVE, _SHOW),
    Notice.RETROSPECTIVE_REMINDER: (*_AT_A_RETROSPECTIVE, _SHOW),
    Notice.RETROSPECTIVE_UNDELIVERED: (_SHOW,),
    Notice.RETROSPECTIVE_WITHDRAWN: (_SHOW,),
}
"""Notice → what its reader may want to do, the first thing first."""

MISSED = (Notice.BREACH, Notice.FIX_OVERDUE, Notice.UPDATE_MISSED)
"""Notices of something that came too late: they say how long the case has been open."""

REOPENING = (Notice.REOPENED, Notice.FIX_OVERDUE, Notice.EXECUTIVE_CALLED)
"""Notices of a case that is about to move: they do not say where it was."""

UNATTENDED = (CustomerNotice.SUGGESTION, CustomerNotice.SURVEY, CustomerNotice.CLOSED)
"""Notices while nobody works on the case: they do not say who looks after it."""

RETROSPECTIVE = tuple(notice for notice in Notice if notice.startswith("retrospective_"))
"""Notices after the case: the contact they name is who holds the meeting."""


def facts(
    brief: Brief, send: Send, recipient: Recipient, phrases: Phrases
) -> list[tuple[str, str | Isolated]]:
    """The rows of the table: label, fact."""
    words, said = phrases.words, send.particulars
    labels = words["labels"]
    rows: list[tuple[str, str | Isolated]] = []
    if isinstance(send, Notify):
        rows += _about_case(brief, send, recipient, phrases)
    else:
        rows.append((labels["reference"], brief.case))
        if send.notice not in UNATTENDED:
            rows.append((labels["looked_after"], said.contact_name))
    label = words["due"].get(str(send.notice))
    if label is not None and said.due_at is not None:
        rows.append((label, phrases.moment(said.due_at, recipient.timezone)))
    return rows


def _about_case(
    brief: Brief, send: Notify, recipient: Recipient, phrases: Phrases
) -> Iterator[tuple[str, str | Isolated]]:
    labels, said = phrases.words["labels"], send.particulars
    yield labels["customer"], brief.customer_name
    yield labels["priority"], brief.priority
    if brief.category is not None:
        yield labels["category"], phrases.named(brief.category, "categories")
    if send.notice not in REOPENING:
        place = {"level": said.level, "levels": brief.levels, "name": said.level_name}
        yield labels["level"], phrases.fill(labels["level_of"], **place)
    if send.notice in RETROSPECTIVE:
        yield labels["facilitator"], said.contact_name
        return
    if send.notice not in (*REOPENING, Notice.BREACH):
        yield labels["who"], said.contact_name
        if send.notice is not Notice.CASE_CLOSED:
            yield labels["owner"], brief.owner or labels["nobody"]
    yield labels["opened"], phrases.moment(brief.opened_at, recipient.timezone)
    if send.notice in MISSED and said.due_at is not None:
        open_for = max(said.due_at - brief.opened_at, timedelta(0))
        yield labels["open_for"], phrases.duration(open_for)


def commands(brief: Brief, send: Send, phrases: Phrases) -> list[tuple[str, str]]:
    """What can be done about it now: in words, and as a command; nothing for a customer."""
    if not isinstance(send, Notify):
        return []
    said = send.particulars
    written = _written(brief, phrases.words["labels"]["me"])
    rows: list[tuple[str, str]] = []
    for verb in COMMANDS[send.notice]:
        if verb == "complete_action":
            rows += _completing(written[verb], said.actions, phrases)
        elif _can_be(verb, brief, said):
            after = "_after" if verb == "hand_up" and said.actions else ""
            rows.append((phrases.words["commands"][verb + after], written[verb]))
    return rows


def _can_be(verb: str, brief: Brief, said: Particulars) -> bool:
    """Whether a command would not be refused, and makes sense to whoever reads the message."""
    match verb:
        case "acknowledge":
            return brief.owner is None
        case "assign":
            return brief.owner is not None
        case "hand_up":
            return brief.level < brief.levels
        case "hand_back":
            return said.why == "handed_up" and brief.level > 1
        case _:
            return True


def _completing(command: str, actions: list[str], phrases: Phrases) -> Iterator[tuple[str, str]]:
    """For each action that is still to be done, the command that writes it down as done."""
    label = phrases.words["commands"]["complete_action"]
    for action in actions:
        called = phrases.named(action, "actions")
        yield phrases.fill(label, action=called), f"{command} {shlex.quote(action)}"


def _written(brief: Brief, me: str) -> dict[str, str]:
    """What can be typed; `…` is for the reader to fill in."""
    case, by = brief.case, f'--by "{me}"'
    from_level = f"--from-level {brief.level}"
    return {
        _SHOW: f"escalade show {case}",
        "acknowledge": f"escalade acknowledge {case} {by}",
        "assign": f"escalade assign {case} {by} --to …",
        "resolve": f"escalade resolve {case} {by} --kind fix --summary …",
        "complete_action": f"escalade complete-action {case} {by} --action",
        "hand_up": f"escalade hand-up {case} {by} {from_level} --reason …",
        "hand_back": f"escalade hand-back {case} {by} {from_level} --to-level … --advice …",
        "update_customer": f"escalade update-customer {case} {by} --text …",
        "set_priority": f"escalade set-priority {case} {by} --priority … --why …",
        "resume": f"escalade resume {case} {by}",
        RetrospectiveUpdate.RECORD_ROOT_CAUSE: _update(
            case, RetrospectiveUpdate.RECORD_ROOT_CAUSE, by=me, text="…", improvements="…"
        ),
        RetrospectiveUpdate.ADD_ACTION_ITEM: _update(
            case, RetrospectiveUpdate.ADD_ACTION_ITEM, by=me, text="…", owner="…"
        ),
        RetrospectiveUpdate.FINISH: _update(case, RetrospectiveUpdate.FINISH, by=me),
    }


def _update(case: str, update: RetrospectiveUpdate, **said: str) -> str:
    """A command to a retrospective, as Temporal's own tool takes it."""
    payload = json.dumps(said, ensure_ascii=False).replace("'", "\\u0027")
    return (
        f"temporal workflow update execute --workflow-id {retrospective_id(case)} "
        f"--name {update} --input '{payload}'"
    )
