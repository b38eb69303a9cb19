"""What the commands have in common: their options, and how they talk to Temporal."""

import asyncio
import os
import re
import signal
import stat
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from escalations.cli.printer import Printer, hint

if TYPE_CHECKING:
    from pydantic import BaseModel

    from escalations.client import EscalationClient

Model = TypeVar("Model", bound="BaseModel")
STOPS: Final = (signal.SIGINT, signal.SIGTERM)
"""How a process is asked to stop: by Ctrl-C, or by whoever runs it."""

_stop: ContextVar[Callable[[], None]] = ContextVar("stop")
"""What stops the conversation under way."""

Conversation = Callable[["EscalationClient", Printer], Awaitable[int | None]]
"""What a command says to the client and prints; its exit code, 0 if `None`."""


class CaseType(click.ParamType[str]):
    """A case's id."""

    name = "case"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id, if it can be one."""
        if re.fullmatch(r"[A-Za-z0-9._:\-]{1,100}", str(value)) is None:
            self.fail(
                f"{value!r} is no case id: 1 to 100 of letters, digits, '.', '_', ':', '-'.",
                param,
                ctx,
            )
        return str(value)


case_argument = click.argument("case", type=CaseType())
json_option = click.option("--json", "as_json", is_flag=True, help="Answer with one JSON document.")
by_option = click.option(
    "--by",
    required=True,
    envvar="ESCALADE_BY",
    metavar="WHO",
    help="Who says so; else ESCALADE_BY.",
)
message_id_option = click.option(
    "--message-id", metavar="ID", help="A repeated message with the same id changes nothing."
)


keys_option = click.option(
    "--keys",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="ESCALADE_ENCRYPTION_KEYS_FILE",
    metavar="FILE",
    help="Of encrypted payloads; else ESCALADE_ENCRYPTION_KEYS_FILE.",
)


def talks(command: Callable[..., Conversation | None]) -> Callable[..., int]:
    """A command that talks to Temporal: its options are checked before, by making a conversation.

    There is nothing to talk about if that is `None`.
    The options `policies` (by name) and `task_queue` are the client's settings too.
    """

    @click.option("--address", metavar="HOST:PORT", help="Temporal's; else TEMPORAL_ADDRESS.")
    @click.option("--namespace", metavar="NAME", help="Temporal's; else TEMPORAL_NAMESPACE.")
    @click.option("--profile", metavar="NAME", help="Of Temporal's file; else TEMPORAL_PROFILE.")
    @keys_option
    @json_option
    @wraps(command)
    def talking(
        address: str | None,
        namespace: str | None,
        profile: str | None,
        keys: Path | None,
        as_json: bool,
        **said: Any,
    ) -> int:
        settings = {name: said[name] for name in ("policies", "task_queue") if name in said}
        conversation = command(**said)
        if conversation is None:
            return 0

        async def talk() -> int:
            from escalations.client import EscalationClient

            client = await EscalationClient.connect(address, namespace, profile, keys, **settings)
            return await conversation(client, Printer(as_json)) or 0

        return interruptible(talk())

    return talking


def interruptible(talk: Coroutine[Any, Any, int]) -> int:
    """Run a conversation to its end, or until nobody waits for it any more.

    Raises:
        KeyboardInterrupt: somebody pressed Ctrl-C or stopped the process.
        BrokenPipeError: whoever read standard output has gone, as `head -1` does.
    """
    stopped_by: BaseException | None = None

    async def conversation() -> int:
        _stop.set(lambda: stop(KeyboardInterrupt()))
        task = asyncio.create_task(talk)

        def stop(why: BaseException) -> None:
            nonlocal stopped_by
            stopped_by = why
            task.cancel()

        loop = asyncio.get_running_loop()
        for each in STOPS:
            loop.add_signal_handler(each, stop, KeyboardInterrupt())
        if (pipe := _pipe()) is not None:
            loop.add_reader(pipe, stop, BrokenPipeError())
        return await task

    try:
        return asyncio.run(conversation())
    except BaseException:
        if stopped_by is not None:
            raise stopped_by from None
        raise


@contextmanager
def finishing_first() -> Iterator[asyncio.Event]:
    """While this lasts, the first Ctrl-C is only an event; the second one is as always."""
    loop, stop, asked = asyncio.get_running_loop(), _stop.get(), asyncio.Event()

    def once() -> None:
        hint("Stopping after those under way; Ctrl-C again gives those up, too.")
        asked.set()
        restore()

    def restore() -> None:
        for each in STOPS:
            loop.add_signal_handler(each, stop)

    for each in STOPS:
        loop.add_signal_handler(each, once)
    try:
        yield asked
    finally:
        restore()


def _pipe() -> int | None:
    """Standard output's file descriptor, if somebody else reads its other end."""
    with suppress(OSError):
        written = sys.stdout.fileno()
        if stat.S_ISFIFO(os.fstat(written).st_mode):
            return written
    return None


def heard(model: type[Model], **said: Any) -> Model:
    """A message from what was said on the command line; what was not said keeps its default.

    Raises:
        RequestInvalid: fields have mistakes; all of them are named.
    """
    from pydantic import ValidationError

    from escalations.mistakes import RequestMistakes, mistakes

    try:
        return model.model_validate(
            {name: value for name, value in said.items() if value is not None}
        )
    except ValidationError as error:
        raise RequestMistakes(mistakes(error)) from None
