"""Lives of cases by chance, each from its seed: a matrix, an opening, what is said when.

What may be said follows from the contract: each message has one line in `SAYS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

from escalations import events
from escalations.policy import HoldReason, Policy, Priority
from escalations.record import Status, Summary
from tests.domain.matrices import call_centre, ladder
from tests.domain.random_cases import WORDS, any_snapshot

OPENS: Final = (
    "2041-03-29T15:40:00+00:00",  # a Friday afternoon; the clocks change on Sunday in Paris
    "2041-03-31T00:59:59+00:00",  # the second before they do
    "2041-10-26T21:15:00+00:00",  # a Saturday night; they change back
    "2041-11-03T05:30:00+00:00",  # in New York
    "2041-12-23T16:30:00+00:00",  # Christmas ahead
    "2041-12-31T22:45:00+00:00",
    "2041-07-03T08:00:00+00:00",  # an ordinary Wednesday
    "2041-04-19T11:00:00.123456+00:00",
)
"""Years ahead: the server's clock is put forward to them and never back."""

MOST_DUE: Final = 8
"""Due moments to which a case is left alone at a time, roughly: each costs the server a turn."""
SHORTEST: Final = timedelta(minutes=1)
LONGEST: Final = timedelta(days=3)
PEOPLE: Final = ("rita", "sam", "one", "account-manager")
IDS: Final = (None, None, "m-1", "m-2")


@dataclass(frozen=True)
class Now:
    """What whoever speaks can know: the case, and its matrix."""

    chance: Random
    summary: Summary
    policy: Policy

    @property
    def common(self) -> dict[str, Any]:
        """Who says it; now and then with an id, perhaps one that was there before."""
        who = self.chance.choice(PEOPLE)
        return {"by": who, "message_id": self.chance.choice(IDS)}

    @property
    def level(self) -> int:
        """The level that the speaker saw, or takes it for."""
        return max(1, self.summary.level - self.chance.choice([0, 0, 0, 0, 1]))

    @property
    def action(self) -> str:
        """One of the actions of the level, if it has any."""
        level = self.policy.level(self.summary.level, self.summary.category)
        return self.chance.choice([*level.actions, "dance"])

    @property
    def kind(self) -> events.ResolutionKind:
        """Fix or workaround."""
        return self.chance.choice(list(events.ResolutionKind))


SAYS: Final[dict[str, Callable[[Now], dict[str, Any]]]] = {
    "customer_replied": lambda now: {"text": now.chance.choice(WORDS), **now.common},
    "raise_trigger": lambda now: {
        "trigger": now.chance.choice([*now.policy.triggers, "unknown"]),
        **now.common,
    },
    "add_note": lambda now: {"text": "Called back.", **now.common},
    "withdraw": lambda now: {"why": "Never mind.", **now.common},
    "resolve": lambda now: {"kind": now.kind, "summary": "Done.", **now.common},
    "report_delivery": lambda now: {
        "key": f"{now.summary.case}/{now.chance.randint(1, 9)}",
        "recipient": now.chance.choice(["customer", "one"]),
        "delivered": now.chance.random() < 0.5,
        "detail": "552 mailbox full",
        "message_id": now.chance.choice(IDS),
    },
    "acknowledge": lambda now: now.common,
    "assign": lambda now: {"to": now.chance.choice(PEOPLE), **now.common},
    "hand_up": lambda now: {"from_level": now.level, "reason": "No idea.", **now.common},
    "hand_back": lambda now: {
        "from_level": now.level,
        "to_level": max(1, now.level - 1),
        "advice": "Ask for the invoice.",
        **now.common,
    },
    "complete_action": lambda now: {"action": now.action, **now.common},
    "update_customer": lambda now: {"text": "We are on it.", **now.common},
    "rate": lambda now: {"score": now.chance.randint(1, 5)},
    "set_priority": lambda now: {
        "priority": now.chance.choice(list(Priority)),
        "why": "It hurts.",
        **now.common,
    },
    "hold": lambda now: {"reason": now.chance.choice(list(HoldReason)), **now.common},
    "resume": lambda now: now.common,
    "propose_resolution": lambda now: {"kind": now.kind, "summary": "Done.", **now.common},
    "confirm_resolution": lambda now: now.common,
    "reject_resolution": lambda now: {"why": "Still broken.", **now.common},
}
"""Each message of the contract: what is said with it."""

MALFORMED: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("customer_replied", {"text": ""}),
    ("raise_trigger", {"trigger": "on", "surprise": 1}),
    ("customer_said", {"text": "There is no such signal."}),
)
"""Signals that cannot be understood."""

