"""`python -m workers.replay`: what `escalade replay` hands over to in a checkout.

Exit codes: 0 nothing is decided otherwise · 1 something is, or cannot be read · 2 wrong input ·
3 Temporal cannot be reached.
"""

import os
import sys
import traceback
from typing import NoReturn

BUG, UNREAD = 70, 141


def main() -> NoReturn:
    """Run the gate, and leave at once: the interpreter's orderly exit can crash."""
    code = BUG
    try:
        code = _run(sys.argv[1:])
        sys.stderr.flush()
    except BrokenPipeError:
        code = UNREAD
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def _run(arguments: list[str]) -> int:
    """Code that cannot even be loaded breaks every case: a finding, and no mistake of the gate."""
    from workers.replay.loading import unloadable

    try:
        from workers.replay import command
    except Exception as error:
        return unloadable(error, as_json="--json" in arguments)
    return command.main(arguments)


if __name__ == "__main__":
    main()
