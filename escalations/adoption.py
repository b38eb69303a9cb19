"""What adopting a policy does to a case: how it stands before and after, and who hears of it.

It is found out on a copy of the record, by the engine itself: what a preview says is what happens.
"""

from typing import Self

from escalations import adopting
from escalations.casefile import CaseFile
from escalations.clock import Alarm, ClockName, Deadline
from escalations.durations import Duration
from escalations.effects import Send, Unaddressed
from escalations.engine import Case
from escalations.events import Adopt, AdoptPolicy
from escalations.model import Instant, Value
from escalations.record import EscalationRecord, Status, Summary
from escalations.request import EscalationRequest


class ClockReading(Value):
    """A clock of a case at one moment."""

    clock: ClockName
    calendar: str
    running: bool
    consumed: Duration
    """By that moment."""
    alarms: tuple[Alarm, ...]
    """What it still rings for; nothing where it only counts on."""


class Standing(Value):
    """Where a case stands by one revision of a policy."""

    policy: str
    """`name@revision`."""
    status: Status
    level: int
    level_name: str
    levels: int
    contact: str
    """Who is asked at this level: the contact's name."""
    clocks: list[ClockReading]
    due: Deadline | None
    """What happens next, and when; what is overdue happens at once."""

    @classmethod
    def of(cls, case: CaseFile) -> Self:
        """How it stands at the moment of the case file."""
        record, consumed = case.record, case.consumed()
        return cls(
            policy=record.snapshot.reference,
            status=record.status,
            level=record.level,
            level_name=record.level_name,
            levels=case.last_level,
            contact=case.policy.contacts[case.level.contact].name,
            clocks=[
                ClockReading(
                    clock=name,
                    calendar=clock.calendar,
                    running=clock.running,
                    consumed=consumed[name],
                    alarms=clock.alarms,
                )
                for name, clock in record.clocks.items()
            ],
            due=record.next_deadline,
        )


def asked_for(record: EscalationRecord, command: AdoptPolicy) -> EscalationRequest:
    """What the revision to adopt is fetched with.

    Without the category: whether the policy has the case's is for the engine to say.
    """
    name = command.policy or record.snapshot.policy.policy
    return record.request.model_copy(update={"policy": name, "category": None})


class Adoption(Value):
    """What another revision changes for one case, or would change."""

    at: Instant
    preview: bool
    """Nothing was changed."""
    changed: bool
    """False where the case goes by this revision already."""
    before: Standing
    after: Standing
    told: list[str]
    """Who hears of it: `level entered → Support manager`."""

    @property
    def due_at_once(self) -> bool:
        """Whether something is overdue by the new revision: it happens as soon as it is adopted."""
        return self.changed and self.after.due is not None and self.after.due.at <= self.at


class Adopted(Summary):
    """The answer to `adopt_policy`: the case after it, short, and what has changed."""

    adoption: Adoption | None = None
    """`None` where the same command had counted before."""


def outlook(record: EscalationRecord, command: Adopt, at: Instant) -> Adoption:
    """What adopting this changes; the record is left as it is.

    For a command that can be: see `objections`.
    """
    case = CaseFile(_copied(record), at)
    before, issued, waited = Standing.of(case), record.effects_issued, record.unaddressed
    changed = not adopting.goes_by(record, command.snapshot)
    adopting.adopt(case, command)
    told = [each for each in case.record.outbox if int(each.key.rpartition("/")[2]) > issued]
    on_call = [each for each in case.record.unaddressed if each not in waited]
    return Adoption(
        at=case.at,
        preview=command.preview,
        changed=changed,
        before=before,
        after=Standing.of(case),
        told=[
            *(
                f"{_words(each)} → {to.name}"
                for each in told
                if isinstance(each, Send)
                for to in each.to
            ),
            *(f"{_words(each)} → {case.policy.contacts[each.contact].name}" for each in on_call),
        ],
    )


def adopted(case: Case, command: Adopt, at: Instant) -> Adopted:
    """The case after it, or, of a preview, as it is; and what has changed, or would.

    Raises:
        Refused: the case has moved on since the command was accepted.
    """
    adoption = outlook(case.record, command, at)
    case.handle(command, at=at)
    counted_before = not command.preview and not adopting.goes_by(case.record, command.snapshot)
    said = None if counted_before else adoption
    return Adopted(**dict(case.record.summary()), adoption=said)


def _words(said: Send | Unaddressed) -> str:
    return said.notice.replace("_", " ")


def _copied(record: EscalationRecord) -> EscalationRecord:
    """A record of its own to decide on: what its lists and mappings hold never changes."""
    own = {name: each.copy() for name, each in record if isinstance(each, list | dict)}
    return record.model_copy(update=own)
