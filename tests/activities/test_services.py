"""Web hooks that misbehave: bounded in time, told from one another, never followed elsewhere."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from activities.letters import Unavailable
from tests.activities.office import LONG, router
from tests.activities.people import letter

# Apprise looks for a module of the standard library that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

WITHIN = timedelta(seconds=1)
MUCH_LONGER = 30
"""Seconds; as long as this no channel may take, whatever it is told to take."""
UNHURRIED = timedelta(minutes=1)
"""Longer than that: who is given it has to fail by itself, not by its limit."""
MEGABYTE = 1 << 20

Answer = Callable[[asyncio.StreamWriter], Awaitable[None]]


def plain(head: str) -> Answer:
    """An answer of just this head."""

    async def answer(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 {head}\r\nContent-Length: 0\r\n\r\n".encode())

    return answer


async def silence(writer: asyncio.StreamWriter) -> None:
    """Nothing, until the other side has had enough."""
    await writer.wait_closed()


async def drip(writer: asyncio.StreamWriter) -> None:
    """A head that never ends, byte by byte."""
    writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while not writer.transport.is_closing():
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.05)


async def noise(writer: asyncio.StreamWriter) -> None:
    """No HTTP at all."""
    writer.write(b"\x16\x03\x01\x02\x00 what?\r\n\r\n")


async def flood(writer: asyncio.StreamWriter) -> None:
    """Ten megabytes, and a refusal at their head."""
    writer.write(f"HTTP/1.1 500 No\r\nContent-Length: {10 * MEGABYTE}\r\n\r\n".encode())
    for _ in range(10):
        writer.write(b"x" * MEGABYTE)
        await writer.drain()


@asynccontextmanager
async def hook(answer: Answer) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A web hook that answers like that, its port, and what it was asked."""
    asked: list[bytes] = []
    answering: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        answering.add(task)
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        try:
            await answer(writer)
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield str(listening.sockets[0].getsockname()[1]), asked
    finally:
        listening.close()
        for task in answering:
            task.cancel()
        await asyncio.gather(*answering, return_exceptions=True)


@pytest.mark.parametrize(
    ("answer", "within"),
    [
        pytest.param(plain("429 Too Many Requests\r\nRetry-After: 3600"), UNHURRIED, id="429"),
        pytest.param(plain("500 Oh no"), UNHURRIED, id="500"),
        pytest.param(silence, WITHIN, id="hangs"),
        pytest.param(drip, WITHIN, id="slow loris"),
        pytest.param(noise, UNHURRIED, id="no HTTP"),
        pytest.param(flood, UNHURRIED, id="10 MB"),
    ],
)
async def test_a_hook_that_misbehaves_is_left_in_time(answer: Answer, within: timedelta) -> None:
    """It fails for now, so that the next channel is tried, and is asked once."""
    async with hook(plain("200 OK")) as (port, _):  # the first letter of all loads Apprise
        await router(None).send(f"json://127.0.0.1:{port}/x", letter(), LONG)

    tries = 0
    async with hook(answer) as (port, asked), asyncio.timeout(MUCH_LONGER):
        while not asked:  # where the machine stalls, the time is up before anybody asks
            tries += 1
            with pytest.raises(Unavailable):
                await router(None).send(f"json://127.0.0.1:{port}/x", letter(), within)
            within *= 2

    assert 1 <= len(asked) <= tries


async def test_a_hook_without_a_certificate_gets_nothing() -> None:
    """Somebody who answers an encrypted greeting with noise fails for now."""

    async def handle(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 plain\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        with pytest.raises(Unavailable):
            await router(None).send(f"jsons://127.0.0.1:{port}/x", letter(), LONG)
    finally:
        listening.close()


async def test_a_redirect_is_not_followed() -> None:
    """A hook that sends us elsewhere does not get us there: the message stays where it was sent,
    unless whoever keeps the policy has written that it may go on."""
    async with hook(plain("200 OK")) as (inside, heard):
        moved = plain(f"302 Found\r\nLocation: http://127.0.0.1:{inside}/admin")
        async with hook(moved) as (outside, _asked):
            with pytest.raises(Unavailable, match="302"):
                await router(None).send(f"json://127.0.0.1:{outside}/x", letter(), LONG)

            assert heard == []
            await router(None).send(f"json://127.0.0.1:{outside}/x?redirect=yes", letter(), LONG)
            assert len(heard) == 1
