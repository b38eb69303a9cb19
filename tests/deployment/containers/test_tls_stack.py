"""The compose file with certificates: who has none is let in nowhere, and all of it goes on."""

import asyncio
import hashlib
import json
from collections.abc import Iterator

import pytest

from escalations.errors import Unreachable
from escalations.temporal import connect
from tests.deployment.containers.load import Load
from tests.deployment.containers.stack import Stack, running
from tests.deployment.processes import ROOT

pytestmark = [pytest.mark.container, pytest.mark.timeout(600)]

TLS = ROOT / "deploy" / "compose" / "tls.yaml"
NAMES = ("ca.pem", "client.pem", "client.key")
ASK_THE_UI = """
import sys, urllib.request
page = "http://ui:8080/api/v1/namespaces/escalade"
sys.stdout.buffer.write(urllib.request.urlopen(page, timeout=30).read())
"""


@pytest.fixture(scope="module")
def stack(cluster: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Temporal asks for a certificate."""
    with running(tmp_path_factory.mktemp("tls"), TLS) as stack:
        yield stack


async def test_only_who_shows_a_certificate_is_let_in(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another user of the machine is told that a certificate is wanted, with TLS and without; a
    backend that has the clients' opens cases, which the workers take through their levels. A second
    start makes no certificate anew, and nobody's UI is open."""
    address = await asyncio.to_thread(stack.address, "temporal", 7233)
    with pytest.raises(Unreachable, match="cannot be reached"):
        await connect(address=address, namespace="escalade")
    kept: dict[str, str] = {}
    for name in NAMES:
        (stack.folder / name).write_text(
            kept.setdefault(name, stack.inside("worker-1", "cat", f"/run/secrets/tls/{name}"))
        )
    monkeypatch.setenv("TEMPORAL_TLS_SERVER_CA_CERT_PATH", str(stack.folder / "ca.pem"))
    with pytest.raises(Unreachable, match="TEMPORAL_TLS_CLIENT_CERT_PATH"):
        await connect(address=address, namespace="escalade")

    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_CERT_PATH", str(stack.folder / "client.pem"))
    monkeypatch.setenv("TEMPORAL_TLS_CLIENT_KEY_PATH", str(stack.folder / "client.key"))
    load = Load(await stack.client(), "T-tls")
    await load.has(2)
    await load.verdict()
    await asyncio.to_thread(stack.up)

    again = {name: stack.inside("worker-1", "cat", f"/run/secrets/tls/{name}") for name in NAMES}
    assert digests(again) == digests(kept)
    assert "ui" not in stack.services()


def test_the_ui_has_a_certificate_to_show(stack: Stack) -> None:
    """Brought up by its profile, it reaches Temporal as a client that is let in. In plain it would
    not, as the first test says."""
    stack.profiles += ("ui",)
    stack.up()

    answer = stack.inside("worker-1", "python", "-c", ASK_THE_UI)

    assert json.loads(answer)["namespaceInfo"]["name"] == "escalade"


def test_the_authoritys_key_is_mounted_once(stack: Stack) -> None:
    """Nobody but who signs sees the authority's key, or the other side's; nobody writes them."""
    services = json.loads(stack.compose("config", "--format", "json"))["services"]
    readers: dict[str, set[str]] = {}
    for name, service in services.items():
        for volume in service.get("volumes", []):
            if str(volume["source"]).startswith("tls-") and name != "certificates":
                assert volume["read_only"], name
                readers.setdefault(volume["source"], set()).add(name)

    assert readers == {
        "tls-server": {"temporal"},
        "tls-client": {"namespace", "worker-1", "worker-2", "canary", "ui"},
    }


def digests(files: dict[str, str]) -> dict[str, str]:
    """What a failure may show of keys."""
    return {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
