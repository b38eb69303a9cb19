"""The rules of ownership: who has the case, and when they lose it."""

from escalations import timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.effects import Notice
from escalations.events import CompleteAction
from escalations.record import ActionDone, Status


def take(case: CaseFile, owner: str) -> None:
    """Somebody has it: nobody is asked or reminded at this stay any more; time goes on (D7)."""
    case.record.owner, case.record.acknowledged = owner, True
    case.stop_clocks(ClockName.ACKNOWLEDGEMENT)
    case.silence(ClockName.WINDOW, Then.REMIND)
    case.recall(Notice.REMINDER, Notice.UNACKNOWLEDGED, Notice.RELEASED)
    _start_release(case)


def sign_of_life(case: CaseFile) -> None:
    """Somebody inside does something about the case: it is not forgotten."""
    if ClockName.RELEASE in case.record.clocks:
        _start_release(case)


def _start_release(case: CaseFile) -> None:
    level = case.level
    if level.release_after is None:
        return
    case.start_clock(ClockName.RELEASE, level.calendar, {Then.RELEASE: level.release_after})
    if case.record.status is not Status.OPEN:
        case.pause_clocks(ClockName.RELEASE)


def release(case: CaseFile) -> None:
    """Nothing happens: the owner loses the case, and its level is asked again."""
    record, told = case.record, [*case.manager, *case.whoever_has_it]
    case.stop_clocks(ClockName.RELEASE)
    owner, record.owner, record.acknowledged = record.owner or "", None, False
    case.note(timeline.Released, owner=owner)
    due_at = case.due(ClockName.WINDOW, Then.CLIMB)
    case.tell(Notice.RELEASED, told, asks=True, by=owner, due_at=due_at)


def complete(case: CaseFile, command: CompleteAction) -> None:
    """One of the level's actions is done. Source: D28."""
    done = ActionDone(
        action=command.action,
        level=case.record.level,
        by=command.by,
        at=case.at,
        evidence=command.evidence,
    )
    case.record.actions_done = [*case.record.actions_done, done]
    case.note(
        timeline.ActionCompleted, by=command.by, action=command.action, evidence=command.evidence
    )
