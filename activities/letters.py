"""What goes out to one recipient, what became of it, and the two ways a channel may fail."""

import unicodedata

from escalations.model import Instant, Value

MAX_REASON = 300
"""How much of what a server said is kept, in characters."""


class Letter(Value):
    """One message to one recipient, written and ready to go."""

    case: str
    key: str
    """The send's key, `<case>/<n>`."""
    filed: str
    """The key as the ledger has it: see `Brief.filed`."""
    recipient: str
    """The recipient's key: a contact's or role's name, or `customer`."""
    name: str
    language: str
    to_customer: bool
    subject: str
    """One line."""
    text: str
    html: str | None
    """`None` where no HTML could be made: the text goes alone."""
    chat: str
    """The short form, for channels that are no mail."""
    calendar: str | None = None
    """A meeting or its cancelling, as iCalendar, for channels that are mail."""

    @property
    def id(self) -> str:
        """The same for every retry, and for no other message.

        The local part of a Message-ID, or an idempotency key: the key as it is filed and the
        recipient's, a dot between them; what may not stand there is written `=` and two
        hexadecimal digits.
        """
        return f"{_atom(self.filed)}.{_atom(self.recipient)}"

    @property
    def thread(self) -> str:
        """What all messages of a case to one side share: the local part of their root's id."""
        return f"{_atom(self.case)}.{'customer' if self.to_customer else 'inside'}"


class Accepted(Value):
    """A row of the delivery ledger: a channel has taken this message for this recipient."""

    key: str
    """As it is filed."""
    recipient: str
    address: str
    """As the policy writes it, secrets not filled in; as the ledger keeps it, perhaps a hash."""
    message_id: str
    """The Message-ID, or the idempotency key of a channel that is no mail."""
    accepted_at: Instant
    attempt: int
    """Which attempt of the activity it was, from 1."""


class ChannelFailure(Exception):
    """A channel did not take a message."""

    def __init__(self, reason: str) -> None:
        super().__init__(printable(reason))


class Refused(ChannelFailure):
    """This address does not take it, now or later; the next one is tried, a retry does not help."""


class Unavailable(ChannelFailure):
    """This address could not take it now; the next one is tried at once, a retry may help."""


def printable(text: str) -> str:
    """What a server said, as one line fit for a log, a screen and a history."""
    shown = "".join(
        " " if unicodedata.category(character)[0] in "CZ" else character for character in text
    )
    line = " ".join(shown.split())
    return line if len(line) <= MAX_REASON else f"{line[: MAX_REASON - 1]}…"


def _atom(text: str) -> str:
    return "".join(
        character
        if character.isascii() and (character.isalnum() or character in "_-/")
        else "".join(f"={byte:02X}" for byte in character.encode("utf-8", "replace"))
        for character in text
    )
