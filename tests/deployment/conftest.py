"""What the tests of connections share: authorities, a server, and Temporal's settings."""

import os
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from tests.deployment.certificates import Authority, Set, Trust


@pytest.fixture(scope="module")
def trust(tmp_path_factory: pytest.TempPathFactory) -> Trust:
    folder = tmp_path_factory.mktemp("authorities")
    ours = Authority.new(folder / "ours", "Ours")
    theirs = Authority.new(folder / "theirs", "Theirs")
    return Trust(ours, theirs, ours.sign("server"), ours.sign("worker"))


@pytest.fixture
def behind(environment: WorkflowEnvironment) -> str:
    """A server that knows neither certificates nor keys."""
    return environment.client.service_client.config.target_host


@pytest.fixture
def said_to_be(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Set:
    """Sets what Temporal's settings are for the rest of the test; the tester's own are not."""
    for name in [name for name in os.environ if name.startswith("TEMPORAL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "absent.toml"))

    def be(settings: dict[str, str]) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    return be
