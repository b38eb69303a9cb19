"""Channels: a letter goes out well, and every way of not going out is told from the others."""

import asyncio
import logging
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from activities.channels.mail import Mail
from activities.channels.router import MAX_CONNECTIONS, Router
from activities.channels.services import Services
from activities.channels.smtp import Smtp, keeps_password
from activities.letters import Refused, Unavailable
from tests.activities.people import letter
from tests.activities.smtp import MailServer, Manner, mail_server

# Apprise looks for a module of the standard library that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

LONG, SHORT = timedelta(seconds=10), timedelta(seconds=0.2)
SENDER = "Service client 🚀 <help@escalade.example>"


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


def router(server: MailServer | None, **secrets: str) -> Router:
    mail = Mail(Smtp(server.url), SENDER) if server else None
    return Router(mail, Services(), secrets)


def body(mail: EmailMessage, kind: str) -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content()).strip()


async def test_mail_says_what_was_written(server: MailServer) -> None:
    """Text, HTML, subject and names arrive as written, in any script."""
    written = letter(
        name="דנה כהן",
        subject="[T-1] P1 · Débité deux fois 😡 \u2068שלמה\u2069",
        text="Débité deux fois 😡\n",
        html="<p>Débité deux fois 😡</p>",
        language="fr",
    )
    await router(server).send("mailto:ada@example.com", written, LONG)

    (mail,) = server.take(to="ada@example.com")
    assert mail["Subject"] == written.subject
    assert mail["To"].addresses[0].display_name == "דנה כהן"
    assert mail["From"].addresses[0].display_name == "Service client 🚀"
    assert body(mail, "plain") == "Débité deux fois 😡"
    assert "<p>Débité deux fois 😡</p>" in body(mail, "html")
    assert mail["Content-Language"] == "fr"
    assert mail["Date"].datetime.tzinfo is not None
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Escalade-Case"] == "T-1"


async def test_one_case_is_one_thread_to_each_side(server: MailServer) -> None:
    """All mails of a case refer to one root; the customer's thread is another than ours."""
    way = router(server)
    for key, customer in (("T-1/1", False), ("T-1/2", False), ("T-1/3", True)):
        await way.send("mailto:a@example.com", letter(key=key, to_customer=customer), LONG)

    first, second, third = server.take(to="a@example.com")
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert third["References"] != first["References"]
    assert len({mail["Message-ID"] for mail in (first, second, third)}) == 3


async def test_message_id_belongs_to_a_send_and_recipient(server: MailServer) -> None:
    """A retry goes under the same Message-ID; another recipient or send under another one."""
    way = router(server)
    ids = [
        await way.send("mailto:a@example.com", letter(key=key, recipient=who), LONG)
        for key, who in (("T.1/1", "a"), ("T.1/1", "a"), ("T.1/1", "b"), ("T:1/1", "a"))
    ]

    assert [mail["Message-ID"] for mail in server.take(to="a@example.com")] == ids
    assert ids[0] == ids[1] == "<T=2E1/1.a@escalade.example>"
    assert len(set(ids)) == 3


async def test_longest_case_id_makes_whole_headers(server: MailServer) -> None:
    """A case id of 100 awkward characters stays one id in every header."""
    case = ":" * 100
    sent = await router(server).send(
        "mailto:a@example.com", letter(case=case, key=f"{case}/1"), LONG
    )

    (mail,) = server.take(to="a@example.com")
    assert mail["Message-ID"] == sent
    assert mail["References"] == f"<{'=3A' * 100}.inside@escalade.example>"


async def test_no_line_can_be_smuggled_into_the_headers(server: MailServer) -> None:
    """A subject with a line break is never sent."""
    forged = letter(subject="Hello\r\nBcc: everybody@example.com")
    with pytest.raises(ValueError, match="may not contain linefeed"):
        await router(server).send("mailto:a@example.com", forged, LONG)

    assert server.take(to="a@example.com") == []


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


async def test_acceptance_that_was_not_heard_repeats_the_message_id(server: MailServer) -> None:
    """A connection lost before the answer is a failure for now; the duplicate is recognisable."""
    way = router(server)
    server.manners["a@example.com"] = Manner.KEEPS_AND_DROPS
    with pytest.raises(Unavailable):
        await way.send("mailto:a@example.com", letter(), LONG)
    server.manners.clear()
    await way.send("mailto:a@example.com", letter(), LONG)

    once, twice = server.take(to="a@example.com")
    assert once["Message-ID"] == twice["Message-ID"]


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


