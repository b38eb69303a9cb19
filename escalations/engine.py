"""The engine: everything that is decided about a case, in three verbs.

`handle` what was said, `next_deadline` what comes next, `fall_due` when that moment has come. Pure:
no clock but the `at` it is given, no I/O, no randomness. The workflow, the simulator and the
backtest drive this same class, so what is simulated is what will run.

An event wins over a deadline that is overdue but has not been carried out: whoever acknowledged
while the worker was down is not reminded when it comes back.
"""

from collections.abc import Iterator, Sequence
from typing import Final, Self, assert_never

from escalations import (
    commands,
    events,
    facts,
    holding,
    ladder,
    objections,
    opening,
    priorities,
    promises,
    resolving,
    rules,
    sending,
    shifts,
    taking,
    timeline,
)
from escalations.casefile import CaseFile
from escalations.clock import Deadline, Then
from escalations.effects import Dispatch, Effect, Notify, Send
from escalations.errors import Refused
from escalations.events import Command, Event
from escalations.model import Instant, utc
from escalations.record import Baton, EscalationRecord
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot

MOST_AT_ONCE: Final = 12
"""Sends in one activity: its input is one payload, which holds 2 MB."""


class Case:
    """One escalation, from its opening to its one ending."""

    def __init__(self, record: EscalationRecord) -> None:
        rules.check(record.snapshot.rules)
        self.record = record
        self._file = CaseFile(record, record.opened_at)
        self._taken: set[str] = set()
        self._inherited = record.effects_issued
        """The number of the last effect that was issued in a run before."""
        self._next: tuple[object, object, int, Deadline | None] = (None, None, 0, None)

    @classmethod
    def open(cls, request: EscalationRequest, snapshot: Snapshot, at: Instant) -> Self:
        """A new case; its first effects are in the outbox."""
        case = cls(opening.new_record(request, snapshot, utc(at)))
        opening.open_case(case._file)
        return case

    @classmethod
    def open_again(cls, baton: Baton, snapshot: Snapshot, at: Instant) -> Self:
        """A case that had ended, one level above the one where it ended."""
        case = cls(opening.record_again(baton, snapshot, utc(at)))
        case._file.at = utc(at)
        opening.open_case_again(case._file, baton.record)
        return case

    @property
    def closed(self) -> bool:
        """Whether the case has ended; its last effects may still be in the outbox."""
        return self.record.closed

    @property
    def over(self) -> bool:
        """Whether the case has ended, and its last word to somebody in quiet hours is out."""
        return self.closed and self.next_deadline is None

    @property
    def next_deadline(self) -> Deadline | None:
        """When, which clock, and what will happen then; `None` once closed.

        Looked for anew only when a clock was changed or a message issued since.
        """
        record = self.record
        clocks, outbox, issued, known = self._next
        if record.clocks is clocks and record.outbox is outbox and len(record.outbox) == issued:
            return known
        found = record.next_deadline
        self._next = (record.clocks, record.outbox, len(record.outbox), found)
        return found

    def handle(self, event: Event, at: Instant) -> list[Effect]:
        """Something was said or reported; what follows from it.

        Raises:
            Refused: a command that cannot be as the case stands; nothing has changed. Facts and
                reports are never refused.
        """
        self._file.at = utc(at)
        outbox, issued = self.record.outbox, self.record.effects_issued
        there = len(outbox)
        self._handle(event)
        return outbox[there:] if self.record.outbox is outbox else self._since(issued)

    def fall_due(self, deadline: Deadline, at: Instant) -> list[Effect]:
        """That moment has come; what follows from it. Nothing if it is not the next one by now."""
        self._file.at = utc(at)
        outbox, issued = self.record.outbox, self.record.effects_issued
        there, due = len(outbox), self.next_deadline
        if (deadline is due or deadline == due) and deadline.at <= self._file.at:
            self._fall_due(deadline.then)
        return outbox[there:] if self.record.outbox is outbox else self._since(issued)

    def check(self, command: Command | events.AdoptPolicy) -> None:
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
        outbox = self.record.outbox
        if not outbox:
            return []
        fresh = [effect for effect in outbox if effect.key not in self._taken and not waits(effect)]
        self._taken.update(effect.key for effect in fresh)
        return fresh

    def dispatches(self, effects: Sequence[Effect]) -> Iterator[Dispatch]:
        """What is sent of these effects, together as far as one activity can carry it."""
        sends = [effect for effect in effects if isinstance(effect, Send)]
        for first in range(0, len(sends), MOST_AT_ONCE):
            together = sends[first : first + MOST_AT_ONCE]
            taken_over = any(_number(each) <= self._inherited for each in together)
            yield Dispatch(brief=self.record.brief(), sends=together, taken_over=taken_over)

    def _since(self, issued: int) -> list[Effect]:
        """What was issued since, where something was taken out of the outbox meanwhile."""
        return [each for each in self.record.outbox if _number(each) > issued]

    def _repeated(self, message: events.Message) -> bool:
        """Whether a message with this id has counted before."""
        return self._file.has_counted(message.counts_as, message.message_id)

    def _handle(self, event: Event) -> None:
        case = self._file
        match event:
            case events.Delivered():
                sending.delivered(case, event)
            case events.RosterRead():
                shifts.roster_read(case, event)
            case events.RetrospectiveStarted():
                sending.retrospective_started(case, event)
            case events.Unreadable():
                case.note(timeline.Refused, what=event.signal, because=event.problem)
            case events.Adopt(preview=True):
                self.check(event)
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
                case.counts(event.counts_as, event.message_id)
                facts.hear(case, event)
            case _:
                self.check(event)
                case.counts(event.counts_as, event.message_id)
                commands.obey(case, event)

    def _fall_due(self, then: Then) -> None:
        case = self._file
        match then:
            case Then.REMIND_UPDATE:  # what happens most stands first: each look costs
                promises.remind(case)
            case Then.MISS_UPDATE:
                promises.miss(case)
            case Then.CLIMB:
                ladder.climb(case)
            case Then.REMIND:
                ladder.remind(case)
            case Then.REPEAT:
                ladder.repeat(case)
            case Then.BREACH:
                ladder.breach_last(case)
            case Then.ASK_AGAIN:
                ladder.ask_again(case)
            case Then.HAND_OVER:
                shifts.shift_begins(case)
            case Then.RAISE_PRIORITY:
                priorities.raise_for_age(case)
            case Then.RELEASE:
                taking.release(case)
            case Then.REMIND_HOLD:
                holding.remind_hold(case)
            case Then.END_HOLD:
                holding.end_hold(case)
            case Then.PRESUME:
                resolving.presume(case)
            case Then.FIX_OVERDUE:
                resolving.fix_overdue(case)
            case Then.END_SURVEY:
                resolving.end_survey(case)
            case Then.DELIVER:
                case.deliver()
            case _:
                assert_never(then)


def _number(effect: Effect) -> int:
    """Which effect of its case it is, from 1."""
    return int(effect.key.rpartition("/")[2])


def waits(effect: Effect) -> bool:
    """Whether it waits for somebody's quiet hours to end."""
    return isinstance(effect, Notify) and effect.not_before is not None
