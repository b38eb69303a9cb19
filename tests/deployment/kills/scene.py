"""Where cases live, and what is done to that place meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import monotonic
from typing import Generic, Protocol, TypeVar

from tests.deployment.kills.postbox import SLOWEST, Postbox
from tests.deployment.kills.stories import STORIES, Story


class Place(Protocol):
    """A Temporal server and its workers, as processes of their own."""

    @property
    def address(self) -> str:
        """The server's."""

    working: asyncio.Event
    """Set while a worker takes work."""
    blows: list[tuple[str, float]]
    """What was done to it, and when (`monotonic`)."""

    async def run(self) -> None:
        """Be there until it is stopped; whatever ends unasked is an error."""

    def stop(self) -> None:
        """Have all of it end in order."""


AnyPlace = TypeVar("AnyPlace", bound=Place)


@dataclass(frozen=True)
class Stage(Generic[AnyPlace]):
    """What whoever makes trouble needs."""

    place: AnyPlace
    box: Postbox
    random: Random
    looked: asyncio.Event
    """Set when every case was seen since the last blow."""

    def strike(self, how: str) -> None:
        """A blow falls now; what was seen before it does not count any more."""
        self.looked.clear()
        self.place.blows.append((how, monotonic()))

    async def all_seen(self) -> None:
        """Wait until every case was seen since the last blow, and some time longer."""
        await self.looked.wait()
        await asyncio.sleep(self.random.uniform(0, 1))


@dataclass(frozen=True)
class Scene(Generic[AnyPlace]):
    """A place, the cases that live there, and the trouble they have."""

    place: Callable[[int, Path, str], AnyPlace]
    """Made of seed, folder and the mail server's URL."""
    trouble: Callable[[Stage[AnyPlace]], Awaitable[None]]
    """Returns when it is over and every case was seen again."""
    stories: tuple[Story, ...] = tuple(STORIES.values())
    copies: int = 1
    """How many cases of each story."""
    mail_takes: float = SLOWEST
    """Seconds that the mail server takes at most to say that it has kept a mail."""

    def cast(self) -> dict[str, Story]:
        """The cases by name, each with its story."""
        return {
            f"{story.name}{n or ''}": story for n in range(self.copies) for story in self.stories
        }