@pytest.mark.parametrize(
    "address",
    [
        "mailto:ada@example.com?cc=eve@example.com",
        "mailto:ada%0d%0aBcc:eve@example.com",
        "mailto:ada@",
        "mailto:@example.com",
        "mailto:ada@exa mple.com",
        "mailto:ada@a..example",
    ],
)
async def test_bad_address_is_refused(server: MailServer, address: str) -> None:
    """What is no mail address is refused before any server is asked, and says how to write one."""
    with pytest.raises(Refused, match="write mailto:name@example"):
        await router(server).send(address, letter(), LONG)

    assert server.asked_for == []


async def test_domain_in_another_script(server: MailServer) -> None:
    """A domain with letters beyond ASCII is asked for the way DNS has it."""
    await router(server).send("mailto:ada@münchen.example", letter(), LONG)

    assert len(server.take(to="ada@xn--mnchen-3ya.example")) == 1


async def test_invitation_goes_with_the_mail(server: MailServer) -> None:
    """A calendar entry is one more form of the mail, marked as a request."""
    await router(server).send("mailto:a@example.com", letter(calendar="BEGIN:VCALENDAR"), LONG)

    (mail,) = server.take(to="a@example.com")
    entry = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert entry["Content-Type"].params["method"] == "REQUEST"


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A certificate for 127.0.0.1: the server's side, and the side of who believes it."""
    openssl = shutil.which("openssl")
    assert openssl, "openssl is needed to make a certificate"
    subprocess.run(
        f"{openssl} req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 "
        f"-subj /CN=mail.example -addext subjectAltName=IP:127.0.0.1 "
        f"-keyout {folder / 'key'} -out {folder / 'cert'}".split(),
        check=True,
        capture_output=True,
    )
    ours = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ours.load_cert_chain(folder / "cert", folder / "key")
    return ours, ssl.create_default_context(cafile=str(folder / "cert"))


async def test_password_goes_encrypted(tmp_path: Path) -> None:
    """Where the server offers encryption it is used, before the password is said."""
    servers_side, our_side = certificate(tmp_path)
    async with mail_server(servers_side) as server:
        server.users["escalade"] = "p@ss/word"
        url = server.url.replace("://", "://escalade:p%40ss%2Fword@")
        way = Router(Mail(Smtp(url, our_side), SENDER), Services(), {})
        await way.send("mailto:a@example.com", letter(), LONG)

        assert server.logins == [("escalade", True)]
        assert len(server.take(to="a@example.com")) == 1


async def test_server_nobody_vouches_for_gets_nothing(tmp_path: Path) -> None:
    """A certificate that is not believed stops the mail before the password."""
    servers_side, _ = certificate(tmp_path)
    async with mail_server(servers_side) as server:
        way = Router(Mail(Smtp(server.url), SENDER), Services(), {})
        with pytest.raises(Unavailable, match="certificate"):
            await way.send("mailto:a@example.com", letter(), LONG)

        assert server.logins == []
        assert server.asked_for == []


async def test_wrong_password_is_refused_without_repeating_it(server: MailServer) -> None:
    """What the server says of a wrong password is passed on, the password is not."""
    url = server.url.replace("://", "://escalade:wr0ng@")
    way = Router(Mail(Smtp(url), SENDER), Services(), {})
    with pytest.raises(Refused, match="535") as refused:
        await way.send("mailto:a@example.com", letter(), LONG)

    assert "wr0ng" not in str(refused.value)


@pytest.mark.parametrize(
    ("peer", "encrypted", "may"),
    [
        ("203.0.113.7", False, False),
        ("203.0.113.7", True, True),
        ("127.0.0.1", False, True),
        ("::1", False, True),
        ("fe80::1%eth0", False, False),
    ],
)
def test_password_is_never_said_in_the_clear(peer: str, encrypted: bool, may: bool) -> None:
    """Without encryption only this machine itself hears the password."""
    assert keeps_password(peer, encrypted=encrypted) is may


@pytest.mark.parametrize(
    "url", ["", "smtp://", "http://mail.example", "smtp://h:port", "smtp://h:0x"]
)
def test_senseless_server_is_refused_at_the_start(url: str) -> None:
    """A URL that names no mail server is refused when the worker starts, not at 3 a.m."""
    with pytest.raises(ValueError, match="must look like smtp://"):
        Smtp(url)


@pytest.mark.parametrize(
    "sender", ["", "Help", "Help <help>", "help@example.com\nBcc: a@b.example"]
)
def test_senseless_sender_is_refused_at_the_start(sender: str) -> None:
    """So is a sender that is no mail address."""
    with pytest.raises(ValueError, match="write `Name <mail@example"):
        Mail(Smtp("smtp://localhost"), sender)


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
    assert headers["idempotency-key"] == sent == "T-1/3.ada"
    assert '"title": "[T-1] P1 \\u00b7 Charged twice"' in said
    assert '"message": "Charged twice."' in said


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
