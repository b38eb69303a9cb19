"""How long: amounts of time as a policy writes them (`15m`, `1h30m`, `0.5bd`, `15m..30m`).

There are three kinds of time, and they are never converted into each other: how many hours a
business day has depends on the calendar and on the day.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import cache, lru_cache
from typing import Final, Self

from escalations.written import Written


class Unit(StrEnum):
    """The kinds of time."""

    HOURS = "hours"
    """Open time of the calendar at hand: `s`, `m`, `h`."""
    DAYS = "days"
    """24 hours each, around the clock, whatever the calendar: `d`, `w`."""
    BUSINESS_DAYS = "business_days"
    """Days on which the calendar at hand opens, each worth exactly 1: `bd`."""


_SECOND: Final = 1_000_000
_LENGTHS: Final = {
    Unit.HOURS: {"h": 3600 * _SECOND, "m": 60 * _SECOND, "s": _SECOND},
    Unit.DAYS: {"w": 7 * 86_400 * _SECOND, "d": 86_400 * _SECOND},
    Unit.BUSINESS_DAYS: {"bd": 1},
}
_KINDS: Final = (
    "s, m and h count open time, bd business days, d and w run around the clock "
    "(45s, 15m, 1h30m, 0.5bd, 3d, 1w)"
)
_NUMBER: Final = r"[0-9]+(?:\.[0-9]+|/[0-9]+)?"
_WRITTEN: Final = rf"(?:{_NUMBER}(?:w|d|bd|h|m|s))+"
_PART: Final = re.compile(rf"({_NUMBER})([a-z]+)")
_MAX_WRITTEN: Final = 200  # characters; keeps a hostile number from costing time


def _decimal(number: Fraction) -> str:
    """`1.5`; a number without a short decimal form stays a fraction, `17/28`."""
    if _SECOND % number.denominator:
        return str(number)
    whole, rest = divmod(number.numerator * (_SECOND // number.denominator), _SECOND)
    return f"{whole}.{rest:06}".rstrip("0").rstrip(".")


@dataclass(frozen=True, slots=True)
class Duration(Written):
    """An amount of one kind of time, never negative, exact.

    Comparing, adding or subtracting two kinds of time is a TypeError; they are just not equal.
    """

    unit: Unit
    amount: int | Fraction
    """Whole microseconds (int) of HOURS and DAYS; a Fraction of BUSINESS_DAYS."""

    _examples = ["15m", "1h30m", "3d", "1w", "0.5bd"]
    _pattern = f"^{_WRITTEN}$"

    def __post_init__(self) -> None:
        if self.unit is Unit.BUSINESS_DAYS:
            if type(self.amount) is not Fraction:
                object.__setattr__(self, "amount", Fraction(self.amount))
        elif type(self.amount) is not int:
            msg = f"{self.unit} are counted in whole microseconds, not {self.amount!r}"
            raise TypeError(msg)
        if self.amount < 0:
            msg = f"a duration is never negative, found {self.amount} of {self.unit}"
            raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`45s`, `15m`, `1h30m`, `0.5bd`, `17/28bd`, `3d`, `1w2d`; each unit once, larger first.

        Raises:
            ValueError: not so; the message says what was found and what is allowed.
        """
        found = text if len(text) <= _MAX_WRITTEN else f"{text[:40]}…"
        parts = _PART.findall(text)
        if len(text) > _MAX_WRITTEN or not parts or "".join(map("".join, parts)) != text:
            msg = f"found {found!r}, which is not a duration: {_KINDS}"
            raise ValueError(msg)
        units = [unit for _, unit in parts]
        kind = next((kind for kind, lengths in _LENGTHS.items() if units[0] in lengths), None)
        if kind is None:
            msg = f"found {found!r} with the unknown unit {units[0]!r}: {_KINDS}"
            raise ValueError(msg)
        lengths = _LENGTHS[kind]
        if not lengths.keys() >= set(units):
            msg = f"found {found!r}, which mixes kinds of time; choose one: {_KINDS}"
            raise ValueError(msg)
        if units != [unit for unit in lengths if unit in units]:
            msg = f"found {found!r}: write each unit once and the larger first, such as 1h30m"
            raise ValueError(msg)
        try:
            amount = sum((Fraction(number) * lengths[unit] for number, unit in parts), Fraction())
        except ZeroDivisionError:
            msg = f"found {found!r}: a fraction over zero means nothing"
            raise ValueError(msg) from None
        if kind is Unit.BUSINESS_DAYS:
            return cls(kind, amount)
        if amount.denominator != 1:
            msg = f"found {found!r}, which is finer than a microsecond"
            raise ValueError(msg)
        return cls(kind, amount.numerator)

    @classmethod
    @cache
    def zero(cls, unit: Unit) -> Self:
        """None of that kind of time: what a clock has consumed when it starts."""
        return cls(unit, 0)

    def __str__(self) -> str:
        """The canonical way to write it; parses back to the equal value."""
        if self.unit is Unit.BUSINESS_DAYS:
            return f"{_decimal(Fraction(self.amount))}bd"
        lengths = _LENGTHS[self.unit]
        if self.unit is Unit.DAYS:
            unit = "d" if self.amount % lengths["w"] or not self.amount else "w"
            return f"{_decimal(Fraction(self.amount, lengths[unit]))}{unit}"
        hours, rest = divmod(self.amount, lengths["h"])
        minutes, rest = divmod(rest, lengths["m"])
        seconds = f"{_decimal(Fraction(rest, _SECOND))}s" if rest or not self.amount else ""
        return f"{f'{hours}h' if hours else ''}{f'{minutes}m' if minutes else ''}{seconds}"

    @property
    def is_zero(self) -> bool:
        """Whether there is none of it."""
        return not self.amount

    def __bool__(self) -> bool:
        return bool(self.amount)

    def _of_same_kind(self, other: "Duration") -> int | Fraction:
        if other.unit is self.unit:
            return other.amount
        msg = (
            f"{self} and {other} are different kinds of time ({self.unit}, {other.unit}); "
            "only a calendar can tell how one compares with the other"
        )
        raise TypeError(msg)

    def __lt__(self, other: "Duration") -> bool:
        return self.amount < self._of_same_kind(other)

    def __le__(self, other: "Duration") -> bool:
        return self.amount <= self._of_same_kind(other)

    def __gt__(self, other: "Duration") -> bool:
        return self.amount > self._of_same_kind(other)

    def __ge__(self, other: "Duration") -> bool:
        return self.amount >= self._of_same_kind(other)

    def __add__(self, other: "Duration") -> "Duration":
        return Duration(self.unit, self.amount + self._of_same_kind(other))

    def __sub__(self, other: "Duration") -> "Duration":
        """The difference; a ValueError if `other` is longer, unlike `less`."""
        return Duration(self.unit, self.amount - self._of_same_kind(other))

    def less(self, consumed: "Duration") -> "Duration":
        """What is left of this budget: zero once as much or more has been consumed."""
        return Duration(self.unit, max(0, self.amount - self._of_same_kind(consumed)))

    def __mul__(self, factor: int | float | Fraction) -> "Duration":
        """Exact (0.1 is a tenth); hours and days are rounded to the whole microsecond."""
        return _times(self, factor)

    __rmul__ = __mul__


