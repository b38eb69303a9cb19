"""All rules, and what they say of a policy."""

from typing import Final

from escalations.lint import (
    climbing,
    customers_words,
    importance,
    languages,
    people,
    promises,
    rotas,
    staffing,
    windows,
)
from escalations.lint.remarks import Remark, Rule
from escalations.lint.subject import Subject

_MODULES: Final = (
    climbing,
    customers_words,
    people,
    staffing,
    rotas,
    windows,
    importance,
    promises,
    languages,
)

RULES: Final[dict[str, Rule]] = {
    rule.code: rule
    for module in _MODULES
    for rule in vars(module).values()
    if isinstance(rule, Rule)
}
"""Code → rule, in the order in which the files have them."""


def remarks(subject: Subject) -> list[Remark]:
    """Everything the rules say of this policy."""
    return [remark for rule in RULES.values() for remark in rule(subject)]
