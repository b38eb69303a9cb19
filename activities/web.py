"""A file from the web, with limits: of size, of time, and of where it may lead.

The standard library does it, since it hands over the connection before anything is sent: where it
leads can be checked, and it can be cut off. `requests`, which comes with Apprise, does neither; it
would also send the passwords of the machine's `.netrc`.
"""

import socket
import ssl
from base64 import b64encode
from collections.abc import Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPResponse
from ipaddress import IPv6Address, IPv6Network, ip_address
from typing import Final, Self
from urllib.parse import quote, unquote, urljoin, urlsplit

from activities.channels.outside import Cutoff
from activities.channels.secrets import fill_in
from activities.letters import Refused, Unavailable
from escalations.rota_calendars.reading import MAX_BYTES

MAX_REDIRECTS: Final = 3

_PORTS: Final = {"https": 443, "http": 80}
_SAFE: Final = "/%?&=:;@+$,!~*'()"
_GLITCHES: Final = (408, 425, 429)
_UNICAST: Final = IPv6Network("2000::/3")
"""All of IPv6 that is given out; `is_global` is true of ranges beyond it, too, such as NAT64's."""
_TRANSLATED: Final = (
    IPv6Network("2001::/23"),  # Teredo, and what else is special
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("3fff::/20"),  # documentation
)
_MEND: Final = "whoever wrote the policy checks the address"


@dataclass(frozen=True, slots=True)
class Target:
    """Where one request goes."""

    scheme: str
    host: str
    port: int
    path: str = field(repr=False)
    login: str | None = field(default=None, repr=False)
    is_elsewhere: bool = False
    """On a host that the policy did not name: it must not be one of the inner network."""

    @classmethod
    def of(cls, written: str, secrets: Mapping[str, str]) -> Self:
        """An address as a policy writes it; each of its parts has its own secrets filled in.

        Raises:
            Refused: a secret has no value; it says which.
        """
        parts = urlsplit(written)
        login = None
        if parts.username is not None:
            pair = [
                _filled(unquote(each or ""), secrets) for each in (parts.username, parts.password)
            ]
            login = "Basic " + b64encode(":".join(pair).encode()).decode()
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            scheme="https" if parts.scheme == "webcal" else parts.scheme,
            host=_filled(parts.hostname or "", secrets),
            port=parts.port or _PORTS.get(parts.scheme, 443),
            path=quote(_filled(f"{parts.path or '/'}{query}", secrets), safe=_SAFE),
            login=login,
        )

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def led_to(self, location: str) -> "Target":
        """Where a redirect leads: on the same host, or to another one by https and no login.

        Raises:
            Refused: it may not be followed.
        """
        try:
            parts = urlsplit(urljoin(f"{self.scheme}://{self.netloc}{self.path}", location))
            scheme, host, port = parts.scheme, parts.hostname or "", parts.port
        except ValueError:
            raise Refused(f"it leads to an address that is none: {_MEND}") from None
        stays = (scheme, host, port or _PORTS.get(scheme)) == (self.scheme, self.host, self.port)
        if not stays and (scheme != "https" or not host):
            msg = f"it leads on to {scheme}://{host}, and only https is followed: {_MEND}"
            raise Refused(msg)
        query = f"?{parts.query}" if parts.query else ""
        return Target(
            scheme=scheme,
            host=host,
            port=port or _PORTS[scheme],
            path=quote(f"{parts.path or '/'}{query}", safe=_SAFE),
            login=self.login if stays else None,
            is_elsewhere=self.is_elsewhere or not stays,
        )