@lru_cache(maxsize=4096)  # a policy's spans times its few speeds, asked for at every level
def _times(duration: Duration, factor: int | float | Fraction) -> Duration:
    exact = duration.amount * Fraction(str(factor))
    return Duration(duration.unit, exact if duration.unit is Unit.BUSINESS_DAYS else round(exact))


LONGEST: Final = {
    Unit.HOURS: Duration.parse("9600h"),
    Unit.DAYS: Duration.parse("400d"),
    Unit.BUSINESS_DAYS: Duration.parse("400bd"),
}
"""The longest time of each kind that makes sense in a policy."""


@dataclass(frozen=True, slots=True)
class Window(Written):
    """How long a case may stay at a level: remind at the lower bound, leave at the upper.

    Source: D23, D24, D26, D27.
    """

    remind: Duration | None
    """Consumed time at which the level is reminded; None: no reminder."""
    leave: Duration | None
    """Consumed time at which the case climbs; None: the level works until resolved."""

    _examples = ["15m..30m", "2h", "1bd..3bd", "until-resolved"]
    _pattern = rf"^(?:until-resolved|{_WRITTEN}(?:\.\.{_WRITTEN})?)$"

    def __post_init__(self) -> None:
        if self.leave is None:
            if self.remind is not None:
                msg = f"found {self.remind}..until-resolved: a reminder needs an upper bound"
                raise ValueError(msg)
            return
        for bound in [self.leave] if self.remind is None else [self.remind, self.leave]:
            if bound.is_zero:
                msg = f"found {bound}: a window needs some time, or leave the lower bound out"
                raise ValueError(msg)
            if bound > LONGEST[bound.unit]:
                msg = f"found {bound}: a window lasts {LONGEST[bound.unit]} at most"
                raise ValueError(msg)
        if self.remind is None:
            return
        if self.remind.unit is not self.leave.unit:
            msg = f"found {self}: write both ends in the same kind of time; {_KINDS}"
            raise ValueError(msg)
        if self.remind >= self.leave:
            msg = f"found {self}: the reminder has to come before the end, such as 15m..30m"
            raise ValueError(msg)

    @classmethod
    def parse(cls, text: str) -> Self:
        """`15m..30m`, `30m` (no reminder) or `until-resolved`.

        Raises:
            ValueError: not so; the message says what was found and what is allowed.
        """
        if text == "until-resolved":
            return cls(None, None)
        lower, dots, upper = text.partition("..")
        try:
            remind = Duration.parse(lower) if dots else None
            leave = Duration.parse(upper if dots else lower)
        except ValueError as error:
            msg = f"{error}; a window is written 15m..30m, 30m or until-resolved"
            raise ValueError(msg) from None
        return cls(remind, leave)

    def __str__(self) -> str:
        if self.leave is None:
            return "until-resolved"
        return str(self.leave) if self.remind is None else f"{self.remind}..{self.leave}"

    def __mul__(self, speed: int | float | Fraction) -> "Window":
        """The window at that share of its length; `until-resolved` stays what it is (D10)."""
        if speed == 1:
            return self
        return Window(self.remind and self.remind * speed, self.leave and self.leave * speed)
