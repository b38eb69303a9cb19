"""The command `escalade`: what it answers, and how it ends.

Exit codes: 0 done · 1 refused, or a finding · 2 wrong input · 3 Temporal cannot be reached ·
130 interrupted · 141 nobody reads the answer any more · 74 it could not be written · 70 a mistake
of ours.
"""

import errno
import os
import sys
import traceback
from io import StringIO, TextIOWrapper
from typing import Any, Final, NoReturn

from escalations import errors

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
    code = BUG
    try:
        _write_utf8()
        code = run(sys.argv[1:])
        sys.stderr.flush()
    except KeyboardInterrupt:
        code = INTERRUPTED
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def run(arguments: list[str]) -> int:
    """Run one command line; its exit code. What is loaded for it is loaded here, to be quick."""
    from escalations.cli.printer import Unwritten

    try:
        return _run(arguments)
    except BrokenPipeError:
        return UNREAD
    except Unwritten as error:
        sys.stderr.write(f"escalade: the answer could not be written: {error}\n")
        return UNWRITTEN
    except SystemExit:  # click's way with a pipe that broke
        return UNREAD


def _run(arguments: list[str]) -> int:
    import click

    from escalations.cli.commands import escalade
    from escalations.cli.printer import Unwritten

    as_json = "--json" in arguments
    try:
        code = escalade.main(arguments, prog_name="escalade", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return WRONG_INPUT
    except click.ClickException as error:
        if not as_json:
            error.show()
        return failed(as_json, "UsageError", error.format_message(), WRONG_INPUT, said=True)
    except errors.EscaladeError as error:
        return failed(
            as_json, type(error).__name__, str(error), exit_code(error), details_of(error)
        )
    except click.Abort:
        return INTERRUPTED
    except (BrokenPipeError, Unwritten):
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise Unwritten(error.strerror) from error
        traceback.print_exc()
        return failed(as_json, "Bug", f"{type(error).__name__}: {error}", BUG, said=True)
    return code if isinstance(code, int) else 0


def _write_utf8() -> None:
    """Whatever the locale: case titles hold any script. A stream that was closed takes all."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, StringIO())
        elif isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def exit_code(error: errors.EscaladeError) -> int:
    """The one that goes with an error of ours."""
    match error:
        case errors.Unreachable():
            return UNREACHABLE
        case (
            errors.RequestInvalid()
            | errors.PolicyInvalid()
            | errors.MappingInvalid()
            | errors.LogUnreadable()
            | errors.KeysInvalid()
        ):
            return WRONG_INPUT
        case _:
            return 1


def details_of(error: errors.EscaladeError) -> dict[str, Any]:
    """What a program may want to read of an error, field by field."""
    return {
        "problems": [
            {"field": ".".join(map(str, each.place)), "found": each.found, "allowed": each.allowed}
            for each in getattr(error, "problems", [])
        ],
        "findings": [each.model_dump(mode="json") for each in getattr(error, "findings", [])],
    }


def failed(
    as_json: bool,
    kind: str,
    message: str,
    code: int,
    details: dict[str, Any] | None = None,
    *,
    said: bool = False,
) -> int:
    """Say why nothing was done, as a program or a person reads it, the same of every command.

    `said` is what a person has read already. Gives the exit code.
    """
    told = {name: value for name, value in (details or {}).items() if value}
    if as_json:
        from escalations.cli.printer import Printer

        Printer(as_json).document({"error": {"type": kind, "message": message, **told}})
    elif not said:
        by = "" if told.get("findings") else "escalade: "
        sys.stderr.write(f"{by}{message}\n")  # a finding begins with its file and line
    return code
