"""One SMTP server, and the handing over of one message to it."""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import unquote, urlsplit

from activities.channels.outside import Cutoff
from activities.letters import Refused, Unavailable


class Smtp:
    """An SMTP server, by its URL `smtp://[user:password@]host[:port]` or `smtps://…`.

    Over `smtp://` the connection is encrypted where the server offers it; a password is never sent
    in the clear but to this machine itself.
    """

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        """`tls` says whose certificates are believed; the machine's own if absent.

        Raises:
            ValueError: the URL is none of an SMTP server. Whoever runs the worker mends it.
        """
        try:
            parts = urlsplit(url)
            scheme, host, port = parts.scheme, parts.hostname, parts.port
        except ValueError:
            scheme, host, port = "", None, None
        if scheme not in ("smtp", "smtps") or not host:
            msg = "the mail server's URL must look like smtp://[user:password@]host[:port]"
            raise ValueError(msg)
        self._encrypted = scheme == "smtps"
        self._host = host
        self._port = port or (465 if self._encrypted else 25)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._tls = tls

    @property
    def server(self) -> str:
        """`host:port`, for people."""
        return f"{self._host}:{self._port}"

    def send(self, message: EmailMessage, sender: str, to: str, cutoff: Cutoff) -> None:
        """Hand a message over; returns as soon as the server has accepted it.

        A connection that is lost between the end of the message and the server's answer leaves
        open whether it was accepted: the message is sent again, under the same Message-ID.

        Raises:
            Refused: the server will not take it, now or later.
            Unavailable: the server could not take it now.
        """
        session = self._session(cutoff)
        try:
            with self._failures(to):
                code, said = session.connect(self._host, self._port)
                if code != 220:
                    raise smtplib.SMTPConnectError(code, said)
                self._introduce(session)
                session.send_message(message, sender, [to])
            with suppress(OSError, smtplib.SMTPException):
                session.putcmd("QUIT")  # its answer changes nothing, and may never come
        finally:
            session.close()

    def _session(self, cutoff: Cutoff) -> "_Session":
        options: dict[str, Any] = {"local_hostname": _own_name(), "timeout": cutoff.seconds_left}
        session = (
            _EncryptedSession(context=self._context(), **options)
            if self._encrypted
            else _Session(**options)
        )
        session.belongs_to(self._host, cutoff)
        return session

    def _introduce(self, session: "_Session") -> None:
        session.ehlo_or_helo_if_needed()
        encrypted = self._encrypted
        if not encrypted and session.has_extn("starttls"):
            session.starttls(context=self._context())
            session.ehlo()
            encrypted = True
        if self._user:
            if not keeps_password(session.peer, encrypted=encrypted):
                msg = (
                    f"{self.server} offers no encryption, and the password is not sent in the "
                    "clear: whoever runs the worker writes smtps:// or switches STARTTLS on"
                )
                raise Refused(msg)
            session.login(self._user, self._password)

    def _context(self) -> ssl.SSLContext:
        return self._tls or ssl.create_default_context()

    @contextmanager
    def _failures(self, to: str) -> Iterator[None]:
        try:
            yield
        except smtplib.SMTPRecipientsRefused as error:
            code, said = error.recipients[to]
            raise _failure(code, said) from error
        except smtplib.SMTPResponseException as error:
            raise _failure(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPNotSupportedError as error:
            raise Refused(f"{self.server}: {error}") from error
        except OSError as error:  # smtplib's own errors among them
            raise Unavailable(f"{self.server}: {error}") from error


class _Session(smtplib.SMTP):
    """A connection that another thread can hang up, whatever it is waiting for."""

    _wire: socket.socket | None = None

    def belongs_to(self, host: str, cutoff: Cutoff) -> None:
        self._host = host  # what STARTTLS checks the certificate for; connect() does not set it
        self._cutoff = cutoff
        cutoff.closes(self.hang_up)

    @property
    def peer(self) -> str:
        return str(self._wire.getpeername()[0]) if self._wire else ""

    def hang_up(self) -> None:
        wire = self._wire
        if wire is not None:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        super().close()
        if self._wire is not None:
            self._wire.close()

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is not None:
            self.sock.settimeout(self._cutoff.seconds_left)
        return super().getreply()

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        # A second handle on the connection: TLS takes the first one away while it shakes hands.
        # A server may send a byte now and then for ever, which no timeout of a socket ends.
        connected: socket.socket = super()._get_socket(host, port, timeout)  # type: ignore[misc]  # smtplib's own seam, not in its stubs
        self.sock = connected
        self._wire = connected.dup()
        self._cutoff.closes(self.hang_up)
        return connected


class _EncryptedSession(smtplib.SMTP_SSL, _Session):
    """The same over TLS from the first byte."""


def keeps_password(peer: str, *, encrypted: bool) -> bool:
    """Whether a password may be sent to that IP address: encrypted, or to this machine itself."""
    return encrypted or ip_address(peer.partition("%")[0]).is_loopback


def _failure(code: int, said: bytes | str) -> Refused | Unavailable:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    kind = Refused if 500 <= code < 600 else Unavailable
    return kind(f"{code} {text}")


@cache
def _own_name() -> str:
    """What this machine calls itself to a mail server: asked once, since DNS may be slow."""
    return str(smtplib.SMTP().local_hostname)