LIKELY: Final[dict[Status, tuple[str, ...]]] = {
    Status.OPEN: (
        "acknowledge",
        "hold",
        "hold",
        "propose_resolution",
        "hand_up",
        "customer_replied",
        "raise_trigger",
        "resolve",
        "complete_action",
        "hand_back",
        "update_customer",
        "set_priority",
    ),
    Status.ON_HOLD: ("resume", "customer_replied", "customer_replied", "resolve", "hand_up"),
    Status.RESOLVED: (
        "confirm_resolution",
        "reject_resolution",
        "reject_resolution",
        "customer_replied",
        "rate",
    ),
    Status.WORKAROUND: ("propose_resolution", "raise_trigger", "customer_replied"),
    Status.CLOSED: ("add_note",),
}
"""What is often said as a case stands; one time in four it is anything."""


class Life:
    """One case's, from its seed; the same seed, the same life."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.chance = Random(seed)
        self.policy = self._matrix(self.chance, seed, f"seed-{seed}")
        self.adopts = Random(f"adopts-{seed}")
        """Chance of its own, so that whoever adopts nothing lives as before."""
        self.newer = self._matrix(self.adopts, self.adopts.randint(0, 3), f"newer-{seed}")
        """What the case may adopt on its way."""
        self.often = self.adopts.choice([0.0, 0.6])
        """How often somebody has the other matrix adopted, or the first one again, at a time."""
        moment = datetime.fromisoformat(self.chance.choice(OPENS)).astimezone(UTC)
        self.opened_at = moment + timedelta(minutes=self.chance.choice([0, 0, 7, 90, 60 * 26]))
        self.steps = self.chance.randint(2, 6)

    def __str__(self) -> str:
        return f"seed {self.seed}"

    def _matrix(self, chance: Random, kind: int, name: str) -> Policy:
        """By chance; without rotas, since who is on call is read from outside."""
        match kind % 4:
            case 0:
                policy = call_centre().policy
            case 1:
                windows = chance.sample(["15m..30m", "1h", "2h..5h", "1bd..2bd"], 2)
                policy = ladder(*windows, level={"acknowledge_within": "5m"}).policy
            case _:
                policy = any_snapshot(chance.randint(1, 5), chance).policy
        contacts = {
            who: contact.model_copy(update={"reach": [self.address(who)], "rota": None})
            for who, contact in policy.contacts.items()
        }
        return policy.model_copy(update={"policy": name, "contacts": contacts})

    def address(self, contact: str) -> str:
        """Where a contact of this life, and of no other, is written to."""
        return f"mailto:{contact}@seed-{self.seed}.example"

    def request(self) -> dict[str, Any]:
        """What the case is opened with, but for when."""
        chance = self.chance
        contacts = chance.choice([[], [self.address("customer")], [self.address("customer")]])
        return {
            "policy": self.policy.policy,
            "category": chance.choice([None, *self.policy.categories]),
            "impact": chance.choice(["low", "medium", "high"]),
            "urgency": chance.choice(["low", "medium", "high"]),
            "customer": {"language": chance.choice(["en", "fr"]), "contacts": contacts},
        }

    def pause(self, summary: Summary, now: datetime) -> timedelta:
        """How long nothing is said: often until something is due, to the second or nearly."""
        chance = self.chance
        if summary.due is not None and chance.random() < 0.5:
            nearly = timedelta(seconds=chance.choice([0, 0, 30, -30]))
            return max(summary.due.at - now + nearly, timedelta())
        unit = chance.choice(["minutes", "minutes", "hours", "hours", "days"])
        most = MOST_DUE * (summary.due.at - now) if summary.due is not None else LONGEST
        return min(timedelta(**{unit: chance.choice([1, 2, 3])}), max(most, SHORTEST))

    def burst(self, summary: Summary) -> list[tuple[str, dict[str, Any]]]:
        """What is said at once: mostly one thing."""
        said = [self._utterance(summary) for _ in range(self.chance.choice([1, 1, 1, 2, 3]))]
        if self.adopts.random() < self.often:
            said.insert(self.adopts.randint(0, len(said)), ("adopt_policy", self._adoption()))
        return said

    def _adoption(self) -> dict[str, Any]:
        """The other matrix, the first one again, or the one that the case keeps; or only a look."""
        names = [*[self.newer.policy] * 4, self.policy.policy, None]
        return {
            "by": "olga",
            "policy": self.adopts.choice(names),
            "preview": self.adopts.random() < 0.2,
        }

    def _utterance(self, summary: Summary) -> tuple[str, dict[str, Any]]:
        chance = self.chance
        if chance.random() < 0.05:
            return chance.choice(MALFORMED)
        likely = chance.choice(LIKELY[summary.status])
        name = likely if chance.random() < 0.75 else chance.choice(list(SAYS))
        kept = summary.policy.partition("@")[0]
        policy = self.newer if kept == self.newer.policy else self.policy
        return name, SAYS[name](Now(chance, summary, policy))

    def absentees(self) -> list[str]:
        """Contacts whom nobody reaches from now on: mostly nobody new."""
        return [each for each in self.policy.contacts if self.chance.random() < 0.08]
