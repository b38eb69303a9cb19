"""How long a case stays: windows, reminders, and the spans that have to fit into them."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from escalations.durations import Duration, Unit
from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Rung, Subject
from escalations.lint.typical_week import MOMENTS
from escalations.lint.wording import span, weekday
from escalations.policy import Priority

TO_ACT: Final = timedelta(minutes=5)
"""The least time in which somebody who is reminded can do anything."""


def _for(priority: Priority, subject: Subject) -> str:
    """`, for a P1`, where not all priorities are alike."""
    return f" for a {priority}" if len(subject.priorities) > 1 else ""


@rule(Severity.WARNING)
def shrinking_window(subject: Subject) -> Iterator[Said]:
    """A level that has less time than the one below, by the wall clock. Source: D25."""
    for below, above, writer in subject.pairs("within", "calendar"):
        for speed, priority in subject.priorities.items():
            first, second = subject.leave(below, speed), subject.leave(above, speed)
            if first is None or second is None:
                continue
            longer = subject.week(below.level.calendar).mean(first)
            shorter = subject.week(above.level.calendar).mean(second)
            if shorter < longer:
                yield Said(
                    writer.key("within", "calendar"),
                    f"{above.called} has less time than {below.called} below it"
                    f"{_for(priority, subject)}: {span(shorter)} against {span(longer)} by the "
                    "wall clock in a typical week",
                    "give it at least as long; whoever stands higher has more to find out",
                )
                break


@rule(Severity.WARNING)
def reminder_cut_off(subject: Subject) -> Iterator[Said]:
    """Between the reminder and the climb nobody has the time to act. Source: C48, D24."""
    for rung in subject.cells():
        if not rung.writes("within", "calendar"):
            continue
        for speed, priority in subject.priorities.items():
            window = rung.level.within * speed
            if window.remind is None or window.leave is None:
                continue
            left, came = _least(subject, rung, window.remind, window.leave)
            if left < TO_ACT:
                yield Said(
                    rung.key("within", "calendar"),
                    f"{rung.called} is reminded {span(left)} of open time before the case leaves"
                    f"{_for(priority, subject)}"
                    + (f", when it came on {came}" if came else "")
                    + ": nobody can act on that reminder",
                    "let the lower bound come earlier, or count in business days (`bd`), which "
                    "end while somebody is there",
                )
                break


def _least(
    subject: Subject, rung: Rung, remind: Duration, leave: Duration
) -> tuple[timedelta, str]:
    """The least open time between reminder and climb, and when a case came to have so little."""
    if leave.unit is Unit.HOURS:
        return timedelta(microseconds=int(leave.less(remind).amount)), ""
    left, came = subject.week(rung.level.calendar).open_between(remind, leave)
    return left, weekday(came, subject.policy.timezone)


@rule(Severity.WARNING)
def passes_while_closed(subject: Subject) -> Iterator[Said]:
    """A window in days around the clock that begins and ends while nobody is there. Source: D26."""
    for rung in subject.cells():
        if rung.number == subject.last or not rung.writes("within", "calendar"):
            continue
        for speed, priority in subject.priorities.items():
            leave = subject.leave(rung, speed)
            came, left = _unseen(subject, rung, leave)
            if came and left:
                yield Said(
                    rung.key("within", "calendar"),
                    f"a case that comes to {rung.called} on {came} has left it by {left}"
                    f"{_for(priority, subject)}, without anybody having been there: `{leave}` runs "
                    f"around the clock, and `{rung.level.calendar}` closes",
                    "count in business days, such as `1bd`, or in open hours",
                )
                break


def _unseen(subject: Subject, rung: Rung, leave: Duration | None) -> tuple[str, str]:
    """When a case comes and leaves without any open time, if that happens."""
    week, zone = subject.week(rung.level.calendar), subject.policy.timezone
    if leave is not None and leave.unit is Unit.DAYS:
        for came, lasts in zip(MOMENTS, week.lasts(leave), strict=True):
            if week.open_time(came, came + lasts) < TO_ACT:
                return weekday(came, zone), weekday(came + lasts, zone)
    return "", ""


@rule(Severity.WARNING)
def acknowledge_too_late(subject: Subject) -> Iterator[Said]:
    """Nobody is asked again before the case has left. Source: D4."""
    for rung in subject.cells():
        within = rung.level.acknowledge_within
        if within is None or rung.number == subject.last:
            continue
        if not rung.writes("within", "calendar", "acknowledge_within"):
            continue
        week = subject.week(rung.level.calendar)
        for speed, priority in subject.priorities.items():
            leave = subject.leave(rung, speed)
            if leave is not None and week.never_before(within, leave):
                yield Said(
                    rung.key("acknowledge_within", "within", "calendar"),
                    f"{rung.called} is to be acknowledged within {within}, and the case has left "
                    f"by then{_for(priority, subject)} (after {leave}): nobody is asked again",
                    "make it a good deal shorter than the window",
                )
                break


@rule(Severity.INFO)
def acknowledge_after_reminder(subject: Subject) -> Iterator[Said]:
    """Whoever has not even taken the case is reminded of it first. Source: D24."""
    for rung in subject.cells():
        within, window = rung.level.acknowledge_within, rung.level.within
        if within is None or window.remind is None or window.leave is None:
            continue
        week = subject.week(rung.level.calendar)
        written = rung.writes("within", "calendar", "acknowledge_within")
        late = week.never_before(within, window.leave)
        if written and not late and week.never_before(within, window.remind):
            yield Said(
                rung.key("acknowledge_within", "within", "calendar"),
                f"{rung.called} is reminded after {window.remind}, before it is asked at "
                f"{within} whether anybody has the case",
                "make `acknowledge_within` shorter than the lower bound of the window",
            )


@rule(Severity.WARNING)
def release_too_late(subject: Subject) -> Iterator[Said]:
    """An owner who is silent would be released after the case has left them. Source: C1."""
    for rung in subject.cells():
        after, leave = rung.level.release_after, rung.level.within.leave
        if after is None or leave is None or rung.number == subject.last:
            continue
        written = rung.writes("within", "calendar", "release_after")
        if written and subject.week(rung.level.calendar).never_before(after, leave):
            yield Said(
                rung.key("release_after", "within", "calendar"),
                f"an owner at {rung.called} is released after {after} of silence, and the case has "
                f"left by then (after {leave})",
                "make it shorter than the window, or leave it out",
            )


@rule(Severity.WARNING)
def repeat_without_effect(subject: Subject) -> Iterator[Said]:
    """`repeat_every` where a case climbs: it is for levels without an end. Source: D27."""
    for rung in subject.cells():
        written = "repeat_every" in (rung.own or rung.level.model_fields_set)
        if written and rung.number < subject.last and rung.level.within.leave is not None:
            yield Said(
                rung.key("repeat_every"),
                f"{rung.called} repeats nothing: a case leaves it after {rung.level.within.leave}, "
                "and `repeat_every` is for levels where it stays",
                "take it out; a reminder is the lower bound of `within`, such as `15m..30m`",
            )
