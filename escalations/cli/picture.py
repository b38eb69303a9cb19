"""How all cases stand at a moment, level by level: what a board shows, at a bounded price.

However many cases there are, a picture reads at most `MAX_CASES` of them, those that are due next;
how many the others are is counted by the server.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from escalations import errors
from escalations.cli.listing import read
from escalations.client import EscalationClient
from escalations.search import Listed, Search
from escalations.sorting import in_order

MAX_CASES: Final = 1_000
MAX_LEVELS: Final = 30
BREATH: Final = 9
"""So many times as long as a picture took, nothing is asked: a slow server is left in peace."""
_LONG_AGO: Final = timedelta(days=30)
_HALVINGS: Final = 6
_HORIZONS: Final = tuple(
    timedelta(minutes=minutes) for minutes in (0, 15, 60, 240, 24 * 60, 7 * 24 * 60)
)


@dataclass(frozen=True)
class Column:
    """The cases of one level, what is due next first."""

    level: int | None
    """`None`: no worker has seen them yet."""
    count: int
    cases: Sequence[Listed]
    """Those that were read; fewer than there are where they are too many."""


@dataclass(frozen=True)
class Picture:
    """How the cases stood."""

    at: datetime
    took: timedelta
    found: int
    read: int
    """How many of them were read: all, or those due next."""
    breached: int
    unowned: int
    columns: Sequence[Column]

    def document(self) -> dict[str, Any]:
        """The same for a program."""
        return {
            "at": self.at.isoformat(),
            "found": self.found,
            "read": self.read,
            "breached": self.breached,
            "unowned": self.unowned,
            "columns": [
                {
                    "level": each.level,
                    "count": each.count,
                    "cases": [case.model_dump(mode="json") for case in each.cases],
                }
                for each in self.columns
            ],
        }


async def take(
    client: EscalationClient, search: Search, now: datetime, at_most: int = MAX_CASES
) -> Picture:
    """How the cases stand that are asked for."""
    started = datetime.now(UTC)
    found = await client.count(search) if search.exact else 0
    if found <= at_most:
        cases, found = await read(client, search)
        levels = sorted({case.level for case in cases if case.level is not None})
        counts: dict[int | None, int] = {}
        breached = sum(case.breached for case in cases)
        unowned = sum(case.unacknowledged for case in cases)
    else:
        cases = await _next_due(client, search, now, at_most)
        counts = await _counts(client, search, found)
        levels = sorted(level for level in counts if level is not None)
        breached = await _count(client, search, breached=True)
        unowned = 0 if search.owner else await _count(client, search, unowned=True, status="open")
    columns = []
    for level in (*levels, None):
        here = [case for case in cases if case.level == level]
        count = counts.get(level, len(here))
        if count:
            columns.append(Column(level, count, in_order(here)))
    took = datetime.now(UTC) - started
    return Picture(now, took, found, len(cases), breached, unowned, columns)


async def pictures(
    client: EscalationClient, search: Search, every: timedelta, at_most: int = MAX_CASES
) -> AsyncIterator[Picture | errors.EscaladeError]:
    """One picture after the other, about so often; why there is none while nobody answers."""
    took = timedelta(0)
    while True:
        pause = max(every, BREATH * took).total_seconds()
        await asyncio.sleep(pause * random.uniform(0.9, 1.1))  # noqa: S311  # boards do not look in step
        try:
            taken = await take(client, search, datetime.now(UTC), at_most)
        except errors.EscaladeError as error:
            yield error
        else:
            took = taken.took
            yield taken


async def _next_due(
    client: EscalationClient, search: Search, now: datetime, at_most: int
) -> list[Listed]:
    """The cases that are due next, as many of them as may be read."""
    fits, over = now - _LONG_AGO, None
    for horizon in _HORIZONS:
        if await _count_until(client, search, now + horizon) > at_most:
            over = now + horizon
            break
        fits = now + horizon
    for _ in range(_HALVINGS):
        if over is not None:
            middle = fits + (over - fits) / 2
            if await _count_until(client, search, middle) > at_most:
                over = middle
            else:
                fits = middle
    cases, _ = await read(client, _until(search, fits), at_most)
    if not cases and over is not None:  # more are due at one moment than may be read
        cases, _ = await read(client, _until(search, over), at_most)
    return cases


def _until(search: Search, moment: datetime) -> Search:
    """Those of them that are due before then."""
    soonest = min(moment, search.due_before or moment)
    return search.model_copy(update={"due_before": soonest})


async def _count_until(client: EscalationClient, search: Search, moment: datetime) -> int:
    return await client.count(_until(search, moment))


async def _counts(client: EscalationClient, search: Search, found: int) -> dict[int | None, int]:
    """How many there are on each level, asked level by level until all are found."""
    counts: dict[int | None, int] = {}
    for level in range(1, MAX_LEVELS + 1):
        if sum(counts.values()) >= found:
            return counts
        if count := await _count(client, search, level=level):
            counts[level] = count
    counts[None] = max(0, found - sum(counts.values()))
    return counts


async def _count(client: EscalationClient, search: Search, **asked: Any) -> int:
    """How many of them are like that, too; what is asked for already stays so."""
    also = Search.model_validate(asked)
    both = {name: getattr(also, name) for name in asked if not getattr(search, name)}
    if asked.get("level") and search.level not in (None, asked["level"]):
        return 0
    return await client.count(search.model_copy(update=both))
