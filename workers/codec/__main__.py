"""`python -m workers.codec`: the codec server, until it is stopped.

Exit codes: 0 stopped in order, 1 a mistake of ours, 2 wrong input (settings, keys, tokens, options,
an address that cannot be listened on).
"""

import argparse
import asyncio
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import structlog
import uvicorn

from escalations.encryption import Encryption, read_keys
from escalations.errors import EscaladeError
from workers import log
from workers.codec.app import Codec
from workers.codec.settings import read_codec_settings
from workers.codec.tokens import digest, new_token, read_tokens
from workers.leaving import leave

OK, WRONG_INPUT = 0, 2


def main() -> NoReturn:
    """Run the server, and leave at once."""
    leave(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run the server, or make a token; the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m workers.codec",
        description="Lets the Temporal UI and CLI of signed-in people read what is encrypted.",
        epilog="Settings come from the environment: ESCALADE_CODEC_… (docs/encryption.md).",
    )
    parser.add_argument(
        "--token-for", metavar="WHO", help="make a token for somebody, print it, and leave"
    )
    who: str | None = parser.parse_args(arguments).token_for
    if who is not None:
        return _token_for(who)
    try:
        settings = read_codec_settings()
        encryption = Encryption(read_keys(settings.encryption_keys_file))
        tokens = read_tokens(settings.codec_tokens_file)
    except EscaladeError as error:
        sys.stderr.write(f"{error}\n")
        return WRONG_INPUT
    log.configure(settings)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    host, port = settings.listens_on
    try:
        listening = socket.create_server((host, port), family=_family(host), backlog=64)
    except OSError as error:
        sys.stderr.write(
            f"Nobody can listen on {settings.codec_address}: {error.strerror}. "
            "Set ESCALADE_CODEC_ADDRESS to an address of this machine with a free port.\n"
        )
        return WRONG_INPUT
    host, port = listening.getsockname()[:2]
    structlog.stdlib.get_logger(__name__).info(
        "codec.started",
        address=f"{host}:{port}",
        origin=settings.codec_origin,
        keys=encryption.keys.ids,
    )
    codec = Codec(encryption, tokens, settings.codec_origin)
    asyncio.run(_server(codec).serve(sockets=[listening]))
    return OK


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _token_for(who: str) -> int:
    if not who or len(who) > 60 or any(c.isspace() or c == "#" for c in who):
        sys.stderr.write(f"found {who!r}; allowed: 1 to 60 characters without spaces and #\n")
        return WRONG_INPUT
    token = new_token()
    sys.stdout.write(f"{who} {digest(token)}\n")
    sys.stderr.write(
        "That line belongs into the file ESCALADE_CODEC_TOKENS_FILE.\n"
        f"The token of {who}, which is shown only now: {token}\n"
    )
    return OK


class _Server(uvicorn.Server):
    """Ends in order when told to; uvicorn's own would then die of the same signal."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """SIGTERM and SIGINT end what is under way, and then the server."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield


def _server(codec: Codec) -> uvicorn.Server:
    return _Server(
        uvicorn.Config(
            codec.app(),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
            limit_concurrency=100,
        )
    )


if __name__ == "__main__":
    main()
