"""A real web server on this machine that can be as difficult as the ones out there."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

ENDLESS: Final = None
"""An answer that never comes."""


@dataclass
class WebServer:
    """What was asked for, and what is answered; the last answer of a path is given again."""

    port: int = 0
    answers: dict[str, list[bytes | None]] = field(default_factory=dict)
    requests: list[dict[str, str]] = field(default_factory=list)
    """The head of each request; its first line under the name `asked`."""

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def asked(self) -> list[str]:
        return [head["asked"].split()[1] for head in self.requests]

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
            head = dict(line.split(": ", 1) for line in lines)
            self.requests.append({**head, "asked": asked})
            queue = self.answers[asked.split()[1]]
            answer = queue.pop(0) if len(queue) > 1 else queue[0]
            if answer is ENDLESS:
                await reader.read()
            else:
                writer.write(answer)
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(body: bytes, status: str = "200 OK", **headers: str | int) -> bytes:
    """An answer with its right length, unless the headers say another one."""
    told = {"Content-Length": len(body)} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@asynccontextmanager
async def web_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[WebServer]:
    """The server on a free port."""
    server = WebServer()
    busy: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(server.handle(reader, writer))
        busy.add(task)
        task.add_done_callback(busy.discard)

    serve: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None] = connected
    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await asyncio.gather(*busy)
        await listening.wait_closed()
