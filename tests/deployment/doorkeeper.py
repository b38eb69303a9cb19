"""A door before a Temporal server: TLS with certificates of its own authority, and an API key.

It stands where a load balancer, a mesh or Temporal Cloud does: it ends TLS, asks for a client's
certificate, and hands the bytes on to a server that knows neither. Of HTTP/2 it reads what the
first request says, so that it can turn a wrong key away in gRPC's own words.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeVar

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event, RequestReceived

CHUNK: Final = 65_536
UNAUTHENTICATED: Final = [
    (":status", "200"),
    ("content-type", "application/grpc"),
    ("grpc-status", "16"),
    ("grpc-message", "Request unauthorized."),
]

Result = TypeVar("Result")


class Wire(Protocol):
    """One side of a connection."""

    async def read(self) -> bytes:
        """What comes next; nothing at its end."""

    async def write(self, data: bytes) -> None:
        """Say something."""


@dataclass(frozen=True)
class Plain:
    """As it goes over the wire."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def read(self) -> bytes:
        return await self.reader.read(CHUNK)

    async def write(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()


class Tls:
    """Through TLS. A client that is not let in hears the alert, which asyncio's own TLS swallows
    (`StreamWriter.start_tls` closes the wire before what it has to say has gone out)."""

    def __init__(self, outside: Plain, context: ssl.SSLContext) -> None:
        self._outside = outside
        self._heard, self._to_say = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._talk = context.wrap_bio(self._heard, self._to_say, server_side=True)

    async def read(self) -> bytes:
        try:
            return await self._go_on(lambda: self._talk.read(CHUNK))
        except ssl.SSLError as error:
            raise ConnectionError("not let in") from error

    async def write(self, data: bytes) -> None:
        await self._go_on(lambda: self._talk.write(data))

    async def _go_on(self, step: Callable[[], Result]) -> Result:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                await self._say()
                heard = await self._outside.read()
                if not heard:
                    raise ConnectionError("hung up") from None
                self._heard.write(heard)
            finally:
                await self._say()

    async def _say(self) -> None:
        if self._to_say.pending:
            await self._outside.write(self._to_say.read())


@dataclass
class Door:
    """Where it is, and who came."""

    address: str
    headers: list[dict[str, str]] = field(default_factory=list)
    """Of the first request of each connection that TLS let in."""


@asynccontextmanager
async def door(
    behind: str, tls: ssl.SSLContext | None = None, api_key: str | None = None
) -> AsyncIterator[Door]:
    """A door on a free port of loopback before the server at `behind`, `host:port`.

    With an `api_key` whoever does not say it is told so and gets no further.
    """
    opened = Door("")
    under_way: set[asyncio.Task[None]] = set()

    async def guest(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        outside = Plain(reader, writer)
        wire = Tls(outside, tls) if tls else outside
        try:
            with suppress(OSError):
                await _receive(opened, api_key, behind, wire)
        finally:
            writer.close()

    def come_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(guest(reader, writer))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    async with await asyncio.start_server(come_in, "127.0.0.1", 0) as server:
        opened.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield opened
        finally:
            leaving = list(under_way)
            for each in leaving:
                each.cancel()
            await asyncio.gather(*leaving, return_exceptions=True)


async def _receive(opened: Door, api_key: str | None, behind: str, wire: Wire) -> None:
    talk = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
    heard, events = b"", list[Event]()
    while not (asked := [each for each in events if isinstance(each, RequestReceived)]):
        chunk = await wire.read()
        if not chunk:
            return
        heard += chunk
        events = talk.receive_data(chunk)
    headers = {str(name): str(value) for name, value in asked[0].headers}
    opened.headers.append(headers)
    if api_key is not None and headers.get("authorization") != f"Bearer {api_key}":
        await _turn_away(talk, events, wire)
        return
    host, _, port = behind.rpartition(":")
    inner = Plain(*await asyncio.open_connection(host, int(port)))
    try:
        await inner.write(heard)
        ways = [asyncio.create_task(_hand_on(*each)) for each in ((wire, inner), (inner, wire))]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
    finally:
        inner.writer.close()


async def _turn_away(talk: H2Connection, events: list[Event], wire: Wire) -> None:
    talk.initiate_connection()
    while True:
        for event in events:
            if isinstance(event, RequestReceived):
                talk.send_headers(event.stream_id, UNAUTHENTICATED, end_stream=True)
        await wire.write(talk.data_to_send())
        chunk = await wire.read()
        if not chunk:
            return
        events = talk.receive_data(chunk)


async def _hand_on(source: Wire, to: Wire) -> None:
    while chunk := await source.read():
        await to.write(chunk)
