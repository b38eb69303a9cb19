"""The rules about a customer's replies: who answers hears the newest, and each of them once."""

from collections.abc import Iterator
from typing import Any, Final, TypeGuard

from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import Effect, Notice, Notify
from escalations.policy import Kind

MAX_WORDS: Final = 500
"""Characters of a reply that a message carries."""


def came(case: CaseFile, text: str) -> None:
    """A reply has come, of which nobody has heard; what waits for quiet hours to end will say it.

    However many come, no more messages wait than before. Source: B2.
    """
    record = case.record
    record.replies += 1
    record.last_words = text[:MAX_WORDS]
    record.replies_untold += 1
    held = [each for each in record.outbox if _is_held(each)]
    record.replies_told_to = [to.key for each in held for to in each.to]
    if held:
        says = {"particulars": case.particulars(_said(case))}
        record.outbox = [
            each.model_copy(update=says) if _is_held(each) else each for each in record.outbox
        ]


def tell(case: CaseFile) -> None:
    """Whoever answers by now hears of the newest reply, if they have not, nor are going to.

    Who is being told of an earlier one hears of it afterwards, and so does whoever is to be found
    on call: a flood costs each one message at a time, and nobody waits for another. Source: B2.
    """
    record = case.record
    if not record.replies_untold:
        return
    missing = {
        each.key: each for each in case.whoever_answers if each.key not in record.replies_told_to
    }
    busy = {*_being_told(case)}
    now = [each for key, each in missing.items() if key not in busy]
    case.tell(Notice.CUSTOMER_REPLIED, now, **_said(case))
    record.replies_told_to += [each.key for each in now if each.reach]
    heard = missing.keys() <= {*record.replies_told_to}
    if heard and not any(_is_held(effect) for effect in record.outbox):
        record.replies_untold, record.replies_told_to = 0, []


def heard(case: CaseFile, words: str) -> None:
    """People have been told these words: if they are the customer's last, that was the reply."""
    if words and words[:MAX_WORDS] == case.record.last_words:
        case.record.replies_untold, case.record.replies_told_to = 0, []


def go_along(case: CaseFile, words: str) -> None:
    """The case has moved: a reply of which somebody waits to hear reaches whoever has it now.

    Unless these words, with which they got the case, were the reply; to a level outside they were
    not said. Source: A47, C47.
    """
    if case.level.kind is not Kind.EXTERNAL:
        heard(case, words)
    tell(case)


def _said(case: CaseFile) -> dict[str, Any]:
    due_at = case.due(ClockName.CONFIRMATION, Then.PRESUME) or case.due(
        ClockName.WINDOW, Then.CLIMB
    )
    return {"text": case.record.last_words, "due_at": due_at}


def _being_told(case: CaseFile) -> Iterator[str]:
    """To whom word of a reply is on its way, or who is being found to be told."""
    for effect in case.record.outbox:
        if isinstance(effect, Notify) and effect.notice is Notice.CUSTOMER_REPLIED:
            yield from (to.key for to in effect.to)
    for each in case.record.unaddressed:
        if each.notice is Notice.CUSTOMER_REPLIED:
            yield each.contact


def _is_held(effect: Effect) -> TypeGuard[Notify]:
    """Whether it is word of a reply that waits for quiet hours to end."""
    return (
        isinstance(effect, Notify)
        and effect.notice is Notice.CUSTOMER_REPLIED
        and effect.not_before is not None
    )
