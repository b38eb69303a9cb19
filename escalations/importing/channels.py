"""Addresses, as `reach` writes them: what Apprise needs, with `${…}` where an account is needed."""

import re
from typing import Final

from pydantic import TypeAdapter, ValidationError

from escalations.calendars import Zone
from escalations.importing import safe_names
from escalations.importing.exports import Part
from escalations.policy_terms import Address
from escalations.rota import Source

_ADDRESS: Final = TypeAdapter[str](Address)
_ZONE: Final = TypeAdapter[str](Zone)
_CALENDAR: Final = TypeAdapter[str](Source)
_ACCOUNT: Final = "twilio://${SMS_ACCOUNT}:${SMS_TOKEN}@${SMS_FROM}"
_NEEDS_ACCOUNT: Final = (
    "The number is carried over, but texts and calls go through a provider with whom you have an "
    "account; Twilio's address is written as an example."
)
_GIVE_ACCOUNT: Final = (
    "To be filled in: give the worker SMS_ACCOUNT, SMS_TOKEN and SMS_FROM, or write your own "
    "provider's Apprise address, or delete the line."
)
_NEEDS_SLACK: Final = "The id is carried over, but Slack wants a bot of yours to send it."
_GIVE_SLACK: Final = (
    "To be filled in: give the worker SLACK_TOKEN, a bot's token, or delete the line."
)


_LOOK: Final = (
    "Have whoever runs that address look at what arrives. If the address holds a secret, write it "
    "as `${…}`."
)


def mail(part: Part, address: str, *below: str) -> list[str]:
    """Mail, if it is an address that mail can go to."""
    return _checked(part, f"mailto:{address}", "mail address", *below) if address else []


def text_message(part: Part, number: str, *below: str) -> list[str]:
    """A text to a phone."""
    return _phone(part, number, "", "Text messages (SMS)", *below)


def call(part: Part, number: str, *below: str) -> list[str]:
    """A call that reads the message aloud."""
    return _phone(part, number, "?method=call", "Phone calls", *below)


def slack(part: Part, id_: str, *below: str) -> list[str]:
    """Somebody in Slack, or a channel, by Slack's own id."""
    if not id_:
        return []
    part.to_fill("Slack", _NEEDS_SLACK, _GIVE_SLACK, *below)
    mark = "#" if id_.startswith("#") else "+"
    return _checked(part, f"slack://${{SLACK_TOKEN}}/{mark}{id_.lstrip('#+')}", "Slack id", *below)


def webhook(part: Part, url: str, *below: str) -> list[str]:
    """A program that is told by HTTP."""
    why = "The address is carried over; what is posted there are Escalade's own fields."
    part.lost("Webhook", why, _LOOK, *below)
    found = re.sub(r"^http", "json", url)
    return _checked(part, found, "web address", *below)


def zone(part: Part, *keys: str) -> str | None:
    """The time zone in one of these fields, if there is such a one."""
    name = part.text(*keys)
    if not name:
        return None
    try:
        return _ZONE.validate_python(name)
    except ValidationError:
        why = "It is no zone of the tz database, such as Europe/Paris."
        advice = "Write `timezone` for that contact."
        part.to_fill(f"time zone: {name}", why, advice, keys[0])
        return None


def calendar(part: Part, key: str) -> str:
    """The iCalendar address in a field; empty if it is none."""
    address = part.text(key)
    if not address:
        return ""
    try:
        return _CALENDAR.validate_python(address)
    except ValidationError:
        why = "It is no web address of a calendar."
        part.to_fill(f"calendar: {safe_names.line(address, 60)}", why, "Write the right one.", key)
        return ""


def nowhere(key: str) -> str:
    """An address that cannot exist, in place of one that has to be filled in (RFC 2606)."""
    return f"mailto:fill-in@{key.replace('_', '-')}.invalid"


def _phone(part: Part, number: str, how: str, what: str, *below: str) -> list[str]:
    digits = re.sub(r"\D", "", number)
    if not digits:
        return []
    part.to_fill(what, _NEEDS_ACCOUNT, _GIVE_ACCOUNT, *below)
    return _checked(part, f"{_ACCOUNT}/{digits}{how}", "phone number", *below)


def _checked(part: Part, address: str, what: str, *below: str) -> list[str]:
    try:
        return [_ADDRESS.validate_python(address)]
    except ValidationError:
        why = f"It is no {what} that a message can go to."
        advice = "Write the right one as `reach`."
        part.to_fill(f"{what}: {address}", why, advice, *below)
        return []
