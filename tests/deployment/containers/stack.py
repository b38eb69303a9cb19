"""The compose file, up under a name and ports of its own."""

import asyncio
import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import yaml

from escalations.client import EscalationClient
from escalations.temporal import connect, encryption
from tests.deployment.containers.engine import WORKER, docker
from tests.deployment.containers.mails import MailCatcher
from tests.deployment.kills.stories import write_policies

PORTS = ("TEMPORAL", "UI", "CODEC", "MAIL", "PROMETHEUS", "GRAFANA")
LONG = 300
"""Seconds that the whole stack may take to come up."""


@dataclass
class Stack:
    """`docker compose` on our file, with the tests' own policies over it."""

    project: str
    folder: Path
    profiles: tuple[str, ...] = ("cluster",)
    more: tuple[Path, ...] = ()
    """Further compose files, each over the ones before."""

    def compose(self, *words: str) -> str:
        """What a compose command says."""
        files = ("docker-compose.yml", *map(str, self.more))
        chosen = [word for file in files for word in ("--file", file)]
        settings = {f"{port}_PORT": "0" for port in PORTS} | {
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_PROFILES": ",".join(self.profiles),
            "ESCALADE_IMAGE": WORKER,
            "HISTORY_SHARDS": "4",
        }
        return docker("compose", *chosen, *words, within=LONG, **settings)

    def up(self) -> None:
        """Bring it up, and wait until all of it is healthy; no image is built or fetched."""
        try:
            self.compose("up", "--detach", "--wait", "--pull=never", "--no-build")
        except subprocess.CalledProcessError as error:
            error.add_note(f"{error.stderr}\n{self.compose('logs', '--tail', '15')[-8000:]}")
            raise

    def down(self) -> None:
        """Take everything away, its volumes too."""
        self.compose("down", "--volumes", "--timeout", "5")

    def services(self) -> dict[str, dict[str, Any]]:
        """What there is of it, by service: state, health and exit code."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {each["Service"]: each for each in map(json.loads, lines)}

    def remains(self) -> list[str]:
        """Containers, networks and volumes of it."""
        mine = f"label=com.docker.compose.project={self.project}"
        found = docker("ps", "--all", "--quiet", "--filter", mine).split()
        for kind in ("network", "volume"):
            found += docker(kind, "ls", "--quiet", "--filter", mine).split()
        return found

    def inside(self, service: str, *words: str) -> str:
        """What a command says within a service's container."""
        return self.compose("exec", "--no-TTY", service, *words)

    def address(self, service: str, port: int) -> str:
        """Where a service's port is on this machine."""
        return self.compose("port", service, str(port)).strip()

    @property
    def mails(self) -> MailCatcher:
        """Its mail catcher."""
        return MailCatcher(f"http://{self.address('mail', 8025)}")

    async def client(self) -> EscalationClient:
        """A backend's client, with the keys that the stack has made."""
        keys = self.folder / "keys"
        written = await asyncio.to_thread(
            self.inside, "worker-1", "cat", "/run/secrets/payloads/keys"
        )
        keys.write_text(written, "utf-8")
        address = await asyncio.to_thread(self.address, "temporal", 7233)
        connection = await connect(address=address, namespace="escalade", codec=encryption(keys))
        return EscalationClient(connection)


@contextmanager
def running(folder: Path, *more: Path) -> Iterator[Stack]:
    """The stack, up with ladders of seconds instead of the real ones; nothing of it remains."""
    policies = folder / "policies"
    policies.mkdir(mode=0o755)
    write_policies(policies)
    worker = {"volumes": [f"{policies}:/policies:ro"], "healthcheck": {"interval": "5s"}}
    over = folder / "policies.yaml"
    over.write_text(yaml.safe_dump({"services": {"worker-1": worker, "worker-2": worker}}), "utf-8")
    stack = Stack(f"escalade-test-{uuid4().hex[:6]}", folder, more=(*more, over))
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
    assert stack.remains() == []
