"""What must have happened by the end of the demo: each promise, held against mails and records."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from icalendar import Calendar

from escalations.calendars import BusinessTime
from escalations.policy import Priority
from escalations.record import Ending, EscalationRecord
from escalations.timeline import LevelEntered, Notified
from starters.demo.fast import MEETINGS
from starters.mail_catcher import Caught

Records = Mapping[str, EscalationRecord]
"""Story → the last record of its case."""

INVITATION: Final = "retrospective_invitation"
CUSTOMER: Final = "customer"
MEETING: Final = timedelta(minutes=45)
_REPORTED: Final = re.compile(r"-\d{6}T\d{6}(?=\.)")
_COMMON: Final = {
    "en": {"the", "of", "you", "we", "is", "and", "for", "to", "your", "please"},
    "fr": {"le", "la", "de", "vous", "nous", "est", "et", "pour", "votre", "merci"},
    "fi": {"on", "ja", "ei", "asia", "asiaa", "te", "me", "jos", "kun", "olemme", "viestiin"},
}
"""Words by which a text's language shows."""


@dataclass(frozen=True)
class Meeting:
    """What a calendar makes of an invitation."""

    case: str
    start_at: datetime
    end_at: datetime
    invited: frozenset[str]
    """Addresses."""


def problems(records: Records, mails: Sequence[Caught]) -> list[str]:
    """What should have happened and did not; nothing, if all is well."""
    return [
        *_endings(records),
        *_climbs(records),
        *_everybody_told_once(records, mails),
        *_customers(records, mails),
        *_stakeholders(records["access"], mails),
        *(
            problem
            for record in records.values()
            for problem in _retrospective(record, _of_case(record, mails))
        ),
    ]


def kinds(records: Records, mails: Sequence[Caught]) -> Counter[str]:
    """How many mails there were of each kind."""
    notices = _notices(records)
    return Counter(
        INVITATION if mail.calendar else notices.get(_name(mail), "unknown") for mail in mails
    )


def meeting(mail: Caught) -> Meeting | None:
    """The meeting that a mail invites to; `None` if it invites to none."""
    if not mail.calendar:
        return None
    calendar: Any = Calendar.from_ical(mail.calendar)
    (event,) = calendar.walk("VEVENT")
    attendees = event.get("ATTENDEE", [])
    people = attendees if isinstance(attendees, list) else [attendees]
    if str(calendar.get("METHOD")) != "REQUEST" or "ORGANIZER" not in event:
        msg = "a calendar entry that is no request"
        raise ValueError(msg)
    return Meeting(
        case=str(mail.message["X-Escalade-Case"]),
        start_at=event.decoded("DTSTART"),
        end_at=event.decoded("DTEND"),
        invited=frozenset(str(person).lower().removeprefix("mailto:") for person in people),
    )


def _endings(records: Records) -> Iterator[str]:
    for record in records.values():
        if record.ending is not Ending.CONFIRMED:
            ending = record.ending or record.status
            yield f"{record.case} should have ended confirmed, and is {ending}"
        if record.outbox:
            yield f"{record.case} has {len(record.outbox)} decisions that were not carried out"


def _climbs(records: Records) -> Iterator[str]:
    access, billing, order = (records[name] for name in ("access", "billing", "order"))
    by_time = [each.level for each in _entries(access, "left_level") if each.why == "time"]
    if by_time[:3] != [1, 2, 3]:
        yield f"{access.case} should have left levels 1, 2 and 3 by time, and left {by_time}"
    if access.reopened != 1 or not _entries(access, "rejected"):
        yield f"{access.case} should have been reopened once, at the customer's no"
    jumps = [each for each in _entries(billing, "left_level") if each.why == "trigger:legal-threat"]
    if [each.to_level for each in jumps] != [7]:
        yield f"{billing.case}: the lawyer should have brought it to level 7, once"
    if billing.replies != 1:
        yield f"{billing.case}: one mail came in twice, and counted {billing.replies} times"
    if not _entries(order, "held") or not any(
        each.why == "customer_replied" for each in _entries(order, "resumed")
    ):
        yield f"{order.case}: the customer's reply should have ended its hold"


def _everybody_told_once(records: Records, mails: Sequence[Caught]) -> Iterator[str]:
    """What the records say was sent is what came in, each mail once."""
    came = Counter(_name(mail) for mail in mails)
    for name, times in came.items():
        if times > 1:
            yield f"the mail {name} came in {times} times"
    said = _notices(records)
    for name in sorted(said.keys() - came.keys()):
        yield f"the mail {name} ({said[name]}) is in the timeline and never came in"
    for mail in mails:
        if _name(mail) not in said and not mail.calendar:
            yield f"the mail {_name(mail)} ({mail.subject}) came in and is in no timeline"
    for record in records.values():
        for each in _entries(record, "undelivered"):
            yield f"{record.case}: {each.recipient} could not be reached: {each.detail}"


