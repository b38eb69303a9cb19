"""What can go wrong, each written for whoever can put it right."""

from typing import Final

ASKED_AHEAD: Final = "Asked ahead of a task: ask again."
"""What a run answers that is asked before it has handled what it was told: `sandbox.InTurn`."""


class EscaladeError(Exception):
    """Something went wrong in Escalade."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or self.__doc__ or "")


class Refused(EscaladeError):
    """The command cannot be carried out as the case stands now."""


class CaseUnknown(EscaladeError):
    """There is no such case. Check its id, the namespace and the address."""


class CaseEnded(EscaladeError):
    """The case has ended. Open it again with `reopen: true` if the problem is back."""


class RequestInvalid(EscaladeError):
    """The request has mistakes; nothing was sent. Mend the fields that are named."""


class PolicyInvalid(EscaladeError):
    """The policy has mistakes. Mend the places that are named and check again."""


class MappingInvalid(EscaladeError):
    """The mapping does not fit its log. Mend the places that are named and try again."""


class LogUnreadable(EscaladeError):
    """The log cannot be read. Check its path, its format and how it is compressed."""


class KeysInvalid(EscaladeError):
    """The file of keys cannot be used. Mend the lines that are named; `escalade keys` writes it."""


class PayloadUnreadable(EscaladeError):
    """A payload cannot be decrypted. Nothing is lost: it can be read again with the right key."""


class Unreachable(EscaladeError):
    """Temporal cannot be reached. Check TEMPORAL_ADDRESS, and that the server is up."""
