"""What is said while a case is being opened, so that a replay decides the same.

The policy comes by a local activity. What the first execution hears before it is there, a replay
hears after it, since the replay has it at once. So each message counts at the moment it came, after
the opening, and what follows from it is carried out before the next moment's is heard.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from temporalio.exceptions import ApplicationError

from escalations import events
from escalations.engine import Case
from escalations.errors import Refused
from escalations.record import Summary


@dataclass
class Early:
    """Something that was said while the case was being opened."""

    at: datetime
    event: events.Event
    answer: "asyncio.Future[Summary] | None" = None
    """Where a command's answer goes."""


def _tell(case: Case, early: Early) -> None:
    """The case hears it; a command that cannot be is refused, since its validator could not."""
    try:
        case.handle(early.event, at=early.at)
    except Refused as refused:
        if early.answer is not None:
            early.answer.set_exception(ApplicationError(str(refused), type=Refused.__name__))
        return
    if early.answer is not None:
        early.answer.set_result(case.record.summary())


def turns(case: Case, began_at: datetime, early: Sequence[Early]) -> Iterator[datetime]:
    """Tell the case what was said, moment by moment; after each, carry out what follows."""
    at_once: dict[datetime, list[Early]] = {began_at: []}
    for each in early:
        at_once.setdefault(each.at, []).append(each)
    for at, said in at_once.items():
        for each in said:
            _tell(case, each)
        yield at
