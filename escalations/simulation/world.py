"""The world around a simulated case: how soon things are carried out, and what becomes of a send.

A real worker is never quite in time. `Prompt` is: what is due is done at its moment, and what is
sent is delivered at once, but to whom cannot be reached then.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from escalations import events, names
from escalations.clock import Deadline
from escalations.effects import (
    Effect,
    Notify,
    ReadRota,
    Recipient,
    ScheduleRetrospective,
    Send,
    TellCustomer,
)
from escalations.events import Delivery, Outcome, Report
from escalations.model import Instant
from escalations.rostering import unreadable
from escalations.rota import Roster, RotaQuestion

NOBODY_THERE = "nobody there, says the scenario"

NO_CALENDAR = "this simulation reads no calendar"
NO_ADDRESS = "nobody is on call: no address is known"


class World(Protocol):
    """Whatever is outside the engine."""

    def carried_out_at(self, deadline: Deadline) -> Instant:
        """When what is due then is carried out: never before it is due."""

    def answers(self, effects: Sequence[Effect], at: Instant) -> Iterable["Answer"]:
        """What is reported of what one decision sent at `at`, and when."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A report on its way."""

    at: Instant
    report: Report
    place: int = 0
    """Among what comes at the same moment, the lower first."""


@dataclass(frozen=True)
class Absence:
    """Somebody who cannot be reached, from a moment on and before another."""

    recipient: str
    """The recipient's key: a contact's or role's name, `customer`, or somebody of a rota.

    `engineers/Wei Lim` is one person, `engineers` whoever is on call, and the contact itself.
    """
    since: Instant
    until: Instant | None = None
    """For ever if `None`."""


@dataclass(frozen=True)
class Prompt:
    """Everything is done at its moment, and everybody is reached who is not absent."""

    absent: Sequence[Absence] = ()
    refusal: str = NOBODY_THERE
    """What the channels say of each address of somebody who is absent."""
    read_rota: Callable[[RotaQuestion], Roster] | None = None
    """Who is on call; nobody knows if `None`."""
    timezone: str = "UTC"
    """Of the policy."""

    def carried_out_at(self, deadline: Deadline) -> Instant:
        """At its moment."""
        return deadline.at

    def answers(self, effects: Sequence[Effect], at: Instant) -> Iterable[Answer]:
        """At once; what is sent together is reported together."""
        return [Answer(at, report) for report in self.reports(effects, at)]

    def reports(self, effects: Sequence[Effect], at: Instant) -> Iterable[Report]:
        """What becomes of them."""
        sends = [effect for effect in effects if isinstance(effect, Notify | TellCustomer)]
        if sends:
            yield events.Delivered(
                deliveries=[
                    self._delivery(send, recipient, at) for send in sends for recipient in send.to
                ]
            )
        for effect in effects:
            if isinstance(effect, ReadRota):
                yield events.RosterRead(key=effect.key, roster=self.roster(effect, at))
            elif isinstance(effect, ScheduleRetrospective):
                case = effect.key.rpartition("/")[0]
                yield events.RetrospectiveStarted(
                    key=effect.key, workflow_id=names.retrospective_id(case)
                )

    def roster(self, effect: ReadRota, at: Instant) -> Roster:
        """Who is on call, as whoever reads calendars answers."""
        question = RotaQuestion(
            contact=effect.contact, rota=effect.rota, at=at, timezone=self.timezone
        )
        return self.read_rota(question) if self.read_rota else unreadable(question, NO_CALENDAR)

    def _delivery(self, send: Send, recipient: Recipient, at: Instant) -> Delivery:
        if recipient.reach and self.reaches(send, recipient, at):
            return Delivery(
                key=send.key,
                recipient=recipient.key,
                outcome=Outcome.DELIVERED,
                address=recipient.reach[0],
            )
        return Delivery(
            key=send.key,
            recipient=recipient.key,
            outcome=Outcome.UNREACHABLE,
            detail="\n".join(f"{address}: {self.refusal}" for address in recipient.reach)
            or NO_ADDRESS,
        )

    def reaches(self, send: Send, recipient: Recipient, at: Instant) -> bool:
        """Whether the first address takes it."""
        return not any(
            absence.recipient in (recipient.key, recipient.key.partition("/")[0])
            and absence.since <= at
            and (absence.until is None or at < absence.until)
            for absence in self.absent
        )
