"""The compose file, up under a name and ports of its own."""

import asyncio
import json
import os
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
from tests.deployment.kills.stories import POLICY, write_policies
from tests.deployment.processes import ROOT

PORTS = ("TEMPORAL", "UI", "CODEC", "MAIL", "PROMETHEUS", "GRAFANA")
PAGER = "jsons://pager.example"
"""Where the first line of the policy `paged` is told first, and nobody is."""
PAGER_SECRET = "planted-pager-secret"
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

    @property
    def settings(self) -> dict[str, str]:
        """What makes `docker compose` speak of this stack."""
        return {f"{port}_PORT": "0" for port in PORTS} | {
            "COMPOSE_FILE": ":".join(("docker-compose.yml", *map(str, self.more))),
            "COMPOSE_PROJECT_NAME": self.project,
            "COMPOSE_PROFILES": ",".join(self.profiles),
            "ESCALADE_IMAGE": WORKER,
            "HISTORY_SHARDS": "4",
        }

    def compose(self, *words: str) -> str:
        """What a compose command says."""
        return docker("compose", *words, within=LONG, **self.settings)

    def shell(self, line: str) -> str:
        """What a line of a paper says, typed in the checkout.

        Raises:
            CalledProcessError: it fails.
        """
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", line],
            cwd=ROOT,
            env=os.environ | self.settings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONG,
            check=False,
        )
        if done.returncode:
            raise subprocess.CalledProcessError(done.returncode, line, done.stdout, done.stderr)
        return done.stdout

    def up(self) -> None:
        """Bring it up, and wait until all of it is healthy; no image is built or fetched."""
        try:
            self.compose("up", "--detach", "--wait", "--pull=never", "--no-build")
        except subprocess.CalledProcessError as error:
            error.add_note(f"{error.stderr}\n{self.compose('logs', '--tail', '15')[-8000:]}")
            raise

    def down(self) -> None:
        """Take everything away, its volumes too."""
        self.compose("down", "--volumes", "--timeout", "0")

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
    steady = POLICY.format(name="steady", window="20s..30s", remind="1m", patience="10m")
    (policies / "steady.yaml").write_text(steady, "utf-8")
    patient = (policies / "patient.yaml").read_text("utf-8").replace("patient", "paged")
    paged = patient.replace('["mailto:one@', f'["{PAGER}/${{PAGER}}", "mailto:one@')
    (policies / "paged.yaml").write_text(paged, "utf-8")
    worker = {
        "volumes": [f"{policies}:/policies:ro"],
        "environment": {"ESCALADE_SECRET_PAGER": PAGER_SECRET},
        "healthcheck": {"interval": "3s"},
    }
    sooner = {"healthcheck": {"interval": "2s"}}
    services = {"worker-1": worker, "worker-2": worker, "canary": sooner, "codec": sooner}
    over = folder / "policies.yaml"
    over.write_text(yaml.safe_dump({"services": services}), "utf-8")
    stack = Stack(f"escalade-test-{uuid4().hex[:6]}", folder, more=(*more, over))
    try:
        stack.up()
        yield stack
    finally:
        stack.down()
    assert stack.remains() == []
