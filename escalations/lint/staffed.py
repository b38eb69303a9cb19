"""Each level in the days ahead: how long it is closed, and open with nobody on call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from escalations.durations import Unit
from escalations.lint.subject import HORIZON, Rung, Subject


@dataclass(frozen=True)
class Gap:
    """From when until when nobody is on call; it begins while the calendar is open."""

    since: datetime
    until: datetime
    lacks: timedelta
    """How long the calendar is open in it."""


@dataclass(frozen=True)
class Staffed:
    """One level, or the cell of a category, in the days ahead."""

    rung: Rung
    closed: timedelta
    gaps: list[Gap]
    known: bool
    """Whether the rota of its contact was read, if it has one."""

    @property
    def unstaffed(self) -> timedelta:
        """How long nobody is there: it is closed, or nobody is on call."""
        return self.closed + sum((gap.lacks for gap in self.gaps), timedelta())


def staffed(subject: Subject) -> Iterator[Staffed]:
    """Every level, and every cell with a calendar or a contact of its own."""
    for rung in subject.cells():
        if rung.writes("calendar", "contact"):
            calendar, contact = rung.level.calendar, rung.level.contact
            cover = subject.covers.get(contact)
            yield Staffed(
                rung=rung,
                closed=HORIZON - open_time(subject, calendar, subject.at, subject.at + HORIZON),
                gaps=gaps(subject, contact, calendar),
                known=subject.policy.contacts[contact].rota is None
                or (cover is not None and not cover.problem),
            )


def gaps(subject: Subject, contact: str, calendar: str) -> list[Gap]:
    """When the calendar is open and nobody of that contact is on call, as far as that is known."""
    cover = subject.covers.get(contact)
    if cover is None or cover.problem:
        return []
    time, found = subject.time(calendar), []
    for since, until in cover.gaps:
        opens = time.next_open(since)
        if opens < until:
            found.append(Gap(opens, until, open_time(subject, calendar, opens, until)))
    return found


def open_time(subject: Subject, calendar: str, since: datetime, until: datetime) -> timedelta:
    """How long it is open between two moments."""
    elapsed = subject.time(calendar).elapsed(since, until, Unit.HOURS)
    return timedelta(microseconds=int(elapsed.amount))
