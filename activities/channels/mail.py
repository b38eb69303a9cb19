"""Mail: a letter as a message that any mail program threads, filters and shows well."""

from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address as Mailbox
from email.headerregistry import HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from urllib.parse import unquote

from icalendar import Calendar

from activities.calendar_entries import Method
from activities.channels.outside import Cutoff
from activities.channels.secrets import Address
from activities.channels.smtp import Smtp
from activities.letters import Letter, Refused

_HEADERS = HeaderRegistry()
for _name in ("in-reply-to", "references"):
    # As plain text, ids longer than a line would be broken into encoded words.
    _HEADERS.map_to_type(_name, MessageIDHeader)  # type: ignore[arg-type]  # a mixin, as the docs say
_POLICY = SMTP.clone(header_factory=_HEADERS)
_FILES = {Method.REQUEST: "invite.ics", Method.CANCEL: "cancel.ics"}


class Mail:
    """Letters by mail, one to each recipient, from one sender."""

    def __init__(self, smtp: Smtp, sender: str, reply_to: str | None = None) -> None:
        """`sender` as in a mail program: `Name <mail@example.com>` or the address alone.

        `reply_to` is where answers go, if not to the sender.

        Raises:
            ValueError: one of both is no mail address. Whoever runs the worker mends it.
        """
        self._smtp = smtp
        self._sender = _written(sender)
        self._reply_to = _written(reply_to) if reply_to else None

    @property
    def server(self) -> str:
        """The server all of it goes to."""
        return self._smtp.server

    def message_id(self, letter: Letter) -> str:
        """The same for every retry: what went out twice is recognised by it."""
        return f"<{letter.id}@{self._sender.domain}>"

    def send(self, address: Address, letter: Letter, cutoff: Cutoff) -> None:
        """Hand it to the server.

        Raises:
            Refused: the address is none, or the server will not take it.
            Unavailable: the server could not take it now.
        """
        to = _mailbox(letter.name, address.filled_in.removeprefix("mailto:"))
        message = self._message(letter, to)
        self._smtp.send(message, self._sender.addr_spec, to.addr_spec, cutoff)

    def _message(self, letter: Letter, to: Mailbox) -> EmailMessage:
        root = f"<{letter.thread}@{self._sender.domain}>"
        message = EmailMessage(_POLICY)
        message["From"] = self._sender
        message["To"] = to
        if self._reply_to is not None:
            message["Reply-To"] = self._reply_to
        message["Subject"] = letter.subject
        message["Date"] = datetime.now(UTC)
        message["Message-ID"] = self.message_id(letter)
        message["In-Reply-To"] = root
        message["References"] = root
        message["Auto-Submitted"] = "auto-generated"
        message["X-Escalade-Case"] = letter.case
        # Quoted-printable passes every server, one without 8BITMIME and one that cuts lines too.
        message.set_content(letter.text, cte="quoted-printable")
        if letter.html is not None:
            message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
        if letter.calendar is not None:
            _invite(message, letter.calendar)
        # Last, since what begins with Content moves into the first part with every new one.
        message["Content-Language"] = letter.language
        return message


def _invite(message: EmailMessage, calendar: str) -> None:
    """A meeting as calendars want it: one more form of the mail, and a file for the others."""
    method = Method(str(Calendar.from_ical(calendar)["METHOD"]))
    message.add_alternative(calendar, subtype="calendar", params={"method": method}, cte="base64")
    message.add_attachment(
        calendar.encode(), maintype="application", subtype="ics", filename=_FILES[method]
    )


def _mailbox(name: str, written: str) -> Mailbox:
    """Somebody's mailbox; a domain in another script is written the way DNS has it.

    Raises:
        Refused: it is no mail address.
    """
    user, at, domain = unquote(written).rpartition("@")
    try:
        ascii_domain = domain.encode("idna").decode("ascii")
        return Mailbox(name, addr_spec=f"{user}{at}{ascii_domain}")
    except (ValueError, IndexError, MessageError):
        msg = "no mail address: write mailto:name@example.com, nothing before or after it"
        raise Refused(msg) from None


def _written(mailbox: str) -> Mailbox:
    name, address = parseaddr(mailbox)
    try:
        return _mailbox(name, address if mailbox.isprintable() else "")
    except Refused:
        msg = f"found {mailbox!r}; write `Name <mail@example.com>` or the address alone"
        raise ValueError(msg) from None
