"""What container tests need: an engine, the image of this checkout, and to be asked for."""

import json
import os
import subprocess
from collections.abc import Sequence
from functools import cache

import pytest

from tests.deployment.containers.engine import BESIDE, CLUSTER, FIGURES, WORKER, docker


@cache
def unreachable() -> str | None:
    """Why no engine answers; `None` if one does."""
    try:
        docker("info", within=20)
    except (OSError, subprocess.SubprocessError):
        return "no Docker engine answers: start one"
    return None


def absent(images: Sequence[str]) -> str | None:
    """Which images the engine does not have; `None` if it has them all."""
    if names := [image for image in images if not there(image)]:
        return (
            f"images are missing: {', '.join(names)}. `docker pull` them and `docker build -t "
            f"{WORKER} .`, or where no registry is reached `deploy/standins/build`"
        )
    return None


def there(image: str) -> bool:
    """Whether the engine has an image."""
    try:
        docker("image", "inspect", image)
    except subprocess.CalledProcessError:
        return False
    return True


@pytest.fixture(scope="session", autouse=True)
def engine(request: pytest.FixtureRequest) -> None:
    """Skips without an engine, and says why; with REQUIRE_DOCKER=1 that is a failure."""
    is_required = os.environ.get("REQUIRE_DOCKER") == "1"
    if not is_required and "container" not in request.config.getoption("-m"):
        pytest.skip("container tests take minutes: `make containers` runs them")
    if why := unreachable() or absent((WORKER, *BESIDE)):
        (pytest.fail if is_required else pytest.skip)(why)


@pytest.fixture(scope="session")
def cluster(engine: None) -> None:
    """Skips without the images of the cluster; with REQUIRE_CLUSTER=1 that is a failure."""
    if why := absent(CLUSTER):
        (pytest.fail if os.environ.get("REQUIRE_CLUSTER") == "1" else pytest.skip)(why)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Which images are tested, and which of them only stand in for the official ones."""
    if "container" not in config.getoption("-m") or unreachable():
        return []
    lines = ["images:"]
    for image in (WORKER, *BESIDE, *CLUSTER):
        if not there(image):
            lines.append(f"  MISSING  {image}")
            continue
        (found,) = json.loads(docker("image", "inspect", image))
        labels = found["Config"]["Labels"] or {}
        is_standin = labels.get("standin") and image != WORKER
        lines.append(f"  {'STAND-IN' if is_standin else 'real    '} {image} {found['Id'][7:19]}")
    return lines


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """How late it was at its worst."""
    for line in FIGURES:
        terminalreporter.write_line(line)
