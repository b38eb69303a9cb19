"""`python -m workers`: hosts the cases, against `TEMPORAL_ADDRESS` or a server of its own.

Exit codes: 0 stopped in order, 1 a mistake of ours, 2 wrong input (settings, policies, options),
3 Temporal cannot be reached.
"""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Final, NoReturn

import structlog
from temporalio.runtime import Runtime

from escalations import names
from escalations.errors import EscaladeError, Unreachable
from escalations.policy import Policy
from escalations.policy_file import read_folder
from workers import log
from workers.dev_server import EmbeddedTemporalError
from workers.filelock import FileInUse
from workers.leaving import leave
from workers.service import Embedded, serve
from workers.settings import Settings, read_settings

OK, MISTAKE, WRONG_INPUT, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 130

DATABASE: Final = Path("escalade-temporal.db")
PORT, UI_PORT = 7233, 8233
_NO_SERVER: Final = (Unreachable, EmbeddedTemporalError, FileInUse)
_STOPPING: Final = (signal.SIGTERM, signal.SIGINT)


def main() -> NoReturn:
    """Run a worker, and leave at once."""
    leave(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run a worker with these options until it is stopped; its exit code."""
    embedded = _embedded(arguments)
    os.umask(0o077)  # records and databases hold what customers said
    try:
        settings = read_settings()
        policies = read_folder(settings.policies)
        log.configure(settings)
        Runtime.set_default(log.runtime(settings))
        asyncio.run(_serve(settings, policies, embedded))
    except EscaladeError as error:
        sys.stderr.write(f"{error}\n")
        return UNREACHABLE if isinstance(error, _NO_SERVER) else WRONG_INPUT
    except KeyboardInterrupt:  # a second Ctrl-C: at once, the server ends by itself
        return INTERRUPTED
    except Exception:
        structlog.stdlib.get_logger(__name__).exception("worker.failed")
        return MISTAKE
    return OK


def _embedded(arguments: list[str]) -> Embedded | None:
    parser = argparse.ArgumentParser(
        prog="python -m workers",
        description="Hosts the cases: takes work from a Temporal server until it is stopped.",
        epilog="Settings come from the environment: ESCALADE_… and TEMPORAL_… (README).",
    )
    parser.add_argument(
        "--embedded", action="store_true", help="with a Temporal server of its own, on 127.0.0.1"
    )
    of_its_own = parser.add_argument_group("the server of its own")
    of_its_own.add_argument(
        "--db", type=Path, metavar="FILE", help=f"its database (default: {DATABASE})"
    )
    of_its_own.add_argument(
        "--port", type=_port, metavar="N", help=f"0 is any that is free (default: {PORT})"
    )
    of_its_own.add_argument(
        "--ui-port", type=_port, metavar="N", help=f"of its web page (default: {UI_PORT})"
    )
    options = parser.parse_args(arguments)
    given = [options.db, options.port, options.ui_port]
    if not options.embedded:
        if given != [None, None, None]:
            parser.error("--db, --port and --ui-port are about the server of --embedded")
        return None
    return Embedded(
        db=options.db or DATABASE,
        port=PORT if options.port is None else options.port,
        ui_port=UI_PORT if options.ui_port is None else options.ui_port,
        namespace=os.environ.get("TEMPORAL_NAMESPACE") or names.NAMESPACE,
    )


def _port(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) < 65_536:
        return int(text)
    msg = f"found {text!r}; a port is a number from 0 to 65535"
    raise argparse.ArgumentTypeError(msg)


async def _serve(
    settings: Settings, policies: dict[str, Policy], embedded: Embedded | None
) -> None:
    """Serve until the first SIGTERM or SIGINT; a second one ends the process at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()

    def stop_once() -> None:
        stop.set()
        for number in _STOPPING:
            loop.remove_signal_handler(number)

    for number in _STOPPING:
        loop.add_signal_handler(number, stop_once)
    await serve(settings, policies, embedded, stop)


if __name__ == "__main__":
    main()
