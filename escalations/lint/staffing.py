"""Who is there, and when nobody is: hours, holidays and quiet hours of the days ahead."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import HORIZON, Rung, Subject
from escalations.lint.typical_week import MOMENTS
from escalations.lint.wording import hours, listed, moment, span, weekday
from escalations.policy import Contact, Priority
from escalations.quiet_hours import quiet_until

LONG: Final = timedelta(days=3)
"""Longer than any ordinary weekend."""

_QUARTER: Final = timedelta(minutes=15)

Gap = tuple[datetime, datetime]


def _levels_on(subject: Subject) -> dict[str, list[Rung]]:
    """Calendar → the levels and cells that run on it."""
    found: dict[str, list[Rung]] = {}
    for rung in subject.cells():
        if rung.writes("calendar"):
            found.setdefault(rung.level.calendar, []).append(rung)
    return found


def _longest(gaps: list[Gap]) -> Gap:
    return max(gaps, key=lambda gap: gap[1] - gap[0])


@rule(Severity.INFO, about_dates=True)
def unstaffed_hours(subject: Subject) -> Iterator[Said]:
    """How long nobody is there: in a week, and at most in the next 90 days. Source: D1, D23.

    Closed hours; where a rota leaves open ones to nobody, that is a finding of its own.
    """
    for calendar, rungs in _levels_on(subject).items():
        if gaps := subject.gaps(calendar):
            since, until = _longest(gaps)
            zone = subject.time(calendar).snapshot.zone
            closed = hours(subject.week(calendar).closed_in_a_week)
            yield Said(
                ("calendars", calendar),
                f"on `{calendar}` nobody is there for {closed} of a week's "
                f"168 h; at the longest from {moment(since, zone)} to {moment(until, zone)} "
                f"({span(until - since)}). It is the calendar of "
                f"{listed(rung.level.name for rung in rungs)}",
                "nothing to do if customers may wait that long there",
            )


@rule(Severity.INFO)
def quiet_while_open(subject: Subject) -> Iterator[Said]:
    """A level is open in its contact's quiet hours: below P1, nobody hears then. Source: D6."""
    asked: dict[str, list[Rung]] = {}
    for rung in subject.cells():
        if rung.writes("contact", "calendar"):
            asked.setdefault(rung.level.contact, []).append(rung)
    for name, rungs in asked.items():
        quiet = [_quiet(subject, rung) for rung in rungs]
        if any(quiet):
            yield Said(
                ("contacts", name, "quiet_hours"),
                f"`{name}` is left in peace for {max(quiet):g} h a week in which "
                f"{listed(dict.fromkeys(rung.level.name for rung in rungs))} is open: below P1 "
                "nothing is sent then, and the windows run on",
                "let the level run on a calendar that is closed then, if the clock should wait",
            )


def _quiet(subject: Subject, rung: Rung) -> float:
    """Hours of a typical week, by the quarter, in which a level is open and its contact quiet."""
    contact = subject.policy.contacts[rung.level.contact]
    if contact.quiet_hours is None:
        return 0
    zone = contact.timezone or subject.policy.timezone
    quarters = [moment + n * _QUARTER for moment in MOMENTS for n in range(4)]
    time = subject.week(rung.level.calendar).time
    quiet = [
        each
        for each in quarters
        if time.is_open(each) and quiet_until(contact.quiet_hours, zone, each)
    ]
    return len(quiet) / 4


@rule(Severity.WARNING, about_dates=True)
def most_urgent_waits(subject: Subject) -> Iterator[Said]:
    """A P1 that waits longer than a weekend, for nobody is there. Source: D1, D10."""
    for calendar, rungs in _levels_on(subject).items():
        long = [gap for gap in subject.gaps(calendar) if gap[1] - gap[0] > LONG]
        if not long:
            continue
        since, until = _longest(long)
        zone = subject.time(calendar).snapshot.zone
        others = f", and {len(long) - 1} more such gaps" if len(long) > 2 else ""
        others = ", and once more that long" if len(long) == 2 else others
        yield Said(
            rungs[0].key("calendar"),
            f"a P1 that is with {listed(rung.level.name for rung in rungs)} on "
            f"{moment(since, zone)} waits there until {moment(until, zone)} "
            f"({span(until - since)}){others} in the next {HORIZON.days} days: its window stands "
            f"still while `{calendar}` is closed",
            "give these levels a calendar of their own with somebody on call, or accept it",
        )


@rule(Severity.WARNING)
def quiet_while_time_runs(subject: Subject) -> Iterator[Said]:
    """A case climbs past a contact who is in their quiet hours all the while. Source: D6."""
    for rung in subject.cells():
        contact = subject.policy.contacts[rung.level.contact]
        keys = ("within", "calendar", "contact")
        if contact.quiet_hours is None or rung.number == subject.last or not rung.writes(*keys):
            continue
        for speed, priority in subject.priorities.items():
            passed = _passed(subject, rung, contact, speed)
            if passed is None or priority is Priority.P1:
                continue
            came, left = passed
            zone = contact.timezone or subject.policy.timezone
            yield Said(
                rung.key(*keys),
                f"a {priority} that comes to {rung.called} on {weekday(came, zone)} has left it by "
                f"{weekday(left, zone)}, all of it in the quiet hours of "
                f"`{rung.level.contact}`, who never hears of it in time",
                "let the level run on a calendar that is closed in these hours, or name a "
                "contact without quiet hours",
            )
            break


def _passed(subject: Subject, rung: Rung, contact: Contact, speed: float) -> Gap | None:
    """A stay that begins and ends in one stretch of quiet hours, if there is one."""
    leave = subject.leave(rung, speed)
    if leave is None:
        return None
    zone = contact.timezone or subject.policy.timezone
    lasts = subject.week(rung.level.calendar).lasts(leave)
    quiet = _quiet_until(tuple(contact.quiet_hours or []), zone)
    for came, amount, ends in zip(MOMENTS, lasts, quiet, strict=True):
        if ends is not None and came + amount <= ends:
            return came, came + amount
    return None


@lru_cache(maxsize=64)
def _quiet_until(hours: tuple[str, ...], zone: str) -> tuple[datetime | None, ...]:
    """For each hour of a typical week: until when it is quiet, if it is."""
    return tuple(quiet_until(list(hours), zone, moment) for moment in MOMENTS)
