"""Channels: a letter goes out well, and every way of not going out is told from the others."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator

import pytest

from activities.channels.router import MAX_CONNECTIONS
from activities.channels.secrets import Address
from activities.letters import Refused, Unavailable
from tests.activities.office import LONG, SHORT, router
from tests.activities.people import letter
from tests.activities.smtp import MailServer, Manner, mail_server

# Apprise looks for a module of the standard library that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


@pytest.mark.parametrize(
    ("manner", "kind", "says"),
    [
        (Manner.REFUSES, Refused, "550 5.1.1 no such user"),
        (Manner.DELAYS, Unavailable, "451 4.3.0 try again later"),
        (Manner.DROPS, Unavailable, "onnection"),
    ],
)
async def test_answers_are_told_apart(
    server: MailServer, manner: Manner, kind: type[Exception], says: str
) -> None:
    """A refusal is for good; a delay or a lost connection is not."""
    server.manners["a@example.com"] = manner
    with pytest.raises(kind, match=says):
        await router(server).send("mailto:a@example.com", letter(), LONG)

    assert server.take(to="a@example.com") == []


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.DRIPS])
async def test_server_that_never_finishes_is_hung_up_on(server: MailServer, manner: Manner) -> None:
    """A server that hangs, or sends a byte now and then, fails in time and holds nothing open."""
    server.manners["a@example.com"] = manner
    with pytest.raises(Unavailable, match=r"did not answer within|timed out"):
        await router(server).send("mailto:a@example.com", letter(), SHORT)

    await server.all_hung_up()
    assert server.take(to="a@example.com") == []


async def test_nobody_listens() -> None:
    """A server that is down fails for now."""
    async with mail_server() as gone:
        pass
    with pytest.raises(Unavailable, match="refused"):
        await router(gone).send("mailto:a@example.com", letter(), LONG)


async def test_one_server_is_not_overrun(server: MailServer) -> None:
    """Fifty letters at once use several connections, but never more than the limit."""
    way = router(server)
    await asyncio.gather(*(way.send(f"mailto:p{n}@example.com", letter(), LONG) for n in range(50)))

    assert 1 < server.most_at_once <= MAX_CONNECTIONS
    for n in range(50):
        assert len(server.take(to=f"p{n}@example.com")) == 1


async def test_hanging_letters_keep_to_the_limit_and_to_their_time(server: MailServer) -> None:
    """Letters that wait behind hanging ones fail in the same time, not one after another."""
    way = router(server)
    for n in range(20):
        server.manners[f"p{n}@example.com"] = Manner.HANGS
    failures = await asyncio.gather(
        *(way.send(f"mailto:p{n}@example.com", letter(), SHORT) for n in range(20)),
        return_exceptions=True,
    )

    assert all(isinstance(failure, Unavailable) for failure in failures)
    assert server.most_at_once <= MAX_CONNECTIONS
    await server.all_hung_up()


class Hook:
    """A web hook on this machine that keeps what it is told."""

    def __init__(self) -> None:
        self.status = 200
        self.requests: list[tuple[str, dict[str, str], str]] = []

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        line, *lines = head.strip().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (each.partition(": ") for each in lines)
        }
        said = (await reader.readexactly(int(headers["content-length"]))).decode()
        self.requests.append((line, headers, said))
        writer.write(f"HTTP/1.1 {self.status} So\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()


@pytest.fixture
async def hook() -> AsyncIterator[tuple[Hook, str]]:
    """The hook and its address, a secret in its path."""
    told = Hook()
    listening = await asyncio.start_server(told.answer, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield told, f"json://127.0.0.1:{port}/${{HOOK}}"
    finally:
        listening.close()
        await listening.wait_closed()


async def test_other_channels_get_the_short_form(hook: tuple[Hook, str]) -> None:
    """A web hook gets subject and short form, the secret filled in, and an idempotency key."""
    told, address = hook
    sent = await router(None, HOOK="s3cret").send(address, letter(), LONG)

    ((line, headers, said),) = told.requests
    assert line == "POST /s3cret HTTP/1.1"
    assert headers["idempotency-key"] == sent == "T-1/3-261123T123000.ada"
    assert '"title": "[T-1] P1 \\u00b7 Charged twice"' in said
    assert '"message": "Charged twice."' in said


@pytest.mark.parametrize(
    "words",
    [
        "<!channel> now",
        "<!here|here>",
        "<@U0123456789>",
        "<https://evil.example|your bank>",
        "@everyone",
        "@Here",
        "@channel",
        "@all",
    ],
)
async def test_a_customers_words_call_nobody(hook: tuple[Hook, str], words: str) -> None:
    """What a chat would take for a call to all of a channel, or for a link under another name,
    arrives as words, in the title and in the text."""
    told, address = hook
    await router(None, HOOK="s3cret").send(address, letter(subject=words, chat=words), LONG)

    arrived = json.loads(told.requests[0][2])
    for said in (arrived["title"], arrived["message"]):
        assert words not in said
        assert said.replace("\N{WORD JOINER}", "") == words


async def test_words_are_left_alone(hook: tuple[Hook, str]) -> None:
    """What calls nobody is not touched: addresses, comparisons, prices."""
    told, address = hook
    words = "ada@example.com paid 5 < 7 <b> EUR, see https://shop.example/a?b#c; call @ 9"
    await router(None, HOOK="s3cret").send(address, letter(chat=words), LONG)

    assert json.loads(told.requests[0][2])["message"] == words


async def test_failing_channel_keeps_the_secret(
    hook: tuple[Hook, str], caplog: pytest.LogCaptureFixture
) -> None:
    """A channel that answers with an error fails for now; no log and no reason has the secret."""
    told, address = hook
    told.status = 503
    with caplog.at_level(logging.DEBUG), pytest.raises(Unavailable, match="503") as failure:
        await router(None, HOOK="s3cret").send(address, letter(), LONG)

    assert len(told.requests) == 1
    assert "s3cret" not in str(failure.value) + caplog.text


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("pigeon://loft/7", "no channel pigeon://: whoever keeps the policy"),
        ("slack://${TOKEN}", r"no complete slack:// address: .*\$\{TOKEN\}|no complete slack://"),
        ("json://${UNSET}/x", r"\$\{UNSET\} has no value: whoever runs the worker"),
        ("json://${BLANK}/x", r"\$\{BLANK\} holds white space"),
        ("mailto:a@example.com", "ESCALADE_SMTP_URL"),
    ],
)
async def test_address_that_cannot_work_says_who_mends_it(address: str, says: str) -> None:
    """An unknown scheme, an incomplete address or a missing secret is refused, secrets unsaid."""
    way = router(None, TOKEN="s3cret", BLANK="s3c ret")
    with pytest.raises(Refused, match=says) as refused:
        await way.send(address, letter(), LONG)

    assert "s3c" not in str(refused.value)


@pytest.mark.parametrize(
    "said", ["POST /s3/cr et", "key=s3/cr%20et", "key=s3%2Fcr%20et", "key=s3%2Fcr%20ets3/cr et"]
)
def test_secret_in_what_a_service_says_is_hidden(said: str) -> None:
    """A secret that comes back in an error is written as its name, in whatever shape it comes."""
    address = Address("json://h/${KEY}", "json://h/s3/cr et", {"KEY": "s3/cr et"})

    hidden = address.hide(said)
    assert "s3" not in hidden
    assert "${KEY}" in hidden
    assert "s3" not in repr(address)