class Web:
    """Fetches files."""

    def __init__(self, trust: ssl.SSLContext | None = None) -> None:
        """`trust` is whose certificates are believed; those of the machine's if absent."""
        self._trust = trust or ssl.create_default_context()

    def fetch(self, target: Target, cutoff: Cutoff) -> bytes:
        """The file, whole.

        Raises:
            Refused: it is not there, too large, or leads where it may not; a retry does not help.
            Unavailable: it could not be had now.
        """
        for _ in range(MAX_REDIRECTS + 1):
            try:
                answer = self._ask(target, cutoff)
            except ssl.SSLCertVerificationError as error:
                msg = f"its certificate is not believed ({error.verify_message}): {_MEND}"
                raise Refused(msg) from error
            except TimeoutError as error:
                raise Unavailable(f"{target.host} did not answer in time") from error
            except (OSError, HTTPException) as error:
                said = (
                    "does not answer as a web server"
                    if isinstance(error, HTTPException)
                    else (error.strerror or "does not answer")
                )
                raise Unavailable(f"{target.host}: {said}") from error
            if isinstance(answer, bytes):
                return answer
            target = answer
        raise Refused(f"it leads on more than {MAX_REDIRECTS} times: {_MEND}")

    def _ask(self, target: Target, cutoff: Cutoff) -> "bytes | Target":
        with closing(self._connected(target, cutoff)) as wire:
            connection = HTTPConnection(target.host, target.port)
            connection.sock = wire
            headers = {
                "Host": target.netloc,
                "Accept": "text/calendar, */*;q=0.5",
                "Accept-Encoding": "identity",
                "Connection": "close",
                # Without one Google answers with a web page now and then.
                "User-Agent": "Escalade",
            }
            if target.login is not None:
                headers["Authorization"] = target.login
            connection.request("GET", target.path, headers=headers)
            with closing(connection.getresponse()) as response:
                location = response.headers.get("Location")
                if response.status in (301, 302, 303, 307, 308) and location:
                    return target.led_to(location)
                if response.status != HTTPStatus.OK:
                    raise _failure(response.status)
                return _body(response, wire, cutoff)

    def _connected(self, target: Target, cutoff: Cutoff) -> socket.socket:
        try:
            found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        except UnicodeError:
            raise Refused(f"{target.host!r} is no host: {_MEND}") from None
        if target.is_elsewhere and not all(_is_public(str(each[4][0])) for each in found):
            msg = f"it leads on to {target.host}, which is not on the public internet: {_MEND}"
            raise Refused(msg)
        problem: OSError = OSError("no address")
        for family, kind, protocol, _, address in found:
            wire = socket.socket(family, kind, protocol)
            try:
                wire.settimeout(cutoff.seconds_left)
                cutoff.closes(_hang_up(wire))
                wire.connect(address)
                if target.scheme == "https":
                    wire = self._trust.wrap_socket(
                        wire, server_hostname=target.host, do_handshake_on_connect=False
                    )
                    cutoff.closes(_hang_up(wire))
                    wire.do_handshake()
            except OSError as error:
                wire.close()
                problem = error
            except BaseException:
                wire.close()
                raise
            else:
                return wire
        raise problem


class _HangUp:
    def __init__(self, wire: socket.socket) -> None:
        self._wire = wire

    def __call__(self) -> None:
        with suppress(OSError):
            self._wire.shutdown(socket.SHUT_RDWR)


def _hang_up(wire: socket.socket) -> _HangUp:
    return _HangUp(wire)


def _body(response: HTTPResponse, wire: socket.socket, cutoff: Cutoff) -> bytes:
    too_large = f"it is larger than {MAX_BYTES // 1_000_000} MB: whoever keeps it exports less"
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise Refused(
            "it is compressed, which nobody asked for: whoever runs its server mends that"
        )
    if response.length is not None and response.length > MAX_BYTES:
        raise Refused(too_large)
    body = bytearray()
    while True:
        wire.settimeout(cutoff.seconds_left)
        chunk = response.read1(65_536)
        if not chunk:
            break
        body += chunk
        if len(body) > MAX_BYTES:
            raise Refused(too_large)
    if response.length:
        raise Unavailable("its server hung up before the end")
    return bytes(body)


def _failure(status: int) -> Refused | Unavailable:
    try:
        words = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        words = str(status)
    if status >= 500 or status in _GLITCHES:
        return Unavailable(f"its server answers {words}: whoever runs that mends it")
    if status in (401, 403):
        return Refused(f"its server answers {words}: whoever wrote the policy checks its secrets")
    return Refused(f"its server answers {words}: {_MEND}")


def _is_public(address: str) -> bool:
    """Whether it is of the public internet; what may stand for an inner IPv4 address is not."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is None and (found not in _UNICAST or _is_among(found, _TRANSLATED)):
            return False
        found = found.ipv4_mapped or found
    return found.is_global and not found.is_multicast


def _is_among(found: IPv6Address, networks: tuple[IPv6Network, ...]) -> bool:
    return any(found in each for each in networks)


def _filled(written: str, secrets: Mapping[str, str]) -> str:
    return fill_in(written, secrets).filled_in
