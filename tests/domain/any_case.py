"""One case of any matrix, and whatever may happen to it in any order: what Hypothesis plays with.

Everything goes through `_step`, which says it to the case and to a twin that is written to JSON and
read back now and then: continue-as-new at any moment decides nothing differently.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from escalations import events
from escalations.clock import Deadline
from escalations.effects import (
    CustomerNotice,
    Notify,
    ReadRota,
    ScheduleRetrospective,
    TellCustomer,
)
from escalations.engine import Case
from escalations.events import Event
from escalations.policy import HoldReason, Kind
from escalations.record import EscalationRecord, Status
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot
from tests.domain.desk import delivery
from tests.domain.looks import Look, Said, Step, told
from tests.domain.random_cases import (
    AMOUNTS,
    COMMANDS,
    FACTS,
    KINDS,
    OPENINGS,
    requests,
    rosters,
    snapshots,
)

QUESTIONS = (CustomerNotice.CONFIRMATION_ASKED, CustomerNotice.WAITING_FOR_YOU)
YES = events.ConfirmResolution(by="ada")
NO = events.RejectResolution(by="ada", why="No")


def while_it_is(*statuses: Status) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A rule for cases of these statuses."""
    return precondition(lambda self: self.record.status in statuses)


class AnyCase(RuleBasedStateMachine):
    """One case, its twin, and what is known of them from outside."""

    case: Case
    turns = 0

    @initialize(data=st.data(), snapshot=snapshots(), at=OPENINGS)
    def opens(self, data: st.DataObject, snapshot: Snapshot, at: datetime) -> None:
        request: EscalationRequest = data.draw(requests(at))
        self.at = at
        self.case = Case.open(request, snapshot, at)
        self.twin = Case.open(request, snapshot, at)
        self.look = Look.at(self.record)
        self.steps: list[Step] = []
        self.counted: list[Event] = []
        self.timers: list[Deadline] = []
        self.issued = [effect.key for effect in self.record.outbox]
        self.reported: set[str] = set()
        self.knows = False
        """Whether the customer may know that we wait for them: they were asked, or spoke with."""
        self.ran: list[tuple[datetime, datetime | None]] = [(min(request.reported_at, at), None)]

    @property
    def record(self) -> EscalationRecord:
        return self.case.record

    def _step(self, said: Said) -> Step:
        """Say it to the case and to its twin, which must decide alike."""
        before = self.look
        if self.case.next_deadline is not None:
            self.timers.append(self.case.next_deadline)
        if isinstance(said, Deadline):
            effects, refused = self.case.fall_due(said, self.at), False
            assert self.twin.fall_due(said, self.at) == effects
        else:
            effects, refused = told(self.case, said, self.at)
            assert told(self.twin, said, self.at) == (effects, refused)
        after = self.look = Look.at(self.record)
        assert after.json == Look.at(self.twin.record).json
        step = Step(self.at, said, before, after, effects, refused)
        self.steps.append(step)
        self.issued += [effect.key for effect in effects]
        self._measure(before, after)
        return step

    def _measure(self, before: Look, after: Look) -> None:
        """When the time of this stay ran, as anybody can see it from the status."""
        if after.stays != before.stays:
            self.ran = [(self.at, None)]
        elif (after.status is Status.OPEN) != (before.status is Status.OPEN):
            if after.status is Status.OPEN:
                self.ran.append((self.at, None))
            else:
                self.ran[-1] = (self.ran[-1][0], self.at)
        elif after.priority is not before.priority and after.status is Status.OPEN:
            self.ran[-1] = (self.ran[-1][0], self.at)
            self.ran.append((self.at, None))

    def _say(self, event: Event) -> None:
        self.turns += 1
        self.steps = []
        self.knows |= isinstance(event, events.UpdateCustomer | events.CustomerReplied)
        known = getattr(event, "message_id", None) is not None and any(
            type(told) is type(event) and told.message_id == event.message_id  # type: ignore[union-attr] # only messages are counted
            for told in self.counted
        )
        step = self._step(event)
        if known:
            assert step.before.json == step.after.json, "a repeated message changed something"
        elif not step.refused and getattr(event, "message_id", None) is not None:
            self.counted.append(event)

    @rule(fact=FACTS)
    def a_fact(self, fact: events.Fact) -> None:
        """A fact is reported."""
        self._say(fact)
        assert not self.steps[-1].refused

    @rule(command=COMMANDS)
    def a_command(self, command: events.Command) -> None:
        """Somebody wants something."""
        self._say(command)

    @while_it_is(Status.OPEN)
    @rule()
    def is_handed_up(self) -> None:
        """Somebody who has just looked passes the case on."""
        top = self.record.level == len(self.record.snapshot.policy.levels)
        undone = self.record.open_actions
        self._say(events.HandUp(by="rita", from_level=self.record.level, reason="No idea"))
        assert self.steps[-1].refused is (top or bool(undone))

    @precondition(lambda self: self.record.open_actions)
    @while_it_is(Status.OPEN)
    @rule()
    def all_is_done(self) -> None:
        """What is to be done at the level is done."""
        for action in self.record.open_actions:
            self._say(events.CompleteAction(by="rita", action=action))

    @precondition(lambda self: self.record.level > 1)
    @while_it_is(Status.OPEN)
    @rule(data=st.data())
    def is_handed_back(self, data: st.DataObject) -> None:
        """A level gives the case back; it stays where it is given, or is not taken from here."""
        level, policy = self.record.level, self.record.snapshot.policy
        to_level = data.draw(st.integers(1, level - 1))
        self._say(events.HandBack(by="z", from_level=level, to_level=to_level, advice="Again"))
        if policy.level(to_level, self.record.request.category).kind is not Kind.SELF_SERVICE:
            assert not self.steps[-1].refused
        assert self.record.level == (level if self.steps[-1].refused else to_level)

    @precondition(lambda self: self.record.survey is not None)
    @rule(score=st.integers(1, 5))
    def is_rated(self, score: int) -> None:
        """The customer answers the survey."""
        self._say(events.Rate(score=score))
        assert not self.steps[-1].refused

    @precondition(lambda self: any(isinstance(each, ReadRota) for each in self.record.outbox))
    @rule(data=st.data())
    def a_rota_is_read(self, data: st.DataObject) -> None:
        """It is known who is on call, or nobody is, or nobody knows."""
        self.steps = []
        asked = next(each for each in self.record.outbox if isinstance(each, ReadRota))
        self.reported.add(asked.key)
        roster = data.draw(rosters(asked.contact, self.at))
        self._step(events.RosterRead(key=asked.key, roster=roster))

    @while_it_is(Status.OPEN)
    @rule(reason=st.sampled_from(HoldReason))
    def is_held(self, reason: HoldReason) -> None:
        """The clock is to stand still."""
        self._say(events.Hold(by="rita", reason=reason))

    @while_it_is(Status.OPEN, Status.ON_HOLD)
    @rule()
    def is_taken(self) -> None:
        """Somebody takes it, if nobody has."""
        self._say(events.Acknowledge(by="rita"))

    @while_it_is(Status.ON_HOLD)
    @rule()
    def is_resumed(self) -> None:
        """The clock is to go on."""
        self._say(events.Resume(by="rita"))

    @while_it_is(Status.OPEN, Status.ON_HOLD, Status.WORKAROUND)
    @rule(kind=KINDS)
    def is_resolved(self, kind: events.ResolutionKind) -> None:
        """A fix or a workaround is there."""
        self._say(events.ProposeResolution(by="rita", kind=kind, summary="Done"))

    @while_it_is(Status.RESOLVED)
    @rule(answer=st.sampled_from([YES, NO, NO]))
    def is_answered(self, answer: Event) -> None:
        """The customer says yes or no."""
        self._say(answer)

    @precondition(lambda self: self.turns > 20)
    @rule()
    def is_withdrawn(self) -> None:
        """A case that has lasted is given up."""
        self._say(events.Withdraw(by="rita", why="Never mind"))

    @rule(amount=AMOUNTS)
    def waits(self, amount: timedelta) -> None:
        """Time goes on, and every deadline is carried out in time."""
        self.steps = []
        until = self.at + amount
        for _ in range(50):
            deadline = self.case.next_deadline
            if deadline is None or deadline.at > until:
                self.at = until
                return
            self.at = max(self.at, deadline.at)
            self._step(deadline)

    @rule()
    def comes_due(self) -> None:
        """Time goes on to the next deadline."""
        self.steps = []
        deadline = self.case.next_deadline
        if deadline is not None:
            self.at = max(self.at, deadline.at)
            self._step(deadline)

    @rule(amount=AMOUNTS)
    def is_down(self, amount: timedelta) -> None:
        """Time goes on, and nothing is carried out: the next thing said comes late."""
        self.steps = []
        self.at += amount

    @rule(data=st.data())
    def a_timer_rings_that_is_not_next(self, data: st.DataObject) -> None:
        """A timer of an earlier turn, or one that is fast: nothing changes."""
        self.steps = []
        deadline = data.draw(st.sampled_from(self.timers)) if self.timers else None
        if deadline is not None and (deadline != self.case.next_deadline or deadline.at > self.at):
            step = self._step(deadline)
            assert step.before.json == step.after.json

    @rule(data=st.data(), reached=st.booleans())
    def is_delivered(self, data: st.DataObject, reached: bool) -> None:
        """Some sends have their result, in any order, or one that nobody knows."""
        self.steps = []
        sends = [each for each in self.record.outbox if isinstance(each, Notify | TellCustomer)]
        chosen = (
            data.draw(st.lists(st.sampled_from(sends), unique_by=lambda each: each.key))
            if (sends)
            else []
        )
        results = [
            delivery(send.key, recipient.key, reached=reached)
            for send in chosen
            for recipient in send.to
        ]
        self.reported.update(send.key for send in chosen)
        self.knows |= reached and any(send.notice in QUESTIONS for send in chosen)
        self._step(events.Delivered(deliveries=[*results, delivery("T-1/9999", "one")]))

    @rule()
    def retrospective_starts(self) -> None:
        """What an ended case has left to do is done."""
        self.steps = []
        for effect in self.record.outbox:
            if isinstance(effect, ScheduleRetrospective):
                self.reported.add(effect.key)
                self._step(events.RetrospectiveStarted(key=effect.key, workflow_id="r/1"))

    @rule()
    def goes_on_as_new(self) -> None:
        """The twin goes on with what was written of it."""
        self.steps = []
        text = self.twin.record.model_dump_json()
        self.twin = Case(EscalationRecord.model_validate_json(text))
        assert self.twin.record == self.record
