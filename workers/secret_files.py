"""Secrets that come as files: a folder in which each file is called as a variable is.

That is how containers are given them (`/run/secrets`, a mounted Secret): what is in the environment
stands in every `inspect`, in the environment of child processes and in crash reports.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

FOLDER: Final = "ESCALADE_SECRETS_FOLDER"
"""Names the folder; a file `ESCALADE_RECORDS_URL` in it is what that variable would be."""


def secret_files(environment: Mapping[str, str], prefix: str) -> tuple[dict[str, str], list[str]]:
    """What the files say of variables that the environment does not set, and what is wrong.

    Other files than those called by the prefix are left alone; the newline at the end of a file is
    not part of what it says.
    """
    written = environment.get(FOLDER)
    if not written:
        return {}, []
    folder = Path(written)
    if not folder.is_dir():
        return {}, [f"{FOLDER}: found {written[:60]!r}; allowed: a folder that exists"]
    said, problems = {}, []
    for file in sorted(folder.glob(f"{prefix}*")):
        if file.name in environment:
            continue
        try:
            said[file.name] = file.read_text(encoding="utf-8").removesuffix("\n")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "not plain text"
            problems.append(f"{file}: {why}; allowed: a file that this process can read")
    return said, problems
