"""What the gate says of a run: the differences between what was decided and what is decided now.

Three kinds, from bad to harmless. A case that `stops` fails its next task and waits for other code.
One that is `decided` otherwise goes on as another one than it was: somebody else is told, something
else is due. Of one with other `words` only, what people read is written otherwise.
"""

from enum import StrEnum
from typing import Final

from pydantic import Field

from escalations.model import Instant, Value

MAX_DETAILS: Final = 5


class Kind(StrEnum):
    """What a difference means for a case."""

    STOPS = "stops"
    DECIDED = "decided"
    WORDS = "words"


class Detail(Value):
    """A field that is filled otherwise."""

    place: str
    then: str
    now: str


class Difference(Value):
    """One thing that is decided otherwise."""

    kind: Kind
    at: Instant | None = None
    """The moment it was decided, on the case's clock."""
    event: int | None = None
    """The number of the event that keeps what was decided then; of the last one before, where
    nothing was."""
    came: list[str] = []
    """What came, in words, to that task."""
    then: str
    now: str
    what: str = ""
    """What kind of thing: a timer, a message …; what alike differences have in common."""
    details: list[Detail] = []
    """The first few fields that are filled otherwise; none where another thing was decided."""


class Verdict(Value):
    """What the code of now makes of one run."""

    name: str
    """What people call it: the case's id, or the file it was read from."""
    workflow_id: str = ""
    run_id: str = ""
    workflow: str = ""
    open: bool = False
    """Whether the run goes on."""
    events: int = 0
    differences: list[Difference] = Field(default=[], max_length=MAX_DETAILS)
    """The first few; none if all is decided the same."""
    unread: str = ""
    """Why nothing can be said; empty if something can."""

    @property
    def worst(self) -> Difference | None:
        """The first one of the worst kind."""
        return min(self.differences, key=badness, default=None)


def badness(difference: Difference) -> int:
    """0 is the worst."""
    return list(Kind).index(difference.kind)
