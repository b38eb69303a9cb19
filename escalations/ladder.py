"""The rules of the ladder: entering a level, reminding, climbing, leaving for a reason."""

from collections.abc import Iterable, Iterator

from escalations import addressees, promises, replies, self_service, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.effects import CustomerNotice, Notice, Recipient
from escalations.model import Instant
from escalations.policy import Kind, Policy, Priority, Trigger
from escalations.record import Status
from escalations.timeline import TimelineEntry

OF_A_STAY = (ClockName.ACKNOWLEDGEMENT, ClockName.WINDOW, ClockName.REPEAT, ClockName.RELEASE)
"""The clocks of a level's time; they stand still while the case waits for somebody else."""

_OF_A_WAIT = (
    ClockName.HOLD,
    ClockName.HOLD_REMINDER,
    ClockName.CONFIRMATION,
    ClockName.FIX,
    ClockName.SURVEY,
    ClockName.SHIFT,
)
"""The other clocks that end when a level is entered."""


def enter_level(case: CaseFile, number: int, since: Instant | None = None) -> None:
    """A level gets the case: its clocks start, its contact is told. Source: D4, D23, C17.

    `since` is when the window's clock starts, if that is not now.
    """
    record = case.record
    record.level = number
    record.highest_level = max(record.highest_level, number)
    record.stays += 1
    record.status = Status.OPEN
    record.owner, record.acknowledged = None, False
    record.hold = record.resolution = record.survey = record.suggestion = record.asked = None
    record.on_call = []
    case.recall()
    case.stop_clocks(*OF_A_STAY, *_OF_A_WAIT)
    case.resume_clocks(ClockName.AGE)
    promises.run(case)
    _start_window(case, since)
    level = case.level
    if level.acknowledge_within is not None:
        alarms = {Then.ASK_AGAIN: level.acknowledge_within}
        case.start_clock(ClockName.ACKNOWLEDGEMENT, level.calendar, alarms)
    leaves_at = case.due(ClockName.WINDOW, Then.CLIMB) or case.due(ClockName.WINDOW, Then.BREACH)
    case.note(timeline.LevelEntered, name=level.name, contact=level.contact, due_at=leaves_at)
    case.took_part("contact", level.contact, case.policy.contacts[level.contact].name)


def get_level(case: CaseFile, number: int, since: Instant | None = None) -> None:
    """A level gets the case, or a higher one where self-service has no answer. Source: C6."""
    enter_level(case, number, since)
    while case.level.kind is Kind.SELF_SERVICE and not self_service.suggest(case):
        if case.record.level == case.last_level:
            return
        number = case.record.level + 1
        case.note(timeline.LeftLevel, why="no_answer", to_level=number)
        enter_level(case, number, since)


def _start_window(case: CaseFile, since: Instant | None) -> None:
    """Remind at the lower bound, leave at the upper; a priority's speed shrinks both (D10, D24)."""
    alarms = window_alarms(case)
    if alarms:
        case.start_clock(ClockName.WINDOW, case.level.calendar, alarms, since)
    else:
        start_repeating(case)


def window_alarms(case: CaseFile) -> dict[Then, Duration]:
    """What the level's window rings for, and after how much of its time; nothing if it is open."""
    record, category = case.record, case.known.category(case.record.request.category)
    return case.known.once(_alarms, record.level, category, record.priority)


def _alarms(
    policy: Policy, number: int, category: str | None, priority: Priority
) -> dict[Then, Duration]:
    window = policy.level(number, category).within * policy.priorities.speed.get(priority, 1)
    if window.leave is None:
        return {}
    alarms = {Then.CLIMB if number < len(policy.levels) else Then.BREACH: window.leave}
    if window.remind is not None:
        alarms = {Then.REMIND: window.remind, **alarms}
    return alarms


def start_repeating(case: CaseFile) -> None:
    """No climb is left: the contact hears of the case again and again (D27)."""
    alarms = {Then.REPEAT: case.level.repeat_every}
    case.start_clock(ClockName.REPEAT, case.level.calendar, alarms)


def ask_level(case: CaseFile, why: str, text: str = "", by: str = "") -> None:
    """Tell the level's contact that the case is theirs, what to do and when it moves on.

    Where they have a rota, it is read first; where an answer can be suggested, nobody is asked yet.
    Somebody outside gets the words of whoever passes the case on to them, and nobody else's: what
    customers write stays in the house. Source: C47.
    """
    if case.level.kind is Kind.EXTERNAL and why not in ("handed_up", "handed_back"):
        text = ""
    if case.record.suggestion is not None:
        return
    name = case.level.contact
    if case.policy.contacts[name].rota is not None:
        asked = [addressees.to_be_read(case.record, name)]
    else:
        asked = case.contact(name)
    tell_level(case, asked, why, by, text)


def tell_level(
    case: CaseFile, to: Iterable[Recipient], why: str, by: str = "", text: str = ""
) -> None:
    """Say to these people that the case is theirs."""
    level = case.level
    case.tell(
        Notice.LEVEL_ENTERED,
        to,
        asks=True,
        why=why,
        by=by,
        text=text,
        due_at=case.due(ClockName.WINDOW, Then.CLIMB),
        actions=case.open_actions,
        leaves_on=level.leaves_on,
        may_grant=level.may_grant,
    )


