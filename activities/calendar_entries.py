"""A meeting as calendars take it: an iCalendar request, or its cancelling (RFC 5545, RFC 5546).

Its times are in UTC: exact for one meeting, shown by every calendar in its reader's zone, and
without the zone definitions that Outlook and Google each read in their own way.
"""

from email.headerregistry import Address as Mailbox
from enum import StrEnum

from icalendar import Calendar, Event, vCalAddress, vText

from escalations.effects import Recipient
from escalations.model import Instant
from escalations.retrospective.slots import Slot

PRODUCT = "-//Escalade//Retrospective//EN"
FACILITATES, TAKES_PART = "CHAIR", "REQ-PARTICIPANT"


class Method(StrEnum):
    """What an entry does in the calendar of whoever gets it."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"
    """It takes the entry out again, even if it comes before the request."""


def entry(
    method: Method,
    case: str,
    slot: Slot,
    summary: str,
    description: str,
    organiser: Mailbox,
    invited: list[Recipient],
    facilitator: str,
    at: Instant,
) -> str:
    """The retrospective of a case, for all who are invited by mail: please come, or no more.

    The organiser is who sends the mail: calendars trust that, and answers go there. `facilitator`
    is the name of whoever has the chair.
    """
    event = Event()
    event.add("uid", f"retrospective-{case}@{organiser.domain}")
    cancels = method is Method.CANCEL
    event.add("sequence", int(cancels))
    event.add("dtstamp", at)
    event.add("dtstart", slot.start_at)
    event.add("dtend", slot.end_at)
    event.add("summary", summary)
    event.add("description", description)
    event.add("status", "CANCELLED" if cancels else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if cancels else "OPAQUE")
    event.add("organizer", _person(organiser.addr_spec, organiser.display_name or facilitator))
    for recipient in invited:
        address = mail_address(recipient)
        if address is not None:
            attendee = _person(address, recipient.name)
            attendee.params["CUTYPE"] = vText("INDIVIDUAL")
            role = FACILITATES if recipient.name == facilitator else TAKES_PART
            attendee.params["ROLE"] = vText(role)
            attendee.params["PARTSTAT"] = vText("NEEDS-ACTION")
            attendee.params["RSVP"] = vText("FALSE" if cancels else "TRUE")
            event.add("attendee", attendee)
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    written: str = calendar.to_ical().decode("utf-8")
    return written


def mail_address(recipient: Recipient) -> str | None:
    """The first of somebody's addresses that is a mail address; none with a secret in it."""
    addresses = (each.removeprefix("mailto:") for each in recipient.reach if "mailto:" in each)
    return next((each for each in addresses if "@" in each and "$" not in each), None)


def _person(address: str, name: str) -> vCalAddress:
    person = vCalAddress(f"mailto:{address}")
    # A quotation mark has an escape since RFC 6868, which Outlook shows as it stands.
    person.params["CN"] = vText(name.replace('"', "'"))
    return person
