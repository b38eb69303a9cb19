"""Why a calendar cannot be read, said to whoever can mend it."""

from typing import Final

from escalations.errors import EscaladeError
from escalations.model import printable

_MAX_REASON: Final = 300


class CalendarUnreadable(EscaladeError):
    """The calendar is not understood, now or later. Whoever keeps it exports it anew."""

    def __init__(self, reason: str) -> None:
        super().__init__(printable(reason, _MAX_REASON))


class CalendarCutShort(CalendarUnreadable):
    """The calendar ends before its end. It may be whole when it is read again."""
