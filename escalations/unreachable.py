"""Why a server cannot be reached, in words, and who can do something about it.

What the transport says of a server that turns a client's certificate away depends on which side is
quicker: an alert, a broken pipe, a call that was cancelled. So a server that hung up is explained
by what it was shown.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

_SERVER: Final = "Check TEMPORAL_ADDRESS, and that the server is up."
_OWN_PAIR: Final = "Mend TEMPORAL_TLS_CLIENT_CERT_… and TEMPORAL_TLS_CLIENT_KEY_…, one pair."
_NEW_PAIR: Final = (
    "Whoever runs the server signs another one for "
    "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH."
)
_SPEAKS_TLS: Final = (
    "If it speaks TLS: set TEMPORAL_TLS=true, or TEMPORAL_TLS_SERVER_CA_CERT_PATH to the "
    "certificate of its authority. Else check TEMPORAL_ADDRESS."
)
_WANTS_PAIR: Final = (
    "It may want a client's certificate: set TEMPORAL_TLS_CLIENT_CERT_PATH and "
    "TEMPORAL_TLS_CLIENT_KEY_PATH; whoever runs the server signs it."
)

_REASONS: Final = {
    "Connection refused": ("connection refused", _SERVER),
    "dns error": ("no such host", _SERVER),
    "invalid target URL": ("not an address", _SERVER),
    "NotValidForName": (
        "its certificate is of another name",
        "Set TEMPORAL_TLS_SERVER_NAME to a name in it; "
        "if there is none that you know, check TEMPORAL_ADDRESS.",
    ),
    "InvalidCertificate(Expired": (
        "its certificate has expired",
        "Whoever runs the server renews it.",
    ),
    "InvalidCertificate": (
        "its certificate is not trusted",
        "Set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of the authority that signed it; "
        "whoever runs the server has that.",
    ),
    "InvalidMessage": (
        "it does not speak TLS",
        "Unset TEMPORAL_TLS…, and TEMPORAL_API_KEY, which turns TLS on; or check TEMPORAL_ADDRESS.",
    ),
    "KeyMismatch": ("the client's certificate and key do not belong together", _OWN_PAIR),
    "NoCertificatesPresented": ("the client's certificate is none in PEM", _OWN_PAIR),
    "PrivateKeyParseError": ("the client's key is none in PEM", _OWN_PAIR),
    "both client cert and private key": (
        "the client's certificate or its key is missing",
        _OWN_PAIR,
    ),
    "Unauthenticated": (
        "the API key or certificate is refused",
        "Check TEMPORAL_API_KEY; whoever runs the server gives out another one.",
    ),
    "PermissionDenied": (
        "permission denied",
        "Whoever runs the server lets this key or certificate into the namespace.",
    ),
}
_HUNG_UP: Final = re.compile(
    r"transport error|received fatal alert|operation was canceled|broken pipe|close_notify"
)
_PLACE_IN_FILE: Final = re.compile(r"TOML parse error at (line \d+, column \d+)")


@dataclass(frozen=True)
class Shown:
    """What a server was shown of who connects."""

    tls: bool
    certificate: bool


def why(error: str, shown: Shown) -> str:
    """What a transport's error means, in parentheses, and a sentence for whoever can mend it."""
    for sign, (words, advice) in _REASONS.items():
        if sign in error:
            return f"({words}). {advice}"
    if _HUNG_UP.search(error):
        if shown.certificate:
            return f"(it hung up on the client's certificate). {_NEW_PAIR}"
        if shown.tls:
            return f"(it hung up). {_WANTS_PAIR}"
        return f"(it hung up). {_SPEAKS_TLS}"
    return f"({error}). {_SERVER}"


def settings_mistake(error: Exception) -> str:
    """What is wrong with Temporal's settings, without any line of their file: a key may be in it.

    Who raises something because of the error says `from None` for the same reason.
    """
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}"
    place = _PLACE_IN_FILE.search(str(error))
    return f"the file of profiles is no such file at {place.group(1)}" if place else str(error)


def stays_here(address: str) -> bool:
    """Whether what is sent to `host:port` leaves this machine."""
    host = address.rpartition(":")[0].strip("[]")
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
