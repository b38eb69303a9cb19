"""Which addresses a policy vouches for, and what goes to any other one.

What the workers are handed says who is told, and where: by a policy, by a request, by a calendar.
It does not say which of them, and whoever may reach the server may hand them anything. So what
counts is what the worker reads itself: the policies of its folder. An address that stands there,
word for word, is vouched for; a case that goes by an older revision is told where that said, since
the workers remember what their policies have written. Anything else is held to what a request may
write.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta
from typing import Protocol

from activities.letters import Letter, Refused, Unavailable
from activities.notifications import Channels
from escalations.given_addresses import channel_of
from escalations.policy import Policy


def written_in(policies: Iterable[Policy]) -> frozenset[str]:
    """Every address that these policies write: of people, and of the calendars of their rotas."""
    return frozenset(each for policy in policies for each in _written_in(policy))


def _written_in(policy: Policy) -> Iterator[str]:
    for contact in policy.contacts.values():
        yield from contact.reach
        if contact.rota is not None:
            yield contact.rota.calendar
            yield contact.rota.overrides or contact.rota.calendar
            for colleague in contact.rota.people.values():
                yield from colleague.reach


class Memory(Protocol):
    """What the policies of these workers have written, now or before."""

    async def has_written(self, address: str) -> bool:
        """Whether one of them ever wrote this address."""


class Vouching:
    """Vouches for what the policies of this worker write, and for what they wrote before."""

    def __init__(self, written: Collection[str], memory: Memory) -> None:
        """`written` is what they write now; only for anything else the memory is asked."""
        self._written = written
        self._memory = memory

    async def vouch_for(self, address: str) -> bool:
        """Whether the address is theirs.

        Raises:
            Unavailable: the memory cannot be asked now.
        """
        if address in self._written:
            return True
        try:
            return await self._memory.has_written(address)
        except Exception as error:
            msg = "the records database, which knows the policies' addresses, cannot be read"
            raise Unavailable(msg) from error


class Limited:
    """Channels that go where a policy says, and elsewhere only as a request may."""

    def __init__(
        self, channels: Channels, vouching: Vouching, request_channels: Collection[str]
    ) -> None:
        """`request_channels` are those that an address in a request may be of."""
        self._channels = channels
        self._vouching = vouching
        self._request_channels = request_channels

    async def send(self, written: str, letter: Letter, within: timedelta) -> str:
        """Send it; the id under which it went.

        Raises:
            Refused: no policy vouches for the address, and no request may write it; or as there.
            Unavailable: as there.
        """
        may_be_given = channel_of(written) in self._request_channels
        if not may_be_given and not await self._vouching.vouch_for(written):
            allowed = ", ".join(sorted(self._request_channels))
            msg = (
                f"no policy of these workers writes this address, and others may only be {allowed} "
                "without a secret: whoever opens cases writes such a one, or whoever keeps the "
                "policy makes a contact of it"
            )
            raise Refused(msg)
        return await self._channels.send(written, letter, within)
