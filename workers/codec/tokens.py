"""Who may read: a file with a line each, `<who> <SHA-256 of the token>`; no token stands in it."""

import hashlib
import hmac
import re
import secrets
from pathlib import Path
from typing import Final

from escalations.errors import EscaladeError

_LINE: Final = re.compile(r"(?P<who>\S{1,60})\s+(?P<digest>[0-9a-f]{64})")


class TokensInvalid(EscaladeError):
    """The file of tokens cannot be used. Mend the lines that are named."""


class Tokens:
    """Who may read, and by which token."""

    def __init__(self, digests: dict[str, str]) -> None:
        self._digests = digests

    def owner(self, token: str) -> str | None:
        """Whose token it is; as long for a wrong one as for a right one."""
        given, owner = digest(token), None
        for who, known in self._digests.items():
            if hmac.compare_digest(given, known):
                owner = who
        return owner


def digest(token: str) -> str:
    """What the file has of a token: 256 random bits need no slower hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A new token, to be given to one person."""
    return secrets.token_urlsafe(32)


def read_tokens(file: Path) -> Tokens:
    """The tokens of a file.

    Raises:
        TokensInvalid: it cannot be read, is empty, or lines of it have mistakes; all are named.
    """
    hint = "`python -m workers.codec --token-for WHO` makes a line of it"
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not plain text"
        msg = f"{file}: {reason}; {hint}."
        raise TokensInvalid(msg) from None
    digests: dict[str, str] = {}
    problems = []
    for number, line in enumerate(lines, start=1):
        if not (written := line.partition("#")[0].strip()):
            continue
        if (found := _LINE.fullmatch(written)) is None:
            problems.append(f"{file}, line {number}: allowed: `<who> <SHA-256>`; {hint}")
        elif found["who"] in digests:
            problems.append(f"{file}, line {number}: {found['who']} is there twice")
        else:
            digests[found["who"]] = found["digest"]
    if not digests and not problems:
        problems.append(f"{file}: nobody may read; {hint}")
    if problems:
        raise TokensInvalid("\n".join(["The file of tokens has mistakes.", *problems]))
    return Tokens(digests)
