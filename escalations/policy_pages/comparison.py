"""What changes from one policy to another, for whom, and what stays as it was."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from escalations.policy import Policy
from escalations.policy_pages.changes import cells, ladders, people, rules, singles, written
from escalations.policy_pages.changes.matching import renamed, renames
from escalations.policy_pages.changes.model import Change, Pair
from escalations.snapshot import revision

Finder = Callable[[Pair], Iterator[Change]]

FINDERS: Final[dict[str, tuple[Finder, ...]]] = {
    "levels": (ladders.ladder_changes, cells.cell_changes),
    "categories": (ladders.category_changes,),
    "triggers": (rules.trigger_changes,),
    "priorities": (rules.priority_changes,),
    "promises and rules": (rules.promise_changes, singles.single_changes),
    "holds": (rules.hold_changes,),
    "stakeholders": (rules.stakeholder_changes,),
    "contacts": (people.contact_changes,),
    "calendars": (people.calendar_changes,),
    "articles": (rules.article_changes,),
}
"""Part of a policy → what finds its changes."""


@dataclass(frozen=True)
class Comparison:
    """Two policies, and what is different between them."""

    before: str
    after: str
    """Name and revision: `call-centre@3f2a9c1b`."""
    found: dict[str, list[Change]]
    """Part of the policy → its changes; `names` and `writing` are parts too."""

    @property
    def changes(self) -> list[Change]:
        """All of them."""
        return [change for changes in self.found.values() for change in changes]

    @property
    def equal(self) -> list[str]:
        """The parts in which nothing changes."""
        return [part for part in FINDERS if not self.found[part]]


def compare(before: Policy, after: Policy, years: range) -> Comparison:
    """What changes from the one to the other; nothing if they mean the same.

    `years` are those whose public holidays are compared. Levels, contacts and calendars that are
    only called otherwise are found first, so that a new name is one change and not twenty.
    """
    names = renames(before, after)
    pair = Pair(renamed(before, names), after, years)
    found = {"names": list(ladders.rename_changes(pair, names))}
    for part, finders in FINDERS.items():
        found[part] = [change for finder in finders for change in finder(pair)]
    told = [change for changes in found.values() for change in changes]
    found["writing"] = list(written.uncovered(pair, told))
    return Comparison(_reference(before), _reference(after), found)


def _reference(policy: Policy) -> str:
    return f"{policy.policy}@{revision(policy)}"
