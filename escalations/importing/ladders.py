"""An escalation, whatever tool it is from: who is asked in which order, for how long."""

from dataclasses import dataclass, field

from escalations.importing.exports import Part


@dataclass(frozen=True)
class Shifts:
    """Where it is written who is on call."""

    calendar: str
    """Its iCalendar address; empty if the export has none."""
    overrides: str = ""
    people: "tuple[Asked, ...]" = ()


@dataclass(frozen=True)
class Asked:
    """Somebody who is asked: a person, whoever is on call, or a team."""

    name: str
    reach: tuple[str, ...] = ()
    timezone: str | None = None
    shifts: Shifts | None = None


@dataclass
class Rung:
    """One step: all of these are asked at its beginning."""

    part: Part
    """What is told as its place."""
    asked: list[Asked]
    stays: int
    """Seconds until the next step is asked."""
    again: tuple[int, ...] = ()
    """Seconds after which the same are asked again if nobody has acknowledged."""
    always: bool = False
    """Whether they are asked even if somebody has acknowledged."""


@dataclass
class Ladder:
    """One escalation."""

    part: Part
    kind: str
    """What such a thing is called where it comes from: `escalation policy`, `plan` …"""
    name: str
    summary: str = ""
    rungs: list[Rung] = field(default_factory=list)
    rounds: int = 0
    """How often it starts again from the first step."""
    pause: int = 0
    """Seconds between the last step's time and the next round."""
    release_after: int = 0
    """Seconds after which somebody who acknowledged and was not heard of loses the case."""
