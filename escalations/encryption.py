"""Payload encryption: what cases say is read only with a key that the Temporal server never has.

AES-256-GCM (NIST SP 800-38D) with a random nonce of 96 bits a payload; the key's id is
authenticated with it. One key can encrypt 2**32 payloads; add a new one long before that.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from os import urandom
from pathlib import Path
from typing import Final

from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

from escalations.errors import KeysInvalid, PayloadUnreadable

ENCODING: Final = b"binary/encrypted"
KEY_ID: Final = "encryption-key-id"
SEARCH: Final = "search"
"""The id of the key that names customers in search attributes. It is never rotated: who was found
under the old name would not be found any more."""

FORM: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")
"""What the id of a key looks like."""

_BYTES: Final = 32
_NONCE: Final = 12


class Keys:
    """The keys, the active one first. Neither their `repr` nor any error shows one."""

    def __init__(self, keys: Mapping[str, bytes], search: bytes) -> None:
        self._keys, self._search = dict(keys), search

    @property
    def active(self) -> str:
        """The id of the key that encrypts."""
        return next(iter(self._keys))

    @property
    def ids(self) -> list[str]:
        """The ids of all keys that decrypt, the active one first."""
        return list(self._keys)

    def __getitem__(self, key_id: str) -> bytes:
        """The key of that id."""
        return self._keys[key_id]

    def search_name(self, customer: str) -> str:
        """What a customer is called in search attributes: always the same, and tells nothing."""
        digest = hmac.new(self._search, customer.encode(), hashlib.sha256).digest()
        return base64.b32encode(digest[:20]).decode().lower()


def search_name(codec: PayloadCodec | None, customer: str) -> str:
    """What a customer is called in search attributes: by its own id where nothing is encrypted."""
    return codec.keys.search_name(customer) if isinstance(codec, Encryption) else customer


def address_name(keys: Keys, address: str) -> str:
    """What an address is called in the delivery ledger: always the same, and tells nothing.

    No customer's id has a line break in it, so that no customer is called like an address.
    """
    return keys.search_name(f"address\n{address}")


def read_keys(file: Path) -> Keys:
    """The keys of a file: a line each, `<id> <32 bytes in base64>`, the active one first.

    Raises:
        KeysInvalid: the file cannot be read, or lines of it have mistakes; all of them are named.
    """
    try:
        lines = file.read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not plain text"
        msg = f"{file}: {reason}. `escalade keys new {file}` makes one."
        raise KeysInvalid(msg) from None
    keys: dict[str, bytes] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if not (words := line.partition("#")[0].split()):
            continue
        if problem := _problem(words, keys):
            problems.append(f"{file}, line {number}: {problem}")
        else:
            keys[words[0]] = base64.b64decode(words[1])
    search = keys.pop(SEARCH, None)
    if search is None and not problems:
        problems.append(f"{file}: has no key `{SEARCH}`, which names customers in searches")
    if not keys and not problems:
        problems.append(f"{file}: has no key to encrypt with")
    if problems or search is None:
        msg = "\n".join(["The file of keys has mistakes.", *problems])
        raise KeysInvalid(msg)
    return Keys(keys, search)


def _problem(words: list[str], known: Mapping[str, bytes]) -> str | None:
    allowed = "allowed: `<id> <32 bytes in base64>`"
    if len(words) != 2:
        return f"found {len(words)} words; {allowed}"
    if FORM.fullmatch(words[0]) is None:
        return "the id: found something else; allowed: 1 to 40 of letters, digits, '.', '_', '-'"
    if words[0] in known:
        return f"the id {words[0]} is there twice"
    try:
        length = len(base64.b64decode(words[1], validate=True))
    except binascii.Error:
        return f"the key {words[0]} is no base64; {allowed}"
    return None if length == _BYTES else f"the key {words[0]} has {length} bytes; {allowed}"


def new_id() -> str:
    """An id for a key: today's date, and letters by chance.

    Two keys under one id would be taken for each other; two machines may make theirs on one day.
    """
    return f"{datetime.now(UTC):%Y-%m-%d}-{urandom(2).hex()}"


def new_file(key_id: str) -> str:
    """A new file of keys."""
    return f"{_HEAD}{_line(key_id)}{_line(SEARCH)}"


def with_another(written: str, key_id: str) -> str:
    """A file of keys with one more, which decrypts only."""
    return f"{written.rstrip()}\n{_line(key_id)}"


def with_active(written: str, key_id: str) -> str:
    """A file of keys with that one as the one that encrypts."""
    lines = written.splitlines(keepends=True)
    mine = next(line for line in lines if line.split()[:1] == [key_id])
    first = next(n for n, line in enumerate(lines) if line.partition("#")[0].strip())
    rest = [line for line in lines[first:] if line is not mine]
    return "".join([*lines[:first], mine, *rest])


_HEAD: Final = f"""\
# Escalade's payload keys: the first one encrypts, all of them decrypt. Keep a copy where the
# database's copies are not: without them no case can be read. `{SEARCH}` must never change.
"""


def _line(key_id: str) -> str:
    return f"{key_id} {base64.b64encode(urandom(_BYTES)).decode()}\n"


def check_in_plain(payloads: Sequence[Payload]) -> None:
    """What is read without a codec has to be in plain.

    Raises:
        PayloadUnreadable: one is encrypted.
    """
    for payload in payloads:
        if payload.metadata.get("encoding") == ENCODING:
            key_id = payload.metadata.get(KEY_ID, b"").decode(errors="replace")
            msg = f"It is encrypted with the key {key_id!r}: set ESCALADE_ENCRYPTION_KEYS_FILE."
            raise PayloadUnreadable(msg)


class Encryption(PayloadCodec):
    """Encrypts with the active key, decrypts with any; what was never encrypted passes.

    That last makes it possible to switch encryption on under open cases: what they said before
    stays as it was.
    """

    def __init__(self, keys: Keys) -> None:
        """Encrypt with these keys.

        Raises:
            KeysInvalid: the library `cryptography` is not installed.
        """
        try:
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError:
            msg = "Encryption needs a library: pip install 'escalade[encryption]'."
            raise KeysInvalid(msg) from None
        self.keys = keys
        self._ciphers = {key_id: AESGCM(keys[key_id]) for key_id in keys.ids}

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypted with the active key."""
        return [self._encrypted(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """As they were before they were encrypted.

        Raises:
            PayloadUnreadable: the key is not there, or the payload was damaged or tampered with.
        """
        return [self._decrypted(payload) for payload in payloads]

    def _encrypted(self, payload: Payload) -> Payload:
        key_id = self.keys.active.encode()
        nonce = urandom(_NONCE)
        plain = payload.SerializeToString()
        sealed = self._ciphers[self.keys.active].encrypt(nonce, plain, key_id)
        return Payload(metadata={"encoding": ENCODING, KEY_ID: key_id}, data=nonce + sealed)

    def _decrypted(self, payload: Payload) -> Payload:
        if payload.metadata.get("encoding") != ENCODING:
            return payload
        from cryptography.exceptions import InvalidTag

        written = payload.metadata.get(KEY_ID, b"")
        key_id = written.decode(errors="replace")
        if (cipher := self._ciphers.get(key_id)) is None:
            msg = (
                f"It is encrypted with the key {key_id!r}, and the file of keys has "
                f"{', '.join(self.keys.ids)}. Put that key back, below the active one."
            )
            raise PayloadUnreadable(msg)
        try:
            plain = cipher.decrypt(payload.data[:_NONCE], payload.data[_NONCE:], written)
        except (InvalidTag, ValueError):
            msg = f"It does not fit the key {key_id!r}: the payload was damaged or tampered with."
            raise PayloadUnreadable(msg) from None
        return Payload.FromString(plain)
