"""The Docker engine as the tests speak to it, and the images that they take."""

import asyncio
import os
import subprocess
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from tests.deployment.processes import ROOT

_Found = TypeVar("_Found")

WORKER: Final = os.environ.get("ESCALADE_IMAGE", "escalade:dev")
VERSIONS: Final = dict(
    line.split("=", 1)
    for line in (ROOT / ".env").read_text("utf-8").splitlines()
    if "_VERSION=" in line
)
DEV_SERVER: Final = f"temporalio/temporal:{VERSIONS['TEMPORAL_CLI_VERSION']}"
MAIL: Final = "axllent/mailpit:v1.27"
BESIDE: Final = (DEV_SERVER, MAIL)
"""What the image of the worker is tested beside."""
CLUSTER: Final = (
    f"temporalio/server:{VERSIONS['TEMPORAL_VERSION']}",
    f"temporalio/admin-tools:{VERSIONS['TEMPORAL_VERSION']}",
    f"temporalio/ui:{VERSIONS['TEMPORAL_UI_VERSION']}",
    "postgres:17",
)
"""What the compose file needs besides."""

FIGURES: Final[list[str]] = []
"""What was measured on the way: shown at the end, and nothing is asserted of it."""


def docker(*words: str, within: float = 300, **environment: str) -> str:
    """What a docker command says.

    Raises:
        CalledProcessError: it fails.
    """
    done = subprocess.run(
        ["docker", *words],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=within,
        check=False,
    )
    if done.returncode:
        raise subprocess.CalledProcessError(
            done.returncode, words, done.stdout, done.stderr[-4000:]
        )
    return done.stdout


async def eventually(look: Callable[[], Awaitable[_Found]], within: float = 90) -> _Found:
    """What is found, as soon as it is anything."""
    async with asyncio.timeout(within):
        while True:
            if found := await look():
                return found
            await asyncio.sleep(0.2)
