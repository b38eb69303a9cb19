"""What a rule has to say about a policy: where, what it is, and what to do about it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from escalations.lint.subject import Subject
from escalations.references import Place


class Severity(StrEnum):
    """How bad it is, the worst first."""

    ERROR = "error"
    """It cannot be meant: something written never takes effect, or harms. The check fails."""
    WARNING = "warning"
    """It does what it says, and hardly what was wanted; meant on purpose, it is accepted."""
    INFO = "info"
    """Worth knowing before customers depend on it."""


@dataclass(frozen=True)
class Said:
    """One remark of a rule, which knows its own code and severity."""

    place: Place
    """Keys and indexes from the top of the policy, such as `("levels", 2, "within")`."""
    what: str
    """What it is, in one sentence."""
    advice: str
    """What to do about it."""


@dataclass(frozen=True)
class Remark:
    """One remark, with the code and severity of its rule."""

    code: str
    severity: Severity
    place: Place
    what: str
    advice: str


Words = Callable[[Subject], Iterator[Said]]


@dataclass(frozen=True)
class Rule:
    """A rule of the lint: its code is its function's name."""

    code: str
    severity: Severity
    about_dates: bool
    """Whether the answer depends on the days that come, and so on when it is asked."""
    _says: Words

    def __call__(self, subject: Subject) -> list[Remark]:
        """What this rule says of a policy."""
        return [
            Remark(self.code, self.severity, said.place, said.what, said.advice)
            for said in self._says(subject)
        ]


def rule(severity: Severity, *, about_dates: bool = False) -> Callable[[Words], Rule]:
    """A function as a rule: `unreachable_level` has the code `unreachable-level`."""

    def named(says: Words) -> Rule:
        return Rule(says.__name__.replace("_", "-"), severity, about_dates, says)

    return named
