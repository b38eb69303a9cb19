"""Pseudonyms: the same name always gets the same one, and none says anything of its original.

They are given in the order of first appearance, never computed from what they replace: a hash of a
short name is found out by trying.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from escalations.exporting.lexicon import NAMES, RIGHT_TO_LEFT_NAMES, WORDS
from escalations.phrases import found_in

_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_WHO: Final = "who"
"""A contact's key and a person's name are told apart by nobody who signs with one."""
_UUID: Final = "00000000-0000-4000-8000-{n:012x}"
_LINE: Final = 200
"""Characters of one line, at most."""
_CHANNELS: Final = frozenset(
    [
        "phone",
        "mail",
        "email",
        "e-mail",
        "chat",
        "social",
        "web",
        "form",
        "portal",
        "api",
        "sms",
        "letter",
        "fax",
        "visit",
        "app",
        "other",
    ]
)


class Pseudonyms:
    """All that was replaced in one export."""

    def __init__(self, phrases: Iterable[str] = ()) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._texts: dict[tuple[str, str], str] = {}
        self._counts: dict[str, int] = {}
        self._turn = 0
        self._phrases = sorted(set(phrases), key=str.casefold)
        self._kept: set[str] = set()
        self.language = "en"
        """Of the texts that come now."""

    def keep(self, *names: str) -> None:
        """Words of the matrix, such as a level's or a trigger's name, which stay as they are."""
        self._kept.update(names)

    def knows(self, name: str) -> bool:
        """Whether it is kept."""
        return name in self._kept

    def _next(self, kind: str) -> int:
        self._counts[kind] = self._counts.get(kind, 0) + 1
        return self._counts[kind]

    def _as(self, space: str, found: str, make: Callable[[], str]) -> str:
        if (space, found) not in self._given:
            self._given[space, found] = make()
        return self._given[space, found]

    def person(self, name: str) -> str:
        """Somebody, or some organisation."""

        def make() -> str:
            names = RIGHT_TO_LEFT_NAMES if _RIGHT_TO_LEFT.search(name) else NAMES
            turn, n = divmod(
                self._next("rtl" if names is RIGHT_TO_LEFT_NAMES else "name") - 1, len(names)
            )
            return names[n] if not turn else f"{names[n]} {turn + 1}"

        return self._as(_WHO, name, make)

    def name(self, name: str, kind: str) -> str:
        """A key of the policy language: kept where the matrix knows it, else `<kind>-<n>`."""
        if name in self._kept or (kind == "channel" and name in _CHANNELS):
            return name
        space = _WHO if kind == "contact" else kind
        return self._as(space, name, lambda: f"{kind}-{self._next(kind)}")

    def address(self, address: str) -> str:
        """Where somebody is reached: the same channel, nobody's address."""
        scheme, _, _ = address.partition(":")

        def make() -> str:
            n = self._next("address")
            if scheme == "mailto":
                return f"mailto:person{n}@example.org"
            return f"{scheme}://person{n}.example.org"

        return self._as("address", address, make)

    def link(self, link: str) -> str:
        """A link to something."""
        return self._as("link", link, lambda: f"https://example.org/{self._next('link')}")

    def rota(self, source: str) -> str:
        """A calendar's file or address."""
        return self._as("rota", source, lambda: f"rota-{self._next('rota')}.ics")

    def id(self, found: str, kind: str = "id") -> str:
        """Somebody else's key."""
        return self._as(kind, found, lambda: f"{kind}-{self._next(kind)}")

    def revision(self, found: str, told: str = "") -> str:
        """A policy's: as the policy is told, and another one wherever it was another one."""

        def make() -> str:
            taken = {each for (space, _), each in self._given.items() if space == "revision"}
            made = told
            while not made or made in taken:
                made = f"{self._next('revision'):08x}"
            return made

        return self._as("revision", found, make)

    def uuid(self, found: str) -> str:
        """A run's or a request's."""
        return self._as("uuid", found, lambda: _UUID.format(n=self._next("uuid")))

    def text(self, text: str) -> str:
        """Somebody's words: as many, in the same language, about as long, and none of them.

        Phrases of the policy that stand in it stand in it again: they decide.
        """
        key = (self.language, text)
        if key not in self._texts:
            self._texts[key] = self._told(text)
        return self._texts[key]

    def _told(self, text: str) -> str:
        meant = self._standing_in(text)
        told = "\n".join(self._line(each) for each in text.split("\n"))
        missing = [each for each in meant if each not in self._standing_in(told)]
        told = " … ".join(filter(None, [told, *missing]))
        if self._standing_in(told) == meant and len(told) <= max(len(text), _LINE):
            return told
        return " … ".join(meant)[: max(len(text), _LINE)] or "xx"[: len(text)]

    def _standing_in(self, text: str) -> list[str]:
        return [each for each in self._phrases if found_in(text, {"": [each]}, [""])]

    def _line(self, line: str) -> str:
        lexicon = WORDS.get(self.language.partition("-")[0], WORDS["en"])
        said = []
        for word in line.split():
            self._turn += 1
            said.append(_near(lexicon, len(word))[self._turn % 3])
        if not said:
            return ""
        told, end = " ".join(said)[: max(1, len(line) - 1)].rstrip(), line.rstrip()[-1]
        return told[:1].upper() + told[1:] + (end if end in ".!?…" else "")


def _near(lexicon: Sequence[str], length: int) -> list[str]:
    """The three words that come nearest to a length."""
    return sorted(lexicon, key=lambda each: abs(len(each) - length))[:3]
