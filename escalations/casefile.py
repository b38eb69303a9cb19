"""The case file: the record, its policy, and the few tools that the rules are written with."""

from collections.abc import Iterable
from hashlib import blake2s
from typing import Any

from escalations.calendars import BusinessTime
from escalations.clock import Clock, ClockName, Then
from escalations.durations import Duration
from escalations.effects import (
    CustomerNotice,
    Effect,
    Notice,
    Notify,
    Particulars,
    Recipient,
    ScheduleRetrospective,
    TellCustomer,
)
from escalations.model import Instant
from escalations.policy import Level, Policy
from escalations.record import EscalationRecord
from escalations.timeline import Entry, TimelineEntry
from escalations.timeline_limits import fold, is_full, weight, weight_of

MAX_PARTICIPANTS = 200
"""People known by name only whom a case remembers."""
MAX_SEEN = 20_000
"""Message ids a case remembers; of more, the oldest are forgotten."""


class CaseFile:
    """A record in work: `at` is the moment of what is being decided."""

    def __init__(self, record: EscalationRecord, at: Instant) -> None:
        self.record = record
        self.at = at
        self._seen = set(record.seen)
        self._weight = weight_of(record.timeline)
        self._times = {
            name: BusinessTime.of(calendar) for name, calendar in record.snapshot.calendars.items()
        }

    @property
    def policy(self) -> Policy:
        """The policy this case keeps."""
        return self.record.snapshot.policy

    @property
    def last_level(self) -> int:
        """The number of the last level."""
        return len(self.policy.levels)

    @property
    def level(self) -> Level:
        """The level it is on, as it is for this category."""
        return self.policy.level(self.record.level, self.record.request.category)

    def note(self, entry: type[Entry], **details: Any) -> None:
        """Write into the timeline."""
        written: Any = entry(at=self.at, level=self.record.level, **details)
        timeline: list[TimelineEntry] = self.record.timeline
        timeline.append(written)
        self._weight += weight(written)
        if is_full(len(timeline), self._weight):
            fold(timeline)
            self._weight = weight_of(timeline)

    @staticmethod
    def mark(kind: str, message_id: str) -> str:
        """A short mark of a message id, of its kind of message."""
        return blake2s(f"{kind}\n{message_id}".encode(), digest_size=9).hexdigest()

    def has_counted(self, kind: str, message_id: str | None) -> bool:
        """Whether a message of this kind and id has counted before."""
        return message_id is not None and self.mark(kind, message_id) in self._seen

    def counts(self, kind: str, message_id: str | None) -> None:
        """This message counts: if it has an id, that is remembered."""
        if message_id is None:
            return
        seen = self.record.seen
        seen.append(self.mark(kind, message_id))
        self._seen.add(seen[-1])
        self._seen.difference_update(seen[:-MAX_SEEN])
        del seen[:-MAX_SEEN]

    def start_clock(
        self,
        name: ClockName,
        calendar: str,
        alarms: dict[Then, Duration],
        since: Instant | None = None,
    ) -> None:
        """Start a clock, now or since an earlier moment."""
        time = self._times[calendar]
        clock = Clock.started(calendar, alarms, since or self.at, time)
        self.record.clocks = {**self.record.clocks, name: clock}

    def stop_clocks(self, *names: ClockName) -> None:
        """These clocks are no more."""
        self.record.clocks = {
            name: clock for name, clock in self.record.clocks.items() if name not in names
        }

    def pause_clocks(self, *names: ClockName) -> None:
        """These clocks stand still, those of them that there are."""
        self._replace(
            {
                name: clock.paused(self.at, self._times[clock.calendar])
                for name, clock in self.record.clocks.items()
                if name in names
            }
        )

    def resume_clocks(self, *names: ClockName) -> None:
        """These clocks go on with the time they had left."""
        self._replace(
            {
                name: clock.resumed(self.at, self._times[clock.calendar])
                for name, clock in self.record.clocks.items()
                if name in names
            }
        )

    def silence(self, name: ClockName, then: Then) -> None:
        """That alarm has rung, or is not wanted any more."""
        if name in self.record.clocks:
            self._replace({name: self.record.clocks[name].without(then)})

    def due(self, name: ClockName, then: Then) -> Instant | None:
        """When that will happen, if it will."""
        clock = self.record.clocks.get(name)
        return clock.due(then) if clock else None

    def _replace(self, changed: dict[ClockName, Clock]) -> None:
        self.record.clocks = {**self.record.clocks, **changed}

    def tell(self, notice: Notice, to: Iterable[Recipient], **particulars: Any) -> None:
        """Tell people inside, each once; nobody is a decision too, and nothing then goes out."""
        recipients = list({recipient.key: recipient for recipient in to}.values())
        if recipients:
            self._issue(Notify, notice=notice, to=recipients, **self._particulars(particulars))

    def tell_customer(self, notice: CustomerNotice, **particulars: Any) -> None:
        """Tell the customer, if they left an address."""
        customer = self.record.request.customer
        if customer.contacts:
            recipient = Recipient(
                key="customer",
                name=customer.name,
                reach=customer.contacts,
                language=customer.language or self.policy.languages[0],
                timezone=customer.timezone or self.policy.timezone,
            )
            self._issue(
                TellCustomer, notice=notice, to=[recipient], **self._particulars(particulars)
            )

    def schedule_retrospective(self) -> None:
        """Have the retrospective started."""
        self._issue(ScheduleRetrospective)

    def _particulars(self, said: dict[str, Any]) -> dict[str, Any]:
        level = self.level
        filled = {
            "level": self.record.level,
            "level_name": level.name,
            "contact_name": self.policy.contacts[level.contact].name,
            **said,
        }
        return {"particulars": Particulars.model_validate(filled)}

    def _issue(self, effect: type[Effect], **details: Any) -> None:
        self.record.effects_issued += 1
        key = f"{self.record.case}/{self.record.effects_issued}"
        self.record.outbox.append(effect(key=key, **details))

    def contact(self, name: str | None) -> list[Recipient]:
        """The policy's contact of that name, to be told."""
        if name is None:
            return []
        contact = self.policy.contacts[name]
        return [
            Recipient(
                key=name,
                name=contact.name,
                reach=list(contact.reach),
                language=contact.language or self.policy.languages[0],
                timezone=contact.timezone or self.policy.timezone,
            )
        ]

    def role(self, role: str) -> list[Recipient]:
        """Whom the request names for that role, to be told; nobody if it names none."""
        person = self.record.request.team.get(role)
        if person is None:
            return []
        return [
            Recipient(
                key=role,
                name=person.name,
                reach=list(person.reach),
                language=person.language or self.policy.languages[0],
                timezone=person.timezone or self.policy.timezone,
            )
        ]

    @property
    def manager(self) -> list[Recipient]:
        """The escalation manager (A15)."""
        return self.contact(self.policy.escalation_manager)

    @property
    def whoever_has_it(self) -> list[Recipient]:
        """The contact of the level, and the owner where that is another known contact or role."""
        owner = self.record.owner or ""
        known = self.contact(owner) if owner in self.policy.contacts else self.role(owner)
        return [*known, *self.contact(self.level.contact)]

    def took_part(self, kind: str, name: str, called: str) -> None:
        """Remember who took part: a `contact`, a `role`, or a `person` known by name only."""
        known = self.record.participants
        if kind == "person" and len(known) >= MAX_PARTICIPANTS:
            return
        self.record.participants = {**known, f"{kind}:{name}": called}
