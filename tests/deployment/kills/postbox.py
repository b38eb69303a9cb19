"""A mail server that keeps what it gets, and takes its time to say so: a kill may fall between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from random import Random

from aiosmtpd.smtp import SMTP, Envelope, Session

SLOWEST = 0.2
"""Seconds between keeping a mail and saying so, at most."""


@dataclass(frozen=True)
class Mail:
    """One mail that was kept."""

    id: str
    """The local part of its Message-ID: `<key of the send>-<moment>.<recipient>`."""
    to: str
    subject: str
    words: str
    at: datetime

    @property
    def key(self) -> str:
        """The key of the send."""
        return self.id.rpartition(".")[0].rpartition("-")[0]

    @property
    def recipient(self) -> str:
        """The recipient's key."""
        return self.id.rpartition(".")[2]

    @property
    def told(self) -> tuple[str, str]:
        """What the case's timeline has of it: the send's key, the recipient's."""
        return self.key, self.recipient

    @property
    def case(self) -> str:
        """The case it is about."""
        return self.id.partition("/")[0]


@dataclass
class Postbox:
    """Every mail that came, in order."""

    random: Random
    port: int = 0
    slowest: float = SLOWEST
    mails: list[Mail] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Its address, as the worker wants it."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep it; answer after a while."""
        assert isinstance(envelope.content, bytes)
        mail = message_from_bytes(envelope.content, policy=policy.default)
        text = mail.get_body(("plain",))
        assert text is not None
        kept = Mail(
            id=str(mail["Message-ID"]).strip().strip("<>").rpartition("@")[0],
            to=", ".join(envelope.rcpt_tos),
            subject=str(mail["Subject"]),
            words=text.get_content(),
            at=datetime.now(UTC),
        )
        self.mails.append(kept)
        self._came.set()
        await asyncio.sleep(self.random.uniform(0, self.slowest))
        return "250 OK"

    async def next_kept(self) -> Mail:
        """The next mail that is kept, before its sender hears that it is."""
        self._came.clear()
        await self._came.wait()
        return self.mails[-1]


@asynccontextmanager
async def postbox(random: Random, slowest: float = SLOWEST) -> AsyncIterator[Postbox]:
    """One on a free port."""
    box = Postbox(random, slowest=slowest)
    listening = await asyncio.get_running_loop().create_server(
        lambda: SMTP(box, hostname="mail.example"), "127.0.0.1", 0
    )
    box.port = listening.sockets[0].getsockname()[1]
    try:
        yield box
    finally:
        listening.close()
        await listening.wait_closed()
