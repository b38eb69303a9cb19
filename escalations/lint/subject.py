"""The policy that is looked at, and what the rules want to know of it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final

from escalations.calendars import BusinessTime, CalendarSnapshot, expand
from escalations.durations import Duration
from escalations.lint.typical_week import TypicalWeek
from escalations.lint.vocabulary import Vocabulary
from escalations.policy import Level, Policy, Priority
from escalations.references import Place
from escalations.rostering import Cover

HORIZON: Final = timedelta(days=90)
"""How far ahead staffing is looked at."""

ANY_CATEGORY: Final = None
"""A case without a category: it is always allowed, and begins at the first level."""


@dataclass(frozen=True)
class Rung:
    """One level as it is for a category, and where that is written."""

    number: int
    category: str | None
    level: Level
    place: Place
    """The cell where the category differs there, else the level."""
    own: frozenset[str]
    """The keys that the cell itself writes; empty for the level itself."""

    def key(self, *names: str) -> Place:
        """Where the first of these keys stands that the cell writes; else the level's own first."""
        written = [name for name in names if name in self.own]
        if self.own and not written:
            return ("levels", self.number - 1, names[0])
        return (*self.place, (written or names)[0])

    def writes(self, *names: str) -> bool:
        """Whether it has one of these keys of its own; a level itself has all of them."""
        return not self.own or not self.own.isdisjoint(names)

    @property
    def called(self) -> str:
        """The level's name, with the category where it is a cell."""
        return f"`{self.level.name}` for {self.category}" if self.own else f"`{self.level.name}`"


@dataclass(frozen=True)
class Subject:
    """A policy under the lint, and what is known of the world around it."""

    policy: Policy
    at: datetime
    """From when the days ahead count."""
    vocabulary: Vocabulary | None = None
    """The words there are for messages; not looked at if `None`."""
    covers: Mapping[str, Cover] = field(default_factory=dict)
    """Contact → who is on call in the days ahead, for those whose rota was read."""
    absent: frozenset[str] = frozenset()
    """Files that the policy names and that are not there."""

    @property
    def last(self) -> int:
        """The number of the last level."""
        return len(self.policy.levels)

    @cached_property
    def categories(self) -> list[str | None]:
        """What a case may be, none first."""
        return [ANY_CATEGORY, *self.policy.categories]

    def cells(self) -> Iterator[Rung]:
        """Every level, then every cell that differs from its level."""
        for number, level in enumerate(self.policy.levels, 1):
            yield Rung(number, None, level, ("levels", number - 1), frozenset())
        for category in self.policy.categories:
            yield from (cell for cell in self.ladder(category) if cell.own)

    def ladder(self, category: str | None) -> list[Rung]:
        """All levels as they are for this category, also those below its start."""
        found = []
        for number, each in enumerate(self.policy.levels, 1):
            cells = self.policy.categories[category].levels if category else {}
            place: Place = ("levels", number - 1)
            own: frozenset[str] = frozenset()
            if category and each.name in cells:
                place = ("categories", category, "levels", each.name)
                own = frozenset(key for key, value in cells[each.name] if value is not None)
            level = self.policy.level(number, category)
            found.append(Rung(number, category if own else None, level, place, own))
        return found

    def pairs(self, *keys: str) -> Iterator[tuple[Rung, Rung, Rung]]:
        """Each level, the next one, and which of both writes these keys.

        For a category only where one of its cells writes them: else the levels themselves do.
        """
        for category in self.categories:
            ladder = self.ladder(category)[self.policy.start(category) - 1 :]
            for below, above in pairwise(ladder):
                if category is None or (above.own and above.writes(*keys)):
                    yield below, above, above
                elif below.own and below.writes(*keys):
                    yield below, above, below

    @cached_property
    def priorities(self) -> dict[float, Priority]:
        """Each speed there is, with the least important priority that has it, slowest first."""
        speed = self.policy.priorities.speed
        found: dict[float, Priority] = {}
        for priority in reversed(Priority):
            found.setdefault(speed.get(priority, 1), priority)
        return dict(sorted(found.items(), reverse=True))

    @cached_property
    def _kept(self) -> dict[str, CalendarSnapshot]:
        years = range(self.at.year - 1, self.at.year + 3)
        return {
            name: expand(calendar, self.policy.timezone, years)
            for name, calendar in self.policy.calendars.items()
        }

    def time(self, calendar: str) -> BusinessTime:
        """A calendar with its holidays: for what depends on the days ahead."""
        return BusinessTime.of(self._kept[calendar])

    def week(self, calendar: str) -> TypicalWeek:
        """A calendar in a week without holidays: for what is so at any time of the year."""
        return TypicalWeek.of(self._kept[calendar].model_copy(update={"closed": ()}))

    def leave(self, cell: Rung, speed: float) -> Duration | None:
        """How long a case may stay there at that speed; `None` without end."""
        return (cell.level.within * speed).leave

    def gaps(self, calendar: str) -> list[tuple[datetime, datetime]]:
        """When it is closed in the days ahead, in order."""
        time, until = self.time(calendar), self.at + HORIZON
        found, moment = [], self.at
        while moment < until:
            opens, closes = time.next_period(moment)
            if opens > moment:
                found.append((moment, opens))
            moment = closes
        return found
