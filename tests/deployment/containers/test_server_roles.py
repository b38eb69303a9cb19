"""Temporal's roles as containers of their own: what one machine with one server cannot show."""

import asyncio
from collections.abc import Iterator

import pytest

from tests.deployment.containers.engine import FIGURES
from tests.deployment.containers.load import Load
from tests.deployment.containers.stack import Stack, running
from tests.deployment.processes import ROOT

pytestmark = [pytest.mark.container, pytest.mark.timeout(600)]

ROLES = ROOT / "deploy" / "compose" / "roles.yaml"


@pytest.fixture(scope="module")
def stack(cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Frontend, matching, system worker and two history nodes."""
    with running(tmp_path_factory.mktemp("roles"), ROLES) as stack:
        yield stack


async def test_a_history_node_is_killed_and_no_case_is_lost(stack: Stack) -> None:
    """One of two history nodes dies under load: the other one takes its shards over, whatever was
    answered is there, and every case comes to its top, no level skipped."""
    load = Load(await stack.client(), "T-1")
    await load.has(8)
    await asyncio.to_thread(stack.compose, "kill", "history-1")
    await load.has(20)

    worst = await load.verdict()
    FIGURES.append(
        f"{len(load.opened)} cases, history killed: latest climb {worst} after its window"
    )
    states = {name: each["State"] for name, each in stack.services().items()}
    assert (states["history-1"], states["history-2"]) == ("exited", "running")
