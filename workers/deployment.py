"""Which build this worker is, and whether the server has work for it.

With a build id, a case stays on the build that began its run, and goes on in a new run on the one
that is current by then. Which one is current is said to the server by whoever deploys; a build
that nobody has made current gets no new case, and says so.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Final

import structlog
from temporalio.api.deployment.v1 import WorkerDeploymentInfo
from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus as Status
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError
from temporalio.worker import WorkerDeploymentConfig

from workers.settings import Settings

_LOOK_EVERY: Final = 2.0  # seconds, until the server knows this build
_LOOKS: Final = 15

log = structlog.stdlib.get_logger(__name__)


def config(settings: Settings) -> WorkerDeploymentConfig | None:
    """What the worker tells the server of itself; nothing without a build id."""
    if settings.build is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.deployment, settings.build),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.PINNED,
    )


@dataclass(frozen=True)
class Standing:
    """How the builds of a deployment stand, as the server sees them."""

    current: str
    """The build that gets new cases; empty where that is whichever worker has no build id."""
    ramping: str
    """The build that gets some of them; empty if there is none."""
    builds: dict[str, str]
    """Build id → `inactive`, `current`, `ramping`, `draining` or `drained`."""

    def gets_new_cases(self, build: str) -> bool:
        """Whether new cases come to this build."""
        return build in (self.current, self.ramping)


async def standing(client: Client, name: str) -> Standing:
    """How the builds of the deployment of this name stand.

    Raises:
        RPCError: the server has no such deployment (yet), or does not answer.
    """
    answer = await client.workflow_service.describe_worker_deployment(
        DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=name)
    )
    info: WorkerDeploymentInfo = answer.worker_deployment_info
    routing = info.routing_config
    return Standing(
        current=routing.current_deployment_version.build_id,
        ramping=routing.ramping_deployment_version.build_id,
        builds={
            each.deployment_version.build_id: _word(each.status) for each in info.version_summaries
        },
    )


@asynccontextmanager
async def watched(client: Client, settings: Settings) -> AsyncIterator[None]:
    """While the worker takes work: say once how its build stands, when the server knows it."""
    telling = asyncio.create_task(_tell(client, settings))
    try:
        yield
    finally:
        telling.cancel()
        with suppress(asyncio.CancelledError):
            await telling


async def _tell(client: Client, settings: Settings) -> None:
    name, build = settings.deployment, settings.build
    if build is None:
        return
    for _ in range(_LOOKS):
        with suppress(RPCError):
            now = await standing(client, name)
            if build in now.builds:
                _say(now, name, build)
                return
        await asyncio.sleep(_LOOK_EVERY)
    log.warning("build.unknown", deployment=name, build=build, why="the server does not list it")


def _say(now: Standing, name: str, build: str) -> None:
    others = {other: stands for other, stands in now.builds.items() if other != build}
    if now.gets_new_cases(build):
        log.info("build.current", deployment=name, build=build, others=others)
        return
    log.warning(
        "build.not_current",
        deployment=name,
        build=build,
        current=now.current or "whichever worker has no ESCALADE_BUILD",
        others=others,
        why="new cases do not come here until somebody makes it the current build",
        make_it="temporal worker deployment set-current-version "
        f"--deployment-name {name} --build-id {build}",
    )


def _word(status: Status.ValueType) -> str:
    return Status.Name(status).removeprefix("WORKER_DEPLOYMENT_VERSION_STATUS_").lower()
