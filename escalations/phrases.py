"""Phrases found in what a customer writes: they raise triggers and find articles.

Whole words of the customer's language (`fr-CA` speaks French) and of the policy's first one; letter
case, line breaks and the shape of apostrophes do not count.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from escalations.policy import Policy

_APOSTROPHES: Final = re.compile("[\u2019\u02bc\u00b4`]")


def triggers_in(text: str, language: str | None, policy: "Policy") -> list[str]:
    """The triggers whose phrases stand in the text, in the policy's order."""
    plain, languages = _plain(text), spoken(language, policy.languages[0])
    return [
        name
        for name, trigger in policy.triggers.items()
        if trigger.phrases
        and any(
            _stands_in(plain, phrase)
            for each in languages
            for phrase in trigger.phrases.get(each, [])
        )
    ]


def found_in(text: str, phrases: Mapping[str, Sequence[str]], languages: Sequence[str]) -> int:
    """How many different phrases of these languages stand in the text."""
    plain = _plain(text)
    different = {phrase for each in languages for phrase in phrases.get(each, ())}
    return sum(_stands_in(plain, phrase) for phrase in different)


def spoken(*languages: str | None) -> list[str]:
    """These languages, each also without its country, the first ones first."""
    known = [language for language in languages if language]
    return list(dict.fromkeys([*known, *(each.partition("-")[0] for each in known)]))


def _plain(text: str) -> str:
    return " ".join(_APOSTROPHES.sub("'", text).casefold().split())


def _stands_in(text: str, phrase: str) -> bool:
    """Whether the phrase is there in whole words; most texts do not even have its letters."""
    letters, whole_words = _searched(phrase)
    return letters in text and whole_words.search(text) is not None


@lru_cache(maxsize=4096)
def _searched(phrase: str) -> tuple[str, re.Pattern[str]]:
    plain = _plain(phrase)
    return plain, re.compile(rf"(?<!\w){re.escape(plain)}(?!\w)")
