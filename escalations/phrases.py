"""Triggers found by their phrases in what a customer writes.

Whole words of the customer's language and of the policy's first one; letter case, line breaks and
the shape of apostrophes do not count.
"""

import re
from functools import lru_cache

from escalations.policy import Policy

_APOSTROPHES = str.maketrans({"\u2019": "'", "\u02bc": "'", "\u00b4": "'", "`": "'"})


def triggers_in(text: str, language: str | None, policy: Policy) -> list[str]:
    """The triggers whose phrases stand in the text, in the policy's order."""
    plain = _plain(text)
    return [
        name
        for name, trigger in policy.triggers.items()
        if any(
            _whole_words(phrase).search(plain)
            for spoken in dict.fromkeys([language, policy.languages[0]])
            if spoken is not None
            for phrase in trigger.phrases.get(spoken, [])
        )
    ]


def _plain(text: str) -> str:
    return " ".join(text.translate(_APOSTROPHES).casefold().split())


@lru_cache(maxsize=4096)
def _whole_words(phrase: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(_plain(phrase))}(?!\w)")
