"""Who has to be told of what, and whether the mails that came are just these."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise

from escalations.effects import CustomerNotice, Notice
from escalations.record import EscalationRecord
from escalations.retrospective.record import RetrospectiveRecord
from escalations.retrospective.timeline import Invited
from escalations.timeline import (
    Held,
    LevelEntered,
    Notified,
    Resumed,
    TimelineEntry,
    TriggerRaised,
)
from tests.deployment.kills.postbox import Mail
from tests.deployment.kills.stories import CONTACTS, MANAGER

CUSTOMER = "customer"


def decisions_sent(record: EscalationRecord) -> Iterator[str]:
    """Whoever had to be told was told, as often as it was decided, and of nothing else."""
    timeline = record.timeline
    told = [entry for entry in timeline if isinstance(entry, Notified)]
    due = Counter(
        who for entry, then in pairwise([*timeline, None]) for who in _telling(entry, then)
    )
    due[CustomerNotice.HANDED_OVER, CUSTOMER] -= 1  # the first level is no handing over
    due[CustomerNotice.UPDATE, CUSTOMER] += _put_off(timeline)
    sent = Counter((entry.notice, entry.recipient) for entry in told)
    for who in due.keys() | sent.keys():
        if due[who] != sent[who]:
            yield f"{who}: decided {due[who]} times, notified {sent[who]} times"
    retrospective = record.breached or record.reopened > 0
    effects = set(range(1, record.effects_issued + (0 if retrospective else 1)))
    if missing := effects - {int(entry.key.rpartition("/")[2]) for entry in told}:
        yield f"nothing is known of the effects {sorted(missing)}"
    started = sum(entry.type == "retrospective_scheduled" for entry in timeline)
    if started != retrospective:
        yield f"the retrospective was started {started} times"


def _telling(entry: TimelineEntry | None, then: TimelineEntry | None) -> list[tuple[str, str]]:
    """Who is told what when this has happened; a reply that moves the case is no news besides."""
    if entry is None:
        return []
    contact = CONTACTS[entry.level]
    match entry.type:
        case "opened":
            return [(Notice.MANAGER_BRIEFED, MANAGER), (CustomerNotice.ACKNOWLEDGED, CUSTOMER)]
        case "level_entered":
            return [(Notice.LEVEL_ENTERED, contact), (CustomerNotice.HANDED_OVER, CUSTOMER)]
        case "reminded":
            return [(Notice.REMINDER, contact)]
        case "acknowledgement_expired":
            return [(Notice.UNACKNOWLEDGED, contact), (Notice.UNACKNOWLEDGED, MANAGER)]
        case "breached":
            return [(Notice.BREACH, contact), (Notice.BREACH, MANAGER)]
        case "repeated":
            return [(Notice.STILL_UNRESOLVED, contact)]
        case "held" | "hold_reminded":
            return [(CustomerNotice.WAITING_FOR_YOU, CUSTOMER)]
        case "resolved":
            return [(CustomerNotice.CONFIRMATION_ASKED, CUSTOMER)]
        case "reopened":
            return [(Notice.REOPENED, contact), (Notice.REOPENED, MANAGER)]
        case "customer_replied" if not (isinstance(then, TriggerRaised) and then.moved):
            return [(Notice.CUSTOMER_REPLIED, contact)]
        case "closed":
            closed = [(Notice.CASE_CLOSED, contact), (Notice.CASE_CLOSED, MANAGER)]
            return [*closed, (CustomerNotice.CLOSED, CUSTOMER)]
        case _:
            return []


def _put_off(timeline: Iterable[TimelineEntry]) -> int:
    """How often a wait for the customer put off the moment that they had been told."""
    times, due_at, held_at = 0, None, None
    for entry in timeline:
        match entry:
            case LevelEntered():
                due_at = entry.due_at
            case Held():
                held_at = entry.at
            case Resumed(why="by_hand" | "customer_replied") if due_at and held_at:
                if held_at < min(due_at, entry.at):
                    due_at += entry.at - held_at
                    times += 1
            case _:
                pass
    return times


def as_recorded(
    record: EscalationRecord, retrospective: RetrospectiveRecord | None, mails: Iterable[Mail]
) -> Iterator[str]:
    """A mail for each entry that says so, and an entry for each mail."""
    came = {mail.told for mail in mails}
    entries = [*record.timeline, *(retrospective.timeline if retrospective else ())]
    said = {
        (entry.key, entry.recipient) for entry in entries if isinstance(entry, Notified | Invited)
    }
    for lost in sorted(said - came):
        yield f"{'.'.join(lost)} is said to have been sent, and never came"
    for strange in sorted(came - said):
        yield f"{'.'.join(strange)} came, and the record does not know of it"


def same_words(mails: Iterable[Mail]) -> Iterator[str]:
    """What comes twice comes under the same Message-ID, and is the same mail."""
    first: dict[str, Mail] = {}
    for mail in mails:
        known = first.setdefault(mail.id, mail)
        if (known.to, known.subject, known.words) != (mail.to, mail.subject, mail.words):
            yield f"{mail.id} came twice, with different words"
