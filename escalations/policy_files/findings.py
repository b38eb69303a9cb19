"""What is wrong with a policy file, in the words of whoever writes such files."""

from typing import Annotated, Final

from pydantic import AfterValidator, Field

from escalations.errors import PolicyInvalid
from escalations.model import Value

MISSING: Final = "nothing"
"""What was found where a key has to be and is not."""


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


Printable = Annotated[str, AfterValidator(_printable)]
"""One line; what would start another, or turn its direction, is escaped."""


class Finding(Value):
    """One mistake: where it stands, what was found there and what is allowed."""

    file: str
    line: int = Field(ge=1)
    """The line of the key or list item; of what it should stand in, if it is missing."""
    column: int = Field(ge=1)
    key: Printable
    """The way to it from the top, list items by number from 1: `levels.#3.contact`; may be ""."""
    found: Printable
    allowed: Printable

    def __str__(self) -> str:
        """One line: `matrix.yaml:12: levels.#3.contact: found 'boss'; allowed: …`."""
        said = f"found {self.found}; allowed: {self.allowed}"
        if self.found == MISSING and self.key:
            said = f"`{self.key.rpartition('.')[2]}` is missing: {self.allowed}"
        return ": ".join(filter(None, [f"{self.file}:{self.line}", self.key, said]))


class PolicyError(PolicyInvalid):
    """The mistakes of one or more policy files, all of them, by file and line."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = findings


def shown(value: object) -> str:
    """A value as a reader knows it from the file: `the text 'boss'`, `the number 30`, `a list`."""
    match value:
        case None:
            return "an empty value"
        case bool():
            return f"the yes-or-no value {str(value).lower()}"
        case int() | float():
            return f"the number {_short(str(value))}"
        case str():
            return repr(_short(value))
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            keys = _short(", ".join(map(str, value)))
            return f"a block of keys ({keys})" if value else "an empty block"
        case _:
            return f"the date {value}"


def key_path(place: tuple[str | int, ...]) -> str:
    """`("levels", 2, "contact")` → `levels.#3.contact`."""
    return ".".join(
        f"#{part + 1}" if isinstance(part, int) else _short(part) or "''" for part in place
    )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
