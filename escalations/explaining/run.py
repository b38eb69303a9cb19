"""One run of a case as its history has it: what it began with, and what it heard when.

A **turn** is a workflow task that was completed. What stands in the history between the turn before
and its own beginning is what it heard: what was said first, then what was reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from escalations.events import AdoptPolicy, Command, Delivery, Fact, Unreadable
from escalations.model import Instant
from escalations.record import Baton, EscalationRecord
from escalations.request import EscalationRequest
from escalations.rota import Roster, RotaQuestion
from escalations.snapshot import Snapshot


@dataclass(frozen=True)
class Said:
    """A signal, or an update that was accepted."""

    event: Fact | Command | Unreadable
    number: int
    """The history event that brought it."""


@dataclass(frozen=True)
class SendEnded:
    """A dispatch has its result: who was reached, or why the send failed as a whole."""

    dispatch: int
    """Which of the run's dispatches, from 0."""
    deliveries: list[Delivery] | None
    problem: str = ""


@dataclass(frozen=True)
class RotaRead:
    """A rota was read, or why it was not."""

    reading: int
    """Which of the run's readings, from 0."""
    question: RotaQuestion
    roster: Roster | None
    problem: str = ""


@dataclass(frozen=True)
class ChildStarted:
    """A retrospective is under way."""

    child: int
    """Which of the run's children, from 0."""
    workflow_id: str
    already: bool = False
    """Whether it was before."""


@dataclass(frozen=True)
class PolicyFound:
    """The revision that a case was told to adopt was fetched."""

    command: AdoptPolicy
    snapshot: Snapshot
    number: int
    """The history event that brought the command."""


@dataclass(frozen=True)
class Cancelled:
    """Somebody cancelled the run."""

    reason: str


@dataclass(frozen=True)
class Rang:
    """The timer was over: what is due is looked at."""


Reported = SendEnded | RotaRead | ChildStarted | PolicyFound | Cancelled | Rang


@dataclass(frozen=True)
class Turn:
    """One completed workflow task that heard something."""

    at: Instant
    """The workflow's clock during this turn."""
    completed: int
    """The number of the event with which it was completed."""
    said: Sequence[Said] = ()
    asked: Sequence[AdoptPolicy] = ()
    """Commands for which a policy is fetched from here on; they count when it is there."""
    reported: Sequence[Reported] = ()


@dataclass(frozen=True)
class Run:
    """One run, from its start to its end or to where its history ends."""

    run_id: str
    opening: EscalationRequest | Baton
    snapshot: Snapshot | None
    """The policy as it was copied; none where a baton brought it, or where it never came."""
    turns: Sequence[Turn] = ()
    """The first one is the opening; none if no worker has touched it."""
    adoptions: Sequence[int] = ()
    """The events that ask for a policy to adopt, in order."""
    opened_by: int = 0
    """The event with which the turn was completed in which the policy was there."""
    result: EscalationRecord | None = None
    """What it ended with, or handed to the next run."""
    ended: str = ""
    """How the server closed it: `completed`, `continued_as_new`, `terminated` …; empty if open."""
    failure: str = ""
    """Why, where it failed."""

    @property
    def case(self) -> str:
        """The case's id."""
        opening = self.opening
        return opening.case if isinstance(opening, EscalationRequest) else opening.record.case
