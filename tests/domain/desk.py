"""A desk: one case, a clock that moves when it is told to, and everything that anybody was told.

Speaks the domain, so that a test is a story: say something, go on to a moment, see who was told.
`expect` names *every* message since the last look; a message that no test expects fails it (see
`conftest.py`).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from escalations import events, timeline
from escalations.clock import Then
from escalations.effects import Effect, Notify, ReadRota, ScheduleRetrospective, TellCustomer
from escalations.engine import Case, waits
from escalations.policy import HoldReason
from escalations.record import Baton, EscalationRecord, Status
from escalations.rota import Roster
from escalations.snapshot import Snapshot
from tests.domain.matrices import call_centre, in_paris, request


def words(effect: Effect) -> str:
    """An effect as a story tells it: `breach → escalation-manager, representative`."""
    if isinstance(effect, ScheduleRetrospective):
        return "retrospective"
    if isinstance(effect, ReadRota):
        return f"rota of {effect.contact}"
    return f"{effect.notice} → {', '.join(recipient.key for recipient in effect.to)}"


class Desk:
    """One case and the world around it; messages reach everybody at once unless it says not."""

    def __init__(
        self,
        *,
        at: datetime | None = None,
        snapshot: Snapshot | None = None,
        again: Baton | None = None,
        rosters: Mapping[str, Roster] | None = None,
        reading: bool = False,
        **changes: Any,
    ) -> None:
        if at is not None:
            changes.setdefault("reported_at", at)
        opened = request(**changes)
        self.at = at or opened.reported_at
        self.unreachable: set[str] = set()
        """Recipients whom no channel reaches."""
        self.hanging = False
        """Whether sends stay without a result."""
        self.rosters: dict[str, Roster] = dict(rosters or {})
        """Contact → what is answered when its rota is read."""
        self.reading = reading
        """Whether rotas take their time to be read."""
        self.sent: list[Effect] = []
        """All effects, in order."""
        self.seen = 0
        snapshot = snapshot or call_centre()
        self.case = (
            Case.open_again(Baton(record=again.record, reopening=opened), snapshot, self.at)
            if again
            else Case.open(opened, snapshot, self.at)
        )
        self.carry_out()

    @property
    def record(self) -> EscalationRecord:
        """What the case knows of itself."""
        return self.case.record

    @property
    def level(self) -> int:
        """The level's number."""
        return self.record.level

    @property
    def status(self) -> Status:
        """Where the case stands."""
        return self.record.status

    @property
    def next(self) -> tuple[str | None, Then] | None:
        """What comes next: (moment in Paris, what happens)."""
        deadline = self.case.next_deadline
        return (in_paris(deadline.at), deadline.then) if deadline else None

    def carry_out(self) -> None:
        """Take the effects and, unless the channels hang, report what became of each."""
        while fresh := self.case.take_effects():
            self.sent += fresh
            if not self.hanging:
                self.report(fresh)

    def report(self, effects: Iterable[Effect]) -> None:
        """The results of these effects."""
        deliveries = [
            delivery(effect.key, recipient.key, reached=recipient.key not in self.unreachable)
            for effect in effects
            if isinstance(effect, Notify | TellCustomer)
            for recipient in effect.to
        ]
        if deliveries:
            self.case.handle(events.Delivered(deliveries=deliveries), self.at)
        for effect in effects:
            if isinstance(effect, ReadRota) and not self.reading:
                roster = self.rosters[effect.contact].model_copy(update={"read_at": self.at})
                self.case.handle(events.RosterRead(key=effect.key, roster=roster), self.at)
            if isinstance(effect, ScheduleRetrospective):
                started = events.RetrospectiveStarted(key=effect.key, workflow_id="retrospective/1")
                self.case.handle(started, self.at)

    def recovered(self) -> None:
        """The channels work again: what hung has its result."""
        self.hanging = False
        self.report([effect for effect in self.record.outbox if not waits(effect)])
        self.carry_out()

    def rotas_read(self) -> None:
        """What was being read has its answer."""
        self.reading = False
        self.report([effect for effect in self.record.outbox if isinstance(effect, ReadRota)])
        self.carry_out()

    def say(self, event: events.Event) -> None:
        """Something is said to the case, now."""
        issued = self.case.handle(event, self.at)
        assert issued == self.record.outbox[len(self.record.outbox) - len(issued) :]
        self.carry_out()

    def reply(self, text: str, **changes: Any) -> None:
        """The customer replies."""
        self.say(events.CustomerReplied(text=text, **changes))

    def hold(self, reason: str) -> None:
        """Rita puts the case on hold."""
        self.say(events.Hold(by="rita", reason=HoldReason(reason)))

    def trigger(self, name: str, note: str = "") -> None:
        """Rita reports a fact that may move the case."""
        self.say(events.RaiseTrigger(by="rita", trigger=name, note=note))

    def work(self) -> None:
        """Rita does all that is to be done at the level."""
        for action in self.record.open_actions:
            self.say(events.CompleteAction(by="rita", action=action))

    def hand_up(self, reason: str = "no idea") -> None:
        """Rita does what is to be done at the level and passes the case on."""
        self.work()
        self.say(events.HandUp(by="rita", from_level=self.level, reason=reason))

    def resolve(self, kind: str = "fix") -> None:
        """Rita proposes a resolution."""
        self.say(
            events.ProposeResolution(
                by="rita", kind=events.ResolutionKind(kind), summary="Cable replaced"
            )
        )

    def until(self, moment: datetime) -> None:
        """Time goes on to that moment, and every deadline on the way is carried out in time."""
        assert moment >= self.at, "time does not go back"
        while (deadline := self.case.next_deadline) is not None and deadline.at <= moment:
            self.at = max(self.at, deadline.at)
            self.case.fall_due(deadline, self.at)
            assert self.case.next_deadline != deadline, "what was carried out is due again"
            self.carry_out()
        self.at = moment

    def later(self, **amount: float) -> None:
        """The same, for so long: `later(minutes=5)`."""
        self.until(self.at + timedelta(**amount))

    def down_until(self, moment: datetime) -> None:
        """Time goes on and nothing is carried out: the worker is down."""
        self.at = moment

    def back(self) -> None:
        """The worker is back and carries out what is overdue."""
        self.until(self.at)

    def continue_as_new(self) -> None:
        """A new run goes on with the record that the old one wrote; nothing is on its way."""
        self.case = Case(EscalationRecord.model_validate_json(self.record.model_dump_json()))

    def told(self) -> list[str]:
        """What went out since the last look."""
        fresh, self.seen = self.sent[self.seen :], len(self.sent)
        return [words(effect) for effect in fresh]

    def expect(self, *messages: str) -> None:
        """These messages went out since the last look, in this order, and no others."""
        assert self.told() == list(messages)

    def last(self, notice: str) -> Notify | TellCustomer:
        """The newest message of that kind."""
        return next(
            effect
            for effect in reversed(self.sent)
            if isinstance(effect, Notify | TellCustomer) and effect.notice == notice
        )

    def entries(self, *types: str) -> list[Any]:
        """The timeline's entries of these types."""
        return [entry for entry in self.record.timeline if entry.type in types]

    def story(self, *types: str) -> list[str]:
        """The entries of these types, each with its moment: `Tue 22 Dec 02:00 breached`."""
        return [f"{in_paris(entry.at)} {entry.type}" for entry in self.entries(*types)]

    def refusals(self) -> list[timeline.Refused]:
        """What changed nothing."""
        return self.entries("refused")


def delivery(key: str, recipient: str, *, reached: bool = True) -> events.Delivery:
    """One recipient's result."""
    return events.Delivery(
        key=key,
        recipient=recipient,
        outcome=events.Outcome.DELIVERED if reached else events.Outcome.UNREACHABLE,
        address="mailto:somebody@example.com" if reached else None,
        detail="" if reached else "no address took it",
    )
