"""Which channel an address belongs to, and how much any one server is asked at a time."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from weakref import WeakValueDictionary

from activities.channels.mail import Mail
from activities.channels.outside import run_outside
from activities.channels.secrets import fill_in
from activities.channels.services import Services
from activities.letters import Letter, Refused

MAX_CONNECTIONS = 8
"""To one server at a time, from one worker."""


class Router:
    """Sends to any address: `mailto:` by SMTP, everything else through Apprise."""

    def __init__(
        self,
        mail: Mail | None,
        services: Services,
        secrets: Mapping[str, str],
        max_connections: int = MAX_CONNECTIONS,
    ) -> None:
        """`secrets` is what `${NAME}` in an address may stand for, and nothing else.

        It sends to any address it is given: `activities.vouching` says which ones those may be.
        """
        self._mail = mail
        self._services = services
        self._secrets = secrets
        self._max_connections = max_connections
        self._slots: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    async def send(self, written: str, letter: Letter, within: timedelta) -> str:
        """Send to an address as the policy writes it; the id under which it went.

        Raises:
            Refused: the address will not take it, now or later.
            Unavailable: it could not take it now, or did not answer in time.
        """
        address = fill_in(written, self._secrets)
        if address.scheme == "mailto" and not written.startswith("mailto://"):
            if self._mail is None:
                msg = "no mail server is set: whoever runs the worker sets ESCALADE_SMTP_URL"
                raise Refused(msg)
            channel: Mail | Services = self._mail
            server = self._mail.server
        else:
            channel = self._services
            server = self._services.server(address)
        work = partial(channel.send, address, letter)
        await run_outside(work, within.total_seconds(), self._slots_of(server), server)
        return channel.message_id(letter)

    def _slots_of(self, server: str) -> asyncio.Semaphore:
        slots = self._slots.get(server)
        if slots is None:
            slots = self._slots[server] = asyncio.Semaphore(self._max_connections)
        return slots
