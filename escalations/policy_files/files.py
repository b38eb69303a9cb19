"""Files as text, or what is wrong with them."""

from pathlib import Path
from typing import Final

from escalations.policy_files.findings import Finding

MAX_BYTES: Final = 1_000_000
"""Of one file."""


def text_of(path: Path) -> str | Finding:
    """What stands in a file, or why it cannot be read."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        found = f"no file to read ({error.strerror})"
        return at_top(str(path), found, "a YAML file with a policy")
    if len(content) > MAX_BYTES:
        return at_top(str(path), f"more than {MAX_BYTES} bytes", "a file that is no larger")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start]
        return Finding(
            file=str(path),
            line=before.count(b"\n") + 1,
            column=len(before) - before.rfind(b"\n"),
            key="",
            found=f"the byte 0x{content[error.start]:02X}, which is not UTF-8",
            allowed="text that is saved as UTF-8",
        )


def at_top(file: str, found: str, allowed: str) -> Finding:
    """A finding about a whole file."""
    return Finding(file=file, line=1, column=1, key="", found=found, allowed=allowed)
