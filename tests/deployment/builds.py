"""Builds of our workers: copies of this checkout with an engine that was changed as it should be.

The change is the worked example of docs/deploying.md, word for word: under rules 2 a missed window
is also told to whoever is the policy's fallback. Build 1 has learnt it, build 2 gives it to new
cases.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from temporalio.api.enums.v1 import RoutingConfigUpdateState as Routing
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from escalations.temporal import plugin
from tests.deployment.processes import LONG, ROOT, WorkerProcess, program_of
from tests.harness import search_attribute_keys, temporal_binary
from workers.deployment import Standing, standing

DEPLOYMENT: Final = "escalade"
ROOMS: Final = ("escalations", "activities", "workflows", "workers")

Change = tuple[str, str, str]
"""A file of the checkout, what stands there, and what is to stand there."""

LEARNT: Final[tuple[Change, ...]] = (
    ("escalations/rules.py", "KNOWN: Final = 1", "KNOWN: Final = 2"),
    (
        "escalations/ladder.py",
        """\
    told = [*case.manager, *case.contact(case.level.contact)]
    case.tell(Notice.BREACH, told, why="time", due_at=case.at)
""",
        """\
    told = [*case.manager, *case.contact(case.level.contact)]
    if case.rules >= 2:
        told += case.contact(case.policy.fallback)
    case.tell(Notice.BREACH, told, why="time", due_at=case.at)
""",
    ),
)
GIVEN: Final[tuple[Change, ...]] = (
    ("escalations/rules.py", "GIVEN: Final = 1", "GIVEN: Final = 2"),
)


def checkout(folder: Path, *changes: Change) -> Path:
    """A copy of this checkout's rooms, changed."""
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name, then, now in changes:
        file = folder / name
        text = file.read_text("utf-8")
        assert text.count(then) == 1, f"{name} does not hold once: {then}"
        file.write_text(text.replace(then, now), "utf-8")
    return folder


@asynccontextmanager
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server that soon sees when a build has nothing left to do, and soon rings timers."""
    flags = (
        'history.timerProcessorMaxTimeShift="10ms"',
        'matching.wv.VersionDrainageStatusVisibilityGracePeriod="1s"',
        'matching.wv.VersionDrainageStatusRefreshInterval="1s"',
    )
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_binary(),
        dev_server_startup_timeout=timedelta(seconds=LONG),
        plugins=[plugin()],
        search_attributes=search_attribute_keys(),
        dev_server_extra_args=[word for flag in flags for word in ("--dynamic-config-value", flag)],
    )
    try:
        yield environment
    finally:
        await environment.shutdown()


@asynccontextmanager
async def build(
    name: str, checkout: Path, folder: Path, client: Client, **environment: str
) -> AsyncIterator[WorkerProcess]:
    """A worker of a build, known to the server."""
    async with program_of(
        checkout,
        "workers",
        folder,
        TEMPORAL_ADDRESS=client.service_client.config.target_host,
        ESCALADE_BUILD=name,
        ESCALADE_POLICIES=str(folder / "policies"),
        **environment,
    ) as worker:
        await worker.says("worker.started")
        await stands(client, name, "inactive", "current", "draining", "drained")
        yield worker


async def make_current(client: Client, name: str) -> None:
    """What `temporal worker deployment set-current-version` does, and wait until all of the server
    goes by it."""
    await client.workflow_service.set_worker_deployment_current_version(
        SetWorkerDeploymentCurrentVersionRequest(
            namespace=client.namespace, deployment_name=DEPLOYMENT, build_id=name
        )
    )
    asked = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    async with asyncio.timeout(LONG):
        while True:
            answer = await client.workflow_service.describe_worker_deployment(asked)
            info = answer.worker_deployment_info
            known = (
                info.routing_config_update_state == Routing.ROUTING_CONFIG_UPDATE_STATE_COMPLETED
            )
            if known and info.routing_config.current_deployment_version.build_id == name:
                return
            await asyncio.sleep(0.2)


async def stands(client: Client, name: str, *words: str) -> Standing:
    """Wait until a build stands like that, as `temporal worker deployment describe` says."""
    async with asyncio.timeout(LONG):
        while True:
            try:
                now = await standing(client, DEPLOYMENT)
            except RPCError:  # not known yet
                now = Standing("", "", {})
            if now.builds.get(name) in words:
                return now
            await asyncio.sleep(0.2)


async def build_of(client: Client, workflow_id: str) -> str:
    """The build on which a run is."""
    described = await client.get_workflow_handle(workflow_id).describe()
    info = described.raw_description.workflow_execution_info.versioning_info
    return info.deployment_version.build_id
