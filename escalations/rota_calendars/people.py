"""Whom an event is about: by the names of a rota's `people`, or by the people who are invited.

PagerDuty writes `On Call - Anna Berg - Support` and her address as the attendee; Grafana OnCall
the user's name alone; Opsgenie the user's address; in Google Calendar and Outlook somebody writes
a name, or invites people.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from icalendar import Event

from escalations.model import printable
from escalations.rota import Colleague, plain

# No `$`: a secret written into an invitation would be filled in when a message goes there.
_MAIL: Final = re.compile(r"(?<![\w.+-])[\w.+'=-]+@(?:[\w-]+\.)+[\w-]+(?![\w-])")
_NOT_INVITED: Final = {
    "PARTSTAT": ("DECLINED",),
    "ROLE": ("NON-PARTICIPANT",),
    "CUTYPE": ("ROOM", "RESOURCE"),
}
_MAX_TITLE: Final = 200
_MAX_ADDRESS: Final = 190
_MAX_TEXT: Final = 1_000
_MAX_INVITED: Final = 100


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on call, as a shift has them."""

    key: str
    name: str
    reach: tuple[str, ...]
    language: str | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class _Invited:
    called: str
    address: str

    def person(self) -> Person | None:
        """As the invitation has them; none where that is no mail address."""
        if len(self.address) > _MAX_ADDRESS or not _MAIL.fullmatch(self.address):
            return None
        name = printable(self.called, _MAX_TITLE).strip() or self.address
        return Person(self.address.casefold(), name, (f"mailto:{self.address}",))


class People:
    """Finds out whom an event is about."""

    def __init__(self, people: Mapping[str, Colleague]) -> None:
        self._people = {name: _as_person(name, each) for name, each in people.items()}
        # The longest first, so that `Anna Berg` is not `Anna` as well.
        self._names = [
            (_pattern(name), name) for name in sorted(people, key=lambda name: (-len(name), name))
        ]
        self._found: dict[str, list[Person]] = {}

    def on_call(self, event: Event) -> list[Person]:
        """Whom its title names, else who is invited; nobody if that is nobody who is known."""
        title = _title(event)
        return self._in_text(title) or list(self._among_invited(event)) or self._in_title(title)

    def _in_text(self, text: str) -> list[Person]:
        if text not in self._found:
            found: dict[int, str] = {}
            rest = plain(text)
            for pattern, name in self._names:
                for match in pattern.finditer(rest):
                    found.setdefault(match.start(), name)
                rest = pattern.sub(lambda match: "\0" * len(match[0]), rest)
            names = dict.fromkeys(found[at] for at in sorted(found))
            self._found[text] = [self._people[name] for name in names]
        return self._found[text]

    def _among_invited(self, event: Event) -> Iterator[Person]:
        """Who organises it is in the list of most calendars, and counts if nobody else is."""
        invited = list(_invited(event))
        organiser = _bare(str(event.get("ORGANIZER", ""))).casefold()
        others = [each for each in invited if each.address.casefold() != organiser]
        people: dict[str, Person] = {}
        for each in others or invited:
            local = re.sub(r"[._+-]+", " ", each.address.partition("@")[0])
            known = self._in_text(each.called) or [
                person
                for name, person in self._people.items()
                if plain(name) in (plain(each.address), plain(local))
            ]
            written = each.person()
            for person in known or ([written] if written else []):
                people.setdefault(person.key, person)
        yield from people.values()

    def _in_title(self, title: str) -> list[Person]:
        written = [_Invited("", address).person() for address in _MAIL.findall(title)]
        return [person for person in written if person is not None]


def called(event: Event) -> str:
    """What to call an event that is about nobody who is known."""
    return printable(_title(event), _MAX_TITLE).strip() or "an event without a title"


def _as_person(name: str, colleague: Colleague) -> Person:
    return Person(
        name,
        colleague.name or name,
        tuple(colleague.reach),
        colleague.language,
        colleague.timezone,
    )


def _pattern(name: str) -> re.Pattern[str]:
    """The name as whole words: neither `Ann` in `Anna` nor `Anna` in `Anna-Maria`."""
    words = re.escape(plain(unicodedata.normalize("NFC", name)))
    return re.compile(rf"(?<!\w)(?<!\w[-.@]){words}(?!\w|[-.@]\w)")


def _title(event: Event) -> str:
    return unicodedata.normalize("NFC", str(event.get("SUMMARY", ""))[:_MAX_TEXT])


def _invited(event: Event) -> Iterator[_Invited]:
    attendees = event.get("ATTENDEE", [])
    listed = attendees if isinstance(attendees, list) else [attendees]
    for each in listed[:_MAX_INVITED]:
        told = {name: str(each.params.get(name, "")).upper() for name in _NOT_INVITED}
        if not any(told[name] in values for name, values in _NOT_INVITED.items()):
            name = unicodedata.normalize("NFC", str(each.params.get("CN", ""))[:_MAX_TEXT])
            yield _Invited(name, _bare(str(each)))


def _bare(address: str) -> str:
    """PagerDuty writes it without `mailto:`, others write `MAILTO:`."""
    return re.sub(r"^mailto:", "", address.strip(), flags=re.I)
