"""A record must fit into one payload (2 MB), however long its case is and however much is said.

Where a timeline grows too long, its oldest chatter is folded into one entry that counts it, and
then, if that is not enough, the oldest of what moved the case. The counters of the record stay; the
folded entries are whole in the history.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from escalations.timeline import (
    CustomerReplied,
    CustomerUpdated,
    Folded,
    HeldBack,
    Noted,
    Notified,
    Recalled,
    Refused,
    TimelineEntry,
)

MAX_ENTRIES: Final = 2_000
MAX_BYTES: Final = 500_000
"""Of all entries together, as `weight` has it."""
_RECENT: Final = 0.5
"""The share of a full timeline whose newest entries are left as they are."""
_MOVES: Final = 0.25
"""The share that is left to what moved the case before those."""
_OVERHEAD: Final = 150
"""Bytes of an entry besides its words: keys, moments, quotation marks."""

_CHATTER: Final = (
    CustomerReplied,
    CustomerUpdated,
    Folded,
    HeldBack,
    Noted,
    Notified,
    Recalled,
    Refused,
)


def weight(entry: TimelineEntry) -> int:
    """About how many bytes an entry takes in a record."""
    words = "".join([value for value in entry.__dict__.values() if isinstance(value, str)])
    return _OVERHEAD + len(words if words.isascii() else words.encode())


def is_full(entries: int, weight: int) -> bool:
    """Whether so many entries of that weight in all are too much."""
    return entries > MAX_ENTRIES or weight > MAX_BYTES


def fold(timeline: list[TimelineEntry]) -> None:
    """Fold the oldest entries of a full timeline into one; afterwards a quarter of it is free."""
    recent = _newest(timeline, _RECENT)
    old = timeline[: len(timeline) - len(recent)]
    moves = _newest([entry for entry in old if not isinstance(entry, _CHATTER)], _MOVES)
    kept = {id(entry) for entry in moves}
    counts: Counter[str] = Counter()
    for entry in old:
        if isinstance(entry, Folded):
            counts.update(entry.counts)
        elif id(entry) not in kept:
            counts[entry.type] += 1
    since = min(entry.since if isinstance(entry, Folded) else entry.at for entry in old)
    folded = Folded(at=old[-1].at, level=old[-1].level, since=since, counts=dict(counts))
    timeline[:] = [*moves, folded, *recent]


def _newest(entries: Sequence[TimelineEntry], share: float) -> Sequence[TimelineEntry]:
    """The newest entries that fit into that share of a timeline."""
    total = 0
    for n, entry in enumerate(reversed(entries)):
        total += weight(entry)
        if n >= MAX_ENTRIES * share or total > MAX_BYTES * share:
            return entries[len(entries) - n :]
    return entries


def weight_of(entries: Iterable[TimelineEntry]) -> int:
    """About how many bytes these take in a record."""
    return sum(map(weight, entries))
