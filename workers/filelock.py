"""One holder per file, across processes: a lock that ends with the last process holding it."""

import fcntl
import json
import os
import time
from pathlib import Path
from typing import Final, Self

from escalations.errors import EscaladeError

_PREDECESSOR_WITHIN: Final = 15.0
"""Seconds that what a dead holder left running may take to end."""


class FileInUse(EscaladeError):
    """Another process holds the file. End that process, or name another file."""


class FileLock:
    """The lock of a file, held from its making until `close`, and by whoever inherits `fileno`.

    It is on a file of its own, `<file>.lock`, which also names the holder and stays behind:
    removing it would let a third process lock what is no longer there.
    """

    def __init__(self, file: Path) -> None:
        """Take the lock; blocks for seconds if a dead holder's server is still ending.

        Raises:
            FileInUse: a living process holds it; the message names that process.
            OSError: the lock file cannot be made.
        """
        self.path = file.with_name(f"{file.name}.lock")
        self._descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            give_up_at = time.monotonic() + _PREDECESSOR_WITHIN
            while not self._taken():
                holder = self._holder()
                if holder is None or _lives(holder) or time.monotonic() > give_up_at:
                    raise _in_use(file, holder)
                time.sleep(0.05)
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, json.dumps({"pid": os.getpid()}).encode(), 0)
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def fileno(self) -> int:
        """The descriptor; a process that inherits it holds the lock too."""
        return self._descriptor

    def close(self) -> None:
        """Let go of it; the lock is free when no other process has inherited it."""
        os.close(self._descriptor)

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> int | None:
        written = os.pread(self._descriptor, 200, 0)
        try:
            return int(json.loads(written)["pid"])
        except (ValueError, KeyError, TypeError):  # it is just being written
            return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _in_use(file: Path, holder: int | None) -> FileInUse:
    who = "another process" if holder is None else f"process {holder}"
    if holder is not None and not _lives(holder):
        who = f"a server that process {holder} left behind"
    return FileInUse(
        f"{file} is in use by {who}: one server per file. End it, or name another file."
    )
