"""One thing done to many cases, some at a time, each with a result of its own."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from escalations import errors
from escalations.search import Listed


class Outcome(StrEnum):
    """What became of a case."""

    DONE = "done"
    REFUSED = "refused"
    """It cannot be as the case stands; the words say how that is."""
    GONE = "gone"
    """There is no such case any more."""
    UNANSWERED = "unanswered"
    """Nobody answered in time: it may have counted. Saying it again under its id is safe."""
    UNTRIED = "not tried"
    """The run was stopped before."""


@dataclass(frozen=True)
class Result:
    """What became of one case, and how it stands in a line."""

    case: str
    outcome: Outcome
    said: str = ""


async def each_of(
    cases: Sequence[Listed],
    act: Callable[[Listed], Awaitable[str]],
    parallel: int,
    stopped: asyncio.Event,
    watch: Callable[[Result], None],
) -> None:
    """Do it to each, so many at a time, in their order.

    It ends early, those under way done, once it is stopped, or once nobody has answered as many
    times in a row as there are at a time: the others would wait for nothing.
    """
    waiting, silent = deque(cases), 0

    async def work() -> None:
        nonlocal silent
        while waiting and silent < parallel and not stopped.is_set():
            case = waiting.popleft()
            try:
                result = await _tried(case, act)
            except asyncio.CancelledError:
                watch(Result(case.case, Outcome.UNANSWERED, "given up while it was under way"))
                raise
            silent = silent + 1 if result.outcome is Outcome.UNANSWERED else 0
            watch(result)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(parallel, len(cases))):
            group.create_task(work())


async def _tried(case: Listed, act: Callable[[Listed], Awaitable[str]]) -> Result:
    try:
        return Result(case.case, Outcome.DONE, await act(case))
    except errors.Refused as error:
        return Result(case.case, Outcome.REFUSED, str(error))
    except (errors.CaseUnknown, errors.CaseEnded) as error:
        return Result(case.case, Outcome.GONE, str(error))
    except errors.Unreachable as error:
        return Result(case.case, Outcome.UNANSWERED, str(error))


def completed(cases: Sequence[Listed], results: Mapping[str, Result]) -> list[Result]:
    """A result for every case, in the order of the cases."""
    return [results.get(each.case, Result(each.case, Outcome.UNTRIED)) for each in cases]


def exit_code(results: Sequence[Result]) -> int:
    """0 if everything was done, 3 if nobody answered, 1 if something was refused or is gone."""
    found = {each.outcome for each in results}
    if found <= {Outcome.DONE}:
        return 0
    return 3 if Outcome.UNANSWERED in found else 1