def _customers(records: Records, mails: Sequence[Caught]) -> Iterator[str]:
    """Each hears of it in their language: we look after it, is it solved, it is closed."""
    notices = _notices(records)
    for record in records.values():
        language = record.request.customer.language or "en"
        theirs = [mail for mail in _of_case(record, mails) if _recipient(mail) == CUSTOMER]
        heard = {notices.get(_name(mail)) for mail in theirs}
        for notice in ("acknowledged", "confirmation_asked", "closed"):
            if f"customer_{notice}" not in heard:
                yield f"{record.case}: the customer never got the mail customer_{notice}"
        for mail in theirs:
            if _language(mail.text) != language or mail.message["Content-Language"] != language:
                yield f"{record.case}: the customer's mail {mail.number} is not in {language}"


def _stakeholders(record: EscalationRecord, mails: Sequence[Caught]) -> Iterator[str]:
    """A P1 is made known to whoever should know (A7)."""
    if record.priority is not Priority.P1:
        yield f"{record.case} should be P1 for a strategic customer, and is {record.priority}"
    notices = _notices({"": record})
    told = {
        _recipient(mail) for mail in mails if notices.get(_name(mail)) == "stakeholder_informed"
    }
    for role in ("customer-success-manager", "account-executive", "senior-management"):
        if role not in told:
            yield f"{record.case}: the {role} was not told of a P1"


def _retrospective(record: EscalationRecord, mails: Sequence[Caught]) -> Iterator[str]:
    """Where the matrix calls for one, everybody who took part is invited to one meeting (A31)."""
    invitations = [mail for mail in mails if mail.calendar]
    called_for = record.highest_level >= 4 or record.breached or record.reopened > 0
    if not called_for:
        if invitations:
            yield f"{record.case}: a retrospective that the matrix does not call for"
        return
    try:
        meetings = {meeting(mail) for mail in invitations} - {None}
    except ValueError as error:
        yield f"{record.case}: the invitation cannot be read: {error}"
        return
    if len(meetings) != 1:
        yield f"{record.case}: should be invited to one meeting, and is to {len(meetings)}"
        return
    (found,) = meetings
    assert found is not None  # noqa: S101  taken out above
    hours = BusinessTime.of(record.snapshot.calendars[MEETINGS])
    last_minute = found.end_at - timedelta(minutes=1)
    if found.end_at - found.start_at != MEETING or not (
        hours.is_open(found.start_at) and hours.is_open(last_minute)
    ):
        yield f"{record.case}: the meeting {found.start_at} to {found.end_at} is out of hours"
    contacts = record.snapshot.policy.contacts
    took_part = {
        address.removeprefix("mailto:")
        for entry in record.timeline
        if isinstance(entry, LevelEntered)
        for address in contacts[entry.contact].reach
    }
    if missing := took_part - found.invited:
        yield f"{record.case}: took part and is not invited: {', '.join(sorted(missing))}"
    if late := found.invited - {mail.to for mail in invitations}:
        yield f"{record.case}: should have got the invitation: {', '.join(sorted(late))}"


def _entries(record: EscalationRecord, kind: str) -> list[Any]:
    return [entry for entry in record.timeline if entry.type == kind]


def _notices(records: Records) -> dict[str, str]:
    """Of every mail that a record says was sent: its id → what it was."""
    return {
        f"{entry.key}.{entry.recipient}": entry.notice
        for record in records.values()
        for entry in record.timeline
        if isinstance(entry, Notified)
    }


def _of_case(record: EscalationRecord, mails: Sequence[Caught]) -> list[Caught]:
    return [mail for mail in mails if mail.message["X-Escalade-Case"] == record.case]


def _name(mail: Caught) -> str:
    """What a timeline has of it: the send's key and the recipient, without when it was reported."""
    return _REPORTED.sub("", mail.message_id.strip("<>").rpartition("@")[0])


def _recipient(mail: Caught) -> str:
    return _name(mail).partition(".")[2]


def _language(text: str) -> str:
    """The language that most of its common words are of."""
    words = Counter(re.findall(r"\w+", text.lower()))
    return max(_COMMON, key=lambda language: sum(words[word] for word in _COMMON[language]))
