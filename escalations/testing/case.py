"""A case on a test's desk: what it is asked, what is said to it, who was told of it."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from escalations import sentences
from escalations.opening_hours import zone
from escalations.record import EscalationRecord
from escalations.timeline import HeldBack, Notified, Undelivered

_SHOWN: Final = 220
"""Characters that pytest shows of a value that an assertion is about."""


@dataclass(frozen=True)
class Message:
    """Somebody was told, or was to be told."""

    who: str
    """The recipient's key: a contact's, a role's, `customer`, `<contact>/<who>` on call."""
    notice: str
    at: datetime
    reached: bool
    zone: str

    def __str__(self) -> str:
        at = self.at.astimezone(zone(self.zone))
        return f"{at:%a %H:%M} {self.who} {self.notice}{'' if self.reached else ' (not reached)'}"


class Found(list[Message]):
    """The messages that were asked for; what a test asks in vain shows what there was instead."""

    def __init__(self, found: list[Message], asked: str, instead: list[Message]) -> None:
        super().__init__(found)
        self._asked, self._instead = asked, instead

    def __repr__(self) -> str:
        said = "; ".join(map(str, self or self._instead[::-1]))
        if self:
            return f"<{self._asked}: {said}>"[:_SHOWN]
        return f"<nobody: {self._asked}. Told, the last first: {said or 'nobody at all'}>"[:_SHOWN]


class TestedCase(ABC):
    """One case: its verbs are the messages of the contract, what is left out is guessed."""

    def __init__(self) -> None:
        self._looked_from = 0

    @property
    @abstractmethod
    def record(self) -> EscalationRecord:
        """Everything about it, as it stands."""

    @abstractmethod
    def say(self, message: str, **said: Any) -> None:
        """Say something by its name on the wire: `say("hand_up", reason="no idea")`.

        Who says it, and words that do not matter, may be left out.

        Raises:
            Refused: a command that cannot be as the case stands.
        """

    def __repr__(self) -> str:
        record = self.record
        known = f"level {record.level} of {len(record.snapshot.policy.levels)}"
        owner = f"{record.owner} has it" if record.owner else "nobody has it"
        return (
            f"<{record.case}: {record.status}, {known}, {record.level_name}, {record.priority}, "
            f"{owner}; next {sentences.upcoming(record)}>"
        )[:_SHOWN]

    @property
    def level(self) -> int:
        """The level's number, from 1."""
        return self.record.level

    @property
    def level_name(self) -> str:
        """The level's name."""
        return self.record.level_name

    @property
    def status(self) -> str:
        """`open`, `on_hold`, `resolved`, `workaround` or `closed`."""
        return self.record.status.value

    @property
    def ending(self) -> str | None:
        """How it ended, if it has."""
        return self.record.ending.value if self.record.ending else None

    @property
    def owner(self) -> str | None:
        """Who has taken it."""
        return self.record.owner

    @property
    def priority(self) -> str:
        """`P1` … `P4`."""
        return self.record.priority.value

    @property
    def breached(self) -> bool:
        """Whether a promise was broken."""
        return self.record.breached

    @property
    def next(self) -> str | None:
        """What happens next: `remind`, `climb`, `presume` …; `None` once nothing does."""
        deadline = self.record.next_deadline
        return deadline.then.value if deadline else None

    @property
    def due_at(self) -> datetime | None:
        """When that is, in the policy's zone."""
        deadline = self.record.next_deadline
        here = zone(self.record.snapshot.policy.timezone)
        return deadline.at.astimezone(here) if deadline else None

    @property
    def messages(self) -> list[Message]:
        """Everybody who was told since the case was opened, or since `look_away`."""
        return list(self._messages())[self._looked_from :]

    def look_away(self) -> None:
        """From now on only what comes later counts as told."""
        self._looked_from = len(list(self._messages()))

    def _messages(self) -> Iterator[Message]:
        timezone = self.record.snapshot.policy.timezone
        for entry in self.record.timeline:
            if isinstance(entry, Notified | Undelivered):
                reached = isinstance(entry, Notified)
                yield Message(entry.recipient, entry.notice, entry.at, reached, timezone)

    def told(self, who: str, notice: str | None = None) -> Found:
        """The messages that reached somebody: true if there is one.

        `assert case.told("support-manager", "level_entered")`; a failed one shows who was told.
        """
        messages = self.messages
        found = [m for m in messages if m.reached and m.who == who and notice in (None, m.notice)]
        return Found(found, f"told {who}{f' of {notice}' if notice else ''}", messages)

    def held_back(self, who: str) -> bool:
        """Whether somebody was left in peace: a message waited for their quiet hours to end."""
        return any(isinstance(e, HeldBack) and e.recipient == who for e in self.record.timeline)

    @property
    def story(self) -> str:
        """What happened, a sentence a line."""
        return "\n".join(sentences.timeline(self.record))

    def reply(self, text: str, **said: Any) -> None:
        """The customer says something."""
        self.say("customer_replied", text=text, **said)

    def trigger(self, name: str, **said: Any) -> None:
        """A fact that may move the case."""
        self.say("raise_trigger", trigger=name, **said)

    def acknowledge(self, **said: Any) -> None:
        """Somebody of the level takes it."""
        self.say("acknowledge", **said)

    def work(self) -> None:
        """Everything that is to be done at the level is done."""
        for action in self.record.open_actions:
            self.say("complete_action", action=action)

    def hand_up(self, reason: str = "…", **said: Any) -> None:
        """The level passes it on; its actions have to be done (`work`)."""
        self.say("hand_up", reason=reason, **said)

    def hand_back(self, to_level: int, advice: str = "…", **said: Any) -> None:
        """A level gives it back."""
        self.say("hand_back", to_level=to_level, advice=advice, **said)

    def hold(self, reason: str = "customer", **said: Any) -> None:
        """The clock stands still."""
        self.say("hold", reason=reason, **said)

    def resume(self, **said: Any) -> None:
        """The clock goes on."""
        self.say("resume", **said)

    def update_customer(self, text: str = "…", **said: Any) -> None:
        """The customer hears how it stands."""
        self.say("update_customer", text=text, **said)

    def set_priority(self, priority: str, **said: Any) -> None:
        """Somebody says how important it is."""
        self.say("set_priority", priority=priority, **said)

    def propose(self, summary: str = "…", kind: str = "fix", **said: Any) -> None:
        """A fix or a workaround is there; the customer is asked."""
        self.say("propose_resolution", summary=summary, kind=kind, **said)

    def confirm(self, **said: Any) -> None:
        """The customer agrees."""
        self.say("confirm_resolution", **said)

    def reject(self, why: str = "…", **said: Any) -> None:
        """The customer does not agree."""
        self.say("reject_resolution", why=why, **said)

    def rate(self, score: int, **said: Any) -> None:
        """The customer says how it went."""
        self.say("rate", score=score, **said)

    def withdraw(self, why: str = "…", **said: Any) -> None:
        """It is given up."""
        self.say("withdraw", why=why, **said)
