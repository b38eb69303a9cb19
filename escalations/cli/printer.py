"""How a command answers: for a reader, or as one JSON document."""

import json
import os
import sys
from collections.abc import Iterable
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

UNWRAPPED: Final = 100_000
"""The width of what is no terminal: nothing is wrapped or cut there."""


class Unwritten(Exception):
    """The answer could not be written."""


def write(text: str) -> None:
    """Write to standard output, at once.

    Raises:
        BrokenPipeError: whoever read it has gone.
        Unwritten: there is no room, or whatever else the system says.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Unwritten(error.strerror) from error


class Printer:
    """Standard output: the answer and nothing else."""

    def __init__(self, as_json: bool) -> None:
        self.as_json = as_json

    @property
    def on_terminal(self) -> bool:
        """Whether a person looks at it as it comes."""
        return sys.stdout.isatty() and not self.as_json

    def document(self, answer: Any) -> None:
        """One JSON document."""
        write(json.dumps(answer, ensure_ascii=False, indent=2) + "\n")

    def text(self, lines: Iterable[str]) -> None:
        """Lines as they are."""
        write("".join(f"{line}\n" for line in lines))

    def lines(self, lines: Iterable["Text | str"]) -> None:
        """Lines for a reader; in colour on a terminal, if `NO_COLOR` is not set."""
        from rich.text import Text

        page = StringIO()
        console = self.console(page)
        for line in lines:
            console.print(Text(line) if isinstance(line, str) else line, soft_wrap=True, crop=False)
        write(page.getvalue())

    def console(self, file: StringIO | None = None) -> "Console":
        """Rich's view of standard output; nobody's words are taken for markup or emoji codes."""
        from rich.console import Console

        return Console(
            file=file,
            force_terminal=True if self.on_terminal else None,
            width=None if self.on_terminal else UNWRAPPED,
            markup=False,
            emoji=False,
            highlight=False,
            legacy_windows=False,
        )

    @property
    def width(self) -> int:
        """The columns there are to write in."""
        if not self.on_terminal:
            return UNWRAPPED
        try:
            columns = os.get_terminal_size(sys.stdout.fileno()).columns
        except OSError:
            columns = 0
        return max(20, columns or 80)


def hint(text: str) -> None:
    """Something beside the answer: on standard error."""
    sys.stderr.write(f"{text}\n")
