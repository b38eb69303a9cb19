"""Five cases, what is said to each of them, and how each has to end, whoever is killed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TypeVar

from escalations import events
from escalations.client import EscalationClient
from escalations.effects import Notice
from escalations.errors import CaseEnded, CaseUnknown, Refused, Unreachable
from escalations.record import Ending, EscalationRecord
from escalations.request import EscalationRequest

LAST_LEVEL = 4
CONTACTS = {1: "one", 2: "two", 3: "three", 4: "four"}
MANAGER = "manager"
ACKNOWLEDGE_WITHIN = timedelta(seconds=0.5)
ASKS_TO_ACKNOWLEDGE = (1, 2)
"""The levels that do."""

POLICY = """
policy: {name}
contacts:
  one: {{name: First line, reach: ["mailto:one@desk.example"]}}
  two: {{name: Second line, reach: ["mailto:two@desk.example"]}}
  three: {{name: Third line, reach: ["mailto:three@desk.example"]}}
  four: {{name: The board, reach: ["mailto:four@desk.example"]}}
  manager: {{name: Escalation manager, reach: ["mailto:manager@desk.example"]}}
escalation_manager: manager
levels:
  - {{name: One, contact: one, within: {window}, acknowledge_within: 0.5s}}
  - {{name: Two, contact: two, within: {window}, acknowledge_within: 0.5s}}
  - {{name: Three, contact: three, within: {window}}}
  - {{name: Four, contact: four, within: until-resolved, repeat_every: 2s}}
triggers:
  legal-threat: {{to: Four, phrases: {{en: ["my lawyer"]}}}}
holds:
  customer: {{remind_every: {remind}, at_most: {patience}}}
customer: {{confirm_within: {patience}, reopen: next}}
retrospective:
  when: {{breached: true, reopened: true}}
