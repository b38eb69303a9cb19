"""Triggers found by their phrases in what a customer writes.

Whole words of the customer's language (`fr-CA` speaks French) and of the policy's first one; letter
case, line breaks and the shape of apostrophes do not count.
"""

import re
from functools import lru_cache
from typing import Final

from escalations.policy import Policy

_APOSTROPHES: Final = re.compile("[\u2019\u02bc\u00b4`]")


def triggers_in(text: str, language: str | None, policy: Policy) -> list[str]:
    """The triggers whose phrases stand in the text, in the policy's order."""
    plain, spoken = _plain(text), _spoken(language, policy.languages[0])
    return [
        name
        for name, trigger in policy.triggers.items()
        if any(
            _stands_in(plain, phrase) for each in spoken for phrase in trigger.phrases.get(each, [])
        )
    ]


def _spoken(*languages: str | None) -> list[str]:
    """These languages, each also without its country."""
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
