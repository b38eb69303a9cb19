"""`python -m workers.replay.hand`: a process that replays what it is told, a JSON line each.

First it is told the server, then job after job; it answers `"ready"`, then a verdict a
job. A process of its own, since replaying is work for one core, and a broken checkout may end it.
"""

import asyncio
import logging
import os
import sys
import traceback


def main() -> None:
    """Work; whatever the code of the checkout prints goes nowhere near the answers."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    logging.disable()
    try:
        from workers.replay.working import Hand, silence
    except Exception as error:
        from workers.replay.loading import told

        sys.stderr.write(f"{told(error)}\n")
        sys.stderr.flush()
        os._exit(1)
    try:
        silence()
        asyncio.run(Hand(answers).work())
        answers.flush()
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(0)  # the interpreter's orderly exit can crash with temporalio's threads


if __name__ == "__main__":
    main()