"""

_T = TypeVar("_T")


def write_policies(folder: Path) -> None:
    """The same ladder twice: on one of them nothing is due for as long as a run takes."""
    for name, times in {
        "hasty": {"window": "1s..2s", "remind": "1s", "patience": "2.5s"},
        "patient": {"window": "10m..20m", "remind": "5m", "patience": "10m"},
    }.items():
        written = POLICY.format(name=name, **times)
        (folder / f"{name}.yaml").write_text(written, "utf-8")


async def insist(say: Callable[[], Awaitable[_T]]) -> _T:
    """Say it until somebody hears it; who says it has given it an id, so it counts once."""
    while True:
        try:
            return await say()
        except Unreachable:
            await asyncio.sleep(0.1)


@dataclass
class Caller:
    """Speaks for one case; remembers what was accepted, and by whom it was said."""

    client: EscalationClient
    case: str
    policy: str
    random: Random
    over: asyncio.Event
    """Set when nobody is killed any more."""
    accepted: list[tuple[str, str]] = field(default_factory=list)
    """(type of the entry it becomes, who said it), each said by somebody else."""
    refused: list[tuple[str, str]] = field(default_factory=list)
    opened: bool = False
    why: str = ""
    """Why the last thing that was refused was."""
    _said: int = 0

    async def open(self) -> None:
        """Open the case."""
        request = EscalationRequest.model_validate(
            {
                "case": self.case,
                "title": "Charged twice",
                "statement": "The invoice of October was charged twice.",
                "policy": self.policy,
                "reported_at": datetime.now(UTC),
                "customer": {"id": "C-7", "name": "ACME", "contacts": ["mailto:ada@acme.example"]},
            }
        )
        await insist(lambda: self.client.open(request))
        self.opened = True

    async def say(self, becomes: str, message: type[events.Message], **details: object) -> bool:
        """Say it until it is accepted or refused; whether it was accepted."""
        self._said += 1
        by = f"Speaker {self._said}"
        said = message.model_validate({"by": by, "message_id": f"m-{self._said}", **details})
        try:
            if isinstance(said, events.Command):
                await insist(lambda: self.client.send(self.case, said))
            else:
                assert isinstance(said, events.Fact)
                await insist(lambda: self.client.report(self.case, said))
        except (Refused, CaseEnded) as refusal:
            self.refused.append((becomes, by))
            self.why = str(refusal)
            return False
        self.accepted.append((becomes, by))
        return True

    async def early(self, becomes: str, message: type[events.Message], **details: object) -> None:
        """Open the case, and say it at the first moment, while the case is being opened."""
        opening = asyncio.create_task(self.open())
        while True:
            try:
                await self.must(becomes, message, **details)
            except CaseUnknown:
                self._said -= 1
                await asyncio.sleep(0.002)
            else:
                return await opening

    async def must(self, becomes: str, message: type[events.Message], **details: object) -> None:
        """Say what cannot be refused as this story goes."""
        accepted = await self.say(becomes, message, **details)
        assert accepted, f"{self.case}: {message.__name__} was refused: {self.why}"

    async def pause(self) -> None:
        """Some time in which things happen, or somebody is killed."""
        await asyncio.sleep(self.random.uniform(0, 1.5))

    async def until(self, reached: Callable[[EscalationRecord], bool]) -> EscalationRecord:
        """Wait until the case stands like this."""
        while True:
            record = await insist(lambda: self.client.record(self.case))
            if reached(record):
                return record
            await asyncio.sleep(0.3)

    async def fixed(self) -> None:
        """A fix is there."""
        await self.must("resolved", events.ProposeResolution, summary="Refunded.")


async def taken(caller: Caller) -> None:
    """Somebody takes it, the customer writes again, it is fixed, and the customer agrees."""
    await caller.early("customer_replied", events.CustomerReplied, text="It was 40 euros.")
    await caller.pause()
    await caller.must("acknowledged", events.Acknowledge)
    await caller.over.wait()
    await caller.fixed()
    await caller.pause()
    await caller.must("confirmed", events.ConfirmResolution)


async def threatened(caller: Caller) -> None:
    """A reply takes it to the top at once; it is fixed, and the customer is silent."""
    await caller.early("customer_replied", events.CustomerReplied, text="Expect my lawyer.")
    await caller.until(lambda record: record.level == LAST_LEVEL)
    await caller.must("acknowledged", events.Acknowledge)
    await caller.pause()
    await caller.must("resolved", events.Resolve, summary="Refunded.")


async def climbing(caller: Caller) -> None:
    """Nobody takes it; somebody passes it on, it climbs to the top and is given up there."""
    await caller.open()
    await caller.must("noted", events.AddNote, text="The customer is in Oslo until Monday.")
    await caller.pause()
    seen = await caller.until(lambda record: True)
    if seen.level < LAST_LEVEL:
        await caller.say("left_level", events.HandUp, from_level=seen.level, reason="Not ours.")
    await caller.until(_told_again)
    await caller.must("closed", events.Withdraw, why="The customer has left.")


def _told_again(record: EscalationRecord) -> bool:
    return any(
        entry.type == "notified" and entry.notice == Notice.STILL_UNRESOLVED
        for entry in record.timeline
    )


async def held(caller: Caller) -> None:
    """The customer is asked and answers; the first fix is refused, the second one is not."""
    await caller.open()
    await caller.pause()
    await caller.must("held", events.Hold, reason="customer", note="Which card?")
    await caller.pause()
    await caller.must("customer_replied", events.CustomerReplied, text="The blue one.")
    await caller.pause()
    await caller.fixed()
    await caller.must("rejected", events.RejectResolution, why="Still charged.")
    await caller.over.wait()
    await caller.fixed()
    await caller.must("confirmed", events.ConfirmResolution)


async def silent(caller: Caller) -> None:
    """The customer is asked and never answers."""
    await caller.open()
    await caller.pause()
    await caller.must("held", events.Hold, reason="customer", note="Which card?")


@dataclass(frozen=True)
class Story:
    """What happens to one case."""

    tell: Callable[[Caller], Awaitable[None]]
    policy: str
    ending: Ending

    @property
    def name(self) -> str:
        """What it is called."""
        return self.tell.__name__


STORIES = {
    story.name: story
    for story in (
        Story(taken, "patient", Ending.CONFIRMED),
        Story(threatened, "hasty", Ending.PRESUMED),
        Story(climbing, "hasty", Ending.WITHDRAWN),
        Story(held, "patient", Ending.CONFIRMED),
        Story(silent, "hasty", Ending.UNREACHABLE),
    )
}
