"""A flood of signals to one case, while nobody works."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from escalations import events, names
from escalations.client import EscalationClient
from escalations.errors import EscaladeError
from escalations.record import EscalationRecord
from escalations.temporal import connect
from tests.deployment.processes import worker_process
from tests.harness import request
from workers.embedded import EmbeddedTemporal

AT_ONCE = 32
PATIENT = timedelta(seconds=120)


async def flood(
    folder: Path, signals: int, *, opened: bool = False
) -> tuple[int, int, EscalationRecord]:
    """So many replies to one case that nobody works on; then a worker comes, and somebody takes it.

    The case is still to be opened by that worker, unless it was `opened` by one that has gone.

    Returns:
        How many replies were kept, how many were turned away, and the case afterwards.
    """
    case = f"flood-{uuid4().hex[:8]}"
    kinds = {str(name): kind for name, kind in names.SEARCH_ATTRIBUTES.items()}
    async with EmbeddedTemporal(db=None, search_attributes=kinds) as server:
        connection = await connect(address=server.address)
        client = EscalationClient(connection, answer_within=PATIENT)
        asked = request(case=case, reported_at=datetime.now(UTC))
        if opened:
            (folder / "first").mkdir()
            async with worker_process(folder / "first", TEMPORAL_ADDRESS=server.address) as first:
                await first.says("worker.started")
                await client.open(asked)
        else:
            opening = asyncio.create_task(client.open(asked))
            await _kept(connection, case)  # nobody works yet, so it has no answer
            opening.cancel()
            await asyncio.wait([opening])
        room = asyncio.Semaphore(AT_ONCE)

        async def reply(n: int) -> bool:
            said = events.CustomerReplied(text=f"Reply {n}", message_id=f"m-{n}")
            async with room:
                try:
                    await client.report(case, said)
                except EscaladeError:
                    return False
            return True

        kept = sum(await asyncio.gather(*(reply(n) for n in range(signals))))
        async with worker_process(folder, TEMPORAL_ADDRESS=server.address) as worker:
            await worker.says("worker.started")
            await client.acknowledge(case, by="ada")
            record = await client.record(case)
    return kept, signals - kept, record


async def _kept(connection: Client, case: str) -> None:
    """Wait until the server has a run of the case."""
    async with asyncio.timeout(PATIENT.total_seconds()):
        while True:
            try:
                await connection.get_workflow_handle(names.escalation_id(case)).describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                await asyncio.sleep(0.1)
            else:
                return
