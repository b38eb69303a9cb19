"""The retrospective of a case: what the closing case hands over, and to whom (A31).

`slots.py` finds the meeting, `retrospective_events.py` has what is said there and after it, and
`retrospective_engine.py` decides what follows.
"""

import re
from collections.abc import Iterable, Iterator

from escalations import addressees
from escalations.calendars import CalendarSnapshot, Zone
from escalations.casefile import CaseFile
from escalations.durations import Duration
from escalations.effects import Brief, Recipient
from escalations.events import BY_OPERATOR
from escalations.model import CaseId, Instant, Line, Value
from escalations.record import Ending, EscalationRecord
from escalations.timeline import CustomerReplied, Folded, Noted, Notified, Refused, TimelineEntry

MAX_INVITED = 100
MAX_HISTORY = 500
"""Entries of the case's timeline that are handed over."""
MAX_HISTORY_SIZE = 200_000
"""Their bytes as JSON; the retrospective's record travels as one payload of at most 2 MB."""

_CHATTER = (CustomerReplied, Noted, Notified, Refused)
_MAIL_ADDRESS = re.compile(r"[^@\s<>,;:]+@[^@\s<>,;:]+\.[^@\s<>,;:]+")


class RetrospectiveRequest(Value):
    """What a case that has just ended hands over to its retrospective."""

    case: CaseId
    key: Line
    """What the keys of everything this retrospective sends begin with; another retrospective of the
    same case, opened again, has another."""
    brief: Brief
    """The case as it ended."""
    level_name: Line
    """The level it was on."""
    ending: Ending | None
    closed_at: Instant
    history: list[TimelineEntry]
    """The case's timeline; of a very long one, what moved the case and the newest of the rest."""
    facilitator: Recipient
    """Whose task it is: the escalation manager, else the contact of the last level."""
    fallback: Recipient | None
    """Who is told when the facilitator cannot be reached (A47)."""
    participants: list[Recipient]
    """Everybody who took part and can be reached, the facilitator first; never the customer."""
    unreached: list[Line]
    """Who took part too, known by name only."""
    within: Duration
    """From the closing to the end of the meeting, in `calendar`'s time."""
    duration: Duration
    calendar: CalendarSnapshot
    """The opening hours for the meeting and for the reminders."""
    timezone: Zone
    """In which operators are shown moments."""


def request_for(record: EscalationRecord, at: Instant) -> RetrospectiveRequest:
    """What this case, which has just ended, hands over; `at` counts if it has no `closed_at`.

    Raises:
        ValueError: the case's policy holds no retrospectives, so that nobody can have asked for it.
    """
    case = CaseFile(record, at)
    policy = record.snapshot.policy
    rule = policy.retrospective
    if rule is None:
        msg = f"{record.case}: the policy {policy.policy} holds no retrospectives"
        raise ValueError(msg)
    last_level = _with_address(case.contact(case.level.contact))
    anybody = [addressees.by_own_address(record, name) for name in policy.contacts]
    facilitator = _with_address([*case.manager, *last_level, *anybody])[0]
    others = _with_address([*case.contact(policy.fallback), *last_level])
    people, unreached = _took_part(case, facilitator)
    return RetrospectiveRequest(
        case=record.case,
        key=f"{record.case}/retrospective/{record.effects_issued}",
        brief=record.brief(),
        level_name=record.level_name,
        ending=record.ending,
        closed_at=record.closed_at or at,
        history=bounded(record.timeline),
        facilitator=facilitator,
        fallback=next((each for each in others if _address(each) != _address(facilitator)), None),
        participants=people[:MAX_INVITED],
        unreached=[*(person.name for person in people[MAX_INVITED:]), *unreached][:MAX_INVITED],
        within=rule.within,
        duration=rule.duration,
        calendar=record.snapshot.calendars[rule.calendar],
        timezone=policy.timezone,
    )


def _with_address(people: Iterable[Recipient]) -> list[Recipient]:
    """Those of them who can be told: of a rota that is not read nobody can."""
    return [person for person in people if person.reach]


