"""The clocks of a case that adopts another revision: each goes on with the time it has consumed.

As the same amount where the new revision counts the same kind of time, else as the same share of
the whole. What has rung does not ring again. A clock that the new revision does not have ends; one
that the case did not have begins now. Only a window counts on where the level has none any more.
"""

from fractions import Fraction

from escalations import priorities, promises
from escalations.casefile import CaseFile
from escalations.clock import Alarm, Clock, ClockName, Then
from escalations.clock_terms import Terms, terms
from escalations.durations import Duration
from escalations.ladder import OF_A_STAY, missed, this_stay
from escalations.model import made
from escalations.record import EscalationRecord, Status
from escalations.snapshot import Snapshot

_TAKEN = ("acknowledged", "assigned", "suggested")
"""After these nobody is asked or reminded at a stay any more."""


def carry_over(
    case: CaseFile,
    was: Snapshot,
    before: dict[ClockName, Terms],
    consumed: dict[ClockName, Duration],
) -> None:
    """Every clock goes on by the new terms with the time it has consumed."""
    now, clocks = terms(case), case.record.clocks
    case.record.clocks = {}
    for name, clock in clocks.items():
        if name in now:
            alarms = _alarms(case, name, clock, before.get(name), now[name])
            done = _converted(consumed[name], clock, now[name])
        elif name in (ClockName.WINDOW, ClockName.SURVEY):
            alarms, done = _kept(name, clock), consumed[name]
        else:
            continue
        calendar = now[name].calendar if name in now else _calendar(case, name)
        if _is_unchanged(clock, alarms, was, case.record.snapshot, calendar):
            case.put_clock(name, clock.model_copy(update={"calendar": calendar}))
            continue
        _put(case, name, calendar, done, alarms, pauses=clock.pauses)
        if clock.running:
            case.resume_clocks(name)
    _begin(case, before, now)


def _alarms(
    case: CaseFile, name: ClockName, clock: Clock, before: Terms | None, now: Terms
) -> dict[Then, Duration]:
    """What the clock still rings for: what has rung or was silenced does not come again."""
    there = {alarm.then for alarm in clock.alarms}
    over = set(before.alarms if before else ()) - there
    if name is ClockName.WINDOW and _happened(case, *_TAKEN, "reminded"):
        over.add(Then.REMIND)
    return {then: after for then, after in now.alarms.items() if then not in over}


def _converted(consumed: Duration, clock: Clock, now: Terms) -> Duration:
    """The same amount; of another kind of time, the same share of the whole.

    The clock's own whole: a promise that was kept since it was sooner is not by its terms.
    """
    if consumed.unit is now.whole.unit:
        return consumed
    whole = max((alarm.after for alarm in clock.alarms), default=None)
    if whole is None:
        return Duration.zero(now.whole.unit)
    return now.whole * (Fraction(consumed.amount) / whole.amount)


def _kept(name: ClockName, clock: Clock) -> dict[Then, Duration]:
    """What rings by no term: a survey that is out ends when it was to; a window only counts on."""
    return {alarm.then: alarm.after for alarm in clock.alarms if name is ClockName.SURVEY}


def _calendar(case: CaseFile, name: ClockName) -> str:
    return case.level.calendar if name in OF_A_STAY else case.policy.customer.calendar


def _is_unchanged(
    clock: Clock, alarms: dict[Then, Duration], was: Snapshot, now: Snapshot, calendar: str
) -> bool:
    """Whether nothing of it is another: then its due moments stay as they were promised."""
    rings = {alarm.then: alarm.after for alarm in clock.alarms}
    return rings == alarms and was.calendars[clock.calendar] == now.calendars[calendar]


def _put(
    case: CaseFile,
    name: ClockName,
    calendar: str,
    consumed: Duration,
    alarms: dict[Then, Duration],
    pauses: int = 0,
) -> None:
    case.put_clock(
        name,
        made(
            Clock,
            calendar=calendar,
            consumed=consumed,
            running_since=None,
            alarms=tuple(made(Alarm, then=then, after=after) for then, after in alarms.items()),
            pauses=pauses,
        ),
    )


def _begin(case: CaseFile, before: dict[ClockName, Terms], now: dict[ClockName, Terms]) -> None:
    """What the case has by the new policy and did not have begins now."""
    record = case.record
    fresh = now.keys() - before.keys() - record.clocks.keys()
    asked = not _happened(case, *_TAKEN, "acknowledgement_expired")
    if ClockName.ACKNOWLEDGEMENT in fresh and asked:
        _start(case, ClockName.ACKNOWLEDGEMENT, now)
    if ClockName.RELEASE in fresh and record.acknowledged:
        _start(case, ClockName.RELEASE, now)
    if ClockName.AGE in fresh:
        priorities.grow_old(case)
    if ClockName.HOLD in fresh:
        _start(case, ClockName.HOLD, now)
    if ClockName.UPDATE in fresh and promises.somebody_works(record):
        promises.restart(case)
    _lead_on(case, before, now)


def _start(case: CaseFile, name: ClockName, now: dict[ClockName, Terms]) -> None:
    """It runs, unless what it measures stands still."""
    case.start_clock(name, now[name].calendar, now[name].alarms)
    if _stands_still(case.record, name):
        case.pause_clocks(name)


def _stands_still(record: EscalationRecord, name: ClockName) -> bool:
    return name in OF_A_STAY and record.status is not Status.OPEN


def _lead_on(case: CaseFile, before: dict[ClockName, Terms], now: dict[ClockName, Terms]) -> None:
    """The level is left in time, or is told again and again: one of both.

    A window that was missed at a last level counts as consumed: where another level is above now,
    the case climbs at once, and breaks no second promise.
    """
    record, window = case.record, ClockName.WINDOW
    over = missed(case) or (window in before and window not in record.clocks)
    if over and record.level == case.last_level:
        case.stop_clocks(window)
    elif over and window in now:
        whole = now[window].whole
        _put(case, window, now[window].calendar, whole, {Then.CLIMB: whole})
        if not _stands_still(record, window):
            case.resume_clocks(window)
    elif window in now and window not in record.clocks:
        _start(case, window, now)
        if _happened(case, *_TAKEN):
            case.silence(window, Then.REMIND)
    clock = record.clocks.get(window)
    if clock is not None and clock.alarms:
        case.stop_clocks(ClockName.REPEAT)
    elif ClockName.REPEAT not in record.clocks:
        _start(case, ClockName.REPEAT, now)


def _happened(case: CaseFile, *types: str) -> bool:
    """Whether one of these was written at this stay."""
    return any(entry.type in types for entry in this_stay(case))
