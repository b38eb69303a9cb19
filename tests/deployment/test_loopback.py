"""What a process of ours opens on this machine nobody outside of it can reach."""

import asyncio
import signal
from ipaddress import ip_address
from pathlib import Path

import pytest

from tests.deployment.processes import worker_process
from tests.ports import free_port

LISTENS = "0A"


def listening(table: str) -> dict[int, set[str]]:
    """Port → the addresses that are listened on, of `/proc/net/tcp` or `tcp6`."""
    found: dict[int, set[str]] = {}
    for line in Path("/proc/net", table).read_text().splitlines()[1:]:
        local, state = line.split()[1], line.split()[3]
        if state == LISTENS:
            address, _, port = local.partition(":")
            words = bytes.fromhex(address)
            packed = b"".join(words[i : i + 4][::-1] for i in range(0, len(words), 4))
            found.setdefault(int(port, 16), set()).add(str(ip_address(packed)))
    return found


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads Linux's own tables")
async def test_the_server_of_a_worker_is_on_loopback(tmp_path: Path) -> None:
    """Temporal's port, which asks nobody who they are, the UI's, which lets everybody do
    everything, and that of the metrics, where it is set so: this machine's alone."""
    before = await asyncio.to_thread(ports)
    ui, metrics = free_port(), free_port()
    options = ("--embedded", f"--db={tmp_path / 'cases.db'}", "--port=0", f"--ui-port={ui}")
    async with worker_process(
        tmp_path, *options, ESCALADE_METRICS_ADDRESS=f"127.0.0.1:{metrics}"
    ) as worker:
        address = (await worker.says("worker.started"))["address"]
        opened = await asyncio.to_thread(ports)
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0

    expected = {int(address.rpartition(":")[2]), ui, metrics}
    assert expected <= opened.keys() - before.keys()
    for port in expected:
        assert all(ip_address(each).is_loopback for each in opened[port]), (port, opened[port])


def ports() -> dict[int, set[str]]:
    found = listening("tcp")
    for port, addresses in listening("tcp6").items():
        found.setdefault(port, set()).update(addresses)
    return found
