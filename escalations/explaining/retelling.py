"""A case rebuilt from its history: the engine hears again what it heard, when it heard it.

It keeps to the order in which the workflow works (`workflows/escalation.py`): in one turn what was
said, then what follows and what is due, then what was reported, then what follows of that. What
comes out is compared with what the history itself says (`differences`): a history that a build with
other rules decided comes out otherwise, and is not told as if it were true.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from escalations import adoption, console, events
from escalations.clock import Deadline
from escalations.effects import (
    Dispatch,
    Effect,
    ReadRota,
    ScheduleRetrospective,
)
from escalations.engine import Case
from escalations.errors import EscaladeError, Refused
from escalations.explaining.run import (
    Cancelled,
    ChildStarted,
    PolicyFound,
    Rang,
    RotaRead,
    Run,
    SendEnded,
    Turn,
)
from escalations.model import Instant
from escalations.record import EscalationRecord, Summary
from escalations.request import EscalationRequest
from escalations.retrospective.request import RetrospectiveRequest, request_for
from escalations.rostering import unreadable
from escalations.sending import unreachable


class Inexact(EscaladeError):
    """This history was not decided by this engine. Use the build that the case ran on."""


class Observer(Protocol):
    """Somebody who looks at a case before and after everything that happens to it."""

    def before(self, record: EscalationRecord, at: Instant) -> None:
        """Something is about to happen."""

    def after(self, record: EscalationRecord, at: Instant) -> None:
        """It has."""


@dataclass
class Outcome:
    """What the worker did in one turn."""

    completed: int
    attributes: list[dict[str, console.AttributeValue]] = field(default_factory=list)
    """Every state of the search attributes that was shown."""
    timer: str | None = None
    """What the timer that was set last says it waits for."""
    answers: dict[int, Summary] = field(default_factory=dict)
    """History event of an update → its answer."""


Heard = RotaRead | SendEnded | ChildStarted | Cancelled | Rang


class Retelling:
    """One run, told again."""

    def __init__(self, run: Run, observers: Sequence[Observer] = ()) -> None:
        """Not told yet: `tell` does."""
        self.run = run
        self.case: Case | None = None
        self.dispatches: list[Dispatch] = []
        self.readings: list[ReadRota] = []
        self.asked_at: list[Instant] = []
        """When each rota was asked for."""
        self.policies: list[EscalationRequest] = []
        """What each policy to adopt was asked for with."""
        self.asked_by: list[str] = []
        """Who wanted it."""
        self.children: list[ScheduleRetrospective] = []
        self.requests: list[RetrospectiveRequest] = []
        """What each child was handed."""
        self.outcomes: list[Outcome] = []
        self._observers = observers
        self._armed: Deadline | None = None

    @property
    def record(self) -> EscalationRecord:
        """What it came to.

        Raises:
            Inexact: there is no case: the run never began.
        """
        if self.case is None:
            msg = f"{self.run.case}: this run never began: {self.run.failure or 'no worker had it'}"
            raise Inexact(msg)
        return self.case.record

    def tell(self) -> EscalationRecord:
        """From its opening to where its history ends.

        Raises:
            Inexact: the history says what this engine cannot have heard.
        """
        for n, turn in enumerate(self.run.turns):
            if n == 0:
                self._open(turn.at)
            if self.case is not None:
                self._take(turn, opening=n == 0)
        return self.record

    def _open(self, at: Instant) -> None:
        opening, snapshot = self.run.opening, self.run.snapshot
        if isinstance(opening, EscalationRequest):
            if snapshot is not None:
                self.case = Case.open(opening, snapshot, at)
        elif opening.reopening is None:
            self.case = Case(opening.record.model_copy(deep=True))
        elif snapshot is not None:
            self.case = Case.open_again(opening, snapshot, at)
        if self.case is not None:
            for each in self._observers:
                each.after(self.record, at)

    def _take(self, turn: Turn, *, opening: bool) -> None:
        self.outcomes.append(Outcome(turn.completed))
        for command in turn.asked:
            self.policies.append(adoption.asked_for(self.record, command))
            self.asked_by.append(command.by)
        for each in turn.said:
            self._hear(each.event, turn.at)
            self.outcomes[-1].answers[each.number] = self.record.summary()
        if turn.said or opening:
            self._act(turn.at)
        for reported in turn.reported:
            if isinstance(reported, PolicyFound):
                self._adopt(reported, turn.at)
            else:
                self._report(reported, turn.at)
        if turn.reported:
            self._act(turn.at)

    def _hear(self, event: events.Event, at: Instant) -> None:
        with self._watched(at):
            try:
                self._opened.handle(event, at)
            except Refused as refused:
                msg = f"{self.run.case}: this engine refuses what was accepted then: {refused}"
                raise Inexact(msg) from refused

    @contextmanager
    def _watched(self, at: Instant) -> Iterator[None]:
        for each in self._observers:
            each.before(self.record, at)
        yield
        for each in self._observers:
            each.after(self.record, at)

    @property
    def _opened(self) -> Case:
        if self.case is None:
            raise Inexact
        return self.case

    def _act(self, at: Instant) -> None:
        """Carry out what is decided, and do what is due by now, as the workflow does."""
        case = self._opened
        self._carry_out(case.take_effects(), at)
        while (deadline := case.next_deadline) is not None and deadline.at <= at:
            with self._watched(at):
                case.fall_due(deadline, at)
            self._carry_out(case.take_effects(), at)
        self.outcomes[-1].attributes.append(
            {str(name): value for name, value in console.search_attributes(case.record).items()}
        )
        self._arm(deadline)

    def _arm(self, deadline: Deadline | None) -> None:
        if deadline is None or (self._armed is not None and self._armed.at <= deadline.at):
            return
        self._armed = deadline
        self.outcomes[-1].timer = console.timer_summary(self.record, deadline)

    def _carry_out(self, effects: Sequence[Effect], at: Instant) -> None:
        self.dispatches += self._opened.dispatches(effects)
        for effect in effects:
            if isinstance(effect, ReadRota):
                self.readings.append(effect)
                self.asked_at.append(at)
            elif isinstance(effect, ScheduleRetrospective):
                self.children.append(effect)
                self.requests.append(request_for(self.record, at))

    def _report(self, reported: Heard, at: Instant) -> None:
        try:
            event = self._event(reported)
        except IndexError:
            msg = f"{self.run.case}: a result is reported of what this engine did not ask for"
            raise Inexact(msg) from None
        if event is not None:
            self._hear(event, at)

    def _adopt(self, found: PolicyFound, at: Instant) -> None:
        """The case adopts it, unless it had moved on while the policy was fetched."""
        adopt = events.Adopt(**dict(found.command), snapshot=found.snapshot)
        with suppress(Refused):
            self._opened.check(adopt)
            with self._watched(at):
                answer = adoption.adopted(self._opened, adopt, at)
            self.outcomes[-1].answers[found.number] = answer

    def _event(self, reported: Heard) -> events.Event | None:
        match reported:
            case Rang():
                self._armed = None
                return None
            case Cancelled():
                return events.Withdraw.of_a_cancelled_run(reported.reason)
            case ChildStarted():
                effect = self.children[reported.child]
                return events.RetrospectiveStarted(
                    key=effect.key, workflow_id=reported.workflow_id, already=reported.already
                )
            case RotaRead():
                roster = reported.roster or unreadable(reported.question, reported.problem)
                return events.RosterRead(key=self.readings[reported.reading].key, roster=roster)
            case SendEnded():
                sends = self.dispatches[reported.dispatch].sends
                if reported.deliveries is None:
                    return events.Delivered(deliveries=unreachable(sends, reported.problem))
                answered = {each.key for each in reported.deliveries}
                rest = [each for each in sends if each.key not in answered]
                unanswered = unreachable(rest, "the worker gave no answer for it")
                return events.Delivered(deliveries=reported.deliveries + unanswered)


def differences(retelling: Retelling) -> Iterator[str]:
    """Where the rebuilt record is not the one that the history ends with; nothing if it is."""
    result = retelling.run.result
    if result is None or retelling.case is None:
        return
    record = retelling.record
    for n, (was, told) in enumerate(zip(result.timeline, record.timeline, strict=False), 1):
        if was != told:
            yield f"entry {n}: {was.model_dump_json()} then, {told.model_dump_json()} now"
            break
    if len(result.timeline) != len(record.timeline):
        yield f"{len(result.timeline)} entries then, {len(record.timeline)} now"
    for name in type(record).model_fields:
        if name != "timeline" and getattr(result, name) != getattr(record, name):
            yield f"{name}: {getattr(result, name)!r} then, {getattr(record, name)!r} now"
