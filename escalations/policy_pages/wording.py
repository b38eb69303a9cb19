"""Spans, windows and calendars of a policy in words of the reader's language."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from escalations.calendars import Calendar
from escalations.durations import Duration, Unit, Window
from escalations.opening_hours import ALL_DAY, week
from escalations.policy_pages import english, finnish, french

LANGUAGES: Final = {"en": english.WORDS, "fr": french.WORDS, "fi": finnish.WORDS}
_SECOND: Final = 1_000_000
_PARTS: Final = {
    Unit.HOURS: (("hour", 3600 * _SECOND), ("minute", 60 * _SECOND), ("second", _SECOND)),
    Unit.DAYS: (("week", 7 * 86_400 * _SECOND), ("day", 86_400 * _SECOND)),
    Unit.BUSINESS_DAYS: (("business_day", 1),),
}


class Wording:
    """Words of one language; the policy's own words, such as names, stay as they are written."""

    def __init__(self, language: str = "en") -> None:
        self.language = language.partition("-")[0]
        if self.language not in LANGUAGES:
            msg = f"found the language {language!r}; there are words in {', '.join(LANGUAGES)}"
            raise ValueError(msg)
        self._words = LANGUAGES[self.language]

    def __call__(self, key: str, **details: object) -> str:
        """The words of that key; of `one|many`, the first."""
        return self._words[key].partition("|")[0].format(**details)

    def counted(self, key: str, count: int | Fraction, **details: object) -> str:
        """`1 hour`, `2 hours`: the words of that key for so many."""
        one, _, many = self._words[key].partition("|")
        single = count < 2 if self.language == "fr" else count == 1
        return (one if single or not many else many).format(**details)

    def number(self, number: int | Fraction) -> str:
        """`2`, `1.5` or, where there is no short decimal form, `1/3`."""
        exact = Fraction(number)
        if 10_000 % exact.denominator:
            return str(exact)
        return f"{float(exact):.4f}".rstrip("0").rstrip(".").replace(".", self("decimal"))

    def span(self, span: Duration, calendar: Calendar | None = None) -> str:
        """`1 hour 30 minutes`; on a calendar that closes, also which of its times is meant."""
        rest = span.amount
        said: list[str] = []
        parts = _PARTS[span.unit]
        for n, (key, length) in enumerate(parts):
            last = n == len(parts) - 1
            count = Fraction(rest, length) if last else rest // length
            if count or (last and not said):
                said.append(self.counted(key, count, n=self.number(count)))
            rest -= count * length
        words = " ".join(said)
        if calendar is None or is_always(calendar) or span.unit is Unit.BUSINESS_DAYS:
            return words
        return self("of_open_time" if span.unit is Unit.HOURS else "round_the_clock", span=words)

    def every(self, span: Duration, calendar: Calendar | None = None, key: str = "every") -> str:
        """`every 4 hours`, `every business day`."""
        words = self.span(span, calendar)
        return self(key, span=words.removeprefix("1 ") if self.language == "en" else words)

    def window(self, window: Window, calendar: Calendar | None = None, *, last: bool) -> str:
        """`reminded after 15 minutes, moves on after 30 minutes`; from the `last` level no more."""
        if window.leave is None:
            return self("until_resolved")
        spans = {"leave": self.span(window.leave, calendar)}
        key = "leave"
        if window.remind is not None:
            key, spans["remind"] = "remind", self.span(window.remind, calendar)
        return self(f"{key}_last" if last else key, **spans)

    def open(self, calendar: Calendar) -> str:
        """`Mon–Thu 09:00–12:30, 13:30–18:00; Fri 09:00–12:30`: the opening hours of a week."""
        if is_always(calendar):
            return self("always")
        days, periods = self("days").split(), week(calendar.hours)
        runs: list[tuple[int, int]] = []
        for day in range(7):
            if runs and runs[-1][1] == day - 1 and periods[day] == periods[runs[-1][0]]:
                runs[-1] = (runs[-1][0], day)
            else:
                runs.append((day, day))
        said = []
        for first, last in runs:
            if periods[first]:
                name = days[first] if first == last else f"{days[first]}–{days[last]}"
                hours = ", ".join(str(period).replace("-", "–") for period in periods[first])
                said.append(f"{name} {hours}")
        return "; ".join(said)

    def closed(self, calendar: Calendar) -> list[str]:
        """On which days it is closed all the same."""
        observed, said = calendar.holidays, []
        if observed.country:
            country = "-".join(filter(None, [observed.country, observed.subdivision]))
            said.append(self("closed_on", country=country))
        if observed.dates:
            said.append(self("closed_dates", dates=", ".join(map(str, observed.dates))))
        return said

    def listed(self, words: Sequence[str]) -> str:
        """`a, b and c`."""
        if len(words) < 2:
            return "".join(words)
        return self("and", first=", ".join(words[:-1]), last=words[-1])


def is_always(calendar: Calendar) -> bool:
    """Whether it never closes."""
    never_closed = not calendar.holidays.country and not calendar.holidays.dates
    return never_closed and week(calendar.hours) == ((ALL_DAY,),) * 7


def plainly(name: str) -> str:
    """A name of the policy language for somebody who does not program: `record statement`."""
    return name.replace("-", " ").replace("_", " ").strip() or name
