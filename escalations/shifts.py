"""The rules of who is on call: found out at each level, handed over while it lasts, or nobody."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from escalations import addressees, replies, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import Notice, ReadRota, Recipient, Unaddressed
from escalations.events import RosterRead
from escalations.ladder import move, tell_level
from escalations.record import Status
from escalations.rota import Roster, next_change

TRY_AGAIN_AFTER: Final = timedelta(hours=1)
"""When a rota is read again that could not be read, and of which nothing is known any more."""


def roster_read(case: CaseFile, report: RosterRead) -> None:
    """It is known who is on call, or that nobody is: what waited for that goes out."""
    record, roster = case.record, report.roster
    outdated = _outdated(case, report)
    record.outbox = [effect for effect in record.outbox if effect.key != report.key]
    if outdated:
        return
    contact = roster.contact
    _keep(case, roster)
    waiting = [each for each in record.unaddressed if each.contact == contact]
    record.unaddressed = [each for each in record.unaddressed if each.contact != contact]
    people = case.contact(contact)
    on_call = [person for person in people if "/" in person.key]
    if not on_call:
        _nobody(case, contact, waiting)
        return
    _write_down(case, contact, on_call)
    _say(case, waiting, people)
    if contact == case.level.contact and not record.closed:
        _hand_over(case, on_call, asked=any(_asks_for_level(each) for each in waiting))
        _look_again(case)


def _outdated(case: CaseFile, report: RosterRead) -> bool:
    """Whether a policy was adopted meanwhile in which this contact has not this rota."""
    contact = case.policy.contacts.get(report.roster.contact)
    return contact is None or any(
        isinstance(effect, ReadRota) and effect.key == report.key and effect.rota != contact.rota
        for effect in case.record.outbox
    )


def _keep(case: CaseFile, roster: Roster) -> None:
    """What was read counts; where it could not be read, what was known as long as it reaches."""
    rosters, contact = case.record.rosters, roster.contact
    if roster.problem:
        case.note(timeline.RotaUnread, contact=contact, problem=roster.problem)
        known = rosters.get(contact)
        if known is not None and known.until > case.at and not known.problem:
            return
    if roster.until <= case.at:
        roster = roster.model_copy(update={"until": case.at + TRY_AGAIN_AFTER})
    case.record.rosters = {**rosters, contact: roster}


def _write_down(case: CaseFile, contact: str, on_call: Sequence[Recipient]) -> None:
    """Who is on call, where that is not what the timeline says already."""
    names = ", ".join(person.name for person in on_call)
    last = next(
        (
            entry.people if isinstance(entry, timeline.OnCall) else ""
            for entry in reversed(case.record.timeline)
            if isinstance(entry, timeline.OnCall | timeline.NobodyOnCall)
            and entry.contact == contact
        ),
        "",
    )
    if names != last:
        until = next_change(case.record.rosters[contact], case.at)
        case.note(timeline.OnCall, contact=contact, people=names, until=until)
    for person in on_call:
        case.took_part("on_call", person.key, person.name)


def _say(case: CaseFile, waiting: Sequence[Unaddressed], people: Sequence[Recipient]) -> None:
    """What waited for a rota is said to these; a reply, in its newest words, to all who answer."""
    for each in waiting:
        if each.notice is Notice.CUSTOMER_REPLIED:
            replies.tell(case)
        else:
            case.tell(each.notice, people, asks=bool(each.stay), **dict(each.particulars))


def _asks_for_level(waiting: Unaddressed) -> bool:
    return waiting.notice is Notice.LEVEL_ENTERED


def _nobody(case: CaseFile, contact: str, waiting: Sequence[Unaddressed]) -> None:
    """Nobody is on call: a fact that is written down and told to the fallback at once.

    A level that has only just got the case is left for the next one; what was not to ask of this
    level is said all the same. Source: A47.
    """
    record = case.record
    roster = record.rosters[contact]
    detail = roster.problem or ", ".join(roster.unknown)
    if not _said_already(case, contact, detail):
        case.note(timeline.NobodyOnCall, contact=contact, detail=detail)
        told = addressees.fallback(record, contact, case.at)
        case.tell(Notice.NOBODY_ON_CALL, told, text=detail, by=case.policy.contacts[contact].name)
    stands_in = case.policy.contacts[contact].reach
    empty = any(_asks_for_level(each) for each in waiting) and not stands_in
    if empty and _can_be_left(case):
        move(case, record.level + 1, "nobody_reachable")
        told = case.contact(contact) or case.contact(case.level.contact)
        _say(case, [each for each in waiting if not each.stay], told)
        return
    _say(case, waiting, case.contact(contact))
    if contact == case.level.contact and not record.closed:
        record.on_call = []
        _look_again(case)


def _said_already(case: CaseFile, contact: str, detail: str) -> bool:
    """Whether that was said at this stay, and nobody came on call since."""
    for entry in reversed(case.record.timeline):
        if isinstance(entry, timeline.LevelEntered):
            return False
        if isinstance(entry, timeline.OnCall) and entry.contact == contact:
            return False
        if isinstance(entry, timeline.NobodyOnCall) and entry.contact == contact:
            return entry.detail == detail
    return False


def _can_be_left(case: CaseFile) -> bool:
    record = case.record
    return (
        record.status is Status.OPEN and not record.acknowledged and record.level < case.last_level
    )


def _hand_over(case: CaseFile, on_call: Sequence[Recipient], *, asked: bool) -> None:
    """While a level has the case, those who come on call hear of it."""
    record = case.record
    known, record.on_call = record.on_call, [person.key for person in on_call]
    fresh = [person for person in on_call if person.key not in known]
    if fresh and not asked and record.status in (Status.OPEN, Status.ON_HOLD):
        tell_level(case, fresh, "shift", record.owner or "")


def _look_again(case: CaseFile) -> None:
    """Look at the rota again when the next shift begins, or what is known of it ends."""
    roster = case.record.rosters[case.level.contact]
    case.set_alarm(ClockName.SHIFT, Then.HAND_OVER, next_change(roster, case.at) or roster.until)


def shift_begins(case: CaseFile) -> None:
    """Somebody else may be on call from now on."""
    case.stop_clocks(ClockName.SHIFT)
    case.read_rota(case.level.contact)
