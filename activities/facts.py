"""What a message says of the case besides its sentences: a table of facts, and what can be done."""

import json
from collections.abc import Iterator
from datetime import timedelta

from activities.phrases import Isolated, Phrases
from escalations.effects import Brief, CustomerNotice, Notice, Notify, Recipient, Send
from escalations.names import RetrospectiveUpdate, retrospective_id

_SHOW = "show"
_AT_A_RETROSPECTIVE = (
    RetrospectiveUpdate.RECORD_ROOT_CAUSE,
    RetrospectiveUpdate.ADD_ACTION_ITEM,
    RetrospectiveUpdate.FINISH,
)
COMMANDS: dict[Notice, tuple[str, ...]] = {
    Notice.LEVEL_ENTERED: ("acknowledge", "hand_up", "resolve", _SHOW),
    Notice.REMINDER: ("acknowledge", "hand_up", "resolve", _SHOW),
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
    Notice.CASE_CLOSED: (_SHOW,),
    Notice.UNDELIVERED: (_SHOW, "acknowledge"),
    Notice.RETROSPECTIVE_INVITATION: (*_AT_A_RETROSPECTIVE, _SHOW),
    Notice.RETROSPECTIVE_UNSCHEDULED: (*_AT_A_RETROSPECTIVE, _SHOW),
    Notice.RETROSPECTIVE_REMINDER: (*_AT_A_RETROSPECTIVE, _SHOW),
    Notice.RETROSPECTIVE_UNDELIVERED: (_SHOW,),
}
"""Notice → what its reader may want to do, the first thing first."""

MISSED = (Notice.BREACH, Notice.FIX_OVERDUE)
"""Notices of something that came too late: they say how long the case has been open."""

REOPENING = (Notice.REOPENED, Notice.FIX_OVERDUE)
"""Notices of a case that is about to move: they do not say where it was."""

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
        if send.notice is not CustomerNotice.CLOSED:
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
    me = phrases.words["labels"]["me"]
    by = f'--by "{me}"'
    written = {
        _SHOW: f"escalade show {brief.case}",
        "acknowledge": f"escalade acknowledge {brief.case} {by}",
        "hand_up": (f"escalade hand-up {brief.case} {by} --from-level {brief.level} --reason …"),
        "resolve": f"escalade resolve {brief.case} {by} --kind fix --summary …",
        "resume": f"escalade resume {brief.case} {by}",
        RetrospectiveUpdate.RECORD_ROOT_CAUSE: _update(
            brief.case, RetrospectiveUpdate.RECORD_ROOT_CAUSE, by=me, text="…", improvements="…"
        ),
        RetrospectiveUpdate.ADD_ACTION_ITEM: _update(
            brief.case, RetrospectiveUpdate.ADD_ACTION_ITEM, by=me, text="…", owner="…"
        ),
        RetrospectiveUpdate.FINISH: _update(brief.case, RetrospectiveUpdate.FINISH, by=me),
    }
    said = phrases.words["commands"]
    on_top = brief.level >= brief.levels
    verbs = [verb for verb in COMMANDS[send.notice] if not (on_top and verb == "hand_up")]
    return [(said[verb], written[verb]) for verb in verbs]


def _update(case: str, update: RetrospectiveUpdate, **said: str) -> str:
    """A command to a retrospective, as Temporal's own tool takes it."""
    payload = json.dumps(said, ensure_ascii=False).replace("'", "\\u0027")
    return (
        f"temporal workflow update execute --workflow-id {retrospective_id(case)} "
        f"--name {update} --input '{payload}'"
    )
