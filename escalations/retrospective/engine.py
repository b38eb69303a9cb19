"""Everything that is decided about a retrospective, in the same three verbs as a case.

The meeting is found and everybody invited when it begins. After the meeting the facilitator is
reminded every business day of its calendar until a root cause and an action item are in, and every
five until somebody finishes it. There is no limit to that: a retrospective never ends by itself.
It can be called off, which everybody hears who was to come.
"""

from datetime import timedelta
from typing import Final, Self, assert_never

from escalations.calendars import BusinessTime
from escalations.durations import Duration
from escalations.effects import Notice, Recipient
from escalations.errors import Refused
from escalations.events import Delivered, Withdraw
from escalations.model import Instant, utc
from escalations.retrospective import objections as objections
from escalations.retrospective import sending as sending
from escalations.retrospective.events import (
    ActionItem,
    AddActionItem,
    Circular,
    CompleteActionItem,
    Finish,
    RecordRootCause,
    RetrospectiveCommand,
)
from escalations.retrospective.record import (
    RetrospectiveDeadline,
    RetrospectiveRecord,
    RetrospectiveStatus,
    RetrospectiveThen,
)
from escalations.retrospective.request import RetrospectiveRequest
from escalations.retrospective.slots import first_slot
from escalations.retrospective.timeline import (
    ActionItemAdded,
    ActionItemDone,
    Finished,
    MeetingOver,
    NotInvited,
    Reminded,
    RootCauseRecorded,
    Scheduled,
    Unscheduled,
    Withdrawn,
)

REMIND_EVERY: Final = Duration.parse("1bd")
"""While root cause or action items are missing."""
ASK_TO_FINISH_EVERY: Final = Duration.parse("5bd")
"""Once nothing is missing."""


