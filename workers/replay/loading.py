"""A checkout whose code cannot be loaded: said in words, with the place."""

import json
import sys
import traceback
from pathlib import Path

FINDING = 1
SIGN = "this checkout's code cannot be loaded"


def told(error: Exception) -> str:
    """What keeps the code from being loaded, on one line."""
    if isinstance(error, SyntaxError) and error.filename:
        file, line, said = error.filename, error.lineno, error.msg
    else:
        last = traceback.extract_tb(error.__traceback__)[-1]
        file, line, said = last.filename, last.lineno, str(error)
    return (
        f"{SIGN}, so that no case could go on: {type(error).__name__}: {said} "
        f"({'/'.join(Path(file).parts[-2:])}:{line}). Mend it; if a module is missing, run this "
        "with the checkout's own environment (make env)."
    )


def unloadable(error: Exception, *, as_json: bool) -> int:
    """Say it; the exit code."""
    if as_json:
        answer = {"error": {"type": "Unloadable", "message": told(error)}}
        sys.stdout.write(json.dumps(answer) + "\n")
    else:
        sys.stderr.write(f"escalade: {told(error)}\n")
    return FINDING
