"""Where things stand in the picture of a simulated case: moments along, levels upwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log2
from typing import Final

from escalations.record import Status
from escalations.simulation.happenings import Happening, Told
from escalations.simulation.story import Story

NEAREST: Final = 44
"""Between two moments, at least."""
FARTHER: Final = 13
"""For every doubling of the time between them."""
LAST: Final = 90
"""For what goes on after the last moment."""


@dataclass(frozen=True)
class Stretch:
    """The case at one level in one status, from a place to another."""

    level: int
    status: Status
    begins: float
    ends: float


@dataclass(frozen=True)
class Mark:
    """Something that happens at a level, or is said by the customer (level 0)."""

    level: int
    kind: str
    x: float


STATUS: Final = {
    "level_entered": Status.OPEN,
    "held": Status.ON_HOLD,
    "resumed": Status.OPEN,
    "resolved": Status.RESOLVED,
    "confirmed": Status.WORKAROUND,
    "reopened": Status.OPEN,
    "closed": Status.CLOSED,
}
"""Type of entry → how the case stands from then on."""


class Lanes:
    """The places of everything in a story."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.happenings: Sequence[Happening] = story.folded()
        self.x: dict[datetime, float] = dict(self._moments())
        self.end = max(self.x.values()) + (0 if story.simulation.case.closed else LAST)

    def _moments(self) -> Iterator[tuple[datetime, float]]:
        x, before = 0.0, None
        for at in sorted({each.at for each in self.happenings}):
            if before is not None:
                x += NEAREST + FARTHER * log2(1 + (at - before).total_seconds() / 600)
            yield at, x
            before = at

    def stretches(self) -> Iterator[Stretch]:
        """The way of the case through the levels."""
        level, status, since = 0, Status.OPEN, 0.0
        for each in self.happenings:
            x = self.x[each.at]
            for entry in each.entries:
                if entry.type not in STATUS:
                    continue
                if level and x > since:
                    yield Stretch(level, status, since, x)
                level = entry.level if entry.type == "level_entered" else level
                status, since = STATUS[entry.type], x
        if status is not Status.CLOSED:
            yield Stretch(level, status, since, self.end)

    def moves(self) -> Iterator[tuple[int, int, float]]:
        """From level to level, and where."""
        for each in self.happenings:
            for entry in each.entries:
                if entry.type == "left_level":
                    yield entry.level, entry.to_level, self.x[each.at]

    def marks(self, kinds: Sequence[str]) -> Iterator[Mark]:
        """What happens of these kinds."""
        for each in self.happenings:
            for entry in each.entries:
                if entry.type in kinds:
                    level = 0 if entry.type in ("customer_replied", "rejected") else entry.level
                    yield Mark(level, entry.type, self.x[each.at])

    def told(self) -> Iterator[tuple[int, float, list[Told]]]:
        """Who is told where: at a level, of the customer's (0), or of the others' (-1)."""
        for each in self.happenings:
            lanes: dict[int, list[Told]] = {}
            for told in each.told:
                lanes.setdefault(self._lane(told.recipient, each.level), []).append(told)
            for lane, some in lanes.items():
                yield lane, self.x[each.at], some

    def _lane(self, recipient: str, level: int) -> int:
        record = self.story.simulation.case.record
        policy, category = record.snapshot.policy, record.request.category
        if recipient == "customer":
            return 0
        numbers = [
            number
            for number in range(1, len(policy.levels) + 1)
            if policy.level(number, category).contact == recipient
        ]
        return min(numbers, key=lambda number: abs(number - level), default=-1)
