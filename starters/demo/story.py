"""Three cases and what people say to them, through the client and nothing else."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from escalations.client import EscalationClient
from escalations.errors import EscaladeError
from escalations.policy import HoldReason
from escalations.record import EscalationRecord, Status
from escalations.request import EscalationRequest
from starters.demo.screen import Screen

CASES: Final = Path(__file__).parent / "cases"
LOOK_EVERY: Final = timedelta(milliseconds=150)
PATIENCE: Final = timedelta(seconds=60)
"""How much later than it should a thing may happen before it counts as not happening."""


class StoryBroken(EscaladeError):
    """Something that should have happened did not. What stands in the worker's log says why."""


@dataclass
class Told:
    """One case of the story, and how it is spoken to."""

    client: EscalationClient
    screen: Screen
    file: str
    """Of its request, in `cases`."""
    hour: timedelta
    """How long an hour of the matrix lasts."""
    case: str = ""
    """Its id."""
    record: EscalationRecord | None = None
    """As it was last seen."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def opens(self) -> None:
        """The backend opens it, reported at this moment."""
        self.case = (await self.client.open(request(self.file))).case

    async def follow(self) -> EscalationRecord:
        """Show what happens to it until everybody has been told of its end; its last record."""
        shown = 0
        while True:
            async for record in self.client.watch(self.case, every=LOOK_EVERY):
                for entry in record.timeline[shown:]:
                    self.screen.happened(self.case, entry, record.snapshot.policy.timezone)
                shown = len(record.timeline)
                self.screen.stands(record)
                self.record = record
                self._changed.set()
            if self.record is not None and not self.record.outbox:
                return self.record
            await asyncio.sleep(LOOK_EVERY.total_seconds())

    async def until(
        self, what: str, come: Callable[[EscalationRecord], bool], hours: float
    ) -> None:
        """Wait for what the matrix promises within so many of its hours.

        Raises:
            StoryBroken: it has not come, long after it should have.
        """
        within = hours * self.hour + PATIENCE
        try:
            async with asyncio.timeout(within.total_seconds()):
                while self.record is None or not come(self.record):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            stands = "it cannot be seen at all"
            if self.record is not None:
                stands = f"it is {self.record.status} at level {self.record.level}"
            msg = f"{self.case}: {what}, but after {within.seconds} s {stands}."
            raise StoryBroken(msg) from None

    async def climbs_to(self, level: int, hours: float) -> None:
        """Wait until it has climbed that far by itself."""
        await self.until(f"should reach level {level}", lambda case: case.level >= level, hours)

    async def moment(self) -> None:
        """What it takes to read and to type."""
        await asyncio.sleep(self.hour.total_seconds() / 5)


async def billing(told: Told) -> None:
    """A French bakery, debited twice: nobody answers, until it speaks of its lawyer."""
    client, case = told.client, told.case
    await told.climbs_to(3, hours=1)
    await told.moment()
    for _ in range(2):  # the mail comes in twice, as mail does, and counts once
        await client.customer_replied(
            case,
            text="Toujours aucune nouvelle. Sans remboursement d’ici ce soir, "
            "mon avocat prendra le relais.",
            channel="mail",
            by="Camille Martin",
            message_id="<9f31@boulangerie-martin.example>",
        )
    await told.until("should be with senior management", lambda case: case.level == 7, hours=0)
    await told.moment()
    await client.acknowledge(case, by="Hélène Garnier")
    await told.moment()
    await client.propose_resolution(
        case,
        by="Hélène Garnier",
        summary="Le second débit de 1 240 € est remboursé ; votre banque le crédite demain matin.",
    )
    await told.moment()
    await client.confirm_resolution(case, by="Camille Martin")
    await told.moment()
    await client.rate(case, score=3, comment="Réglé, mais trop tard.")


async def access(told: Told) -> None:
    """A strategic customer locked out: it climbs, is solved too soon, reopened, and solved."""
    client, case = told.client, told.case
    await told.climbs_to(4, hours=1.75)
    await told.moment()
    await client.acknowledge(case, by="Nora Lindqvist")
    await told.moment()
    await client.propose_resolution(
        case, by="Nora Lindqvist", summary="The sign-in service was restarted."
    )
    await told.moment()
    await client.reject_resolution(
        case, by="Dana Price", why="Two of our five sites still cannot log in."
    )
    await told.moment()
    await client.acknowledge(case, by="Nora Lindqvist")
    await told.moment()
    await client.propose_resolution(
        case,
        by="Nora Lindqvist",
        summary="The expired certificate was replaced at all five sites.",
    )
    await told.moment()
    await client.confirm_resolution(case, by="Dana Price")
    await told.moment()
    await client.rate(case, score=4)


async def order(told: Told) -> None:
    """A late parcel: on hold for the customer's answer, which lets the clock go on by itself."""
    client, case = told.client, told.case
    await client.acknowledge(case, by="Eero Salo")
    await client.hold(
        case, by="Eero Salo", reason=HoldReason.CUSTOMER, note="Is the delivery address right?"
    )
    await told.moment()
    await told.moment()
    await client.customer_replied(
        case,
        text="Osoite on Puusepänkatu 4, ei 14.",
        channel="chat",
        by="Aino Virtanen",
        message_id="chat-77-3",
    )
    await told.until("should go on", lambda case: case.status is not Status.ON_HOLD, hours=0)
    await client.propose_resolution(
        case, by="Eero Salo", summary="Osoite on korjattu; tilaus toimitetaan huomenna."
    )
    await told.moment()
    await client.confirm_resolution(case, by="Aino Virtanen")
    await told.moment()
    await client.rate(case, score=5, comment="Kiitos! 🙏")


STORIES: Final[dict[str, Callable[[Told], Awaitable[None]]]] = {
    "access": access,
    "billing": billing,
    "order": order,
}
"""File in `cases` → what is said to it."""


async def play(
    client: EscalationClient, screen: Screen, hour: timedelta
) -> dict[str, EscalationRecord]:
    """All of it, to the end; story → the case's last record.

    Raises:
        StoryBroken: something that the matrix promises did not happen.
        EscaladeError: a case could not be opened, or a command was refused.
    """
    tolds = {name: Told(client, screen, name, hour) for name in STORIES}
    for told in tolds.values():
        await told.opens()
    following: list[asyncio.Task[EscalationRecord]] = []
    try:
        async with asyncio.TaskGroup() as group:
            following = [group.create_task(told.follow()) for told in tolds.values()]
            for name, told in tolds.items():
                group.create_task(_tell(STORIES[name], told))
    except ExceptionGroup as errors:
        raise _first(errors) from None
    return dict(zip(tolds, (each.result() for each in following), strict=True))


def request(name: str) -> EscalationRequest:
    """A case of the story, reported now."""
    data = json.loads((CASES / f"{name}.json").read_text("utf-8"))
    return EscalationRequest.model_validate(data | {"reported_at": datetime.now(UTC)})


async def _tell(story: Callable[[Told], Awaitable[None]], told: Told) -> None:
    await story(told)
    await told.until(
        "should be over, and everybody told",
        lambda case: case.closed and not case.outbox,
        hours=0,
    )


def _first(errors: BaseException) -> BaseException:
    while isinstance(errors, BaseExceptionGroup):
        errors = errors.exceptions[0]
    return errors
