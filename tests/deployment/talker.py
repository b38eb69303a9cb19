"""A workflow and an activity that say things, for the test of the log."""

import logging
from datetime import timedelta

from temporalio import activity, workflow

with workflow.unsafe.imports_passed_through():
    import structlog

log = structlog.stdlib.get_logger("talker")
plain = logging.getLogger("talker.plain")


@activity.defn
async def chat() -> None:
    log.info("activity.structlog")
    activity.logger.info("activity.sdk", extra={"case": "T-1"})


@workflow.defn
class Talker:
    def __init__(self) -> None:
        self._enough = False

    @workflow.run
    async def run(self) -> None:
        log.info("run.structlog", level=3)
        plain.info("run.plain")
        workflow.logger.info("run.sdk", extra={"case": "T-1"})
        await workflow.execute_activity(chat, start_to_close_timeout=timedelta(seconds=10))
        await workflow.wait_condition(lambda: self._enough)
        log.info("run.ended")

    @workflow.signal
    def enough(self) -> None:
        log.info("signal.structlog")
        self._enough = True

    @workflow.update
    def ask(self) -> None:
        log.info("update.structlog")
        workflow.logger.info("update.sdk")

    @workflow.query
    def heard(self) -> bool:
        log.info("query.structlog")
        return self._enough


@workflow.defn
class Stumbler:
    """Has a mistake: its task fails, and fails again, until somebody ends the run."""

    @workflow.run
    async def run(self) -> None:
        raise KeyError
