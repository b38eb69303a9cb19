"""The rotas of a policy, read from the files beside it, without a worker.

An address is not fetched here. It is a key to somebody's calendar, which the workers have and
neither a laptop nor a CI should; and what is checked today would be judged by another answer
tomorrow. Whoever wants to know hands over its export, which stands in for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Final

from escalations.rostering import Cover, Span, Stranger, overruled, roster, unreadable
from escalations.rota import AHEAD, Roster, Rota, RotaQuestion, shown_source
from escalations.rota_calendars.people import People
from escalations.rota_calendars.reading import MAX_BYTES, Reading, read
from escalations.rota_calendars.unreadable import CalendarUnreadable

_FOLDER: Final = "the folder of the policies"
_NOTHING: Final = Reading([], [], [])


def content_of(folder: Path, source: str) -> bytes:
    """A calendar that is a file in the folder of the policies.

    Raises:
        CalendarUnreadable: it is not there, not in that folder, or too large.
    """
    folder = folder.resolve()
    path = (folder / source).resolve()
    if not path.is_relative_to(folder):
        msg = f"it leads out of {_FOLDER}: whoever runs the worker puts it there"
        raise CalendarUnreadable(msg)
    return _content(path)


def _content(path: Path) -> bytes:
    try:
        if not path.is_file():
            msg = f"there is no such file in {_FOLDER}: whoever runs it puts it there"
            raise CalendarUnreadable(msg)
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        msg = f"{error.strerror}: whoever runs the worker lets it read that file"
        raise CalendarUnreadable(msg) from error
    if len(content) > MAX_BYTES:
        size = MAX_BYTES // 1_000_000
        raise CalendarUnreadable(f"it is larger than {size} MB: whoever keeps it exports less")
    return content


@dataclass(frozen=True)
class RotaFiles:
    """Reads the rotas of a policy from files."""

    folder: Path
    """Where the policy is, and the calendars that it names."""
    stand_ins: Mapping[str, Path] = field(default_factory=dict)
    """`engineers` or `engineers.overrides` → a file in the place of what the policy names."""
    look_up: Callable[[], None] = lambda: None
    """Called again and again; ends the reading by raising when its time is over."""

    def lacking(self, contact: str, rota: Rota) -> list[str]:
        """Which of its calendars, `calendar` or `overrides`, is not at hand.

        An address without a stand-in, or a file that is not there.
        """
        named = {"calendar": rota.calendar, "overrides": rota.overrides}
        return [
            key
            for key, source in named.items()
            if source is not None
            and self._stand_in(contact, key) is None
            and ("://" in source or not (self.folder / source).is_file())
        ]

    def roster(self, question: RotaQuestion) -> Roster:
        """What a worker would answer that reads these files."""
        window = (question.at, question.at + AHEAD)
        try:
            regular, overrides = self._readings(question, window)
        except CalendarUnreadable as problem:
            return unreadable(question, str(problem))
        unknown = [*regular.unknown, *overrides.unknown]
        return roster(question, regular.shifts, overrides.shifts, overrides.spans, unknown)

    def cover(self, question: RotaQuestion, ahead: timedelta) -> Cover:
        """Who is on call from the moment of the question on, for so long."""
        window = (question.at, question.at + ahead)
        try:
            regular, overrides = self._readings(question, window)
        except CalendarUnreadable as problem:
            return Cover(*window, problem=str(problem))
        strangers: list[Stranger] = [
            *regular.strangers,
            *(replace(each, key="overrides") for each in overrides.strangers),
        ]
        return Cover(
            *window,
            shifts=overruled(regular.shifts, overrides.shifts, overrides.spans),
            strangers=sorted(strangers, key=lambda each: each.start),
        )

    def _readings(self, question: RotaQuestion, window: Span) -> tuple[Reading, Reading]:
        rota, people = question.rota, People(question.rota.people)

        def reading(key: str, source: str | None) -> Reading:
            if source is None:
                return _NOTHING
            where = self._stand_in(question.contact, key) or shown_source(source)
            try:
                content = self._content(question.contact, key, source)
                return read(content, people, question.timezone, window, self.look_up)
            except CalendarUnreadable as problem:
                msg = f"rota.{key} ({where}) cannot be read: {problem}"
                raise CalendarUnreadable(msg) from None

        return reading("calendar", rota.calendar), reading("overrides", rota.overrides)

    def _content(self, contact: str, key: str, source: str) -> bytes:
        stand_in = self._stand_in(contact, key)
        if stand_in is not None:
            return _content(stand_in)
        if "://" in source:
            name = stand_in_name(contact, key)
            raise CalendarUnreadable(f"only workers fetch it; name its export: --rota {name}=FILE")
        return content_of(self.folder, source)

    def _stand_in(self, contact: str, key: str) -> Path | None:
        return self.stand_ins.get(stand_in_name(contact, key))


def stand_in_name(contact: str, key: str) -> str:
    """What a stand-in for one of a contact's calendars is called: `engineers.overrides`."""
    return contact if key == "calendar" else f"{contact}.{key}"
