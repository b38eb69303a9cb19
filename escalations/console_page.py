"""The page of a case in the Temporal UI (its current details), as Markdown.

Who has never seen the case knows after it what the problem is, who has it, what happens next and
when, and why.
"""

from collections.abc import Iterator
from typing import Final, TypeVar

from escalations import sentences
from escalations.clock import Clock, ClockName, Deadline, Then
from escalations.console import send_summary
from escalations.durations import Duration, Unit
from escalations.effects import Notify, TellCustomer
from escalations.languages import en
from escalations.markdown import plain, quoted
from escalations.model import Instant
from escalations.policy import Level
from escalations.record import EscalationRecord, Status
from escalations.timeline import Breached, Held, LeftLevel, LevelEntered, TimelineEntry, Undelivered

LATEST: Final = 6
"""How many entries of the timeline stand at the end."""
AFTER_NEXT: Final = 3
"""How many moments after the next one are told."""
NAMED: Final = 3
"""How many breaches, and people who were not reached, are named."""

_Kind = TypeVar("_Kind", Held, LeftLevel, LevelEntered)

_BECAUSE: Final = {
    Then.HAND_OVER: "the shift ends",
    Then.RAISE_PRIORITY: "{after} after it was reported",
    Then.ASK_AGAIN: "it is to be taken within {after}",
    Then.REMIND: "unresolved for {after} here",
    Then.CLIMB: "unless it is resolved before; this level has {after}",
    Then.BREACH: "this level has {after}",
    Then.REPEAT: "every {after} until it is resolved",
    Then.RELEASE: "when the owner is silent for {after}",
    Then.REMIND_UPDATE: "promised every {promise}",
    Then.MISS_UPDATE: "promised every {promise}",
    Then.REMIND_HOLD: "every {after} of the hold",
    Then.END_HOLD: "such a hold lasts {after} at most",
    Then.PRESUME: "the customer has {after} to say yes or no",
    Then.FIX_OVERDUE: "a workaround has {after} for it",
    Then.END_SURVEY: "the customer has {after} to answer",
    Then.DELIVER: "nobody is disturbed before",
}


def current_details(record: EscalationRecord, *, alone: bool = False) -> str:
    """The page; `alone` where the run has no static details beside it that tell the problem."""
    return "\n".join(_lines(record, alone))


def _lines(record: EscalationRecord, alone: bool) -> Iterator[str]:
    request = record.request
    tier = f", {request.customer.tier}" if request.customer.tier else ""
    yield f"**{record.priority} · {plain(request.title)}** · {plain(request.customer.name)}{tier}"
    yield ""
    yield f"- Status: {_status(record)}"
    yield f"- Level: {_standing(record)}"
    yield f"- Owner: {_owner(record)}"
    yield from _moments(record)
    yield from _warnings(record)
    yield from _on_its_way(record)
    if alone:
        yield from _section("Problem", request.statement)
        yield from _section("At stake", request.at_stake)
    yield from _section("Last words of the customer", record.last_words)
    if (found := record.resolution) is not None:
        yield from _section(f"Proposed as {found.kind} by {plain(found.by)}", found.summary)
    if not record.closed:
        yield from _duties(record)
    yield from ("", "**Latest**", "")
    for entry in [entry for entry in record.timeline if entry.type != "notified"][-LATEST:]:
        yield f"- {_moment(record, entry.at)} {_words(record, entry)}"
    counts = f"replies: {record.replies}, changed hands: {record.hand_offs}"
    yield from ("", f"{record.snapshot.reference}; {counts}, reopened: {record.reopened}")


def _status(record: EscalationRecord) -> str:
    status = en.STATUS[record.status]
    if record.closed and record.ending is not None:
        at = f", {_moment(record, record.closed_at)}" if record.closed_at else ""
        return f"**{status}: {sentences.why(record.ending, en)}**{at}"
    if record.hold is not None:
        waiting = f"**{status}, waiting for {sentences.why(record.hold.reason, en)}**"
        held = _last(record, Held)
        note = f": {plain(held.note)}" if held and held.note else ""
        since = _moment(record, record.hold.since)
        return f"{waiting} since {since}, by {plain(record.hold.by)}{note}"
    if record.survey is not None:
        return f"**resolved**: {sentences.why(record.survey.ending, en)}, and is asked how it went"
    return f"**{status}**"


def _standing(record: EscalationRecord) -> str:
    """Where it is, since when, and why there."""
    level, levels = _level(record), len(record.snapshot.policy.levels)
    standing = f"**{record.level} of {levels}, {plain(level.name)}** ({level.kind})"
    entered, left = _last(record, LevelEntered), _last(record, LeftLevel)
    if entered is None:
        return standing
    standing += f" since {_moment(record, entered.at)}"
    if left is None or left.to_level != record.level:
        return standing
    by = f" by {plain(left.by)}" if left.by else ""
    reason = f": {plain(left.reason)}" if left.reason else ""
    return f"{standing}, because {plain(sentences.why(left.why, en))}{by}{reason}"


