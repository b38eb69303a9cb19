"""The rules about messages: what became of a send, who hears when nobody could be reached."""

from typing import Final

from escalations import asking, replies, timeline
from escalations.casefile import CaseFile
from escalations.effects import Notice, Send
from escalations.events import Delivered, Delivery, Outcome, ReportDelivery, RetrospectiveStarted
from escalations.model import printable

MAX_DETAIL: Final = 2_000
"""Characters of why somebody was not reached."""


def delivered(case: CaseFile, report: Delivered) -> None:
    """The results of a send go into the timeline; whoever could not be reached is made known."""
    record = case.record
    sends = {effect.key: effect for effect in record.outbox if isinstance(effect, Send)}
    known = [delivery for delivery in report.deliveries if delivery.key in sends]
    for delivery in known:
        _write_down(case, delivery, sends[delivery.key].notice)
    done = {delivery.key for delivery in known}
    record.outbox = [effect for effect in record.outbox if effect.key not in done]
    if record.closed:
        return
    tell_fallback(case, [each for each in known if each.outcome is Outcome.UNREACHABLE])
    if any(sends[key].notice is Notice.CUSTOMER_REPLIED for key in done):
        replies.tell(case)


def _write_down(case: CaseFile, delivery: Delivery, notice: str) -> None:
    if delivery.outcome is Outcome.DELIVERED:
        case.note(
            timeline.Notified,
            key=delivery.key,
            notice=notice,
            recipient=delivery.recipient,
            address=delivery.address,
        )
        return
    case.note(
        timeline.Undelivered,
        key=delivery.key,
        notice=notice,
        recipient=delivery.recipient,
        detail=delivery.detail,
    )


def tell_fallback(case: CaseFile, missed: list[Delivery]) -> None:
    """Nobody was reached: the fallback is told, in one message, but not of itself (A47).

    A customer who does not know that we wait is told of to those who can ask them, too.
    """
    fallback = case.policy.fallback or case.policy.escalation_manager
    others = [each for each in missed if each.recipient.partition("/")[0] != fallback]
    unasked = [each for each in others if asking.came_back(case.record, each.key)]
    if unasked:
        asking.have_asked_by_hand(case, _written(unasked))
    if others := [each for each in others if each not in unasked]:
        case.tell(Notice.UNDELIVERED, case.contact(fallback), text=_written(others))


def _written(missed: list[Delivery]) -> str:
    return "\n".join(f"{each.recipient}: {each.detail}" for each in missed)[:20_000]


def reported(case: CaseFile, report: ReportDelivery) -> None:
    """A channel learned later what became of a message, such as a bounce."""
    delivery = Delivery(
        key=report.key,
        recipient=report.recipient,
        outcome=Outcome.DELIVERED if report.delivered else Outcome.UNREACHABLE,
        detail=report.detail[:MAX_DETAIL],
    )
    _write_down(case, delivery, "reported_later")
    if not report.delivered and not case.record.closed:
        tell_fallback(case, [delivery])


def retrospective_started(case: CaseFile, report: RetrospectiveStarted) -> None:
    """The retrospective is under way."""
    record = case.record
    record.outbox = [effect for effect in record.outbox if effect.key != report.key]
    case.note(
        timeline.RetrospectiveScheduled, workflow_id=report.workflow_id, already=report.already
    )


def unreachable(sends: list[Send], detail: str) -> list[Delivery]:
    """The results of sends that failed as a whole: nobody was reached."""
    return [
        Delivery(
            key=send.key,
            recipient=recipient.key,
            outcome=Outcome.UNREACHABLE,
            detail=printable(detail, MAX_DETAIL),
        )
        for send in sends
        for recipient in send.to
    ]
