"""Everything that is no mail: chat, SMS, web hooks …, by the URLs that Apprise knows.

Apprise is imported with the first message: it takes a third of a second, and who only mails never
needs it. It also says more than a log may hold: its lines and urllib3's carry whole addresses.
"""

import logging
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from activities.channels.outside import Cutoff
from activities.channels.secrets import Address
from activities.letters import Letter, Refused, Unavailable

if TYPE_CHECKING:
    from apprise import AppriseAsset, NotifyBase

_CALLS: Final = re.compile(
    r"<(?=[!@#]|[a-z][a-z0-9+.\-]*:)|@(?=everyone|here|channel|all\b)", re.IGNORECASE
)
"""What chats take for more than words: `<!channel>`, `<@U123>`, `<https:…|your bank>`, `@here`."""


class Services:
    """Letters through Apprise, in their short form."""

    def message_id(self, letter: Letter) -> str:
        """The idempotency key, the same for every retry."""
        return letter.id

    def server(self, address: Address) -> str:
        """Whom such an address leads to, as far as it can be said without its secrets."""
        host = urlsplit(address.written).netloc.rpartition("@")[2]
        return f"{address.scheme}://{host}"

    def send(self, address: Address, letter: Letter, cutoff: Cutoff) -> None:
        """Hand it to the service.

        Raises:
            Refused: Apprise knows no such service, or the address lacks what the service needs.
            Unavailable: the service did not take it; Apprise does not say whether it ever will.
        """
        from apprise import Apprise, AppriseAsset, NotifyFormat

        _quieten()
        service = _service(address, AppriseAsset(async_mode=False))
        seconds = cutoff.seconds_left
        service.socket_connect_timeout = service.socket_read_timeout = seconds
        if "redirect=" not in address.written:
            service.redirects = False  # to wherever the answer says, with the message in it
        headers = getattr(service, "headers", None)
        if isinstance(headers, dict):
            headers.setdefault("Idempotency-Key", letter.id)
        apprise = Apprise()
        apprise.add(service)
        result = apprise.notify(
            title=_calls_nobody(letter.subject),
            body=_calls_nobody(letter.chat),
            body_format=NotifyFormat.TEXT,
        )
        if not result:
            said = "; ".join(entry.message for entry in result.logs())
            raise Unavailable(address.hide(said or "the service did not take it"))


def _calls_nobody(text: str) -> str:
    """The text, looking the same; a customer's words in it call no channel together and hide no
    link behind others. Who is called is who the policy names."""
    return _CALLS.sub(lambda found: f"{found[0]}\N{WORD JOINER}", text)


def _service(address: Address, asset: "AppriseAsset") -> "NotifyBase":
    from apprise import Apprise, OverflowMode
    from apprise.manager_plugins import NotificationManager

    known = NotificationManager()  # type: ignore[no-untyped-call]  # Apprise's own lack of types
    if address.scheme not in known:
        msg = (
            f"no channel {address.scheme}://: whoever keeps the policy writes mailto: "
            "or a service that Apprise knows"
        )
        raise Refused(msg)
    try:
        service = Apprise.instantiate(address.filled_in, asset=asset, suppress_exceptions=False)
    except (TypeError, ValueError) as error:  # what Apprise raises of an address
        raise Refused(address.hide(f"{_incomplete(address)}: {error}")) from None
    if service is None:
        raise Refused(_incomplete(address))
    if "overflow=" not in address.written:
        # A text that the service finds too long is better cut than not sent at 3 in the morning.
        service.overflow_mode = OverflowMode.TRUNCATE
    return service


def _incomplete(address: Address) -> str:
    return (
        f"no complete {address.scheme}:// address: whoever keeps the policy, or its secrets, "
        "completes it"
    )


def _quieten() -> None:
    apprise = logging.getLogger("apprise")
    if apprise.propagate:
        apprise.propagate = False
        apprise.addHandler(logging.NullHandler())
        for talkative in (apprise, logging.getLogger("urllib3")):
            talkative.setLevel(logging.WARNING)
