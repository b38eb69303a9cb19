"""What the customer is promised, and whether anybody is there to keep it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from escalations.durations import Duration
from escalations.lint.remarks import Said, Severity, rule
from escalations.lint.subject import Subject
from escalations.lint.typical_week import MOMENTS
from escalations.lint.wording import listed, span, weekday
from escalations.policy import HoldReason
from escalations.references import Place
from escalations.retrospective.slots import first_slot

A_DAY: Final = timedelta(hours=24)


def _promises(subject: Subject) -> Iterator[tuple[Place, str, list[Duration]]]:
    """Where each kind of promise stands, what is promised, and every or within how long."""
    care = subject.policy.customer
    by_amount: dict[Duration, list[str]] = {}
    for priority, every in care.update_every.items():
        by_amount.setdefault(every, []).append(priority)
    said = [f"every {every} for {' and '.join(who)}" for every, who in by_amount.items()]
    place = ("customer", "update_every")
    yield place, f"customers are promised word {', '.join(said)}", list(by_amount)
    fix = f"a workaround is promised its fix within {care.fix_within}"
    yield ("customer", "fix_within"), fix, [care.fix_within]


@rule(Severity.WARNING)
def promise_nobody_keeps(subject: Subject) -> Iterator[Said]:
    """A promise comes due while the level that has the case is closed. Source: A22, A29.

    Even if the last one there has kept it just before closing.
    """
    promised_on, zone = subject.policy.customer.calendar, subject.policy.timezone
    levels: dict[str, list[str]] = {}
    for rung in subject.cells():
        levels.setdefault(rung.level.calendar, []).append(rung.level.name)
    for place, promise, amounts in _promises(subject):
        for calendar, names in levels.items():
            broken = [
                moments
                for amount in amounts
                if (moments := _due_while_closed(subject, promised_on, calendar, amount))
            ]
            if broken:
                closes, due = min(broken, key=lambda moments: moments[1])
                yield Said(
                    place,
                    f"{promise}, counted on `{promised_on}`; but with "
                    f"{listed(dict.fromkeys(names))} nobody is there from "
                    f"{weekday(closes, zone)} on (`{calendar}`), and the next is due on "
                    f"{weekday(due, zone)}",
                    f"count what customers are promised on `{calendar}` (`customer: {{calendar: "
                    f"{calendar}}}`), promise it less often, or staff the level",
                )
                break


def _due_while_closed(
    subject: Subject, promised_on: str, calendar: str, amount: Duration
) -> tuple[datetime, datetime] | None:
    """When the level closes and when the promise is due before it opens again, if that happens."""
    if promised_on == calendar:
        return None
    for closes, opens in subject.week(calendar).closed:
        due = subject.week(promised_on).after(closes, amount)
        if due < opens:
            return closes, due
    return None


@rule(Severity.WARNING)
def no_time_to_answer(subject: Subject) -> Iterator[Said]:
    """A customer has less than a day to say a word that decides. Source: A30, A37, A52."""
    care, holds = subject.policy.customer, subject.policy.holds
    week = subject.week(care.calendar)
    waits: list[tuple[Place, Duration | None, str]] = [
        (("customer", "confirm_within"), care.confirm_within, "their case is closed as solved"),
        (
            ("customer", "survey", "within"),
            care.survey.within if care.survey else None,
            "they can rate it no more",
        ),
    ]
    if HoldReason.CUSTOMER in holds:
        at_most = holds[HoldReason.CUSTOMER].at_most
        harm = "their case is ended as unreachable"
        waits.append((("holds", "customer", "at_most"), at_most, harm))
    for place, within, harm in waits:
        if within is None:
            continue
        shortest = min(week.lasts(within))
        if shortest < A_DAY:
            yield Said(
                place,
                f"a customer who is silent for {span(shortest)} is out: {harm}",
                "leave them a business day at least, such as `1bd`; nights and days off count",
            )


@rule(Severity.WARNING)
def hold_without_reminder(subject: Subject) -> Iterator[Said]:
    """A hold is over before anybody is reminded of it. Source: A37.

    Where the rhythm is not written, only the customer's hold counts, which ends the case.
    """
    week = subject.week(subject.policy.customer.calendar)
    for reason, hold in subject.policy.holds.items():
        written = "remind_every" in hold.model_fields_set
        if hold.at_most is None or not (written or reason is HoldReason.CUSTOMER):
            continue
        if week.never_before(hold.remind_every, hold.at_most):
            ends = (
                "the case ends as unreachable without the customer having been reminded"
                if reason is HoldReason.CUSTOMER
                else "it ends without anybody having been reminded"
            )
            yield Said(
                ("holds", reason.value),
                f"a hold for the {reason} reminds every {hold.remind_every} and lasts "
                f"{hold.at_most} at most: {ends}",
                "remind at least twice before the end",
            )


@rule(Severity.WARNING)
def endless_hold(subject: Subject) -> Iterator[Said]:
    """A customer who says nothing any more keeps a case on hold for ever. Source: A37."""
    hold = subject.policy.holds.get(HoldReason.CUSTOMER)
    if hold is not None and hold.at_most is None:
        yield Said(
            ("holds", "customer"),
            "a case that waits for its customer waits without end: nobody ever closes it",
            "write `at_most`, such as `10bd`; the case then ends as unreachable",
        )


@rule(Severity.ERROR)
def retrospective_without_slot(subject: Subject) -> Iterator[Said]:
    """No stretch of opening hours is as long as the meeting. Source: A31."""
    rule_ = subject.policy.retrospective
    if rule_ is None:
        return
    slots = _slots(subject)
    if slots and all(slot is None for slot in slots):
        yield Said(
            ("retrospective", "duration"),
            f"a retrospective lasts {rule_.duration}, and `{rule_.calendar}` is never open that "
            "long at a stretch, from a full quarter of an hour on: none can be arranged",
            "make it shorter, or give it a calendar with longer hours",
        )


@rule(Severity.WARNING)
def retrospective_late(subject: Subject) -> Iterator[Said]:
    """Whenever a case ends, its retrospective comes after the time it had. Source: A31."""
    rule_ = subject.policy.retrospective
    slots = _slots(subject)
    if rule_ is not None and slots and all(slot is True for slot in slots):
        yield Said(
            ("retrospective", "within"),
            f"no retrospective can be held within {rule_.within}: it is invited to at least two "
            f"open hours before, lasts {rule_.duration}, and needs a slot on "
            f"`{rule_.calendar}`",
            "give it more time, such as `5bd`",
        )


def _slots(subject: Subject) -> list[bool | None]:
    """For cases that end at several hours of a week: whether the meeting is late; None: none."""
    rule_ = subject.policy.retrospective
    if rule_ is None:
        return []
    time = subject.week(rule_.calendar).time
    found: list[bool | None] = []
    for at in MOMENTS[::8]:
        slot = first_slot(time, rule_.duration, rule_.within, at, at)
        found.append(None if slot is None else slot.late)
        if slot is None:
            break
    return found


@rule(Severity.WARNING)
def retrospective_never(subject: Subject) -> Iterator[Said]:
    """No condition for a retrospective, or one that cannot come true. Source: A31, A52."""
    rule_ = subject.policy.retrospective
    if rule_ is None:
        return
    when = rule_.when
    asks = when.survey_at_or_below is not None
    if not (when.level or when.priority or when.breached or when.reopened or asks):
        yield Said(
            ("retrospective", "when"),
            "no case ever has a retrospective: `when` names nothing",
            "write after which cases, such as `{breached: true, priority: P1}`, or take it out",
        )
    if asks and subject.policy.customer.survey is None:
        yield Said(
            ("retrospective", "when", "survey_at_or_below"),
            "a retrospective waits for a bad rating, and no survey is ever sent",
            "write `customer: {survey: {within: 7d}}`, or take this out",
        )
