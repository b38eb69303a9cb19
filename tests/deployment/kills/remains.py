"""What is left on the server when all is over: results, runs, and whether they can be repeated."""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable

from temporalio.client import Client, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import Replayer

from escalations import names
from escalations.record import EscalationRecord
from escalations.retrospective.record import RetrospectiveRecord
from escalations.temporal import plugin
from workers.composition import WORKFLOWS

_AGAIN_AFTER = 0.3
_LISTED_WITHIN = 60.0


async def result(connection: Client, case: str) -> EscalationRecord:
    """The result of a case's last run."""
    handle = connection.get_workflow_handle(names.escalation_id(case), result_type=EscalationRecord)
    while True:
        try:
            record: EscalationRecord = await handle.result()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise
            await asyncio.sleep(_AGAIN_AFTER)
        else:
            return record


async def retrospective(connection: Client, case: str) -> RetrospectiveRecord:
    """A retrospective, once everybody is invited."""
    handle = connection.get_workflow_handle(names.retrospective_id(case))
    while True:
        try:
            record: RetrospectiveRecord = await handle.query(
                names.Query.RECORD, result_type=RetrospectiveRecord
            )
            if not record.outbox:
                return record
        except WorkflowQueryFailedError:  # asked ahead of a task: asked again
            pass
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise
        await asyncio.sleep(_AGAIN_AFTER)


async def _listed(connection: Client, wanted: Collection[str]) -> list[str]:
    """The ids of all runs, once those that are wanted are among them: the server's list lags
    behind. What never comes is missing in it."""
    until = asyncio.get_running_loop().time() + _LISTED_WITHIN
    while True:
        found = [run.id async for run in connection.list_workflows()]
        if set(wanted) <= set(found) or asyncio.get_running_loop().time() > until:
            return found
        await asyncio.sleep(_AGAIN_AFTER)


async def runs_of(connection: Client, cases: Iterable[str]) -> int:
    """How many runs these cases took."""
    mine = {names.escalation_id(case) for case in cases}
    return len([each for each in await _listed(connection, mine) if each in mine])


async def strangers(connection: Client, cases: Iterable[str], begun: Iterable[str]) -> list[str]:
    """Runs that should not be there: a retrospective is begun once, and only where it is due."""
    mine = {names.escalation_id(case) for case in cases}
    wanted = Counter(names.retrospective_id(case) for case in begun)
    found = Counter(each for each in await _listed(connection, wanted) if each not in mine)
    return [f"begun besides the cases: {found}, wanted: {wanted}"] if found != wanted else []


async def unrepeatable(connection: Client) -> list[str]:
    """The histories that are decided differently when they are replayed from their beginning."""
    replayer = Replayer(workflows=WORKFLOWS, plugins=[plugin()])
    found = []
    async for run in connection.list_workflows():
        history = await connection.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
        replayed = await replayer.replay_workflow(history, raise_on_replay_failure=False)
        if replayed.replay_failure is not None:
            found.append(f"{run.id}: {replayed.replay_failure}")
    return found
