"""The floor: a workflow that does what a case needs, and nothing else.

The same timers, messages, sends, attribute updates and child as the life in `benchmarks/life.py`
costs an `Escalation`; plain payloads, the ladder written down, no policy, no models, no sandbox.
"""

import asyncio
from datetime import timedelta
from typing import Any, Final

from temporalio import activity, workflow
from temporalio.common import RawValue, SearchAttributeKey

from escalations.names import SearchAttribute, Signal, Update, Workflow

NAME: Final = "Bare"

LEVEL: Final = SearchAttributeKey.for_int(SearchAttribute.LEVEL)
STATUS: Final = SearchAttributeKey.for_keyword(SearchAttribute.STATUS)
OWNER: Final = SearchAttributeKey.for_keyword(SearchAttribute.OWNER)
DUE_AT: Final = SearchAttributeKey.for_datetime(SearchAttribute.DUE_AT)

LADDER: Final = (
    (timedelta(minutes=5), 1, "unacknowledged"),
    (timedelta(minutes=10), 1, "reminder"),
    (timedelta(minutes=15), 2, "climb"),
    (timedelta(minutes=30), 2, "reminder"),
    (timedelta(minutes=30), 3, "climb"),
    (timedelta(minutes=60), 3, "reminder"),
)
"""How long after the one before, the level from then on, and what is sent."""

SURVEY_WITHIN: Final = timedelta(days=7)


@activity.defn(name="send")
async def send(case: str, notice: str, to: list[str]) -> list[str]:
    """Tell nobody; the ids under which it would have gone."""
    return [f"{case}/{notice}.{who}" for who in to]


@workflow.defn(name=NAME, sandboxed=False)
class BareWorkflow:
    """A case without a mind of its own."""

    def __init__(self) -> None:
        self._case = ""
        self._level = 1
        self._rung = 0
        self._closed = False
        self._timer: asyncio.Task[None] | None = None
        self._under_way: set[asyncio.Task[Any]] = set()

    @workflow.run
    async def run(self, case: str) -> dict[str, Any]:
        """Climb until somebody resolves it."""
        self._case = case
        self._send("opened", "manager", "customer", "level")
        self._arm()
        while not self._closed or self._under_way:
            await workflow.wait_condition(self._something_happened)
            self._under_way = {task for task in self._under_way if not task.done()}
            if self._timer and self._timer.done() and not self._closed:
                _, self._level, notice = LADDER[self._rung]
                self._rung += 1
                self._send(notice, "manager", "level")
                self._arm()
        return {"case": case, "status": "closed", "level": self._level}

    def _something_happened(self) -> bool:
        rung = self._timer is not None and self._timer.done() and not self._closed
        return rung or any(task.done() for task in self._under_way)

    def _arm(self) -> None:
        after = LADDER[self._rung][0]
        workflow.upsert_search_attributes(
            [LEVEL.value_set(self._level), DUE_AT.value_set(workflow.now() + after)]
        )
        self._timer = asyncio.create_task(workflow.sleep(after))

    def _send(self, notice: str, *to: str) -> None:
        work = workflow.execute_activity(
            send,
            args=[self._case, notice, list(to)],
            start_to_close_timeout=timedelta(seconds=60),
        )
        self._under_way.add(asyncio.ensure_future(work))

    @workflow.signal(name=Signal.CUSTOMER_REPLIED)
    def customer_replied(self, said: dict[str, Any]) -> None:
        """Whoever has the case hears of it."""
        self._send("customer_replied", "level")

    @workflow.update(name=Update.ACKNOWLEDGE)
    def acknowledge(self, said: dict[str, Any]) -> dict[str, Any]:
        """Somebody takes it."""
        workflow.upsert_search_attributes([OWNER.value_set(said["by"])])
        return {"case": self._case, "status": "open", "level": self._level}

    @workflow.signal(name=Signal.RESOLVE)
    def resolve(self, said: dict[str, Any]) -> None:
        """The customer is asked."""
        workflow.upsert_search_attributes([STATUS.value_set("resolved")])
        self._send("confirmation_asked", "customer")

    @workflow.update(name=Update.CONFIRM_RESOLUTION)
    def confirm_resolution(self, said: dict[str, Any]) -> dict[str, Any]:
        """The customer is asked how it went."""
        due_at = workflow.now() + SURVEY_WITHIN
        workflow.upsert_search_attributes([DUE_AT.value_set(due_at)])
        self._send("survey", "customer")
        return {"case": self._case, "status": "resolved", "level": self._level}

    @workflow.update(name=Update.RATE)
    def rate(self, said: dict[str, Any]) -> dict[str, Any]:
        """It is closed, and its retrospective begins."""
        self._closed = True
        workflow.upsert_search_attributes([STATUS.value_set("closed")])
        self._send("closed", "manager", "customer", "level")
        self._under_way.add(asyncio.create_task(self._retrospective()))
        return {"case": self._case, "status": "closed", "level": self._level}

    async def _retrospective(self) -> None:
        await workflow.start_child_workflow(
            Workflow.RETROSPECTIVE,
            self._case,
            id=f"retrospective/{self._case}",
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
        )


@workflow.defn(name=Workflow.RETROSPECTIVE, sandboxed=False)
class IdleRetrospective:
    """In the place of a retrospective: it is started, and nothing comes of it."""

    @workflow.run
    async def run(self, request: RawValue) -> None:
        """Wait for ever, since the end of a child would be an event of its case."""
        await workflow.wait_condition(lambda: False)
