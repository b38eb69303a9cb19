"""Exports as they are read: every field that nobody asks for is found at the end."""

import json
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, NoReturn, Self

from escalations.importing.lines import line_of
from escalations.importing.result import NotCarried, Weight
from escalations.importing.safe_names import shortened
from escalations.policy_files.findings import MISSING, Finding, PolicyError, key_path, shown
from escalations.references import Place

MAX_DEPTH: Final = 60
"""Blocks and lists within each other; the APIs need ten."""
MAX_NUMBER: Final = 1_000_000_000
"""Of seconds, minutes or times; more are a slip."""
MAX_MISTAKES: Final = 50
"""Of one import that are told; who mends fifty asks again."""


@dataclass(frozen=True)
class Export:
    """One file of an export."""

    file: str
    text: str
    data: Any

    @classmethod
    def of(cls, file: str, text: str) -> Self:
        """From its text.

        Raises:
            PolicyError: it is not JSON; whoever made the file mends it.
        """
        try:
            data = json.loads(text, parse_constant=_no_number)
            _refuse_depth(data)
            return cls(file, text, data)
        except json.JSONDecodeError as error:
            at = (error.lineno, error.colno)
            found = "an empty file" if not text.strip() else f"no JSON: {error.msg}"
        except (RecursionError, ValueError) as error:
            at = (1, 1)
            found = f"no JSON that can be read: {error}"
        allowed = "what the API of the other tool answered, as it is"
        raise PolicyError(
            [Finding(file=file, line=at[0], column=at[1], key="", found=found, allowed=allowed)]
        )


def _refuse_depth(data: Any) -> None:
    row = [data]
    for _ in range(MAX_DEPTH):
        row = [
            inner
            for each in row
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
        if not row:
            return
    msg = f"more than {MAX_DEPTH} blocks within each other"
    raise ValueError(msg)


def _no_number(text: str) -> NoReturn:
    msg = f"{text} is no number in JSON"
    raise ValueError(msg)


@dataclass(eq=False)
class Part:
    """A block of an export at its place; it remembers which of its fields were asked for."""

    data: dict[str, Any]
    export: Export
    path: Place
    reading: "Reading"
    asked: set[str] = field(default_factory=set)

    def place(self, *below: str | int) -> str:
        """File and place, for a reader."""
        return f"{self.export.file}: {key_path((*self.path, *below))}".removesuffix(": ")

    def get(self, key: str) -> Any:
        """The value of a field, whatever it is; None if it is absent."""
        self.reading.opened.setdefault(id(self), self)
        self.asked.add(key)
        return self.data.get(key)

    def aside(self, *keys: str) -> None:
        """These fields mean nothing to people: ids, links, dates of the last change."""
        for key in keys:
            self.get(key)

    def text(self, *keys: str) -> str:
        """The first of these fields that has words, on one line; empty if none has."""
        found = ""
        for key in keys:
            value = self.get(key)
            if isinstance(value, str | int) and not isinstance(value, bool):
                found = found or " ".join(str(value).split())
            elif value is not None:
                self.mistake(shown(value), "text", key)
        return found

    def number(self, key: str, default: int | None = None) -> Fraction:
        """A number that is not negative; without a default it has to be there."""
        value = self.get(key)
        if value is None and default is not None:
            return Fraction(default)
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= value <= MAX_NUMBER:
            return Fraction(str(value))
        allowed = f"a number from 0 to {MAX_NUMBER}"
        self.mistake(MISSING if value is None else shown(value), allowed, key)
        return Fraction(0)

    def yes(self, key: str) -> bool:
        """Whether a field says yes, as true or 1."""
        return self.get(key) in (True, 1)

    def part(self, key: str) -> "Part | None":
        """The block in a field."""
        value = self.get(key)
        if isinstance(value, dict):
            return Part(value, self.export, (*self.path, key), self.reading)
        if value is not None:
            self.mistake(shown(value), "a block of fields", key)
        return None

    def parts(self, key: str) -> "list[Part]":
        """The blocks in the list of a field."""
        value = self.get(key)
        if value is None:
            return []
        if not isinstance(value, list):
            self.mistake(shown(value), "a list", key)
            return []
        found = []
        for n, each in enumerate(value):
            if isinstance(each, dict):
                found.append(Part(each, self.export, (*self.path, key, n), self.reading))
            else:
                self.mistake(shown(each), "a block of fields", key, n)
        return found

    def leave(self, key: str, why: str, advice: str, what: str = "") -> None:
        """A field that has no counterpart; nothing is said if it is empty or says no."""
        value = self.get(key)
        if not _empty(value) and value is not False:
            said = what or f"{key}: {_short(value)}"
            self.left_out(said, why, advice, key)

    def lost(self, what: str, why: str, advice: str, *below: str | int) -> None:
        """Something here that has no counterpart, so that cases will go another way."""
        self.reading.lost(self.place(*below), what, why, advice, Weight.DIFFERS)

    def to_fill(self, what: str, why: str, advice: str, *below: str | int) -> None:
        """Something here that somebody has to add or check."""
        self.reading.lost(self.place(*below), what, why, advice, Weight.FILL_IN)

    def left_out(self, what: str, why: str, advice: str, *below: str | int) -> None:
        """A detail that a policy does not have."""
        self.reading.lost(self.place(*below), what, why, advice, Weight.LEFT_OUT)

    def mistake(self, found: str, allowed: str, *below: str | int) -> None:
        """Something here that cannot be used."""
        if len(self.reading.mistakes) >= MAX_MISTAKES:
            self.reading.untold += 1
            return
        line, column = line_of(self.export.text, (*self.path, *below))
        key = key_path((*self.path, *below))
        self.reading.mistakes.append(
            Finding(
                file=self.export.file,
                line=line,
                column=column,
                key=key,
                found=found,
                allowed=allowed,
            )
        )


class Reading:
    """What comes up while exports are read: mistakes, and what has no counterpart."""

    def __init__(self, source: str = "") -> None:
        self.source = source
        self.mistakes: list[Finding] = []
        self.untold = 0
        """Mistakes beyond those that are told."""
        self.not_carried: dict[NotCarried, None] = {}
        self.opened: dict[int, Part] = {}

    def lost(self, place: str, what: str, why: str, advice: str, weight: Weight) -> None:
        """Something has no counterpart; said once of each place."""
        entry = NotCarried(
            source=self.source, place=place, what=what, why=why, advice=advice, weight=weight
        )
        self.not_carried[entry] = None

    def list_what_nobody_asked_for(self) -> None:
        """The fields of the blocks that were read which nobody knew what to do with."""
        why = "The importer does not know this field."
        advice = "If it matters for your cases, say it in the policy or to the people by hand."
        for part in list(self.opened.values()):
            for key, value in part.data.items():
                if key not in part.asked and not _empty(value):
                    what = f"{shortened(key, 60)}: {_short(value)}"
                    part.left_out(what, why, advice, key)

    def refuse_mistakes(self) -> None:
        """Stop here if something cannot be used.

        Raises:
            PolicyError: all that was found, by file and place.
        """
        if self.mistakes:
            told = list(dict.fromkeys(self.mistakes))
            if self.untold:
                found = f"{self.untold} more mistakes like these"
                told.append(told[-1].model_copy(update={"found": found, "allowed": "none"}))
            raise PolicyError(told)


def _empty(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_empty, value.values()))
    return value is None or value in ("", [])


def _short(value: Any) -> str:
    return shortened(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False), 60)
