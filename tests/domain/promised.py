"""What one thing that is said may do to what was promised before, and other views of a case."""

from collections.abc import Iterator

from escalations import events
from escalations.clock import ClockName, Deadline, Then
from escalations.effects import Effect, Notice, Notify, ReadRota
from escalations.timeline import TimelineEntry
from tests.domain.looks import Said, Step

WORD = {(ClockName.UPDATE, Then.REMIND_UPDATE), (ClockName.UPDATE, Then.MISS_UPDATE)}
SILENCE = {(ClockName.CONFIRMATION, Then.PRESUME), (ClockName.HOLD, Then.END_HOLD)}
WINDOW = {(ClockName.WINDOW, then) for then in (Then.REMIND, Then.CLIMB, Then.BREACH)}
OWNED = {(ClockName.RELEASE, Then.RELEASE)}


def said_before(effect: Effect, step: Step) -> bool:
    """Whether it only addresses what was decided before, or says that nobody was there to."""
    return (
        isinstance(step.said, events.RosterRead)
        and isinstance(effect, Notify)
        and (
            effect.notice is Notice.NOBODY_ON_CALL
            or f'"notice":"{effect.notice}"' in step.before.json.partition('"unaddressed"')[2]
        )
    ) or (isinstance(step.said, events.RosterRead) and isinstance(effect, ReadRota))


def moved_by(said: Said) -> set[tuple[ClockName, Then]]:
    """The promises that this may move while status and stay are what they were."""
    match said:
        case Deadline(then=Then.REPEAT):
            return {(said.clock, said.then)}
        case Deadline(then=Then.PRESUME | Then.END_HOLD | Then.REMIND_HOLD):
            return {(said.clock, said.then), *SILENCE}
        case Deadline(then=Then.MISS_UPDATE):
            return {*WORD}
        case events.Resolve() | events.ProposeResolution():
            return {(ClockName.CONFIRMATION, Then.PRESUME)}
        case events.UpdateCustomer():
            return {*WORD, *SILENCE}
        case Deadline(then=Then.RAISE_PRIORITY) | events.SetPriority():
            return {*WORD, *WINDOW}
        case events.RosterRead():
            return {(ClockName.SHIFT, Then.HAND_OVER)}
        case events.CustomerReplied():
            return {(ClockName.CONFIRMATION, Then.PRESUME)}
        case _:
            return set()


def ended_by(said: Said) -> set[tuple[ClockName, Then]]:
    """The promises that this may take back while status and stay are what they were."""
    match said:
        case Deadline(then=Then.RAISE_PRIORITY):
            return {*WORD, (said.clock, said.then)}
        case Deadline(then=Then.PRESUME) | events.ConfirmResolution():
            return {(ClockName.CONFIRMATION, Then.PRESUME), (ClockName.FIX, Then.FIX_OVERDUE)}
        case Deadline():
            return {(said.clock, said.then)}
        case events.SetPriority():
            return {*WORD, (ClockName.AGE, Then.RAISE_PRIORITY)}
        case events.Acknowledge() | events.Assign():
            return {
                (ClockName.ACKNOWLEDGEMENT, Then.ASK_AGAIN),
                (ClockName.WINDOW, Then.REMIND),
            }
        case _:
            return set()


def stays(timeline: list[TimelineEntry]) -> Iterator[list[TimelineEntry]]:
    """The entries of each stay, beginning with `level_entered`."""
    stay: list[TimelineEntry] = []
    for entry in timeline:
        if entry.type == "level_entered":
            if stay:
                yield stay
            stay = []
        if stay or entry.type == "level_entered":
            stay.append(entry)
    yield stay


def kind(entry: TimelineEntry) -> str:
    return f"breached {entry.what}" if entry.type == "breached" else entry.type
