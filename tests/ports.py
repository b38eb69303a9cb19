"""Ports for what tests start: no two of them are given the same one.

Whoever asks lets go of a port before it is used. So each process of a test run draws from a part of
its own, and none from those that the embedded server draws from.
"""

import os
import secrets
from contextlib import suppress
from typing import Final

from workers.dev_server import EmbeddedTemporalError, port_or_free

_PORTS: Final = range(10_000, 20_000)
_PROCESS: Final = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_PROCESSES: Final = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_OURS: Final = _PORTS[_PROCESS::_PROCESSES]
_given: Final[set[int]] = set()


def free_port() -> int:
    """One that is free now, and that nobody else is given."""
    while True:
        port = secrets.choice(_OURS)
        if port not in _given:
            with suppress(EmbeddedTemporalError):  # another program has it
                _given.add(port)
                return port_or_free(port)