def move(case: CaseFile, to_level: int, why: str, by: str = "", reason: str = "") -> None:
    """Leave a level for another; its contact and the customer hear why. Source: D18, C39, C40."""
    if to_level != case.record.level:
        case.note(
            timeline.LeftLevel,
            why=why,
            to_level=to_level,
            by=by or None,
            reason=reason,
            undone=case.open_actions,
        )
        case.record.hand_offs += 1
    get_level(case, to_level)
    ask_level(case, why, reason)
    if case.record.suggestion is not None:
        return
    replies.go_along(case, reason)
    if promises.tell_by_when(case, CustomerNotice.HANDED_OVER, why=why):
        promises.restart(case)


def remind(case: CaseFile) -> None:
    """The lower bound of the window is reached. Source: D24, C48."""
    case.silence(ClockName.WINDOW, Then.REMIND)
    level = case.level
    case.note(timeline.Reminded, name=level.name)
    case.tell(
        Notice.REMINDER,
        case.contact(level.contact),
        asks=True,
        due_at=case.due(ClockName.WINDOW, Then.CLIMB) or case.due(ClockName.WINDOW, Then.BREACH),
        actions=case.open_actions,
        leaves_on=level.leaves_on,
        may_grant=level.may_grant,
    )


def ask_again(case: CaseFile) -> None:
    """Nobody took the case in time: they are asked again, the escalation manager is told."""
    case.stop_clocks(ClockName.ACKNOWLEDGEMENT)
    case.note(timeline.AcknowledgementExpired, name=case.level.name)
    case.tell(
        Notice.UNACKNOWLEDGED,
        [*case.contact(case.level.contact), *case.manager],
        asks=True,
        due_at=case.due(ClockName.WINDOW, Then.CLIMB),
    )


def climb(case: CaseFile) -> None:
    """The upper bound is reached: the window is missed, the next level gets it. Source: D7, D11.

    An answer that was suggested and did not help is no promise that was broken.
    """
    if case.record.suggestion is not None:
        move(case, case.record.level + 1, "not_helped")
        return
    if not missed(case):
        _breach(case)
    move(case, case.record.level + 1, "time")


def breach_last(case: CaseFile) -> None:
    """The window of the last level is missed: nobody is above, so it is told again and again."""
    case.stop_clocks(ClockName.WINDOW)
    start_repeating(case)
    if case.record.suggestion is None:
        _breach(case)
        return
    case.record.suggestion = None
    promises.run(case)
    ask_level(case, "not_helped")


def _breach(case: CaseFile) -> None:
    case.record.breached = True
    case.note(timeline.Breached, what="window", name=case.level.name)
    told = [*case.manager, *case.contact(case.level.contact)]
    case.tell(Notice.BREACH, told, why="time", due_at=case.at)


def this_stay(case: CaseFile) -> Iterator[TimelineEntry]:
    """What was written since the level got the case, the newest first."""
    for entry in reversed(case.record.timeline):
        if isinstance(entry, timeline.LevelEntered):
            return
        yield entry


def missed(case: CaseFile) -> bool:
    """Whether the window of this stay was missed: of a last level that is the last no more."""
    return any(
        isinstance(entry, timeline.Breached) and entry.what == "window" for entry in this_stay(case)
    )


def repeat(case: CaseFile) -> None:
    """The case is still there, and no climb is left. Source: D27."""
    start_repeating(case)
    times = 1 + _told_already(case)
    case.note(timeline.Repeated, name=case.level.name, times=times)
    case.tell(
        Notice.STILL_UNRESOLVED,
        case.whoever_has_it,
        asks=True,
        due_at=case.record.opened_at,
        actions=case.open_actions,
    )


def _told_already(case: CaseFile) -> int:
    """How often that was said at this stay."""
    for entry in reversed(case.record.timeline):
        if isinstance(entry, timeline.Repeated):
            return entry.times
        if isinstance(entry, timeline.LevelEntered):
            break
    return 0


def target(case: CaseFile, trigger: Trigger) -> int:
    """The number of the level that a trigger leads to from here."""
    if trigger.to == "next":
        return case.record.level + 1
    return case.policy.number(trigger.to)


def raise_trigger(case: CaseFile, name: str, by: str, note: str, words: str = "") -> bool:
    """A fact moves the case at once, never down; whether it moved. Source: D29, A54, C18."""
    trigger = case.policy.triggers[name]
    to_level = target(case, trigger)
    moves = case.record.level < to_level <= case.last_level
    case.note(timeline.TriggerRaised, trigger=name, by=by, note=note, moved=moves)
    call_executive(case, name, by, words or note)
    if not moves:
        return False
    leave_where_it_stood(case, f"trigger:{name}")
    move(case, to_level, f"trigger:{name}", by, words or note)
    return True


def call_executive(case: CaseFile, trigger: str, by: str, words: str) -> None:
    """An extraordinary threat: who drives the case hears that a sponsor may be due. Source: A54."""
    if case.record.executive or not case.policy.triggers[trigger].executive:
        return
    case.record.executive = True
    case.note(timeline.ExecutiveCalled, trigger=trigger)
    case.tell(Notice.EXECUTIVE_CALLED, case.manager, why=f"trigger:{trigger}", by=by, text=words)


def leave_where_it_stood(case: CaseFile, why: str) -> None:
    """A hold ends and a resolution is void when the case is moved on."""
    record = case.record
    if record.hold is not None:
        case.note(timeline.Resumed, why="moved")
    if record.status in (Status.RESOLVED, Status.WORKAROUND):
        record.reopened += 1
        case.note(timeline.Reopened, why=why, times=record.reopened)
