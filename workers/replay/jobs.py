"""What is to be replayed: a run on a server, or a file; and how its history is read."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import PayloadCodec
from temporalio.service import RPCError

from escalations import names
from escalations.encryption import check_in_plain
from escalations.histories.plain import Unexplained, of_file
from escalations.model import Value
from escalations.temporal import connect, encryption

FETCHED_WITHIN: Final = timedelta(seconds=30)


class Server(Value):
    """Which server; what is `None` the environment says."""

    address: str | None = None
    namespace: str | None = None
    profile: str | None = None
    keys: Path | None = None
    """The file of keys, where payloads are encrypted."""
    asked: bool = True
    """Whether it is asked at all: files need none."""

    async def connected(self) -> Client | None:
        """A client of it; `None` if it is not asked.

        Raises:
            Unreachable: nobody answers there.
            KeysInvalid: the file of keys cannot be used.
        """
        if not self.asked:
            return None
        return await connect(
            address=self.address,
            namespace=self.namespace,
            profile=self.profile,
            codec=encryption(self.keys),
        )


class Job(Value):
    """One history to be replayed: of a run, or in a file."""

    workflow_id: str = ""
    run_id: str = ""
    file: Path | None = None

    @property
    def name(self) -> str:
        """What people call it."""
        if self.file is not None:
            return str(self.file)
        kind, _, case = self.workflow_id.partition("/")
        return case if kind == names.escalation_id("").rstrip("/") else self.workflow_id


class Unreadable(Exception):
    """A history that cannot be had, and why."""


async def history_of(
    job: Job, client: Client | None, codec: PayloadCodec | None
) -> WorkflowHistory:
    """Its history, decoded if it was encrypted.

    Raises:
        Unreadable: with the reason.
    """
    history = await _history_of(job, client)
    for event in history.events:
        await _decode(event, codec)
    return history


async def _decode(message: Message, codec: PayloadCodec | None) -> None:
    """Every payload in a message, however deep."""
    for found in _payloads(message):
        try:
            if codec is None:
                check_in_plain([found])
                continue
            (plain,) = await codec.decode([found])
        except Exception as error:
            msg = f"it cannot be decrypted: {error}"
            raise Unreadable(msg) from None
        found.CopyFrom(plain)


def _payloads(message: Message) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            below = [each for each in value.values() if isinstance(each, Message)]
        else:
            below = [value] if isinstance(value, Message) else list(value)
        for each in below:
            yield from _payloads(each)


async def _history_of(job: Job, client: Client | None) -> WorkflowHistory:
    if job.file is not None:
        return _from_file(job.file)
    if client is None:
        msg = "there is no server to ask"
        raise Unreadable(msg)
    handle = client.get_workflow_handle(job.workflow_id, run_id=job.run_id or None)
    try:
        history: WorkflowHistory = await handle.fetch_history(rpc_timeout=FETCHED_WITHIN)
    except RPCError as error:
        raise Unreadable(error.message) from None
    return history


def _from_file(file: Path) -> WorkflowHistory:
    """What `escalade explain` reads too: of `escalade export`, of the Temporal UI or CLI."""
    try:
        return of_file(file.read_text("utf-8-sig"))
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    except UnicodeDecodeError:
        msg = "it is no text in UTF-8: a history is JSON"
        raise Unreadable(msg) from None
    except Unexplained as error:
        raise Unreadable(str(error)) from None


def in_files(places: tuple[Path, ...]) -> list[Path]:
    """The files, and the JSON files of the folders, each once, in order."""
    found: dict[Path, None] = {}
    for each in places:
        found |= dict.fromkeys(sorted(each.glob("*.json")) if each.is_dir() else [each])
    return list(found)
