"""Databases for the workers' records: SQLite in a file, and a PostgreSQL server of one's own."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest

_SERVERS = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of its PostgreSQL servers, off the path."""


def _program(name: str) -> str | None:
    places = [str(each) for each in sorted(_SERVERS.glob("*/bin"), reverse=True)]
    return shutil.which(name, path=os.pathsep.join([*places, os.environ["PATH"]]))


def _not_root(folder: Path) -> dict[str, Any]:
    """PostgreSQL does not run as root: then as nobody, who has the folder."""
    if os.geteuid():
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _until_it_accepts(server: subprocess.Popen[bytes], folder: Path) -> None:
    """Its socket is there before it takes anybody."""
    for _ in range(600):
        with suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="care", dbname="postgres").close()
            return
        if server.poll() is not None:
            break
        time.sleep(0.1)
    pytest.fail(f"PostgreSQL takes no connection; it ended with {server.poll()}")


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """The URL of a server of its own, without a port: its socket is in the folder.

    Skips where there is no server's program; with REQUIRE_POSTGRESQL=1 that is a failure.
    """
    initdb, postgres = _program("initdb"), _program("postgres")
    if initdb is None or postgres is None:
        missing = pytest.fail if os.environ.get("REQUIRE_POSTGRESQL") == "1" else pytest.skip
        missing("there is no PostgreSQL server on this machine (Debian: postgresql)")
    (data := folder / "data").mkdir()
    who = _not_root(folder) and _not_root(data)
    options = ["-U", "care", "-A", "trust", "-E", "UTF8", "--no-sync", "--no-instructions"]
    subprocess.run([initdb, *options, "-D", data], check=True, capture_output=True, **who)
    server = subprocess.Popen(
        [postgres, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **who,
    )
    try:
        _until_it_accepts(server, folder)
        yield f"postgresql+psycopg://care@/postgres?host={folder}"
    finally:
        server.send_signal(signal.SIGINT)  # waits for no client
        server.wait(60)
