"""The census: the cases that run, counted on the server, so that metrics say how many there are.

Every process that has a page of metrics counts for itself, and all say the same: an elected one
would be missed when it has died. SQL visibility groups by nothing but the run's status, so there is
one count a cell; empty levels cost one, and a level above the highest none.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from escalations import metrics
from escalations.metrics import Metric
from escalations.names import SearchAttribute, Workflow
from escalations.policy import Priority
from escalations.record import Status
from escalations.search import quoted
from workers.metrics import Counted, Gauges, meter_of

EVERY: Final = timedelta(seconds=30)
OVERDUE_AFTER: Final = timedelta(seconds=60)
"""A moment that passed so long ago was missed; the server's lists lag behind by a second or two."""
MAX_LEVELS: Final = 50
"""The most that a policy may have."""
_WITHIN: Final = timedelta(seconds=10)
_AT_A_TIME: Final = 4
_NOT_BEGUN: Final = f"{SearchAttribute.LEVEL} IS NULL"
_NOT_YET: Final = "none"

log = structlog.stdlib.get_logger(__name__)


class Census:
    """Counts what runs in the namespace of a client."""

    def __init__(self, client: Client, overdue_after: timedelta = OVERDUE_AFTER) -> None:
        self._overdue_after = overdue_after
        self._client = client
        self._gauges = Gauges(meter_of(client))
        self._unknown: set[Metric] = set()
        self._turn = asyncio.Semaphore(_AT_A_TIME)

    async def take(self) -> None:
        """Count and show; a metric that the server cannot count is left out, the others are not.

        Raises:
            RPCError: the server does not answer.
        """
        countings: dict[Metric, Callable[[], Coroutine[Any, Any, Counted]]] = {
            metrics.OPEN_CASES: self._open_cases,
            metrics.CASES_BY_STATUS: self._by_status,
            metrics.UNOWNED_CASES: self._unowned,
            metrics.BREACHED_CASES: self._breached,
            metrics.OVERDUE_CASES: self._overdue,
            metrics.STUCK_RUNS: self._stuck,
        }
        for metric, count in countings.items():
            try:
                self._gauges.show(metric, await count())
            except RPCError as error:
                if error.status is not RPCStatusCode.INVALID_ARGUMENT:
                    raise
                if metric not in self._unknown:
                    log.warning("census.impossible", metric=metric.served, why=error.message)
                self._unknown.add(metric)
        self._gauges.show(metrics.CENSUS_AT, {(): datetime.now(UTC).timestamp()})

    async def _open_cases(self) -> Counted:
        counted: dict[tuple[str, ...], float] = {("1", each.value): 0 for each in Priority}
        left = await self._count()
        for number in range(MAX_LEVELS + 1):
            if left <= 0:
                break
            at = f"{SearchAttribute.LEVEL} = {number}" if number else _NOT_BEGUN
            found = await self._count(at)
            if not found:
                continue
            left -= found
            by_priority = await self._by(SearchAttribute.PRIORITY, Priority, at)
            if found > sum(by_priority.values()):  # a worker derives it from impact and urgency
                by_priority[_NOT_YET] = found - sum(by_priority.values())
            counted |= {(str(number), each): count for each, count in by_priority.items()}
        return counted

    async def _by_status(self) -> Counted:
        running = [each for each in Status if each is not Status.CLOSED]
        return _keyed(await self._by(SearchAttribute.STATUS, running))

    async def _unowned(self) -> Counted:
        is_open = f"{SearchAttribute.STATUS} = {quoted(Status.OPEN)}"
        nobodys = f"{SearchAttribute.OWNER} IS NULL"
        return _keyed(await self._by(SearchAttribute.PRIORITY, Priority, is_open, nobodys))

    async def _breached(self) -> Counted:
        term = f"{SearchAttribute.BREACHED} = true"
        return _keyed(await self._by(SearchAttribute.PRIORITY, Priority, term))

    async def _overdue(self) -> Counted:
        before = (datetime.now(UTC) - self._overdue_after).isoformat()
        return {(): await self._count(f"{SearchAttribute.DUE_AT} < {quoted(before)}")}

    async def _stuck(self) -> Counted:
        kinds = (Workflow.ESCALATION, Workflow.RETROSPECTIVE)
        counts = await asyncio.gather(
            *(self._count("TemporalReportedProblems IS NOT NULL", of=kind) for kind in kinds)
        )
        return {(kind.value,): count for kind, count in zip(kinds, counts, strict=True)}

    async def _by(
        self, attribute: SearchAttribute, values: Iterable[str], *terms: str
    ) -> dict[str, float]:
        values = list(values)
        counts = await asyncio.gather(
            *(self._count(f"{attribute} = {quoted(value)}", *terms) for value in values)
        )
        return {str(value): count for value, count in zip(values, counts, strict=True)}

    async def _count(self, *terms: str, of: Workflow = Workflow.ESCALATION) -> float:
        every = (f"WorkflowType = {quoted(of)}", "ExecutionStatus = 'Running'", *terms)
        async with self._turn:
            found = await self._client.count_workflows(" AND ".join(every), rpc_timeout=_WITHIN)
        return found.count


def _keyed(counts: dict[str, float]) -> Counted:
    return {(value,): count for value, count in counts.items()}


@asynccontextmanager
async def counting(client: Client, every: timedelta = EVERY) -> AsyncIterator[None]:
    """Count every so often, as long as this is open; what fails is said once and tried again."""
    task = asyncio.create_task(_count_again(Census(client), every))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _count_again(census: Census, every: timedelta) -> None:
    failing = False
    while True:
        try:
            await census.take()
            failing = False
        except RPCError as error:
            if not failing:
                log.warning("census.failed", why=error.message)
            failing = True
        except Exception:
            log.exception("census.broke")
        await asyncio.sleep(every.total_seconds() * random.uniform(0.8, 1.2))  # noqa: S311  no secret
