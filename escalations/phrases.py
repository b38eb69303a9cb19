"""Triggers found by their phrases in what a customer writes.

Whole words of the customer's language (`fr-CA` speaks French) and of the policy's first one; letter
case, line breaks and the shape of apostrophes do not count.
"""

import re
from functools import lru_cache

from escalations.policy import Policy

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


def triggers_in(text: str, language: str | None, policy: Policy) -> list[str]:
    """The triggers whose phrases stand in the text, in the policy's order."""
    plain, spoken = _plain(text), _spoken(language, policy.languages[0])
    return [
        name
        for name, trigger in policy.triggers.items()
        if any(
            _whole_words(phrase).search(plain)
            for each in spoken
            for phrase in trigger.phrases.get(each, [])
        )
    ]


def _spoken(*languages: str | None) -> list[str]:
    """These languages, each also without its country."""
    known = [language for language in languages if language]
    return list(dict.fromkeys([*known, *(each.partition("-")[0] for each in known)]))


def _plain(text: str) -> str:
    return " ".join(text.translate(_APOSTROPHES).casefold().split())


@lru_cache(maxsize=4096)
def _whole_words(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(_plain(phrase))}(?!\w)")
