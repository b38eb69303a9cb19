"""Addresses that come in with a request: on channels that the workers allow, and never a secret.

A policy is reviewed like code and may name any channel; whoever opens a case may not. Else they
could have the worker speak to an inner address, or send them the secrets of its channels.
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

from escalations.references import Place, Problem
from escalations.request import EscalationRequest

MAIL: Final = "mailto"
"""Mail by the workers' own server; `mailto://` is mail by one that the address itself names."""

_CHANNEL: Final = re.compile(r"([a-z][a-z0-9+.\-]*)://[^\s?]+")
_SECRET: Final = "${"  # noqa: S105  how one is written, not one


def channel_of(address: str) -> str | None:
    """The channel of an address as a request may write one; none of one that it may not.

    Without `?…`: options lead some channels to files of the worker, and others elsewhere.
    """
    if _SECRET in address:
        return None
    if address.startswith(f"{MAIL}:") and not address.startswith(f"{MAIL}://"):
        return MAIL
    written = _CHANNEL.fullmatch(address)
    return written[1] if written and written[1] != MAIL else None


def problems(request: EscalationRequest, channels: Collection[str] | None) -> list[Problem]:
    """What is wrong with the addresses of a request: all of them, without the addresses themselves.

    `None` is whoever does not know what the workers allow: then secrets alone are looked for.
    """
    return [
        problem
        for place, address in _written(request)
        if (problem := _problem(place, address, channels)) is not None
    ]


def _written(request: EscalationRequest) -> Iterator[tuple[Place, str]]:
    for n, address in enumerate(request.customer.contacts):
        yield ("customer", "contacts", n), address
    for role, person in request.team.items():
        for n, address in enumerate(person.reach):
            yield ("team", role, "reach", n), address


def _problem(place: Place, address: str, channels: Collection[str] | None) -> Problem | None:
    if _SECRET in address:
        return Problem(
            place,
            "${…}",
            "an address without a secret: write `mailto:name@example.com`, or let whoever keeps "
            "the policy make a contact of it",
        )
    if channels is None or channel_of(address) in channels:
        return None
    scheme = address.partition(":")[0]
    return Problem(
        place,
        f"{scheme}://…" if "://" in address else f"{scheme}:…",
        f"{', '.join(sorted(channels))}, and no `?…`: write such an address, let whoever keeps the "
        "policy make a contact of this one, or whoever runs the workers allow its channel "
        "(ESCALADE_REQUEST_CHANNELS)",
    )
