"""Where a rota's calendar leads on to another host: never into the inner network.

The address that is dialled counts, and it is counted where it is dialled, at the socket.
"""

import socket
from typing import Any, Final

import pytest

from activities.channels.outside import Cutoff
from activities.letters import Refused, Unavailable
from activities.web import Target, Web

INNER: Final = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://127.0.0.1:8443/",
    "https://localhost/",
    "https://LOCALHOST./",
    "https://0.0.0.0/",
    "https://0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0.0.1/",
    "https://0177.0.0.1/",
    "https://017700000001/",
    "https://10.0.0.7/",
    "https://10.0.7/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.1.1/admin",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/latest/meta-data/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://224.0.0.251/",
    "https://255.255.255.255/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:0:10.0.0.1]/",
    "https://[64:ff9b::10.0.0.1]/",
    "https://[64:ff9b:1::10.0.0.1]/",
    "https://[2002:a00:1::1]/",
    "https://[2002:c0a8:101::1]/",
    "https://[2001:0:a00:1::1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25lo]/",
    "https://[fd00::1]/",
    "https://[fec0::1]/",
    "https://[ff02::1]/",
    "https://user:password@127.0.0.1/",
    "https://public.example@127.0.0.1/",
    "https://inner.example/",
    "https://mixed.example/",
    "https://nat64.example/",
    "//127.0.0.1/",
]
"""Every way to write an address of the inside that we know of."""
PUBLIC: Final = ["https://93.184.215.14/", "https://[2606:4700::1111]/", "https://public.example/"]
NAMES: Final = {
    "public.example": ["93.184.215.14"],
    "inner.example": ["10.0.0.7"],
    "mixed.example": ["93.184.215.14", "169.254.169.254"],
    "nat64.example": ["64:ff9b::a00:7"],
}


class Dialled(list[str]):
    """The addresses that were dialled; nobody answers at any of them."""


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    """No packet leaves; names mean what `NAMES` says, everything else what the machine says."""
    called, ask = Dialled(), socket.getaddrinfo

    class Telephone(socket.socket):
        def connect(self, address: Any) -> None:
            called.append(str(address[0]))
            raise OSError("nobody answers")

    def found(host: str, port: int, **options: Any) -> list[Any]:
        answers = [ask(each, port, **options) for each in NAMES.get(host, [host])]
        return [each for answer in answers for each in answer]

    monkeypatch.setattr(socket, "socket", Telephone)
    monkeypatch.setattr(socket, "getaddrinfo", found)
    return called


def fetch(location: str) -> None:
    """What happens when the calendar at a public address leads there."""
    first = Target.of("https://rota.example/team.ics", {})
    Web().fetch(first.led_to(location), Cutoff(5))


@pytest.mark.parametrize("location", INNER)
def test_no_inner_address_is_dialled(location: str, dialled: Dialled) -> None:
    """However it is written, by whatever name, translated or not: it is refused before the call."""
    with pytest.raises((Refused, Unavailable)) as stopped:
        fetch(location)

    assert dialled == []
    assert "nobody answers" not in str(stopped.value)


@pytest.mark.parametrize("location", PUBLIC)
def test_public_addresses_are(location: str, dialled: Dialled) -> None:
    """An address of the public internet is dialled: what is refused is refused for what it is."""
    with pytest.raises(Unavailable):
        fetch(location)

    assert len(dialled) == 1


def test_a_name_is_asked_for_once(dialled: Dialled, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that means another address the next time gains nothing: what was looked at is what
    is dialled."""
    answers = iter(["93.184.215.14", "10.0.0.7", "10.0.0.7"])
    ask = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, port, **options: ask(next(answers), port)
    )
    with pytest.raises(Unavailable):
        fetch("https://rebinding.example/")

    assert set(dialled) == {"93.184.215.14"}
