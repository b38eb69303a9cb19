"""A checkout whose code cannot be loaded: said in words, with the place."""

import json
import sys
import traceback
from pathlib import Path

FINDING = 1


def unloadable(error: Exception, *, as_json: bool) -> int:
    """Say what keeps the code from being loaded; the exit code."""
    if isinstance(error, SyntaxError) and error.filename:
        file, line = error.filename, error.lineno
    else:
        last = traceback.extract_tb(error.__traceback__)[-1]
        file, line = last.filename, last.lineno
    said = error.msg if isinstance(error, SyntaxError) else error
    message = (
        "this checkout's code cannot be loaded, so that no case could go on: "
        f"{type(error).__name__}: {said} ({'/'.join(Path(file).parts[-2:])}:{line}). Mend it; if a "
        "module is missing, run this with the checkout's own environment (make env)."
    )
    if as_json:
        sys.stdout.write(json.dumps({"error": {"type": "Unloadable", "message": message}}) + "\n")
    else:
        sys.stderr.write(f"escalade: {message}\n")
    return FINDING