class Retrospective:
    """One retrospective, from the end of its case to the filing of what came of it."""

    def __init__(self, record: RetrospectiveRecord) -> None:
        self.record = record
        self._taken: set[str] = set()

    @classmethod
    def begin(cls, request: RetrospectiveRequest, at: Instant) -> Self:
        """A new one, with its slot; the invitations are in the outbox."""
        kept = request.model_copy(update={"history": []})
        retrospective = cls(RetrospectiveRecord(request=kept, timeline=list(request.history)))
        retrospective._invite(utc(at))
        return retrospective

    @property
    def finished(self) -> bool:
        """Whether the result is filed; the last results of sends may still be out."""
        return self.record.status is RetrospectiveStatus.FINISHED

    @property
    def next_deadline(self) -> RetrospectiveDeadline | None:
        """When, and what will happen then; `None` once it is over."""
        return self.record.next_deadline

    def handle(
        self, event: RetrospectiveCommand | Withdraw | Delivered, at: Instant
    ) -> list[Circular]:
        """Something was said or sent; what follows from it. What is over cannot be withdrawn.

        Raises:
            Refused: a command that cannot be as things stand; nothing has changed.
        """
        at, sent = utc(at), self.record.sent
        if isinstance(event, Delivered):
            sending.delivered(self.record, event, at)
        elif isinstance(event, Withdraw):
            self._withdraw(event, at)
        elif not self._repeated(event):
            self.check(event, at)
            if event.message_id is not None:
                self.record.seen.append(event.message_id)
            self._obey(event, at)
        return self._since(sent)

    def fall_due(self, deadline: RetrospectiveDeadline, at: Instant) -> list[Circular]:
        """That moment has come; nothing follows if it is not the next one (any more)."""
        at, sent = utc(at), self.record.sent
        if deadline == self.next_deadline and deadline.at <= at:
            match deadline.then:
                case RetrospectiveThen.MEETING_OVER:
                    self._meeting_over(at)
                case RetrospectiveThen.REMIND:
                    self._remind(at)
                case _:
                    assert_never(deadline.then)
        return self._since(sent)

    def check(self, command: RetrospectiveCommand, at: Instant) -> None:
        """Whether this command can be, as things stand; changes nothing.

        Raises:
            Refused: with what is missing or wrong.
        """
        if not self._repeated(command):
            objection = objections.to(command, self.record, utc(at))
            if objection:
                raise Refused(objection)

    @property
    def to_send(self) -> list[Circular]:
        """What nobody has taken yet."""
        return [circular for circular in self.record.outbox if circular.key not in self._taken]

    def take_circulars(self) -> list[Circular]:
        """What nobody has taken yet, to be sent and reported back."""
        taken = self.to_send
        self._taken.update(circular.key for circular in taken)
        return taken

    def _since(self, sent: int) -> list[Circular]:
        new = self.record.sent - sent
        return self.record.outbox[-new:] if new else []

    def _repeated(self, command: RetrospectiveCommand) -> bool:
        return command.message_id is not None and command.message_id in self.record.seen

    def _invite(self, at: Instant) -> None:
        """Find the slot and invite everybody; where there is none, ask the facilitator (A31)."""
        record, request = self.record, self.record.request
        record.slot = first_slot(
            BusinessTime.of(request.calendar),
            request.duration,
            request.within,
            since=request.closed_at,
            at=at,
        )
        if record.slot is None:
            record.status = RetrospectiveStatus.WAITING
            record.timeline.append(Unscheduled(at=at, duration=str(request.duration)))
            names = "\n".join(person.name for person in request.participants)
            sending.tell(record, Notice.RETROSPECTIVE_UNSCHEDULED, [request.facilitator], at, names)
            self._remind_later(at)
        else:
            record.timeline.append(Scheduled(at=at, **record.slot.model_dump()))
            sending.tell(record, Notice.RETROSPECTIVE_INVITATION, self._invited, at)
        if request.unreached:
            record.timeline.append(NotInvited(at=at, names=request.unreached))

    @property
    def _invited(self) -> list[Recipient]:
        return [sending.mail_first(person) for person in self.record.request.participants]

    def _withdraw(self, event: Withdraw, at: Instant) -> None:
        """Nobody waits for it any more: whoever was to come, or was being reminded, hears so."""
        record = self.record
        if record.over:
            return
        to_come = record.slot is not None and record.status is RetrospectiveStatus.SCHEDULED
        record.status, record.remind_at = RetrospectiveStatus.WITHDRAWN, None
        record.timeline.append(Withdrawn(at=at, by=event.by, reason=event.why))
        people = self._invited if to_come else [record.request.facilitator]
        sending.tell(record, Notice.RETROSPECTIVE_WITHDRAWN, people, at, event.why, event.by)

    def _meeting_over(self, at: Instant) -> None:
        self.record.status = RetrospectiveStatus.WAITING
        self.record.timeline.append(MeetingOver(at=at))
        self._remind_later(at)

    def _remind(self, at: Instant) -> None:
        record = self.record
        record.reminders += 1
        record.timeline.append(Reminded(at=at, times=record.reminders, missing=record.missing))
        sending.tell(record, Notice.RETROSPECTIVE_REMINDER, [record.request.facilitator], at)
        self._remind_later(at)

    def _remind_later(self, at: Instant) -> None:
        """When the facilitator is reminded next; in days where the calendar never opens again."""
        every = ASK_TO_FINISH_EVERY if not self.record.missing else REMIND_EVERY
        try:
            self.record.remind_at = BusinessTime.of(self.record.request.calendar).add(at, every)
        except ValueError:
            self.record.remind_at = at + timedelta(days=int(every.amount))

    def _obey(self, command: RetrospectiveCommand, at: Instant) -> None:
        missed = self.record.missing
        match command:
            case RecordRootCause():
                self._record_root_cause(command, at)
            case AddActionItem():
                self._add_action_item(command, at)
            case CompleteActionItem():
                self._complete_action_item(command, at)
            case Finish():
                self._finish(command, at)
            case _:
                assert_never(command)
        if missed and not self.record.missing and self.record.remind_at is not None:
            self._remind_later(at)

    def _record_root_cause(self, command: RecordRootCause, at: Instant) -> None:
        record = self.record
        record.root_cause, record.revisions = command.text, record.revisions + 1
        record.improvements = command.improvements or record.improvements
        details = command.model_dump(exclude={"message_id"})
        record.timeline.append(RootCauseRecorded(at=at, **details))

    def _add_action_item(self, command: AddActionItem, at: Instant) -> None:
        number = len(self.record.action_items) + 1
        details = command.model_dump(exclude={"by", "message_id"})
        self.record.action_items.append(ActionItem(id=number, **details))
        self.record.timeline.append(ActionItemAdded(at=at, by=command.by, id=number, **details))

    def _complete_action_item(self, command: CompleteActionItem, at: Instant) -> None:
        items = self.record.action_items
        done = {"done_at": at, "done_by": command.by}
        item = items[command.id - 1].model_copy(update=done)
        items[command.id - 1] = item
        self.record.timeline.append(
            ActionItemDone(at=at, by=command.by, id=item.id, text=item.text)
        )

    def _finish(self, command: Finish, at: Instant) -> None:
        """File the result. Source: A32, A33, A35."""
        record = self.record
        record.status = RetrospectiveStatus.FINISHED
        record.finished_at, record.remind_at = at, None
        record.timeline.append(
            Finished(
                at=at,
                by=command.by,
                root_cause=record.root_cause,
                improvements=record.improvements,
                action_items=list(record.action_items),
                no_action_items="" if record.action_items else command.no_action_items,
            )
        )
