"""The command `escalade`: what it answers, and how it ends.

Exit codes: 0 done · 1 refused, or a finding · 2 wrong input · 3 Temporal cannot be reached ·
130 interrupted · 141 nobody reads any more.
"""

import json
import os
import sys
import traceback
from io import TextIOWrapper
from typing import Any, Final, NoReturn

import click

from escalations import errors
from escalations.cli.commands import escalade

WRONG_INPUT: Final = 2
UNREACHABLE: Final = 3
BUG: Final = 70
UNWRITTEN: Final = 74
INTERRUPTED: Final = 130
UNREAD: Final = 141


def main() -> NoReturn:
    """Run the command line, and leave at once.

    The interpreter's orderly exit is passed over: with temporalio's threads it crashes in one run
    of ten (sdk-python #300), and the exit code would be the crash's.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        code = UNREAD
    except OSError as error:
        code = UNWRITTEN
        sys.stderr.write(f"escalade: the answer could not be written: {error.strerror}\n")
    try:
        sys.stderr.flush()
    finally:
        os._exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; its exit code."""
    as_json = "--json" in arguments
    try:
        code = escalade.main(arguments, prog_name="escalade", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_INPUT
    except click.ClickException as error:
        if not as_json:
            error.show()
        return _fail(as_json, "UsageError", error.format_message(), WRONG_INPUT, said=True)
    except errors.EscaladeError as error:
        return _fail(as_json, type(error).__name__, str(error), _code(error), _details(error))
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return UNREAD
    except Exception as error:
        traceback.print_exc()
        return _fail(as_json, "Bug", f"{type(error).__name__}: {error}", BUG, said=True)
    return code if isinstance(code, int) else 0


def _code(error: errors.EscaladeError) -> int:
    match error:
        case errors.Unreachable():
            return UNREACHABLE
        case errors.RequestInvalid() | errors.PolicyInvalid():
            return WRONG_INPUT
        case _:
            return 1


def _details(error: errors.EscaladeError) -> dict[str, Any]:
    """What a program may want to read of an error, field by field."""
    problems = getattr(error, "problems", [])
    findings = getattr(error, "findings", [])
    return {
        "problems": [
            {"field": ".".join(map(str, each.place)), "found": each.found, "allowed": each.allowed}
            for each in problems
        ],
        "findings": [each.model_dump(mode="json") for each in findings],
    }


def _fail(
    as_json: bool,
    kind: str,
    message: str,
    code: int,
    details: dict[str, Any] | None = None,
    *,
    said: bool = False,
) -> int:
    if as_json:
        told = {name: value for name, value in (details or {}).items() if value}
        document = {"error": {"type": kind, "message": message, **told}}
        sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
    elif not said:
        sys.stderr.write(f"escalade: {message}\n")
    return code
