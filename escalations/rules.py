"""The rules of the engine by number: under which of them a case is decided.

A case keeps the rules under which it was opened, as it keeps its policy: their number is in the
snapshot that its first task takes, so it is in the history, goes along into new runs, and a replay
decides as the first execution did. A rule that is changed asks `case.rules` (docs/deploying.md).

A new rule is taught in one deployment (`KNOWN`) and given to new cases in the next (`GIVEN`): so
each of the two can be taken back while cases are open.
"""

from typing import Final

from escalations.errors import EscaladeError

KNOWN: Final = 1
"""The newest rules that this code can decide by. 1: those of the first release."""

GIVEN: Final = 1
"""The rules that new cases get."""


class RulesUnknown(EscaladeError):
    """The case is decided under newer rules than this code knows. It waits for code that does."""


def check(number: int) -> None:
    """Whether this code can decide under these rules; anybody may read such a case.

    Raises:
        RulesUnknown: it cannot. The case's run waits until a worker has code that can.
    """
    if number > KNOWN:
        msg = (
            f"The case is decided under rules {number}, this code knows {KNOWN}. It waits for a "
            "worker with code that knows them: deploy that (docs/deploying.md)."
        )
        raise RulesUnknown(msg)
