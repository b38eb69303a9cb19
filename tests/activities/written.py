"""Every notice there is, ready to be written, and what a browser makes of it."""

from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

from structlog.testing import capture_logs

from activities.letters import Letter
from activities.templates import JinjaTemplates
from escalations.durations import Duration
from escalations.effects import CustomerNotice, Notice, Recipient, Send
from escalations.events import ResolutionKind
from escalations.policy import HoldReason
from escalations.record import Ending
from escalations.retrospective.events import (
    ActionItem,
    ActionKind,
    Circular,
    Missing,
    RetrospectiveParticulars,
)
from escalations.retrospective.slots import Slot
from tests.activities.people import AT, brief, particulars, recipient, send

LANGUAGES = ("en", "fr", "fi")
NOTICES: tuple[Notice | CustomerNotice, ...] = (*Notice, *CustomerNotice)
MOVED = (
    *("time", "handed_up", "handed_back", "trigger:manager-requested", "trigger:my-own"),
    *("rejected", "fix_overdue", "survey", "nobody_reachable", "no_answer", "not_helped"),
)
STOOD_OR_MOVED = ("vendor", "incident", "evidence", "resumed", "set", "age", "adopted")
CODES: dict[Notice | CustomerNotice, tuple[str, ...]] = {
    Notice.LEVEL_ENTERED: ("opened", "opened_again", "shift", "adopted", *MOVED),
    Notice.REOPENED: ("rejected", "fix_overdue", "survey"),
    Notice.HOLD_REMINDER: tuple(HoldReason),
    Notice.HOLD_ENDED: tuple(HoldReason),
    Notice.ASK_CUSTOMER: ("resolved", "on_hold"),
    Notice.PRIORITY_CHANGED: ("age", "set"),
    Notice.EXECUTIVE_CALLED: ("trigger:legal-threat", "trigger:my-own"),
    Notice.CASE_CLOSED: tuple(Ending),
    CustomerNotice.HANDED_OVER: MOVED,
    CustomerNotice.UPDATE: ("", *STOOD_OR_MOVED),
    CustomerNotice.CONFIRMATION_ASKED: tuple(ResolutionKind),
    CustomerNotice.REOPENED: ("rejected", "fix_overdue", "survey"),
    CustomerNotice.SURVEY: (Ending.CONFIRMED, Ending.PRESUMED),
    CustomerNotice.CLOSED: tuple(Ending),
}
"""Notice → every reason it is sent for; the others have none."""
SHOWN_TO_CUSTOMERS = (
    CustomerNotice.SUGGESTION,
    CustomerNotice.UPDATE,
    CustomerNotice.CONFIRMATION_ASKED,
)
"""Notices whose text was written for the customer; in the others it is not for them."""

OUR_TEMPLATES = JinjaTemplates()

HOSTILE = "<script>alert(1)</script> {{ 7*7 }} {% raw %} &amp; \"'</style> 🚨 דנה"
"""What somebody may put into a title: markup, template code, right-to-left script."""


def reader(language: str, **changed: Any) -> Recipient:
    return recipient("ada", language=language, **changed)


def sent(notice: Notice | CustomerNotice, **said: Any) -> Send:
    """A send of any notice, its words filled; a retrospective's with everything it may say."""
    if notice not in Notice or not notice.startswith("retrospective_"):
        return send(notice, **({"actions": ["investigate-further"]} | said))
    item = ActionItem(id=1, text="Write it", owner="Ken", due=AT.date(), kind=ActionKind.TRAINING)
    about = {
        "decided_at": AT,
        "slot": Slot(start_at=AT, end_at=AT + timedelta(minutes=45)),
        "duration": Duration.parse("45m"),
        "story": [],
        "unreached": ["Eve"],
        "missing": list(Missing),
        "open_items": [item],
    }
    words = RetrospectiveParticulars(**(particulars(**said).model_dump() | about))
    return Circular(key="T-1/9/1", notice=Notice(notice), to=[], brief=brief(), particulars=words)


def write(
    notice: Notice | CustomerNotice,
    language: str = "en",
    *,
    templates: JinjaTemplates | None = None,
    case: dict[str, Any] | None = None,
    to: Recipient | None = None,
    **said: Any,
) -> Letter:
    with capture_logs() as logs:
        letter = (templates or OUR_TEMPLATES).write(
            brief(**(case or {})), sent(notice, **said), to or reader(language)
        )
    if templates is None:
        assert logs == [], "one of our own templates broke"
    return letter


class Page(HTMLParser):
    """What a browser makes of an HTML mail: visible words, tags, what is still open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words = ""
        self.tags: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += "" if "style" in self.open else data
