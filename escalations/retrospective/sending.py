"""What a retrospective sends, and what its results mean."""

from typing import Final

from escalations.effects import Brief, Notice, Recipient
from escalations.events import Delivered, Delivery, Outcome
from escalations.model import Instant
from escalations.retrospective.events import Circular, RetrospectiveParticulars
from escalations.retrospective.record import RetrospectiveRecord
from escalations.retrospective.timeline import Invited, Undelivered
from escalations.timeline import (
    Breached,
    Closed,
    Entry,
    LeftLevel,
    LevelEntered,
    Opened,
    Rejected,
    Reopened,
    Resolved,
    TimelineEntry,
)

MAX_STORY: Final = 20
"""Entries of the case's timeline in an invitation."""
MAX_SAID: Final = 300
"""Characters of what was said in one of them."""
MAX_ITEMS: Final = 20
"""Open action items in a reminder."""
MAX_WORDS: Final = 2_000
"""Characters of what was said that a message repeats."""

_MOVED: Final[tuple[type[Entry], ...]] = (
    Opened,
    LevelEntered,
    LeftLevel,
    Breached,
    Resolved,
    Rejected,
    Reopened,
    Closed,
)


def tell(
    record: RetrospectiveRecord,
    notice: Notice,
    to: list[Recipient],
    at: Instant,
    text: str = "",
    by: str = "",
) -> None:
    """Have these people told, in somebody's words if there are any."""
    request, slot = record.request, record.slot
    record.sent += 1
    particulars = RetrospectiveParticulars(
        level=request.brief.level,
        level_name=request.level_name,
        contact_name=request.facilitator.name,
        due_at=slot.start_at if slot else None,
        why=request.ending or "",
        by=by,
        text=text,
        decided_at=at,
        slot=slot,
        duration=request.duration,
        story=story(record) if notice is Notice.RETROSPECTIVE_INVITATION else [],
        unreached=request.unreached,
        missing=record.missing,
        open_items=record.open_items[:MAX_ITEMS],
    )
    record.outbox.append(
        Circular(
            key=f"{request.key}/{record.sent}",
            notice=notice,
            to=to,
            brief=_shortened(request.brief),
            particulars=particulars,
        )
    )


def mail_first(recipient: Recipient) -> Recipient:
    """Whoever has mail is invited by mail, since that brings the meeting into their calendar."""
    reach = sorted(recipient.reach, key=lambda address: not address.startswith("mailto:"))
    return recipient.model_copy(update={"reach": reach})


def _shortened(brief: Brief) -> Brief:
    """A reminder a day for years must fit into one history."""
    cut = {name: getattr(brief, name)[:MAX_WORDS] for name in ("statement", "at_stake")}
    return brief.model_copy(update=cut)


def story(record: RetrospectiveRecord) -> list[TimelineEntry]:
    """What moved the case, the newest of it, long words cut."""
    moved = [entry for entry in record.timeline if isinstance(entry, _MOVED)]
    return [_cut(entry) for entry in moved[-MAX_STORY:]]


def _cut(entry: TimelineEntry) -> TimelineEntry:
    long = {name: said for name, said in entry if isinstance(said, str) and len(said) > MAX_SAID}
    return entry.model_copy(update={name: said[:MAX_SAID] for name, said in long.items()})


def delivered(record: RetrospectiveRecord, report: Delivered, at: Instant) -> None:
    """The results of a send; of whom could not be told, facilitator or fallback is (A47)."""
    sends = {circular.key: circular.notice for circular in record.outbox}
    known = [delivery for delivery in report.deliveries if delivery.key in sends]
    for delivery in known:
        _write_down(record, delivery, sends[delivery.key], at)
    done = {delivery.key for delivery in known}
    record.outbox = [circular for circular in record.outbox if circular.key not in done]
    missed = [
        delivery
        for delivery in known
        if delivery.outcome is Outcome.UNREACHABLE
        and sends[delivery.key] is not Notice.RETROSPECTIVE_UNDELIVERED
    ]
    if missed and not record.over:
        _tell_of(record, missed, at)


def _write_down(
    record: RetrospectiveRecord, delivery: Delivery, notice: Notice, at: Instant
) -> None:
    if delivery.outcome is Outcome.UNREACHABLE:
        record.timeline.append(
            Undelivered(
                at=at,
                key=delivery.key,
                notice=notice,
                recipient=delivery.recipient,
                detail=delivery.detail,
            )
        )
    elif notice is Notice.RETROSPECTIVE_INVITATION:
        record.invited.append(delivery.recipient)
        record.timeline.append(
            Invited(
                at=at,
                key=delivery.key,
                recipient=delivery.recipient,
                address=delivery.address,
            )
        )


def _tell_of(record: RetrospectiveRecord, missed: list[Delivery], at: Instant) -> None:
    request = record.request
    unreachable = {delivery.recipient for delivery in missed}
    for somebody in (request.facilitator, request.fallback):
        if somebody is not None and somebody.key not in unreachable:
            text = "\n".join(f"{each.recipient}: {each.detail}" for each in missed)
            tell(record, Notice.RETROSPECTIVE_UNDELIVERED, [somebody], at, text[:20_000])
            return
