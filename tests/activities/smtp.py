"""A real SMTP server on this machine that can be as difficult as the ones out there."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Manner(StrEnum):
    """How the server treats the mail to somebody."""

    REFUSES = "550 5.1.1 no such user here"
    DELAYS = "451 4.3.0 try again later"
    HANGS = "never answers"
    DRIPS = "sends a byte now and then, and never a whole answer"
    DROPS = "hangs up after DATA, without having kept the mail"
    KEEPS_AND_DROPS = "keeps the mail, and hangs up before it says so"


@dataclass
class MailServer:
    """What came in, and how whom is treated. A mail nobody took is an unexpected one."""

    port: int = 0
    manners: dict[str, Manner] = field(default_factory=dict)
    users: dict[str, str] = field(default_factory=dict)
    asked_for: list[str] = field(default_factory=list)
    """Every recipient that somebody wanted to mail to."""
    logins: list[tuple[str, bool]] = field(default_factory=list)
    """Who logged in, and whether the connection was encrypted."""
    most_at_once: int = 0
    _mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    _open: set[object] = field(default_factory=set)
    _changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def take(self, *, to: str) -> list[EmailMessage]:
        """The mails that came for somebody since the last call."""
        taken = [mail for whom, mail in self._mails if whom == to]
        self._mails = [(whom, mail) for whom, mail in self._mails if whom != to]
        return taken

    @property
    def untaken(self) -> list[tuple[str, str]]:
        return [(whom, str(mail["Subject"])) for whom, mail in self._mails]

    async def all_hung_up(self) -> None:
        """Wait until no connection is open."""
        async with self._changed:
            await self._changed.wait_for(lambda: not self._open)

    async def is_asked_for(self, to: str) -> None:
        """Wait until somebody wants to mail to them."""
        async with self._changed:
            await self._changed.wait_for(lambda: to in self.asked_for)

    async def handle_RCPT(
        self, server: SMTP, _session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        async with self._changed:
            self.asked_for.append(to)
            self._changed.notify_all()
        match self.manners.get(to):
            case (Manner.REFUSES | Manner.DELAYS) as answer:
                return answer
            case Manner.HANGS:
                await asyncio.Event().wait()
            case Manner.DRIPS:
                while True:
                    _wire(server).write(b"2")
                    await asyncio.sleep(0.005)
        envelope.rcpt_tos.append(to)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        (to,) = envelope.rcpt_tos
        manner = self.manners.get(to)
        if manner is not Manner.DROPS:
            content = envelope.content
            assert isinstance(content, bytes)
            mail = message_from_bytes(content, policy=policy.default)
            self._mails.append((to, mail))
        if manner in (Manner.DROPS, Manner.KEEPS_AND_DROPS):
            _wire(server).abort()
        return "250 OK"

    def authenticate(
        self, server: SMTP, _session: Session, _envelope: Envelope, _how: str, who: Any
    ) -> AuthResult:
        assert isinstance(who, LoginPassword)
        user = who.login.decode()
        self.logins.append((user, _wire(server).get_extra_info("sslcontext") is not None))
        right = self.users.get(user) == who.password.decode()
        return AuthResult(success=right, handled=False)

    def opened(self, connection: object) -> None:
        self._open.add(connection)
        self.most_at_once = max(self.most_at_once, len(self._open))

    async def closed(self, connection: object) -> None:
        async with self._changed:
            self._open.discard(connection)
            self._changed.notify_all()


def _wire(server: SMTP) -> asyncio.WriteTransport:
    assert isinstance(server.transport, asyncio.WriteTransport)
    return server.transport


class _Connection(SMTP):
    def __init__(self, mail_server: MailServer, **options: Any) -> None:
        super().__init__(mail_server, **options)
        self._mail_server = mail_server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._mail_server.opened(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._gone = asyncio.ensure_future(self._mail_server.closed(self))


@asynccontextmanager
async def mail_server(tls: ssl.SSLContext | None = None) -> AsyncIterator[MailServer]:
    """The server on a free port; with `tls` it offers STARTTLS and takes no login without."""
    server = MailServer()
    options: dict[str, Any] = {"hostname": "mail.example", "authenticator": server.authenticate}
    options |= {"tls_context": tls, "auth_require_tls": tls is not None}
    listening = await asyncio.get_running_loop().create_server(
        lambda: _Connection(server, **options), "127.0.0.1", 0
    )
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()
    assert server.untaken == [], "mails that nobody expected"
