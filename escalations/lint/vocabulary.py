"""The words there are for messages, as a folder of templates has them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Vocabulary:
    """What can be said in which language."""

    notices: Mapping[str, frozenset[str]]
    """Language → the notices that have a template in it."""
    names: Mapping[str, frozenset[str]]
    """Language → the names of triggers and actions that have words in it."""
    sentences: frozenset[str]
    """The languages in which a case's timeline is told."""

    @property
    def wanted(self) -> frozenset[str]:
        """The notices that any language has."""
        return frozenset[str]().union(*self.notices.values())

    def missing(self, language: str) -> frozenset[str]:
        """The notices that readers of a language get in another one; `fr-CA` reads French."""
        return self.wanted - _of(self.notices, language)

    def nameless(self, language: str, names: frozenset[str]) -> frozenset[str]:
        """Which of these names have no words in that language."""
        return names - _of(self.names, language)

    def tells(self, language: str) -> bool:
        """Whether a case's timeline is told in that language."""
        return not self.sentences.isdisjoint({language, language.partition("-")[0]})


def _of(words: Mapping[str, frozenset[str]], language: str) -> frozenset[str]:
    base = words.get(language.partition("-")[0], frozenset())
    return base | words.get(language, frozenset())
