"""The image of the worker: what is in it, and a case on a server and a mail catcher beside it."""

import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from testcontainers.core.container import DockerContainer
from testcontainers.core.network import Network
from testcontainers.core.wait_strategies import (
    ExecWaitStrategy,
    HttpWaitStrategy,
    LogMessageWaitStrategy,
)

from escalations.client import EscalationClient
from escalations.request import EscalationRequest
from escalations.temporal import connect
from tests.deployment.containers.engine import DEV_SERVER, MAIL, WORKER, docker, eventually
from tests.deployment.containers.mails import MailCatcher
from tests.deployment.kills.stories import write_policies

pytestmark = [pytest.mark.container, pytest.mark.timeout(300)]

LOCKED_DOWN: dict[str, Any] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges:true"],
    "mem_limit": "256m",
}


class Town:
    """A server, a mail catcher and the network they share with the workers."""

    def __init__(self, network: Network, server: DockerContainer, mail: DockerContainer) -> None:
        self.network = network
        self.address = f"{server.get_container_host_ip()}:{server.get_exposed_port(7233)}"
        self.mails = MailCatcher(
            f"http://{mail.get_container_host_ip()}:{mail.get_exposed_port(8025)}"
        )

    def worker(self, policies: Path) -> DockerContainer:
        """A worker as it is run in production, at work when it is entered."""
        return (
            DockerContainer(WORKER, **LOCKED_DOWN)
            .with_tmpfs_mount("/tmp", "size=64m")
            .with_network(self.network)
            .with_env("TEMPORAL_ADDRESS", "temporal:7233")
            .with_env("ESCALADE_SMTP_URL", "smtp://mail:1025")
            .with_env("ESCALADE_MAIL_FROM", "Care <care@desk.example>")
            .with_volume_mapping(str(policies), "/policies", "ro")
            .waiting_for(LogMessageWaitStrategy('"worker.started"').with_startup_timeout(60))
        )

    async def client(self) -> EscalationClient:
        """A backend's client."""
        connection = await connect(address=self.address, within=timedelta(seconds=30))
        return EscalationClient(connection, answer_within=timedelta(seconds=60))


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    """Up for the module, and gone with it."""
    with (
        Network() as network,
        DockerContainer(DEV_SERVER)
        .with_command(["server", "start-dev", "--ip", "0.0.0.0", "--headless"])  # noqa: S104  its own network
        .with_exposed_ports(7233)
        .with_network(network)
        .with_network_aliases("temporal")
        .waiting_for(ExecWaitStrategy(["temporal", "operator", "cluster", "health"])) as server,
        DockerContainer(MAIL)
        .with_exposed_ports(8025)
        .with_network(network)
        .with_network_aliases("mail")
        .waiting_for(HttpWaitStrategy(8025, "/readyz")) as mail,
    ):
        yield Town(network, server, mail)


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A ladder of seconds, and one on which nothing is due; readable by a worker of any user."""
    folder = tmp_path_factory.mktemp("policies")
    folder.chmod(0o755)
    write_policies(folder)
    return folder


def case(name: str, policy: str) -> EscalationRequest:
    return EscalationRequest.model_validate(
        {
            "case": name,
            "title": "Charged twice",
            "statement": "The invoice of October was charged twice.",
            "policy": policy,
            "reported_at": datetime.now(UTC),
            "customer": {"id": "C-7", "name": "ACME", "contacts": ["mailto:ada@acme.example"]},
        }
    )


async def test_a_case_climbs_on_a_worker_that_may_do_nothing_else(
    town: Town, policies: Path
) -> None:
    """Read-only root, no capability, 256 MB, user 10001: the case climbs to its top, each level is
    told by mail, the health check is content, and told to stop it ends in order."""
    with town.worker(policies) as worker:
        client = await town.client()
        await client.open(case("T-1", "hasty"))

        async def at_the_top() -> bool:
            return (await client.summary("T-1")).level == 4

        await eventually(at_the_top)
        everybody = {f"{who}@desk.example" for who in ("one", "two", "three", "four")}

        async def all_told() -> bool:
            return everybody <= await town.mails.told("T-1")

        await eventually(all_told)
        container = worker.get_wrapped_container()
        code, words = container.exec_run(["python", "-m", "workers.health"])
        assert code == 0, words
        alive = ["python", "-m", "workers.health", "--alive", "/tmp/alive"]
        assert container.exec_run(alive)[0] == 0
        assert container.exec_run(["id", "-u"])[1] == b"10001\n"
        container.stop(timeout=30)
        assert container.wait()["StatusCode"] == 0
        assert b"worker.stopped" in container.logs()


async def test_a_worker_is_killed_and_another_one_goes_on(town: Town, policies: Path) -> None:
    """Killed in the middle of a climb: the next container takes the case where it stood, no level
    is skipped, and what it was told meanwhile is in the record."""
    client = await town.client()
    with town.worker(policies) as first:
        await client.open(case("T-2", "hasty"))
        before = await client.summary("T-2")
        first.get_wrapped_container().kill("SIGKILL")
        await client.add_note("T-2", by="ada", text="Nobody was there")

    with town.worker(policies):

        async def at_the_top() -> bool:
            return (await client.summary("T-2")).level == 4

        await eventually(at_the_top)
        record = await client.record("T-2")

    assert before.level == 1
    reached = [entry.level for entry in record.timeline if entry.type == "level_entered"]
    assert reached == [1, 2, 3, 4]
    assert any("Nobody was there" in str(entry) for entry in record.timeline)


def test_what_the_image_holds() -> None:
    """No pip, no test, no secret; labels; bytecode of everything, so that nothing is compiled in a
    folder that cannot be written."""
    (image,) = json.loads(docker("image", "inspect", WORKER))
    config = image["Config"]

    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][1:] == ["python", "-m", "workers.health"]
    assert config["Labels"]["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert not [each for each in config["Env"] if "PASSWORD" in each or "TOKEN" in each]
    look = (
        "import importlib.util, pathlib, sys\n"
        "rooms = pathlib.Path('/opt/escalade/rooms')\n"
        "print(sorted(each.name for each in rooms.iterdir()))\n"
        "print([str(p) for p in rooms.rglob('*.py') if not pathlib.Path(\n"
        "    importlib.util.cache_from_source(p)).exists()])\n"
        "print(importlib.util.find_spec('pip'))\n"
    )
    said = docker("run", "--rm", "--network=none", "--read-only", WORKER, "python", "-c", look)
    rooms, uncompiled, pip = said.splitlines()
    assert rooms == "['activities', 'escalations', 'workers', 'workflows']"
    assert (uncompiled, pip) == ("[]", "None")


def test_nothing_can_be_written_but_what_is_temporary() -> None:
    """The user owns nothing of the image, even where its root is not read-only."""
    for folder in ("/opt/escalade/rooms", "/opt/escalade/lib", "/policies", "/etc"):
        with pytest.raises(subprocess.CalledProcessError):
            docker("run", "--rm", "--network=none", WORKER, "touch", f"{folder}/x")
