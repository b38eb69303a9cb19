"""Whom a contact's name or a role means at a moment, with the addresses they had then."""

from escalations import worked_out
from escalations.effects import Recipient
from escalations.model import Instant, made
from escalations.record import EscalationRecord
from escalations.rota import Shift, on_call


def contact(record: EscalationRecord, name: str | None, at: Instant) -> list[Recipient]:
    """The contact of that name; with a rota, who is on call.

    Nobody on call: the contact's own addresses, else the fallback. Where nothing is known of the
    rota yet, the contact without an address: it has to be read before anybody can be told.
    """
    if name is None:
        return []
    policy = record.snapshot.policy
    meant = policy.contacts[name]
    if meant.rota is not None:
        roster = record.rosters.get(name)
        if roster is None or roster.until <= at:
            return [to_be_read(record, name)]
        if shifts := on_call(roster, at):
            return [_on_call(record, name, shift) for shift in shifts]
        if not meant.reach:
            return fallback(record, name, at)
    return [by_own_address(record, name)]


def by_own_address(record: EscalationRecord, name: str) -> Recipient:
    """The contact itself, whoever is on call; it may have no address."""
    return worked_out.of(record.snapshot).recipient(name)


def was_on_call(record: EscalationRecord, key: str) -> list[Recipient]:
    """Somebody who was on call in this case, by their key; nobody if no address is known of them.

    A rota that was read again may have left their shift out.
    """
    contact, _, who = key.partition("/")
    roster, meant = record.rosters.get(contact), record.snapshot.policy.contacts.get(contact)
    if meant is None:
        return []  # another policy was adopted, which does not know them
    for shift in roster.shifts if roster else []:
        if shift.key == who:
            return [_on_call(record, contact, shift)]
    known = meant.rota.people.get(who) if meant.rota else None
    if known is None:
        return []
    person = {"key": key, "name": known.name or who, "reach": list(known.reach)}
    return [by_own_address(record, contact).model_copy(update=person)]


def to_be_read(record: EscalationRecord, name: str) -> Recipient:
    """A contact whose rota has to be read before anybody is told."""
    return by_own_address(record, name).model_copy(update={"reach": []})


def fallback(record: EscalationRecord, instead_of: str, at: Instant) -> list[Recipient]:
    """Who is told when nobody of this contact can be, by their own addresses (A47).

    A fallback that has only a rota, in which nobody is, has the escalation manager behind it.
    """
    policy = record.snapshot.policy
    for name in (policy.fallback, policy.escalation_manager):
        if name not in (None, instead_of) and (found := _stands_in(record, name, at)):
            return found
    return []


def _stands_in(record: EscalationRecord, name: str, at: Instant) -> list[Recipient]:
    """This contact by its own address; without one, who is on call, which may be to be read."""
    own, roster = by_own_address(record, name), record.rosters.get(name)
    if own.reach or roster is None or roster.until <= at:
        return [own]
    return [_on_call(record, name, shift) for shift in on_call(roster, at)]


def role(record: EscalationRecord, role: str) -> list[Recipient]:
    """Whom the request names for that role; nobody if it names none."""
    person = record.request.team.get(role)
    if person is None:
        return []
    policy = record.snapshot.policy
    return [
        made(
            Recipient,
            key=role,
            name=person.name,
            reach=list(person.reach),
            language=person.language or policy.languages[0],
            timezone=person.timezone or policy.timezone,
        )
    ]


def _on_call(record: EscalationRecord, name: str, shift: Shift) -> Recipient:
    policy = record.snapshot.policy
    meant = policy.contacts[name]
    return made(
        Recipient,
        key=f"{name}/{shift.key}",
        name=shift.name,
        reach=list(shift.reach),
        language=shift.language or meant.language or policy.languages[0],
        timezone=shift.timezone or meant.timezone or policy.timezone,
    )
