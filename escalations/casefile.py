"""The case file: the record, its policy, and the few tools that the rules are written with."""

from collections.abc import Iterable
from hashlib import blake2s
from typing import Any, Final

from pydantic import TypeAdapter

from escalations import addressees
from escalations.case_clocks import CaseClocks
from escalations.effects import (
    CustomerNotice,
    Effect,
    Notice,
    Notify,
    Particulars,
    ReadRota,
    Recipient,
    ScheduleRetrospective,
    TellCustomer,
    Unaddressed,
)
from escalations.model import Instant, Text, made, remade
from escalations.policy import Kind, Level, Priority
from escalations.quiet_hours import quiet_until
from escalations.record import EscalationRecord
from escalations.snapshot import Snapshot
from escalations.timeline import Entry, HeldBack, Recalled, TimelineEntry
from escalations.timeline_limits import fold, is_full, weight, weight_of

MAX_PARTICIPANTS = 200
"""People known by name only whom a case remembers."""
MAX_SEEN = 20_000
"""Message ids a case remembers; of more, the oldest are forgotten."""
_ALL_NOTICES: Final = frozenset(Notice)
_WORDS: Final[TypeAdapter[str]] = TypeAdapter(Text)


class CaseFile(CaseClocks):
    """A record in work: `at` is the moment of what is being decided."""

    def __init__(self, record: EscalationRecord, at: Instant) -> None:
        super().__init__(record, at)
        self._seen = set(record.seen)
        self._weight = weight_of(record.timeline)

    def _keep(self, snapshot: Snapshot) -> None:
        super()._keep(snapshot)
        self._stands_at = 0
        self._customer: Recipient | None = None

    @property
    def rules(self) -> int:
        """The rules under which this case is decided, by number: see `rules`."""
        return self.record.snapshot.rules

    @property
    def last_level(self) -> int:
        """The number of the last level."""
        return len(self.policy.levels)

    @property
    def level(self) -> Level:
        """The level it is on, as it is for this category."""
        if self._stands_at != self.record.level:
            self._stand()
        return self._level

    def _stand(self) -> None:
        """It is on another level, or goes by another policy: look up the level that it is on."""
        number, category = self.record.level, self.record.request.category
        self._stands_at = number
        self._level: Level = self.known.level(number, category)
        self._said_of_level: Particulars = self.known.said_of_level(number, category)

    @property
    def open_actions(self) -> list[str]:
        """The actions of the level that are not done yet."""
        actions = self.level.actions
        return self.record.open_actions if actions and self.record.actions_done else [*actions]

    def note(self, entry: type[Entry], **details: Any) -> None:
        """Write into the timeline."""
        written: Any = made(entry, at=self.at, level=self.record.level, **details)
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

    def tell(
        self, notice: Notice, to: Iterable[Recipient], *, asks: bool = False, **particulars: Any
    ) -> None:
        """Tell people inside, each once; nobody is a decision too, and nothing then goes out.

        What only `asks` for this stay at a level need not be said once the level is left. Who has
        quiet hours is told when they end, but of a P1 at once.
        """
        recipients = {recipient.key: recipient for recipient in to}
        said = self.particulars(particulars)
        stay = self.record.stays if asks else 0
        now: list[Recipient] = []
        later: dict[Instant, list[Recipient]] = {}
        quiet = self.known.quiet_hours
        for key, recipient in recipients.items():
            if not recipient.reach:
                self._ask_who_is_on_call(key, notice, said, stay)
            elif quiet and (until := self._quiet_until(key)) is not None:
                later.setdefault(until, []).append(recipient)
            else:
                now.append(recipient)
        if now:
            self._issue(Notify, notice=notice, to=now, particulars=said, stay=stay)
        for until, waiting in later.items():
            key = self._issue(
                Notify, notice=notice, to=waiting, particulars=said, stay=stay, not_before=until
            )
            for recipient in waiting:
                self.note(HeldBack, key=key, notice=notice, recipient=recipient.key, until=until)

    def _quiet_until(self, key: str) -> Instant | None:
        """When the quiet hours of this recipient end, if they are left in peace now."""
        contact = self.policy.contacts.get(key.partition("/")[0])
        if contact is None or contact.quiet_hours is None or self.record.priority is Priority.P1:
            return None
        return quiet_until(contact.quiet_hours, contact.timezone or self.policy.timezone, self.at)

    def deliver(self, *, everything: bool = False) -> None:
        """What waited for quiet hours to end goes out now, if they have ended, or `everything`."""
        self.record.outbox = [
            effect.model_copy(update={"not_before": None})
            if isinstance(effect, Notify)
            and effect.not_before is not None
            and (everything or effect.not_before <= self.at)
            else effect
            for effect in self.record.outbox
        ]

    def recall(self, *notices: Notice) -> list[Unaddressed]:
        """What waits, for quiet hours or for a rota, and only asked for this stay, is not said.

        All of it, or what these notices would have asked and is not wanted any more; what it was.
        """
        if not self.record.outbox and not self.record.unaddressed:
            return []
        meant = notices or _ALL_NOTICES
        kept: list[Effect] = []
        unsaid: list[Unaddressed] = []
        for effect in self.record.outbox:
            waits = isinstance(effect, Notify) and effect.not_before is not None and effect.stay
            if isinstance(effect, Notify) and waits and effect.notice in meant:
                for recipient in effect.to:
                    said = {"notice": effect.notice, "recipient": recipient.key}
                    self.note(Recalled, key=effect.key, **said)
                    unsaid.append(Unaddressed.of(effect, recipient))
            else:
                kept.append(effect)
        if len(kept) < len(self.record.outbox):
            self.record.outbox = kept
        waiting, self.record.unaddressed = self.record.unaddressed, []
        for each in waiting:
            is_meant = each.stay and each.notice in meant
            (unsaid if is_meant else self.record.unaddressed).append(each)
        return unsaid

    def _ask_who_is_on_call(
        self, contact: str, notice: Notice, particulars: Particulars, stay: int
    ) -> None:
        waiting = Unaddressed(contact=contact, notice=notice, particulars=particulars, stay=stay)
        self.record.unaddressed = [*self.record.unaddressed, waiting]
        self.read_rota(contact)

    def read_rota(self, contact: str) -> None:
        """Have a contact's rota read, unless that is under way."""
        rota = self.policy.contacts[contact].rota
        under_way = (
            isinstance(effect, ReadRota) and effect.contact == contact and effect.rota == rota
            for effect in self.record.outbox
        )
        if rota is not None and not any(under_way):
            self._issue(ReadRota, contact=contact, rota=rota)

    def tell_customer(self, notice: CustomerNotice, **particulars: Any) -> str | None:
        """Tell the customer; the message's key, if they left an address to be told at."""
        customer = self.record.request.customer
        if not customer.contacts:
            return None
        if self._customer is None:
            self._customer = made(
                Recipient,
                key="customer",
                name=customer.name,
                reach=list(customer.contacts),
                language=customer.language or self.policy.languages[0],
                timezone=customer.timezone or self.policy.timezone,
            )
        said = self.particulars(particulars)
        return self._issue(TellCustomer, notice=notice, to=[self._customer], particulars=said)

    def schedule_retrospective(self) -> None:
        """Have the retrospective started."""
        self._issue(ScheduleRetrospective)

    def particulars(self, said: dict[str, Any]) -> Particulars:
        """What a message says: this, and where the case is now."""
        if said.get("text"):
            said["text"] = _WORDS.validate_python(said["text"])  # they may be put together
        if "why" in said:
            said["why"] = str(said["why"])
        if self._stands_at != self.record.level:
            self._stand()
        return remade(self._said_of_level, **said)

    def _issue(self, effect: type[Effect], **details: Any) -> str:
        record = self.record
        record.effects_issued += 1
        key = f"{record.request.case}/{record.effects_issued}"
        record.outbox.append(made(effect, key=key, **details))
        return key

    def contact(self, name: str | None) -> list[Recipient]:
        """The policy's contact of that name, to be told: who is on call, where it has a rota."""
        always = self.known.without_rota.get(name or "")
        return [always] if always else addressees.contact(self.record, name, self.at)

    def role(self, role: str) -> list[Recipient]:
        """Whom the request names for that role, to be told; nobody if it names none."""
        return addressees.role(self.record, role)

    @property
    def manager(self) -> list[Recipient]:
        """The escalation manager (A15)."""
        return self.contact(self.policy.escalation_manager)

    @property
    def whoever_has_it(self) -> list[Recipient]:
        """The contact of the level, and the owner where that is another known contact or role."""
        return [*self._owner, *self.contact(self.level.contact)]

    @property
    def whoever_answers(self) -> list[Recipient]:
        """Who speaks with the customer: whoever has the case, unless somebody outside has it.

        Then it is the owner inside and the escalation manager; without one, the level below. What
        customers write is not passed on to a third party. Source: A5, C47.
        """
        if self.level.kind is not Kind.EXTERNAL:
            return self.whoever_has_it
        inside = [] if self.record.owner == self.level.contact else self._owner
        told = [*inside, *(self.manager or self.contact(self._last_inside))]
        return told or self.whoever_has_it

    @property
    def _owner(self) -> list[Recipient]:
        owner = self.record.owner or ""
        return self.contact(owner) if owner in self.policy.contacts else self.role(owner)

    @property
    def _last_inside(self) -> str | None:
        """The contact of the nearest level below that is somebody of ours."""
        category = self.record.request.category
        below = (self.policy.level(n, category) for n in range(self.record.level - 1, 0, -1))
        ours = (each for each in below if each.kind not in (Kind.EXTERNAL, Kind.SELF_SERVICE))
        return next((each.contact for each in ours), None)

    def took_part(self, kind: str, name: str, called: str) -> None:
        """Remember who took part.

        A `contact`, a `role`, somebody `on_call`, or a `person` known by name only.
        """
        known = self.record.participants
        if kind in ("person", "on_call") and len(known) >= MAX_PARTICIPANTS:
            return
        key = f"{kind}:{name}"
        if known.get(key) != called:
            self.record.participants = {**known, key: called}
