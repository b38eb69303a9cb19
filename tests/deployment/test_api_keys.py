"""API keys: they reach the server, and nobody else."""

import os
import signal
import traceback
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from escalations.errors import Unreachable
from escalations.temporal import connect
from tests.deployment.certificates import Set, Trust, server_side
from tests.deployment.doorkeeper import Door, door
from tests.deployment.processes import ROOT, worker_process
from tests.entrances.terminal import Terminal
from workers import service
from workers.settings import SettingsInvalid

LONG: Final = timedelta(seconds=60)
API_KEY: Final = "canary-key-4711"


@pytest.fixture
async def keyed(behind: str, trust: Trust) -> AsyncIterator[Door]:
    """A server that wants an API key and no certificate."""
    async with door(behind, server_side(trust.server, None), api_key=API_KEY) as opened:
        yield opened


async def test_an_api_key_is_a_bearer_token(
    keyed: Door, trust: Trust, tmp_path: Path, said_to_be: Set
) -> None:
    """From the environment and from a profile, the key reaches the server as
    `authorization: Bearer` and opens it."""
    said_to_be({"TEMPORAL_ADDRESS": keyed.address, "TEMPORAL_API_KEY": API_KEY} | trust.authority)
    await connect(within=LONG)
    profiles = tmp_path / "temporal.toml"
    profiles.write_text(
        f'[profile.care]\naddress = "{keyed.address}"\napi_key = "{API_KEY}"\n'
        f'[profile.care.tls]\nserver_ca_cert_path = "{trust.ours.certificate}"\n'
    )
    shell = Terminal({"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})

    answer = await shell.run("list", "--profile", "care", TEMPORAL_CONFIG_FILE=str(profiles))

    assert answer.code == 0, answer
    assert {each["authorization"] for each in keyed.headers} == {f"Bearer {API_KEY}"}
    assert len(keyed.headers) >= 2


async def test_a_wrong_api_key_is_not_repeated(keyed: Door, trust: Trust, tmp_path: Path) -> None:
    """A worker whose key is refused says so and who gives out another one; in none of its lines,
    debugging ones included, is the key."""
    wrong = f"{API_KEY}-of-last-year"
    settings = {"TEMPORAL_ADDRESS": keyed.address, "TEMPORAL_API_KEY": wrong} | trust.authority
    async with worker_process(tmp_path, **settings, ESCALADE_LOG_LEVEL="debug") as worker:
        awaited = await worker.says("temporal.awaited")
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0

    assert "(the API key or certificate is refused). Check TEMPORAL_API_KEY" in awaited["why"]
    assert {each["authorization"] for each in keyed.headers} == {f"Bearer {wrong}"}
    assert API_KEY not in f"{worker.lines} {worker.words}"


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("temporal.example:7233", False),
        ("10.0.0.7:7233", False),
        ("127.0.0.1:1", True),
        ("localhost:1", True),
        ("[::1]:1", True),
    ],
)
async def test_a_key_does_not_go_in_the_clear(said_to_be: Set, address: str, asked: bool) -> None:
    """With TLS turned off a key goes to a proxy on this machine at most."""
    said_to_be({"TEMPORAL_API_KEY": API_KEY, "TEMPORAL_TLS": "false"})

    with pytest.raises(Unreachable) as refused:
        await connect(address=address, within=timedelta(seconds=1))

    assert ("in the clear" in str(refused.value)) is not asked


@pytest.mark.parametrize(
    "line",
    [
        f'api_key = "{API_KEY}',
        f"api_key = {API_KEY}",
        f'api_key = ["{API_KEY}"]',
        f'tls = "{API_KEY}"',
        f'api_key = "{API_KEY}"\napi_key = "again"',
    ],
)
async def test_a_broken_profile_keeps_its_secret(
    said_to_be: Set, tmp_path: Path, line: str
) -> None:
    """A file of profiles with a mistake is named by line and column and never quoted."""
    profiles = tmp_path / "temporal.toml"
    profiles.write_text(f"[profile.care]\n{line}\n")
    said_to_be({"TEMPORAL_CONFIG_FILE": str(profiles), "TEMPORAL_PROFILE": "care"})

    with pytest.raises(Unreachable, match=r"line [23], column") as by_a_client:
        await connect()
    with pytest.raises(SettingsInvalid, match=r"line [23], column") as by_a_worker:
        await service.reach()

    for refused in (by_a_client.value, by_a_worker.value):
        assert API_KEY not in "".join(traceback.format_exception(refused))
