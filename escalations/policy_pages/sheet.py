"""The matrix as a sheet: sections of headed rows, before anybody decides how they look (D32, D41).

Each page (`markdown_page`, `html_page`, the terminal) writes the same sheet its own way.
"""

from dataclasses import dataclass

from escalations.policy import Policy, Priority
from escalations.policy_pages.wording import Wording, plainly
from escalations.snapshot import revision

Cell = tuple[str, ...]
"""The lines of a cell, none if there is nothing to say."""


@dataclass(frozen=True)
class Section:
    """Some rows under one heading."""

    key: str
    """Which section it is, whatever the language: `levels`, `triggers` …"""
    title: str
    header: tuple[str, ...] = ()
    """What the columns are; the first one names the row."""
    rows: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences under the rows."""


@dataclass(frozen=True)
class Sheet:
    """A policy for people to read."""

    title: str
    summary: str
    source: str
    """Name and revision of the policy, for whoever finds the print on a wall."""
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class View:
    """What of a policy is shown, and in which language."""

    policy: Policy
    words: Wording
    category: str | None = None
    """As it is for cases of this category; `None`: for all, and where categories differ."""
    priority: Priority | None = None
    """With the windows of this priority; `None`: as written, and those of faster ones beside."""

    @property
    def first(self) -> int:
        """The number of the level where the cases shown begin."""
        return self.policy.start(self.category)

    def level_called(self, name: str) -> str:
        """`4 Sales manager`."""
        return f"{self.policy.number(name)} {name}"


def sheet(view: View) -> Sheet:
    """The whole policy, section by section; a section with nothing to say is not there."""
    from escalations.policy_pages import levels, promises, rules

    sections = (
        levels.matrix(view),
        levels.differences(view),
        rules.triggers(view),
        promises.customer(view),
        rules.holds(view),
        rules.priorities(view),
        rules.grants(view),
        promises.stakeholders(view),
        rules.on_call(view),
        rules.calendars(view),
        rules.knowledge(view),
        promises.retrospective(view),
    )
    return Sheet(
        title=f"{view.words('sheet')}: {plainly(view.policy.policy)}",
        summary=view.policy.summary or "",
        source=source(view),
        sections=tuple(each for each in sections if each.rows or each.notes),
    )


def source(view: View) -> str:
    """Which policy this is: name and revision."""
    policy = view.policy
    return view.words("revision", name=policy.policy, revision=revision(policy))
