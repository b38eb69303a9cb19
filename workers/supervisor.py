"""Keeps the embedded Temporal server running, and ends it when the worker has ended.

A program of its own, started by `workers.embedded` as `python -IS supervisor.py ORDERS`: standard
library only, in a session of its own, so that a Ctrl-C in the terminal reaches the worker and
neither it nor the server. Its standard input is a pipe whose other end only the worker holds.
However the worker ends, by SIGKILL too, that end closes, and the server is told to stop. Hence
SIGTERM, SIGINT and SIGHUP do nothing to it: it ends with the worker and never before.
PR_SET_PDEATHSIG was rejected: it is Linux only, and watches a thread, not a process.

It reports on standard output, one JSON object a line: `started`, `ended` (and in how many seconds
it starts another), `gave_up`.
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler

SETTLED_AFTER = 3.0
"""Seconds after which a server has come up; one that ends sooner has failed at once."""

MAX_FAILURES = 6
"""So many failures at once in a row, and it gives up."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
"""Seconds before the next server: the first pause, doubled at each failure up to the longest."""

STOP_WITHIN = 10.0
"""Seconds for an orderly stop before a server is killed; what it has acknowledged is on disk."""

MAX_LOG_BYTES = 10_000_000
"""Size at which the server's log file is put aside; one older file is kept."""


@dataclass(frozen=True)
class Orders:
    """What to run and how."""

    command: list[str]
    """The server and its arguments."""
    log: str | None
    """File for the server's log lines; `None`: only the last of them are kept, in memory."""
    lock: int | None
    """Descriptor of the lock, which the server inherits: the lock lives as long as it does."""
    restart: bool
    """Whether a server that died is started again."""


class Supervisor:
    """One server, restarted while it may be, ended when standard input ends."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._ending = threading.Event()
        self._starting = threading.Lock()
        self._server: subprocess.Popen[bytes] | None = None
        self._tail: deque[str] = deque(maxlen=20)
        self._log: logging.Handler = logging.NullHandler()
        if orders.log:
            self._log = RotatingFileHandler(
                orders.log, maxBytes=MAX_LOG_BYTES, backupCount=1, delay=True, errors="replace"
            )

    def run(self) -> int:
        """Run until the worker ends (0) or the server cannot be kept up (1)."""
        threading.Thread(target=self._end_with_worker, daemon=True).start()
        failures = 0
        while not self._ending.is_set():
            began = time.monotonic()
            code = self._serve()
            if self._ending.is_set():
                break
            failures = failures + 1 if time.monotonic() - began < SETTLED_AFTER else 1
            if not self._orders.restart or failures >= MAX_FAILURES:
                self._report("gave_up", code=code, failures=failures, tail=list(self._tail))
                return 1
            pause = min(FIRST_PAUSE * 2 ** (failures - 1), LONGEST_PAUSE)
            self._report("ended", code=code, again_in=pause, tail=list(self._tail))
            self._ending.wait(pause)
        return 0

    def _serve(self) -> int | None:
        """Run one server to its end; its exit code, or `None` where it could not be started."""
        with self._starting:
            if self._ending.is_set():
                return None
            try:
                server = self._server = subprocess.Popen(  # noqa: S603  the worker's own orders
                    self._orders.command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    pass_fds=() if self._orders.lock is None else (self._orders.lock,),
                )
            except OSError as error:
                self._note(str(error))
                return None
        self._report("started", pid=server.pid)
        assert server.stdout is not None  # noqa: S101  asked for above
        with server.stdout as lines:
            for line in lines:
                self._note(line.decode(errors="replace").rstrip())
        return server.wait()

    def _end_with_worker(self) -> None:
        while os.read(0, 4096):  # sys.stdin's lock would abort the interpreter's own end
            continue
        self._ending.set()
        with self._starting:
            server = self._server
        if server is None:
            return
        server.terminate()
        try:
            server.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            server.kill()

    def _note(self, line: str) -> None:
        if line:
            self._tail.append(line[:500])
            self._log.handle(logging.makeLogRecord({"msg": line}))

    def _report(self, event: str, **details: object) -> None:
        with suppress(BrokenPipeError):
            sys.stdout.write(json.dumps({"event": event, **details}) + "\n")
            sys.stdout.flush()


def main() -> int:
    """Carry out the orders given as the one argument, JSON."""
    logging.raiseExceptions = False  # a full disk costs log lines, not the server
    os.umask(0o077)  # database and log hold what customers said
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)  # not SIG_IGN: the server would inherit that
    return Supervisor(Orders(**json.loads(sys.argv[1]))).run()


if __name__ == "__main__":
    sys.exit(main())
