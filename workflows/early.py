"""What is said while a case is being opened, so that a replay decides the same.

The policy comes by a local activity. What the first execution hears before it is there, a replay
hears after it, since the replay has it at once. So each fact counts at the moment it came, after
the opening, and what follows from it is carried out before the next moment's is heard. A command is
refused until then: an accepted one would stand in the history where no replay can put it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from escalations import events
from escalations.engine import Case


@dataclass
class Early:
    """Something that was said while the case was being opened."""

    at: datetime
    event: events.Fact | events.Unreadable


def turns(case: Case, began_at: datetime, early: Sequence[Early]) -> Iterator[datetime]:
    """Tell the case what was said, moment by moment; after each, carry out what follows."""
    by_moment: dict[datetime, list[Early]] = {began_at: []}
    for each in early:
        by_moment.setdefault(each.at, []).append(each)
    for at, said in by_moment.items():
        for each in said:
            case.handle(each.event, at=at)
        yield at
