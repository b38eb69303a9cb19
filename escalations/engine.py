"""The engine: everything that is decided about a case, in three verbs.

`handle` what was said, `next_deadline` what comes next, `fall_due` when that moment has come. Pure:
no clock but the `at` it is given, no I/O, no randomness. The workflow, the simulator and the
backtest drive this same class, so what is simulated is what will run.

An event wins over a deadline that is overdue but has not been carried out: whoever acknowledged
while the worker was down is not reminded when it comes back.
"""

from typing import Self, assert_never

from escalations import events, holding, ladder, objections, opening, resolving, sending, timeline
from escalations.casefile import CaseFile
from escalations.clock import ClockName, Deadline, Then
from escalations.effects import Effect
from escalations.errors import Refused
from escalations.events import Command, Event
from escalations.model import Instant, utc
from escalations.phrases import triggers_in
from escalations.record import Baton, Ending, EscalationRecord, Status
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot


class Case:
    """One escalation, from its opening to its one ending."""

    def __init__(self, record: EscalationRecord) -> None:
        self.record = record
        self._file = CaseFile(record, record.opened_at)
        self._taken: set[str] = set()

    @classmethod
    def open(cls, request: EscalationRequest, snapshot: Snapshot, at: Instant) -> Self:
        """A new case; its first effects are in the outbox."""
        case = cls(opening.new_record(request, snapshot, utc(at)))
        opening.open_case(case._file)
        return case

    @classmethod
    def open_again(cls, baton: Baton, snapshot: Snapshot, at: Instant) -> Self:
        """A case that had ended, one level above the one where it ended."""
        case = cls(opening.record_again(baton, snapshot))
        case._file.at = utc(at)
        opening.open_case_again(case._file)
        return case

    @property
    def closed(self) -> bool:
        """Whether the case has ended; its last effects may still be in the outbox."""
        return self.record.closed

    @property
    def next_deadline(self) -> Deadline | None:
        """When, which clock, and what will happen then; `None` once closed."""
        return self.record.next_deadline

    def handle(self, event: Event, at: Instant) -> list[Effect]:
        """Something was said or reported; what follows from it.

        Raises:
            Refused: a command that cannot be as the case stands; nothing has changed. Facts and
                reports are never refused.
        """
        self._file.at = utc(at)
        issued = self.record.effects_issued
        self._handle(event)
        return self._since(issued)

    def fall_due(self, deadline: Deadline, at: Instant) -> list[Effect]:
        """That moment has come; what follows from it. Nothing if it is not the next one by now."""
        self._file.at = utc(at)
        issued = self.record.effects_issued
        if deadline == self.next_deadline and deadline.at <= self._file.at:
            self._fall_due(deadline.then)
        return self._since(issued)

    def check(self, command: Command) -> None:
        """Whether this command can be, as the case stands now; changes nothing.

        Raises:
            Refused: with where the case stands.
        """
        if not self._repeated(command):
            objection = objections.to(command, self._file)
            if objection:
                raise Refused(objection)

    def take_effects(self) -> list[Effect]:
        """The effects nobody has taken in this run, to be carried out and reported back."""
        fresh = [effect for effect in self.record.outbox if effect.key not in self._taken]
        self._taken.update(effect.key for effect in fresh)
        return fresh

    def _since(self, issued: int) -> list[Effect]:
        new = self.record.effects_issued - issued
        return self.record.outbox[-new:] if new else []

    def _repeated(self, message: events.Message) -> bool:
        """Whether a message with this id has counted before."""
        return self._file.has_counted(type(message).__name__, message.message_id)

    def _handle(self, event: Event) -> None:
        case = self._file
        match event:
            case events.Delivered():
                sending.delivered(case, event)
            case events.RetrospectiveStarted():
                sending.retrospective_started(case, event)
            case events.Unreadable():
                case.note(timeline.Refused, what=event.signal, because=event.problem)
            case _ if self._repeated(event):
                pass
            case (
                events.CustomerReplied()
                | events.RaiseTrigger()
                | events.AddNote()
                | events.Withdraw()
                | events.Resolve()
                | events.ReportDelivery()
            ):
                case.counts(type(event).__name__, event.message_id)
                self._hear(event)
            case _:
                self.check(event)
                case.counts(type(event).__name__, event.message_id)
                self._obey(event)

    def _hear(self, fact: events.Fact) -> None:
        """A fact; what comes too late or makes no sense is written down and changes nothing."""
        case = self._file
        because = objections.to_fact(fact, case)
        if because is not None:
            _refuse(case, fact, because)
            return
        match fact:
            case events.CustomerReplied():
                self._customer_replied(fact)
            case events.RaiseTrigger():
                ladder.raise_trigger(case, fact.trigger, fact.by, fact.note)
            case events.AddNote():
                case.note(timeline.Noted, by=fact.by, text=fact.text)
            case events.Withdraw():
                resolving.close(case, Ending.WITHDRAWN, fact.by, fact.why)
            case events.Resolve():
                resolving.resolve(case, fact)
            case events.ReportDelivery():
                sending.reported(case, fact)
            case _:
                assert_never(fact)
        if not isinstance(fact, events.ReportDelivery | events.CustomerReplied):
            case.took_part("person", fact.by, fact.by)

    def _obey(self, command: Command) -> None:
        case, record = self._file, self.record
        match command:
            case events.Acknowledge():
                if not record.acknowledged:
                    self._take(command.by)
                    case.note(timeline.Acknowledged, by=command.by)
            case events.Assign():
                self._take(command.to)
                case.note(timeline.Assigned, by=command.by, to=command.to)
            case events.HandUp():
                ladder.leave_where_it_stood(case, "handed_up")
                ladder.move(case, record.level + 1, "handed_up", command.by, command.reason)
            case events.Hold():
                holding.hold(case, command)
            case events.Resume():
                holding.resume(case, "by_hand", command.by)
            case events.ProposeResolution():
                resolving.resolve(case, command)
            case events.ConfirmResolution():
                resolving.confirm(case, command.by)
            case events.RejectResolution():
                resolving.reject(case, command)
            case _:
                assert_never(command)
        if not isinstance(command, events.ConfirmResolution | events.RejectResolution):
            case.took_part("person", command.by, command.by)

    def _take(self, owner: str) -> None:
        """Somebody has it: nobody is asked or reminded at this stay any more; time goes on (D7)."""
        self.record.owner, self.record.acknowledged = owner, True
        self._file.stop_clocks(ClockName.ACKNOWLEDGEMENT)
        self._file.silence(ClockName.WINDOW, Then.REMIND)

    def _customer_replied(self, reply: events.CustomerReplied) -> None:
        """A reply may raise a trigger or end a wait, and reaches whoever has the case."""
        case, record = self._file, self.record
        record.replies += 1
        record.last_words = reply.text[:500]
        case.note(timeline.CustomerReplied, text=reply.text, channel=reply.channel, by=reply.by)
        found = triggers_in(reply.text, record.request.customer.language, case.policy)
        if self._raise_highest(found, reply):
            return
        if record.hold is not None and record.hold.reason == "customer":
            holding.resume(case, "customer_replied", reply.by)
        if record.status is Status.RESOLVED:
            resolving.await_confirmation(case)
        sending.pass_on_reply(case)

    def _raise_highest(self, found: list[str], reply: events.CustomerReplied) -> bool:
        """Of the triggers in one reply the highest moves the case, once; whether it moved."""
        case = self._file
        by = reply.by or self.record.request.customer.name
        found = sorted(found, key=lambda name: -ladder.target(case, case.policy.triggers[name]))
        for name in found[1:]:
            case.note(timeline.TriggerRaised, trigger=name, by=by, moved=False)
        return bool(found) and ladder.raise_trigger(case, found[0], by, "", reply.text)

    def _fall_due(self, then: Then) -> None:
        case = self._file
        match then:
            case Then.ASK_AGAIN:
                ladder.ask_again(case)
            case Then.REMIND:
                ladder.remind(case)
            case Then.CLIMB:
                ladder.climb(case)
            case Then.BREACH:
                ladder.breach_last(case)
            case Then.REPEAT:
                ladder.repeat(case)
            case Then.REMIND_HOLD:
                holding.remind_hold(case)
            case Then.END_HOLD:
                holding.end_hold(case)
            case Then.PRESUME:
                resolving.confirm(case, None)
            case Then.FIX_OVERDUE:
                resolving.fix_overdue(case)
            case _:
                assert_never(then)


def _refuse(case: CaseFile, fact: events.Fact, because: str) -> None:
    """Write down what changed nothing, with its words."""
    said = [
        getattr(fact, field, "")
        for field in ("text", "summary", "why", "note", "detail", "trigger")
    ]
    text = next((words for words in said if words), "")
    case.note(
        timeline.Refused,
        what=type(fact).__name__,
        by=getattr(fact, "by", None),
        because=because,
        text=text,
    )