def _owner(record: EscalationRecord) -> str:
    contact = record.snapshot.policy.contacts[_level(record).contact].name
    on_call = f" (on call: {plain(people)})" if (people := record.people_on_call) else ""
    if record.owner:
        return f"**{plain(record.owner)}**, for {plain(contact)}{on_call}"
    match record.status:
        case Status.CLOSED:
            return "nobody"
        case Status.RESOLVED:
            return "nobody; the customer is asked"
        case _:
            return f"**nobody yet**; {plain(contact)} is asked{on_call}"


def _moments(record: EscalationRecord) -> Iterator[str]:
    """What happens next and later, when, and why."""
    following = record.next_deadline
    yield f"- Next: {_told(record, following)}"
    window = record.clocks.get(ClockName.WINDOW)
    if window is not None and not window.running and (left := _left(window)):
        yield f"- The clock of the level stands still; when it goes on, it has {left} left"
    if record.closed:
        return
    later = (
        Deadline(at=alarm.due_at, clock=name, then=alarm.then)
        for name, clock in record.clocks.items()
        for alarm in clock.alarms
        if alarm.due_at is not None
    )
    ordered = sorted(
        (each for each in later if each != following), key=lambda each: (each.at, each.then)
    )
    yield from (f"- Later: {_told(record, each)}" for each in ordered[:AFTER_NEXT])


def _told(record: EscalationRecord, deadline: Deadline | None) -> str:
    words = plain(sentences.coming(record, deadline))
    if deadline is None:
        return words
    promise = record.snapshot.policy.customer.update_every.get(record.priority)
    because = _BECAUSE[deadline.then].format(
        after=_budget(record, deadline),
        promise=_long(promise, record.snapshot.policy.customer.calendar) if promise else "so often",
    )
    return f"**{_moment(record, deadline.at)}** {words} ({because})"


def _budget(record: EscalationRecord, deadline: Deadline) -> str:
    """How much time of its clock the deadline had, from the beginning."""
    if clock := record.clocks.get(deadline.clock):
        for alarm in clock.alarms:
            if alarm.then is deadline.then:
                return _long(alarm.after, clock.calendar)
    return "its time"


def _long(duration: Duration, calendar: str) -> str:
    """How long, and whose opening hours it counts, where that matters."""
    counted = calendar != "always" and duration.unit is not Unit.DAYS
    return f"{_rounded(duration)} of {calendar} hours" if counted else _rounded(duration)


def _left(clock: Clock) -> str:
    """What a clock that stands still has left of its longest alarm."""
    longest = max((alarm.after for alarm in clock.alarms), default=None)
    return _rounded(longest.less(clock.consumed)) if longest else ""


def _rounded(duration: Duration) -> str:
    if duration.unit is Unit.BUSINESS_DAYS:
        return f"{float(duration.amount):.2f}".rstrip("0").rstrip(".") + "bd"
    return str(Duration(duration.unit, int(duration.amount) // 1_000_000 * 1_000_000))


def _warnings(record: EscalationRecord) -> Iterator[str]:
    """Promises that were broken, and who does not know of the case."""
    breaches = [entry for entry in record.timeline if isinstance(entry, Breached)]
    for breach in breaches[-NAMED:]:
        yield f"- **Breached** {_moment(record, breach.at)}: {_words(record, breach)}"
    if record.breached and not breaches:
        yield "- **Breached**, before what is told here"
    lost: dict[str, Undelivered] = {}
    for entry in record.timeline:
        if entry.type == "undelivered":
            lost[entry.recipient] = entry
        elif entry.type == "notified":
            lost.pop(entry.recipient, None)
    for missed in list(lost.values())[-NAMED:]:
        yield f"- **Not reached** {_moment(record, missed.at)}: {_words(record, missed)}"


def _on_its_way(record: EscalationRecord) -> Iterator[str]:
    """What was sent and has not arrived: for a moment as a rule, for long where a channel is down.

    What waits for quiet hours to end is told with the moments.
    """
    sends = [
        each
        for each in record.outbox
        if isinstance(each, TellCustomer) or (isinstance(each, Notify) and not each.not_before)
    ]
    if sends:
        told = plain(send_summary(sends))
        yield f"- On its way: {told} (what holds it up: *Pending Activities*)"


def _duties(record: EscalationRecord) -> Iterator[str]:
    level = _level(record)
    grants = [f"{what} {amount}" for what, amount in level.may_grant.items()]
    named = {
        "To be done here before it is handed up": record.open_actions,
        "May be granted here": grants,
        "This level passes the case on when (`raise_trigger`)": level.leaves_on,
    }
    for title, what in named.items():
        if what:
            yield from ("", f"{title}: {plain(', '.join(what))}")


def _section(title: str, words: str) -> Iterator[str]:
    if words:
        yield from ("", f"**{title}**", "", quoted(words))


def _level(record: EscalationRecord) -> Level:
    return record.snapshot.policy.level(record.level, record.request.category)


def _last(record: EscalationRecord, kind: type[_Kind]) -> _Kind | None:
    return next((entry for entry in reversed(record.timeline) if isinstance(entry, kind)), None)


def _words(record: EscalationRecord, entry: TimelineEntry) -> str:
    return plain(sentences.sentence(entry, record.snapshot.policy.timezone))


def _moment(record: EscalationRecord, at: Instant) -> str:
    return sentences.moment(at, record.snapshot.policy.timezone)
