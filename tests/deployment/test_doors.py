"""TLS with certificates on both sides, as Temporal's own settings name them."""

import os
import signal
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest

from escalations.client import EscalationClient
from escalations.errors import Unreachable
from escalations.temporal import connect
from tests.deployment.certificates import A_DAY, Pair, Set, Trust, server_side, shown
from tests.deployment.doorkeeper import Door, door
from tests.deployment.processes import ROOT, worker_process
from tests.entrances.terminal import Terminal
from tests.harness import request

LONG: Final = timedelta(seconds=60)
API_KEY: Final = "canary-key-4711"
TLS: Final = "TEMPORAL_TLS_"


@pytest.fixture
async def guarded(behind: str, trust: Trust) -> AsyncIterator[Door]:
    """The same, behind a door that lets in whom our authority has signed."""
    async with door(behind, server_side(trust.server, trust.ours.certificate)) as opened:
        yield opened


def private(pair: Pair) -> str:
    """A line of a private key, as it would stand in a log."""
    return pair.key.read_text().splitlines()[1]


async def test_a_case_through_the_door(
    guarded: Door, trust: Trust, tmp_path: Path, said_to_be: Set
) -> None:
    """A worker and a backend with certificates in their environment and a CLI with them in a
    profile work a case; nothing that any of them says has the key in it."""
    profiles = tmp_path / "temporal.toml"
    profiles.write_text(
        f'[profile.care]\naddress = "{guarded.address}"\n[profile.care.tls]\n'
        f'server_ca_cert_path = "{trust.ours.certificate}"\n'
        f'client_cert_path = "{trust.worker.certificate}"\n'
        f'client_key_path = "{trust.worker.key}"\n'
    )
    queue = f"doors-{uuid4().hex[:8]}"
    settings = {"TEMPORAL_ADDRESS": guarded.address} | trust.everything
    said_to_be(settings)
    async with worker_process(
        tmp_path, **settings, ESCALADE_TASK_QUEUE=queue, ESCALADE_LOG_LEVEL="debug"
    ) as worker:
        await worker.says("worker.started")
        backend = EscalationClient(await connect(), task_queue=queue, answer_within=LONG)
        opened = await backend.open(request(case=queue, reported_at=datetime.now(UTC)))
        shell = Terminal({"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})
        show = ("show", queue, "--json", "--profile", "care")

        answer = await shell.run(*show, TEMPORAL_CONFIG_FILE=str(profiles))
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0

    assert (answer.code, answer.document["case"]) == (0, opened.case), answer
    assert private(trust.worker) not in f"{worker.lines} {worker.words} {answer} {backend!r}"


def without(trust: Trust) -> dict[str, str]:
    return trust.authority


def foreign(trust: Trust) -> dict[str, str]:
    return trust.authority | shown(trust.theirs.sign("worker"))


def expired(trust: Trust) -> dict[str, str]:
    return trust.authority | shown(trust.ours.sign("old", good_for=-A_DAY))


def untrusted(trust: Trust) -> dict[str, str]:
    return trust.everything | {f"{TLS}SERVER_CA_CERT_PATH": str(trust.theirs.certificate)}


def half_a_pair(trust: Trust) -> dict[str, str]:
    return trust.authority | {f"{TLS}CLIENT_CERT_PATH": str(trust.worker.certificate)}


def mixed_pair(trust: Trust) -> dict[str, str]:
    return trust.everything | {f"{TLS}CLIENT_KEY_PATH": str(trust.server.key)}


def no_certificate(trust: Trust) -> dict[str, str]:
    return trust.everything | {f"{TLS}CLIENT_CERT_PATH": str(trust.worker.key)}


def no_key(trust: Trust) -> dict[str, str]:
    return trust.everything | {f"{TLS}CLIENT_KEY_PATH": str(trust.worker.certificate)}


def no_file(trust: Trust) -> dict[str, str]:
    return trust.everything | {f"{TLS}CLIENT_KEY_PATH": "/nowhere/worker.key"}


def plain(trust: Trust) -> dict[str, str]:
    return {}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (without, "It may want a client's certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH"),
        (foreign, "hung up on the client's certificate). Whoever runs the server signs another"),
        (expired, "hung up on the client's certificate). Whoever runs the server signs another"),
        (untrusted, "(its certificate is not trusted). Set TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
        (half_a_pair, "(the client's certificate or its key is missing). Mend TEMPORAL_TLS_CLI"),
        (mixed_pair, "(the client's certificate and key do not belong together). Mend TEMPORAL"),
        (no_certificate, "(the client's certificate is none in PEM). Mend TEMPORAL_TLS_CLIENT"),
        (no_key, "(the client's key is none in PEM). Mend TEMPORAL_TLS_CLIENT_CERT"),
        (no_file, "/nowhere/worker.key: No such file or directory. Mend"),
        (plain, "If it speaks TLS: set TEMPORAL_TLS=true"),
    ],
)
async def test_who_is_not_let_in_is_told_who_can_help(
    guarded: Door,
    trust: Trust,
    said_to_be: Set,
    given: Callable[[Trust], dict[str, str]],
    says: str,
) -> None:
    """Without a certificate, with a wrong one or with half of one nobody gets through the door; the
    answer names the setting or the person, and shows nothing of the key."""
    said_to_be({"TEMPORAL_ADDRESS": guarded.address} | given(trust))

    with pytest.raises(Unreachable) as refused:
        await connect(within=LONG)

    assert says in str(refused.value)
    assert private(trust.worker) not in "".join(traceback.format_exception(refused.value))
    assert guarded.headers == []


async def test_a_worker_and_a_command_are_not_let_in(
    guarded: Door, trust: Trust, tmp_path: Path
) -> None:
    """A worker that the server does not know waits and says why; a command ends with 3 and says
    the same."""
    settings = {"TEMPORAL_ADDRESS": guarded.address} | foreign(trust)
    async with worker_process(tmp_path, **settings) as worker:
        awaited = await worker.says("temporal.awaited")
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0
    shell = Terminal({"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)})

    answer = await shell.run("list", **settings)

    assert "Whoever runs the server signs another one" in awaited["why"]
    assert answer.code == 3
    assert "Whoever runs the server signs another one" in answer.err


@pytest.mark.parametrize(
    ("address", "good_for", "says"),
    [
        ("127.0.0.2", A_DAY, "(its certificate is of another name). Set TEMPORAL_TLS_SERVER_NAME"),
        ("127.0.0.1", -A_DAY, "(its certificate has expired). Whoever runs the server renews it"),
    ],
)
async def test_a_server_that_is_not_the_one(
    behind: str, trust: Trust, said_to_be: Set, address: str, good_for: timedelta, says: str
) -> None:
    """A server with another's certificate, or an old one, is told nothing, not even a key."""
    pair = trust.ours.sign("another", address=address, good_for=good_for)
    async with door(behind, server_side(pair, None)) as opened:
        said_to_be(
            {"TEMPORAL_ADDRESS": opened.address, "TEMPORAL_API_KEY": API_KEY} | trust.authority
        )

        with pytest.raises(Unreachable) as refused:
            await connect(within=LONG)

    assert says in str(refused.value)
    assert opened.headers == []


async def test_a_server_without_tls(behind: str, said_to_be: Set) -> None:
    """An API key turns TLS on; a server that has none is said to have none."""
    said_to_be({"TEMPORAL_ADDRESS": behind, "TEMPORAL_API_KEY": API_KEY})

    with pytest.raises(Unreachable, match=r"does not speak TLS.*TEMPORAL_API_KEY"):
        await connect(within=LONG)
