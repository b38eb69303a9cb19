"""What each clock of a case rings for by the policy that the case keeps, running or not."""

from dataclasses import dataclass

from escalations.casefile import CaseFile
from escalations.clock import ClockName, Then
from escalations.durations import Duration
from escalations.ladder import OF_A_STAY, window_alarms
from escalations.promises import REMIND_AT


@dataclass(frozen=True)
class Terms:
    """A clock as a policy says it: on which calendar, and what it rings for after how long."""

    calendar: str
    alarms: dict[Then, Duration]

    @property
    def whole(self) -> Duration:
        """All of its time."""
        return max(self.alarms.values())


def terms(case: CaseFile) -> dict[ClockName, Terms]:
    """The clocks that the policy has for this case as it stands; others it does not know.

    A shift is no span of time: when it ends is read from a rota.
    """
    record, level, care = case.record, case.level, case.policy.customer
    every = care.update_every.get(record.priority)
    hold = case.policy.holds.get(record.hold.reason) if record.hold else None
    said: dict[ClockName, dict[Then, Duration | None]] = {
        ClockName.WINDOW: dict(window_alarms(case)),
        ClockName.REPEAT: {Then.REPEAT: level.repeat_every},
        ClockName.ACKNOWLEDGEMENT: {Then.ASK_AGAIN: level.acknowledge_within},
        ClockName.RELEASE: {Then.RELEASE: level.release_after},
        ClockName.UPDATE: {
            Then.REMIND_UPDATE: every and every * REMIND_AT,
            Then.MISS_UPDATE: every,
        },
        ClockName.AGE: {Then.RAISE_PRIORITY: case.policy.priorities.raise_after},
        ClockName.HOLD: {Then.END_HOLD: hold.at_most if hold else None},
        ClockName.HOLD_REMINDER: {Then.REMIND_HOLD: hold.remind_every if hold else None},
        ClockName.CONFIRMATION: {Then.PRESUME: care.confirm_within},
        ClockName.FIX: {Then.FIX_OVERDUE: care.fix_within},
        ClockName.SURVEY: {Then.END_SURVEY: care.survey.within if care.survey else None},
    }
    written = {
        name: {then: after for then, after in alarms.items() if after is not None}
        for name, alarms in said.items()
    }
    return {
        name: Terms(level.calendar if name in OF_A_STAY else care.calendar, alarms)
        for name, alarms in written.items()
        if alarms
    }
