"""What all tests share: their fixtures; Hypothesis, the same every time and on any machine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from temporalio.testing import WorkflowEnvironment

from tests import harness

settings.register_profile(
    "escalade",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("escalade")


@pytest.fixture(scope="session")
async def environment() -> AsyncIterator[WorkflowEnvironment]:
    """A real Temporal server with virtual time."""
    async with harness.virtual_time_server() as server:
        yield server


@pytest.fixture
async def desk(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[harness.Desk]:
    """A worker with the real matrix and fake channels."""
    async with harness.desk(environment, tmp_path) as opened:
        yield opened
