"""Every other fault, short; `make torture` has them at length."""

from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import WorkflowEnvironment

from escalations.calls import answered
from escalations.errors import Unreachable
from tests.deployment.faults import disk
from tests.deployment.faults.scenes import SHORT
from tests.deployment.kills.many import torture

NEEDS_A_DISK = "disk"


@pytest.mark.timeout(1_200)
async def test_no_fault_loses_anything(tmp_path: Path) -> None:
    """Killed, stopped, replaced, cut off, frozen, an hour off, raced: whatever is done to worker
    and server, each case ends as it would have, told to whom it concerns, and replays."""
    said: list[str] = []
    acts = [(name, scene, 1) for name, scene in SHORT.items() if name != NEEDS_A_DISK]

    total = await torture(tmp_path, said.append, acts)

    assert total.faults == [], "\n".join(said)
    assert len(said) == len(acts)


@pytest.mark.timeout(300)
async def test_a_full_disk_is_told_and_forgives(tmp_path: Path) -> None:
    """While the server's disk is full callers are refused; what was accepted is there, and
    everything goes on when there is room again."""
    if why := disk.permitted(tmp_path):
        pytest.skip(f"a small disk has to be mounted, and that is not permitted here: {why}")
    said: list[str] = []

    total = await torture(tmp_path, said.append, [("disk", SHORT[NEEDS_A_DISK], 1)])

    assert total.faults == [], "\n".join(said)
    assert total.blows["disk full"] == 1


async def test_a_server_without_its_database_is_told_in_our_words(
    environment: WorkflowEnvironment,
) -> None:
    """What Temporal says while it cannot write names no disk; what we say of it does."""
    said = RPCError("shard status unknown", RPCStatusCode.UNAVAILABLE, b"")

    with pytest.raises(Unreachable, match=r"database just now .*disk, which may be full"):
        async with answered(environment.client, timedelta(seconds=1)):
            raise said
