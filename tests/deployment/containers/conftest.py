"""What container tests need: an engine, the image of this checkout, and to be asked for."""

import json
import os
import subprocess
from functools import cache

import pytest

from tests.deployment.containers.engine import IMAGES, WORKER, docker


@cache
def missing() -> str | None:
    """What keeps these tests from being run here; `None` if nothing does."""
    try:
        docker("info", within=20)
    except (OSError, subprocess.SubprocessError):
        return "no Docker engine answers: start one"
    absent = [image for image in (WORKER, *IMAGES) if not there(image)]
    if absent:
        return (
            f"images are missing: {', '.join(absent)}. `docker pull` them and `docker build -t "
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
    """Skips without an engine, and says why; with REQUIRE_DOCKER that is a failure."""
    required = os.environ.get("REQUIRE_DOCKER") == "1"
    if not required and "container" not in request.config.getoption("-m"):
        pytest.skip("container tests take minutes: `make containers` runs them")
    if why := missing():
        (pytest.fail if required else pytest.skip)(why)


def pytest_report_header(config: pytest.Config) -> list[str]:
    """Which images are tested, and which of them only stand in for the official ones."""
    if "container" not in config.getoption("-m") or missing():
        return []
    lines = ["images:"]
    for image in (WORKER, *IMAGES):
        (found,) = json.loads(docker("image", "inspect", image))
        labels = found["Config"]["Labels"] or {}
        kind = "STAND-IN " if labels.get("standin") and image != WORKER else ""
        lines.append(f"  {kind}{image} {found['Id'][7:19]}")
    return lines