def _took_part(case: CaseFile, facilitator: Recipient) -> tuple[list[Recipient], list[str]]:
    """Whom to invite, each address once, and who is known by name only. Source: A31."""
    record = case.record
    found = {_address(facilitator): facilitator}
    unreached: dict[str, None] = {}
    took_part = [*record.participants.items(), (f"person:{record.owner}", record.owner or "")]
    took_part += [(f"role:{role}", person.name) for role, person in record.request.team.items()]
    for who, called in took_part:
        kind, _, name = who.partition(":")
        reached = _with_address(_reached(case, kind, name))
        for recipient in reached:
            if not _of_customer(case, recipient.name, recipient.reach):
                found.setdefault(_address(recipient), recipient)
        if not reached and called not in ("", BY_OPERATOR) and not _of_customer(case, called):
            unreached[called] = None
    return list(found.values()), list(unreached)


def _reached(case: CaseFile, kind: str, name: str) -> list[Recipient]:
    """A contact, a role, or a person: by their name in a rota, the policy, the team, or by mail."""
    contacts, team = case.policy.contacts, case.record.request.team
    if kind == "on_call":
        return addressees.was_on_call(case.record, name)
    if kind != "role":
        for key, contact in contacts.items():
            if name == key or (kind == "person" and _same(name, contact.name)):
                return case.contact(key)
    if kind != "contact":
        for role, person in team.items():
            if name == role or (kind == "person" and _same(name, person.name)):
                return case.role(role)
    if kind == "person" and _MAIL_ADDRESS.fullmatch(name):
        return [
            Recipient(
                key=name,
                name=name,
                reach=[f"mailto:{name}"],
                language=case.policy.languages[0],
                timezone=case.policy.timezone,
            )
        ]
    return []


def _of_customer(case: CaseFile, name: str, reach: Iterable[str] = ()) -> bool:
    """Whether that is the customer, or somebody at the customer's mail domain and not at ours."""
    record, customer = case.record, case.record.request.customer
    theirs = {_plain(address) for address in customer.contacts}
    replied = {
        entry.by for entry in record.timeline if isinstance(entry, CustomerReplied) and entry.by
    }
    named = {_plain(each) for each in ("customer", customer.name, customer.id, *replied)}
    ours = {
        _domain(address) for contact in case.policy.contacts.values() for address in contact.reach
    }
    domains = {_domain(address) for address in theirs} - ours - {""}
    addresses = {_plain(address) for address in (name, *reach)}
    return bool(addresses & (theirs | named)) or any(
        _domain(address) in domains for address in addresses
    )


def _address(recipient: Recipient) -> str:
    return _plain(recipient.reach[0])


def _plain(address: str) -> str:
    return address.removeprefix("mailto:").casefold()


def _same(name: str, other: str) -> bool:
    return name.casefold() == other.casefold()


def _domain(address: str) -> str:
    """The domain of a mail address; empty for anything else."""
    plain = _plain(address)
    return plain.partition("@")[2] if _MAIL_ADDRESS.fullmatch(plain) else ""


def bounded(timeline: list[TimelineEntry]) -> list[TimelineEntry]:
    """As much of a timeline as is handed over; what is left out is counted in its first entry."""
    ranked = sorted(range(len(timeline)), key=lambda n: (isinstance(timeline[n], _CHATTER), -n))
    kept, size = set[int](), 0
    for n in ranked[:MAX_HISTORY]:
        size += len(timeline[n].model_dump_json().encode())
        if size > MAX_HISTORY_SIZE:
            break
        kept.add(n)
    left_out = [entry for n, entry in enumerate(timeline) if n not in kept]
    return [*_folded(left_out), *(timeline[n] for n in sorted(kept))]


def _folded(entries: list[TimelineEntry]) -> Iterator[Folded]:
    if entries:
        counts: dict[str, int] = {}
        for entry in entries:
            for kind, times in _counted(entry).items():
                counts[kind] = counts.get(kind, 0) + times
        last = entries[-1]
        yield Folded(at=last.at, level=last.level, since=entries[0].at, counts=counts)


def _counted(entry: TimelineEntry) -> dict[str, int]:
    return entry.counts if isinstance(entry, Folded) else {entry.type: 1}
