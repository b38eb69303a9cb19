"""What happens in a simulated case, and how what recurs is told once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any, Final

from escalations.model import Instant
from escalations.timeline import TimelineEntry

RECURRING: Final = frozenset({"repeated", "hold_reminded", "update_reminded"})
"""What may happen again and again without anything else."""
ASIDE: Final = frozenset({"held_back", "recalled"})
"""What is said of a message in quiet hours, beside what it speaks of."""
FEW: Final = 3
"""So many in a row are told one by one; of more, the first."""


@dataclass(frozen=True)
class Told:
    """Somebody to whom a message goes."""

    recipient: str
    """A contact's or role's name, or `customer`."""
    name: str
    notice: str
    address: str | None
    """The one that took it; `None` if none did, or none has yet."""
    detail: str = ""
    waits_until: Instant | None = None
    """When the quiet hours end for which it waits."""

    @property
    def about(self) -> str:
        """The notice, as a reader knows it."""
        own = self.recipient == "customer"
        return (self.notice.removeprefix("customer_") if own else self.notice).replace("_", " ")

    @property
    def where(self) -> str:
        """The address that took it, or that none did."""
        return self.address.removeprefix("mailto:") if self.address else self.detail


@dataclass(frozen=True)
class Happening:
    """One decision, in words."""

    at: Instant
    level: int
    kinds: tuple[str, ...]
    """The types of the entries, such as `breached`, `left_level`, `level_entered`."""
    words: tuple[str, ...]
    why: str
    told: tuple[Told, ...]
    entries: tuple[TimelineEntry, ...]
    refused: str | None = None
    waited: bool = False
    """Whether messages go out that had waited for quiet hours to end."""
    more: int = 0
    """How often the same happens again after it, up to `last_at`."""
    last_at: Instant | None = None

    @property
    def headline(self) -> str:
        """It in one sentence: where the case goes to rather than what it leaves, or who waits."""
        both = zip(self.entries, self.words, strict=False)
        main = [words for entry, words in both if entry.type not in ASIDE]
        return (main or [*self.words])[-1]


def folded(happenings: Sequence[Happening]) -> Iterator[Happening]:
    """Of what recurs without anything else, each kind once; the last shown says how much more."""
    for recurs, some in groupby(happenings, _recurs):
        run = list(some)
        last = {_sort(each): n for n, each in reversed([*enumerate(run)])}
        shown = max(last.values()) + 1
        if not recurs or len(run) <= shown + FEW:
            yield from run
        else:
            last |= {_sort(each): n for n, each in enumerate(run[:shown])}
            for n, each in enumerate(run[:shown]):
                more = [later.at for later in run[shown:] if _sort(later) == _sort(each)]
                is_last = more and last[_sort(each)] == n
                yield replace(each, more=len(more), last_at=more[-1]) if is_last else each


def _sort(happening: Happening) -> tuple[frozenset[str], ...]:
    """What is the same again: what happens, and of what people are told."""
    return frozenset(happening.kinds), frozenset(each.notice for each in happening.told)


def _recurs(happening: Happening) -> bool:
    """Nothing else happens in it; that what waited is said is nothing else."""
    return bool(happening.entries or happening.waited) and all(
        entry.type in RECURRING | ASIDE or (entry.type == "breached" and entry.what == "update")
        for entry in happening.entries
    )


def plain(happening: Happening) -> dict[str, Any]:
    """It as plain data."""
    return {
        "at": happening.at.isoformat(),
        "level": happening.level,
        "words": list(happening.words),
        "why": happening.why,
        "refused": happening.refused,
        "told": [
            {
                "recipient": told.recipient,
                "name": told.name,
                "notice": told.notice,
                "address": told.address,
                "detail": told.detail,
                "waits_until": told.waits_until and told.waits_until.isoformat(),
            }
            for told in happening.told
        ],
        "entries": [entry.model_dump(mode="json") for entry in happening.entries],
    }
