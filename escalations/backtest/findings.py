"""What a log has that cannot be used as it is: counted by reason, with the first lines of each."""

from typing import Final

from escalations.model import Value, printable

_LINES: Final = 5
_REASONS: Final = 100
_OTHER: Final = "other reasons, which are too many to list"


class Found(Value):
    """One reason: how many rows it hit, and the first of their line numbers."""

    reason: str
    rows: int
    lines: list[int]


class Findings:
    """Rows by reason; its size does not grow with the log."""

    def __init__(self) -> None:
        self._rows: dict[str, int] = {}
        self._lines: dict[str, list[int]] = {}

    def add(self, reason: str, line: int) -> None:
        """One row more for this reason."""
        if reason not in self._rows:
            reason = printable(reason, 200) if len(self._rows) < _REASONS else _OTHER
        self._rows[reason] = self._rows.get(reason, 0) + 1
        lines = self._lines.setdefault(reason, [])
        if len(lines) < _LINES:
            lines.append(line)

    @property
    def total(self) -> int:
        """How many rows there are in all."""
        return sum(self._rows.values())

    def found(self) -> list[Found]:
        """The reasons, the one that hit most rows first."""
        return [
            Found(reason=reason, rows=rows, lines=self._lines[reason])
            for reason, rows in sorted(self._rows.items(), key=lambda each: (-each[1], each[0]))
        ]
