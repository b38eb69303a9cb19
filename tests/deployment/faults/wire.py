"""The wire between workers and server: it can be pulled out, and put back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from workers.dev_server import HOST

_PIECE = 65_536


class Wire:
    """Carries bytes to a server and back, unless it is cut.

    Cut without a word, it takes what is sent and hands nothing on: a pulled plug. Cut with one, it
    breaks every connection and refuses new ones: a firewall, a node that is drained.
    """

    def __init__(self, server: str) -> None:
        self._server = server
        self._whole = asyncio.Event()
        self._whole.set()
        self._refusing = False
        self._open: set[asyncio.StreamWriter] = set()
        self.address = ""

    def cut(self, *, silently: bool) -> None:
        """From now on nothing passes."""
        self._whole.clear()
        self._refusing = not silently
        if self._refusing:
            self._break()

    def mend(self) -> None:
        """From now on everything passes; what waited in silence is lost with its connection."""
        self._break()
        self._refusing = False
        self._whole.set()

    def _break(self) -> None:
        for writer in self._open:
            writer.transport.abort()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its beginning to its end."""
        if self._refusing:
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            await self._whole.wait()
            host, _, port = self._server.rpartition(":")
            with suppress(OSError):
                there, back = await asyncio.open_connection(host, int(port))
                self._open.add(back)
                try:
                    await asyncio.gather(self._pass(reader, back), self._pass(there, writer))
                finally:
                    self._open.discard(back)
                    back.transport.abort()
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(_PIECE):
            await self._whole.wait()
            writer.write(piece)
            await writer.drain()
        writer.transport.abort()


@asynccontextmanager
async def wire(server: str) -> AsyncIterator[Wire]:
    """One to that server, on a free port."""
    strung = Wire(server)
    listening = await asyncio.start_server(strung.carry, HOST, 0)
    strung.address = f"{HOST}:{listening.sockets[0].getsockname()[1]}"
    try:
        yield strung
    finally:
        listening.close()
        strung.mend()
        strung.cut(silently=False)
