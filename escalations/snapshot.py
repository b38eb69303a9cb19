"""The policy as a case keeps it: what the file said on the day the case opened, in full.

Later edits of the file, other holiday tables and other defaults leave a running case alone: all
defaults are written out and all holidays are in it.
"""

import json
from hashlib import sha256
from typing import Annotated, Final

from pydantic import Field

from escalations.calendars import CalendarSnapshot, expand
from escalations.model import Name, Value
from escalations.policy import Policy
from escalations.rules import GIVEN

_YEARS_BEFORE: Final = 2
_YEARS_AFTER: Final = 5


class Snapshot(Value):
    """A policy, its revision, and the calendars that it uses."""

    policy: Policy
    revision: Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
    """See `revision`."""
    calendars: dict[Name, CalendarSnapshot]
    """Name → opening hours with the holidays of the years around the opening."""
    rules: Annotated[int, Field(ge=1)] = 1
    """The rules of the engine under which the case is decided, by number: see `rules`."""

    @property
    def reference(self) -> str:
        """Name and revision: `call-centre@3f2a9c1b`."""
        return f"{self.policy.policy}@{self.revision}"


def take(policy: Policy, year: int) -> Snapshot:
    """The policy as a case keeps it that opens in that year."""
    years = range(year - _YEARS_BEFORE, year + _YEARS_AFTER + 1)
    return Snapshot(
        policy=policy,
        revision=revision(policy),
        calendars={
            name: expand(calendar, policy.timezone, years)
            for name, calendar in policy.calendars.items()
            if name in _used(policy)
        },
        rules=GIVEN,
    )


def revision(policy: Policy) -> str:
    """Eight hex digits that tell what a policy means, however its file is written.

    The order of keys, comments, and defaults that are written out do not count; the order of levels
    does, and so does the order of triggers, in which one reply that raises several is worked off.
    """
    meaning = policy.model_dump(mode="json", exclude_none=True)
    meaning["triggers"] = list(meaning["triggers"].items())
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:8]


def _used(policy: Policy) -> set[str]:
    """The calendars on which this policy counts time."""
    cells = [cell for category in policy.categories.values() for cell in category.levels.values()]
    rules = [*policy.levels, *cells, policy.customer, policy.retrospective]
    return {rule.calendar for rule in rules if rule is not None and rule.calendar is not None}
