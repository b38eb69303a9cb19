"""What a retrospective sends, and what its results mean."""

from typing import Final

from escalations.effects import Recipient
from escalations.events import Delivered, Delivery, Outcome
from escalations.model import Instant
from escalations.retrospective_events import About, Circular, RetrospectiveNotice
from escalations.retrospective_record import RetrospectiveRecord, RetrospectiveStatus
from escalations.retrospective_timeline import Invited, Undelivered
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
MAX_ITEMS: Final = 20
"""Open action items in a reminder."""
MAX_WORDS: Final = 2_000
"""Characters of the statement and of the resolution that a message repeats."""

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
    record: RetrospectiveRecord, notice: RetrospectiveNotice, to: list[Recipient], text: str = ""
) -> None:
    """Have these people told."""
    record.sent += 1
    invitation = notice is RetrospectiveNotice.INVITATION
    circular = Circular(
        key=f"{record.request.key}/{record.sent}",
        notice=notice,
        to=to,
        about=_about(record),
        slot=record.slot,
        story=story(record) if invitation else [],
        missing=record.missing,
        open_items=record.open_items[:MAX_ITEMS],
        text=text,
    )
    record.outbox.append(circular)


def _about(record: RetrospectiveRecord) -> About:
    request = record.request
    values = {name: getattr(request, name) for name in About.model_fields}
    cut = {name: values[name][:MAX_WORDS] for name in ("statement", "resolution")}
    return About.model_validate({**values, **cut})


def story(record: RetrospectiveRecord) -> list[TimelineEntry]:
    """What moved the case, the newest of it."""
    moved = [entry for entry in record.timeline if isinstance(entry, _MOVED)]
    return moved[-MAX_STORY:]


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
        and sends[delivery.key] is not RetrospectiveNotice.UNDELIVERED
    ]
    if missed and record.status is not RetrospectiveStatus.FINISHED:
        _tell_of(record, missed)


def _write_down(
    record: RetrospectiveRecord, delivery: Delivery, notice: RetrospectiveNotice, at: Instant
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
    elif notice is RetrospectiveNotice.INVITATION:
        record.invited.append(delivery.recipient)
        record.timeline.append(
            Invited(
                at=at,
                key=delivery.key,
                recipient=delivery.recipient,
                address=delivery.address,
            )
        )


def _tell_of(record: RetrospectiveRecord, missed: list[Delivery]) -> None:
    request = record.request
    unreachable = {delivery.recipient for delivery in missed}
    for somebody in (request.facilitator, request.fallback):
        if somebody is not None and somebody.key not in unreachable:
            text = "\n".join(f"{each.recipient}: {each.detail}" for each in missed)
            tell(record, RetrospectiveNotice.UNDELIVERED, [somebody], text[:20_000])
            return
