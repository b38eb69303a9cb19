"""What keeps the tasks of a run apart, so that a replay decides each at its own moment.

The SDK (1.35) takes a task that gave no command, after another such, and an empty one right behind
it for the beating of a heart, and replays both as one, at the later moment. An empty task stands in
the history where a command was refused while something else came. What was said or became due
between the two would be decided at another moment than it was, and by another event: a run that no
replay can follow.
"""

from datetime import datetime
from typing import Final

from temporalio import workflow

MARK: Final = "task"
"""The memo that a silent task takes away, and that was never there."""


class Trace:
    """Sees to it that no moment at which something was heard is silent: one event where it is."""

    def __init__(self) -> None:
        self._gave = False
        self._at: datetime | None = None

    def given(self) -> None:
        """A command was given."""
        self._gave = True

    def leave(self, at: datetime) -> None:
        """A turn of that moment is over: leave a mark if nothing else of it does."""
        if not self._gave and at != self._at:
            workflow.upsert_memo({MARK: None})
        self._at, self._gave = at, False
