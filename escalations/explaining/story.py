"""A case as a story: a chapter for every stay at a level, each with its clock and its people."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from escalations.errors import EscaladeError
from escalations.explaining.retelling import Inexact, Retelling, differences
from escalations.explaining.run import Run
from escalations.explaining.stays import StayClock, Watching
from escalations.model import Instant
from escalations.record import EscalationRecord
from escalations.timeline import Closed, LeftLevel, Notified, Opened, TimelineEntry, Undelivered


@dataclass
class Chapter:
    """One stay at one level."""

    level: int
    name: str
    contact: str
    """The contact's key."""
    entered_at: Instant
    left_at: Instant | None = None
    """None while it is there, or where the case ended there."""
    left: LeftLevel | None = None
    clock: StayClock | None = None
    """None where the runs before were not told: their clocks are in no record."""
    entries: list[TimelineEntry] = field(default_factory=list)
    """All of the stay, from its entering on."""

    @property
    def told(self) -> list[str]:
        """Who was reached during this stay, by their keys, in order."""
        reached = [each.recipient for each in self.entries if isinstance(each, Notified)]
        return list(dict.fromkeys(reached))

    @property
    def untold(self) -> list[Undelivered]:
        """Who could not be reached."""
        return [each for each in self.entries if isinstance(each, Undelivered)]


@dataclass(frozen=True)
class Story:
    """A case, told from the histories of its runs."""

    record: EscalationRecord
    chapters: Sequence[Chapter]
    told_at: Instant
    """The moment up to which it is told."""
    ended: str
    """How the server closed the last run; empty if it is open."""
    differences: Sequence[str] = ()
    """Where the rebuilt case is not what the history says; then the history's record is told."""

    @property
    def opened(self) -> list[Opened]:
        """Its openings: the first one, and those after an ending."""
        return [each for each in self.record.timeline if isinstance(each, Opened)]


class NoCase(EscaladeError):
    """There is no case in this history: its opening failed."""


def story_of(runs: Sequence[Run], told_at: Instant | None = None) -> Story:
    """The story of a case from its runs, in their order.

    Args:
        runs: the first one first; those that are missing at the beginning are told from the record
            that the first one here was handed.
        told_at: the moment up to which an open case is told; its last turn if `None`.

    Raises:
        NoCase: it was refused, or no worker has touched it yet.
        Inexact: an open run cannot be rebuilt.
    """
    watching = Watching()
    found: list[str] = []
    record: EscalationRecord | None = None
    last = runs[-1]
    for run in runs:
        retelling = Retelling(run, [watching])
        try:
            retelling.tell()
        except Inexact as inexact:
            if run.result is None and run is last:
                raise NoCase(str(inexact)) if retelling.case is None else inexact from None
            found.append(str(inexact))
        found += differences(retelling)
        if retelling.case is not None:
            record = retelling.record
    if found and last.result is not None:
        record = last.result
    if record is None:
        raise NoCase
    heard_at = last.turns[-1].at if last.turns else record.opened_at
    at = max(told_at or heard_at, heard_at)
    if not record.closed and not found:
        watching.look(record, at)
    clocks = {} if found else watching.clocks
    chapters = list(chapters_of(record, clocks))
    return Story(record, chapters, record.closed_at or at, last.ended, found)


def chapters_of(record: EscalationRecord, clocks: dict[int, StayClock]) -> Iterator[Chapter]:
    entered = sum(entry.type == "level_entered" for entry in record.timeline)
    stay = record.stays - entered
    chapter: Chapter | None = None
    for entry in record.timeline:
        if entry.type == "level_entered":
            if chapter is not None:
                ended = [each.at for each in chapter.entries if isinstance(each, Closed)]
                chapter.left_at = chapter.left_at or next(iter(ended), entry.at)
                yield chapter
            stay += 1
            chapter = Chapter(
                entry.level, entry.name, entry.contact, entry.at, clock=clocks.get(stay)
            )
        if chapter is None:
            continue
        chapter.entries.append(entry)
        if isinstance(entry, LeftLevel):
            chapter.left, chapter.left_at = entry, entry.at
    if chapter is not None:
        yield chapter
