"""A change, and what the finding of changes works on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from escalations.policy import Level, Policy
from escalations.policy_pages.wording import Wording

Path = tuple[str, ...]
"""The way to a value of a policy, levels and articles by their names; `*` is any key."""

WORDS: Final = Wording("en")


@dataclass(frozen=True)
class Change:
    """One thing that is different for somebody."""

    text: str
    covers: tuple[Path, ...]
    """The parts of the policy whose difference this tells."""
    details: tuple[str, ...] = ()
    categories: tuple[str | None, ...] | None = None
    """The categories of the cases that notice it, `None` for a case without one; None: all."""
    priorities: tuple[str, ...] | None = None
    """The priorities of the cases that notice it; None: all."""


@dataclass(frozen=True)
class Pair:
    """Two policies, the first in the second one's names for levels, contacts and calendars."""

    before: Policy
    after: Policy
    years: range
    """The years whose holidays are compared."""

    @property
    def categories(self) -> list[str | None]:
        """The categories that both have, and no category."""
        return [None, *(name for name in self.before.categories if name in self.after.categories)]

    @property
    def levels(self) -> list[str]:
        """The levels that both have, in the later policy's order."""
        known = {level.name for level in self.before.levels}
        return [level.name for level in self.after.levels if level.name in known]


def at(policy: Policy, name: str) -> str:
    """`level 3 Account manager`."""
    return f"level {policy.number(name)} {name}"


def cell(policy: Policy, name: str, category: str | None) -> Level:
    """A level as it is for a category, by its name."""
    return policy.level(policy.number(name), category)


def instead(label: str, old: str | None, new: str | None) -> str:
    """`label: new instead of old`, or that it is new, or gone."""
    if old is None:
        return f"{label}: now {new}"
    if new is None:
        return f"{label}: no longer {old}"
    return f"{label}: {new} instead of {old}"


def lists(label: str, old: Sequence[str], new: Sequence[str]) -> str:
    """What came to a list, what left it, or that its order is another."""
    came = [each for each in new if each not in old]
    went = [each for each in old if each not in new]
    said = []
    if came:
        said.append(f"new {label}: {', '.join(came)}")
    if went:
        said.append(f"no longer among the {label}: {', '.join(went)}")
    return "; ".join(said) or f"{label} in another order: {', '.join(new)}"
