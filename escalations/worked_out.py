"""What a policy comes to for every case that keeps it: worked out once, and kept as long as it is.

Nothing is decided here. A snapshot never changes, and so neither does what follows from it alone:
a level as it is for a category, a contact as a recipient, the arithmetic on a calendar.
"""

import weakref
from collections.abc import Callable
from typing import Any, TypeVar, TypeVarTuple

from escalations.calendars import BusinessTime
from escalations.effects import Particulars, Recipient
from escalations.model import made
from escalations.policy import Level, Policy
from escalations.snapshot import Snapshot

Of = TypeVarTuple("Of")
Answer = TypeVar("Answer")


class WorkedOut:
    """The answers that depend on the policy alone; asked for by every case, found once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.policy = snapshot.policy
        self.times = {
            name: BusinessTime.of(calendar) for name, calendar in snapshot.calendars.items()
        }
        """Name of a calendar → the arithmetic on it."""
        self.quiet_hours = any(each.quiet_hours for each in self.policy.contacts.values())
        """Whether any contact has hours in which they are left in peace."""
        self.without_rota = {
            name: _recipient(self.policy, name)
            for name, each in self.policy.contacts.items()
            if each.rota is None
        }
        """The contacts that mean the same people at any moment."""
        self._answers: dict[tuple[Any, ...], Any] = {}

    def once(self, rule: Callable[[Policy, *Of], Answer], *of: *Of) -> Answer:
        """What a rule says that looks at the policy and at these few values, and at nothing else.

        Not for values of which there are more than a policy names: each answer is kept.
        """
        answers, asked = self._answers, (rule, *of)
        if asked not in answers:
            answers[asked] = rule(self.policy, *of)
        answer: Answer = answers[asked]
        return answer

    def level(self, number: int, category: str | None) -> Level:
        """A level as it is for this category, by its number, from 1."""
        return self.once(Policy.level, number, self.category(category))

    def said_of_level(self, number: int, category: str | None) -> Particulars:
        """What every message says of that level."""
        return self.once(_said_of_level, number, self.category(category))

    def category(self, name: str | None) -> str | None:
        """The category of that name, if the policy has it."""
        return name if name in self.policy.categories else None

    def recipient(self, name: str) -> Recipient:
        """The contact of that name by its own addresses, whoever is on call; it may have none."""
        return self.once(_recipient, name)


def _said_of_level(policy: Policy, number: int, category: str | None) -> Particulars:
    level = policy.level(number, category)
    return made(
        Particulars,
        level=number,
        level_name=level.name,
        contact_name=policy.contacts[level.contact].name,
        kind=level.kind,
    )


def _recipient(policy: Policy, name: str) -> Recipient:
    meant = policy.contacts[name]
    return made(
        Recipient,
        key=name,
        name=meant.name,
        reach=list(meant.reach),
        language=meant.language or policy.languages[0],
        timezone=meant.timezone or policy.timezone,
    )


_KNOWN: dict[int, WorkedOut] = {}
"""By the identity of a snapshot that is in use; forgotten with it."""


def of(snapshot: Snapshot) -> WorkedOut:
    """What this snapshot comes to; shared by all cases that keep it."""
    known = _KNOWN.get(id(snapshot))
    if known is None:
        known = _KNOWN[id(snapshot)] = WorkedOut(snapshot)
        weakref.finalize(snapshot, _KNOWN.pop, id(snapshot), None).atexit = False
    return known
