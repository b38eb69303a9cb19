"""What a case was like before and after one step: what the rules of the engine look at."""

from dataclasses import dataclass
from datetime import datetime

from escalations.clock import Clock, ClockName, Deadline, Then
from escalations.effects import Effect
from escalations.engine import Case
from escalations.errors import Refused
from escalations.events import Event
from escalations.policy import Priority
from escalations.record import EscalationRecord, Status

Said = Event | Deadline


@dataclass(frozen=True)
class Look:
    """What a case was like at one moment."""

    json: str
    status: Status
    level: int
    stays: int
    clocks: dict[ClockName, Clock]
    issued: int
    priority: Priority

    @classmethod
    def at(cls, record: EscalationRecord) -> "Look":
        """What it is like now."""
        json = record.model_dump_json(exclude={"snapshot", "request"})
        return cls(
            json,
            record.status,
            record.level,
            record.stays,
            record.clocks,
            record.effects_issued,
            record.priority,
        )

    def due(self) -> dict[tuple[ClockName, Then], datetime | None]:
        """All that is promised."""
        return {
            (name, alarm.then): alarm.due_at
            for name, clock in self.clocks.items()
            for alarm in clock.alarms
        }


@dataclass(frozen=True)
class Step:
    """One event or deadline, what was before and after it, and what followed."""

    at: datetime
    said: Said
    before: Look
    after: Look
    effects: list[Effect]
    refused: bool


def told(case: Case, event: Event, at: datetime) -> tuple[list[Effect], bool]:
    """Say it: what follows, and whether it was refused."""
    try:
        return case.handle(event, at), False
    except Refused:
        return [], True
