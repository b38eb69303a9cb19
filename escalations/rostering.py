"""From what calendars say to a roster: overrides applied, one shift of each person at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import attrgetter

from escalations.model import Instant
from escalations.rota import AHEAD, MAX_SHIFTS, MAX_UNKNOWN, Roster, RotaQuestion, Shift, order

Span = tuple[Instant, Instant]
"""From a moment until another, which does not belong to it."""


@dataclass(frozen=True, slots=True)
class Stranger:
    """An event of a calendar that is about nobody who is known."""

    start: Instant
    end: Instant
    called: str
    """Its title."""
    key: str = "calendar"
    """Which of a rota's calendars has it: `calendar` or `overrides`."""


@dataclass(frozen=True, slots=True)
class Cover:
    """Who is on call over a longer time than a roster tells, for whoever plans ahead."""

    since: Instant
    until: Instant
    shifts: Sequence[Shift] = ()
    """By their start; overrides are applied, and each person is in one at a time."""
    strangers: Sequence[Stranger] = ()
    problem: str = ""
    """Why it could not be read, and who can mend that; then there are no shifts."""

    @property
    def gaps(self) -> list[Span]:
        """When nobody is on call, in order."""
        found, free = [], self.since
        for shift in self.shifts:
            if free < min(shift.start, self.until):
                found.append((free, min(shift.start, self.until)))
            free = max(free, shift.end)
        if free < self.until:
            found.append((free, self.until))
        return found


def roster(
    question: RotaQuestion,
    regular: Iterable[Shift],
    overrides: Iterable[Shift] = (),
    overridden: Iterable[Span] = (),
    unknown: Iterable[str] = (),
) -> Roster:
    """The answer to a question, from what two calendars say.

    `overridden` is when the overrides run: then nobody of the regular shifts is on call, even where
    nobody of the override is known.
    """
    start, until = question.at, question.at + AHEAD
    told = overruled(regular, overrides, overridden)
    shifts = [shift for shift in told if shift.end > start and shift.start < until]
    if len(shifts) > MAX_SHIFTS:
        until = shifts[MAX_SHIFTS].start
        shifts = [shift for shift in shifts[:MAX_SHIFTS] if shift.start < until]
        if until <= start:
            who = "whoever keeps the rota checks that it is the right calendar"
            return unreadable(question, f"more than {MAX_SHIFTS} people are on call at once: {who}")
    return Roster(
        contact=question.contact,
        read_at=start,
        until=until,
        shifts=shifts,
        unknown=list(dict.fromkeys(unknown))[:MAX_UNKNOWN],
    )


def unreadable(question: RotaQuestion, problem: str) -> Roster:
    """The answer when there is none: why, and who can mend that."""
    return Roster(
        contact=question.contact,
        read_at=question.at,
        until=question.at,
        shifts=[],
        problem=problem,
    )


def overruled(
    regular: Iterable[Shift], overrides: Iterable[Shift], overridden: Iterable[Span]
) -> list[Shift]:
    """Overrides instead of the regular shifts while they run, and each person in one at a time."""
    return _joined([*_without(regular, sorted(overridden)), *overrides])


def _without(shifts: Iterable[Shift], spans: list[Span]) -> Iterator[Shift]:
    """What is left of the shifts outside the spans, which come by their start."""
    for shift in shifts:
        start = shift.start
        for begins, ends in spans:
            if ends <= start or shift.end <= begins:
                continue
            if start < begins:
                yield shift.model_copy(update={"start": start, "end": begins})
            start = max(start, ends)
        if start < shift.end:
            yield shift.model_copy(update={"start": start})


def _joined(shifts: Iterable[Shift]) -> list[Shift]:
    """The same people at the same moments, with one shift of each person at a time, by start."""
    joined: list[Shift] = []
    for shift in sorted(shifts, key=attrgetter("key", "start")):
        last = joined[-1] if joined else None
        if last is not None and last.key == shift.key and shift.start <= last.end:
            joined[-1] = last.model_copy(update={"end": max(last.end, shift.end)})
        else:
            joined.append(shift)
    return sorted(joined, key=order)
