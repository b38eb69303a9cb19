"""What is simulated is what runs: 200 lives by chance, through the workflow and the simulator."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations.simulation.scenario import MESSAGES
from tests import harness
from tests.workflows import differential
from tests.workflows.random_lives import SAYS

LIVES = 200
AT_ONCE = 20
BATCHES = [range(first, first + AT_ONCE) for first in range(0, LIVES, AT_ONCE)]


@pytest.fixture(scope="module")
async def many(
    environment: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[harness.Desk]:
    """A worker that knows the matrices of all these lives."""
    folder: Path = tmp_path_factory.mktemp("differential")
    matrices = differential.matrices(range(LIVES))
    async with harness.desk(
        environment, folder, more=matrices, workflows=differential.WORKFLOWS
    ) as opened:
        yield opened


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seeds", BATCHES, ids=lambda seeds: f"{seeds[0]}-{seeds[-1]}")
async def test_what_is_simulated_is_what_runs(many: harness.Desk, seeds: range) -> None:
    """Whatever is said to whichever matrix, and whichever other one is adopted on the way: both
    come to the same record, entry for entry."""
    lived = await differential.live(seeds, many)

    found = {seed: differential.differences(each) for seed, each in lived.items()}

    wrong = [
        "\n".join([f"python -m tests.workflows.differential {seed}", *differences])
        for seed, differences in found.items()
        if differences
    ]
    assert wrong == [], "\n\n".join(wrong)
    entries = [entry.type for each in lived.values() for entry in each.record.timeline]
    assert "policy_adopted" in entries


def test_the_lives_say_all_that_can_be_said() -> None:
    """Each message of the contract has its line, so that a new one is not left out."""
    assert set(SAYS) == set(MESSAGES)
