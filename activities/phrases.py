"""The words of one language: moments, spans of time, reasons, labels; read from `words.yaml`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from escalations import directions, opening_hours
from escalations.directions import FIRST_STRONG_ISOLATE, POP_ISOLATE

_ISOLATES = {ord(mark): None for mark in (FIRST_STRONG_ISOLATE, POP_ISOLATE)}
_RIGHT_TO_LEFT_LANGUAGES = ("ar", "dv", "fa", "he", "ps", "ur", "yi")


class Isolated(str):
    """Text that is fit to stand among text of the other direction."""

    __slots__ = ()


def isolated(value: object) -> Isolated:
    """Somebody's words, each line with right-to-left script set apart from what surrounds it."""
    return Isolated(directions.isolated(str(value).translate(_ISOLATES)))


def isolated_html(value: object) -> Markup:
    """The same as HTML, escaped."""
    marked = value if isinstance(value, Isolated) else isolated(value)
    return Markup(  # noqa: S704  escaped right here
        escape(str(marked))
        .replace(FIRST_STRONG_ISOLATE, Markup("<bdi>"))
        .replace(POP_ISOLATE, Markup("</bdi>"))
    )


def block_html(value: object) -> Markup:
    """Somebody's words that stand alone: the block's `dir="auto"` finds their direction."""
    return escape(str(value).translate(_ISOLATES))


@dataclass(frozen=True)
class Phrases:
    """A language, and what is said in it."""

    language: str
    words: Mapping[str, Any]

    @property
    def direction(self) -> str:
        """`ltr` or `rtl`, as HTML's `dir` has it."""
        is_rtl = self.language.partition("-")[0] in _RIGHT_TO_LEFT_LANGUAGES
        return "rtl" if is_rtl else "ltr"

    def moment(self, at: datetime, timezone: str) -> str:
        """A moment in somebody's zone, such that it cannot be mistaken.

        Where the hour occurs twice, in autumn, the offset is said, too.
        """
        zone = _zone(timezone)
        there = at.astimezone(zone)
        name = timezone
        if there.utcoffset() != there.replace(fold=1 - there.fold).utcoffset():
            name = f"{timezone}, UTC{there:%z}"
        return str(self.words["moment"]).format(
            weekday=self.words["weekdays"][there.weekday()],
            day=self.words.get("first_day", 1) if there.day == 1 else there.day,
            month=self.words["months"][there.month - 1],
            year=there.year,
            hour=there.hour,
            minute=there.minute,
            zone=name,
        )

    def duration(self, span: timedelta) -> str:
        """A span of time, to its two largest units: `2 days 3 hours`."""
        minutes = max(0, int(span.total_seconds())) // 60
        units = {"day": minutes // 1440, "hour": minutes // 60 % 24, "minute": minutes % 60}
        said = [
            f"{count} {self.words['units'][unit][count != 1]}"
            for unit, count in units.items()
            if count
        ]
        return " ".join(said[:2]) or str(self.words["units"]["less"])

    def why(self, code: str, table: str = "why") -> str:
        """A reason in words; `trigger:<name>` by the trigger's own words where there are some."""
        reasons = self.words[table]
        kind, _, name = code.partition(":")
        if kind == "trigger" and name:
            return str(reasons["trigger"]).format(name=self.named(name, "triggers"))
        return str(reasons[code]) if code in reasons else str(reasons["other"])

    def fill(self, text: str, **values: object) -> Isolated:
        """Words with their places filled: `Hello {name},`."""
        return Isolated(text.format(**{name: isolated(value) for name, value in values.items()}))

    def named(self, name: str, table: str) -> str:
        """One of the policy's names in words; the name without its dashes, if there are none."""
        return str(self.words[table].get(name, re.sub("[-_]+", " ", name)))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    return opening_hours.zone(name)
