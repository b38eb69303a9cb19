"""A mail server that delivers nothing: it keeps every mail as a file, to be looked at.

`python -m starters.mail_catcher FOLDER` lists what was caught, with a number it shows that mail.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST: Final = "127.0.0.1"
MAX_BYTES: Final = 10_000_000
"""Of one mail."""


@dataclass(frozen=True)
class Caught:
    """A mail as it came in."""

    number: int
    """From 1, in the order of arrival."""
    to: str
    """The address it was sent to."""
    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject line."""
        return str(self.message["Subject"] or "").strip()

    @property
    def addressee(self) -> str:
        """The name in its To line, or the address where there is none."""
        header = self.message["To"]
        mailboxes = header.addresses if header is not None else ()
        return mailboxes[0].display_name or self.to if mailboxes else self.to

    @property
    def message_id(self) -> str:
        """The same for every copy of one mail."""
        return str(self.message["Message-ID"] or "").strip()

    @property
    def text(self) -> str:
        """What it says, as text."""
        return self._part("plain")

    @property
    def html(self) -> str:
        """What it says, as HTML; empty if it has none."""
        return self._part("html")

    @property
    def calendar(self) -> str:
        """The invitation in it, as iCalendar; empty if there is none."""
        for part in self.message.walk():
            if part.get_content_type() == "text/calendar":
                return _lines(part)
        return ""

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return _lines(part) if part is not None else ""


class MailCatcher:
    """What came in since it was started."""

    def __init__(self, folder: Path, heard: Callable[[Caught], None]) -> None:
        """Keep mails in `folder`, and tell `heard` of each."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._heard = heard
        self.mails: list[Caught] = []
        self.arrived = asyncio.Event()
        """Set by every mail; whoever waits for the next one clears it."""
        self.url = ""

    def session(self) -> SMTP:
        """What answers one connection."""
        return SMTP(self, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=MAX_BYTES)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """A mail is complete: keep it for each of its recipients."""
        content = envelope.original_content or b""
        for to in envelope.rcpt_tos:
            caught = Caught(len(self.mails) + 1, to, _parsed(content))
            _file(self._folder, caught.number, to).write_bytes(content)
            self.mails.append(caught)
            self._heard(caught)
            self.arrived.set()
        return "250 kept"


@asynccontextmanager
async def catch_mail(
    folder: Path, heard: Callable[[Caught], None] = lambda caught: None
) -> AsyncIterator[MailCatcher]:
    """A mail server on loopback, at `url`, for the length of an `async with`."""
    catcher = MailCatcher(folder, heard)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(catcher.session, HOST, 0)
    catcher.url = f"smtp://{HOST}:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield catcher


def read(folder: Path) -> list[Caught]:
    """The mails of a folder, in the order of their arrival."""
    found = [(*path.stem.partition(" ")[::2], path) for path in folder.glob("*.eml")]
    mails = [Caught(int(number), to, _parsed(path.read_bytes())) for number, to, path in found]
    return sorted(mails, key=lambda mail: mail.number)


def _file(folder: Path, number: int, to: str) -> Path:
    safe = "".join(mark if mark.isalnum() or mark in "@.-_+" else "_" for mark in to)
    return folder / f"{number:04} {safe[:100]}.eml"


def _lines(part: MIMEPart) -> str:
    return str(part.get_content()).replace("\r\n", "\n")


def _parsed(content: bytes) -> EmailMessage:
    return message_from_bytes(content, policy=policy.default)


def main(arguments: list[str] | None = None) -> int:
    """List the mails of a folder, or show one."""
    parser = argparse.ArgumentParser(
        prog="python -m starters.mail_catcher", description="Shows mails that were caught."
    )
    parser.add_argument("folder", type=Path, help="where they are")
    parser.add_argument("number", type=int, nargs="?", help="of the one to show")
    parser.add_argument("--html", action="store_true", help="its HTML instead of its text")
    options = parser.parse_args(arguments)
    mails = read(options.folder)
    if options.number is None:
        for mail in mails:
            sys.stdout.write(f"{mail.number:4}  {mail.addressee}: {mail.subject}\n")
        return 0
    found = next((mail for mail in mails if mail.number == options.number), None)
    if found is None:
        sys.stderr.write(f"There is no mail {options.number} in {options.folder}.\n")
        return 1
    sys.stdout.write(found.html if options.html else _shown(found))
    return 0


def _shown(mail: Caught) -> str:
    headers = [f"{name}: {mail.message[name]}" for name in ("From", "To", "Date", "Subject")]
    invitation = f"\n{mail.calendar}" if mail.calendar else ""
    return "\n".join([*headers, "", mail.text, invitation])


if __name__ == "__main__":
    sys.exit(main())
