"""What a story is told with: words of one language, names of people, moments and spans."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Final, Literal, NamedTuple

from escalations import directions, sentences
from escalations.durations import Duration, Unit
from escalations.explaining import english, finnish, french
from escalations.explaining.story import Story
from escalations.opening_hours import clocks_change, zone
from escalations.policy_pages.wording import Wording, plainly
from escalations.simulation.story import DAYS

LANGUAGES: Final = {"en": english.WORDS, "fr": french.WORDS, "fi": finnish.WORDS}
_SECONDS_BELOW: Final = timedelta(minutes=30)
"""A case as short as that is told to the second."""
_MOST: Final = 400
"""Characters of somebody's words that are quoted."""


class Paragraph(NamedTuple):
    """Some sentences, a heading, or somebody's own words."""

    kind: Literal["title", "heading", "text", "quote"]
    text: str


class Voice:
    """Tells one story in one language, in the zone of its policy."""

    def __init__(self, story: Story, language: str | None = None) -> None:
        self.language = (language or "en").partition("-")[0]
        self._words = LANGUAGES[self.language]
        self.wording = Wording(self.language)
        self.codes = sentences.words_of(self.language)
        self.story = story
        record = story.record
        self.timezone = record.snapshot.policy.timezone
        self._seconds = story.told_at - record.opened_at < _SECONDS_BELOW
        self._day: object = None

    def __call__(self, key: str, **details: object) -> str:
        """The words of that key."""
        return self._words[key].format(**details)

    def counted(self, key: str, n: int, **details: object) -> str:
        """Of `once|many times`, what fits."""
        once, _, many = self._words[key].partition("|")
        return (once if n == 1 else many).format(n=n, **details)

    def moment(self, at: datetime) -> str:
        """`On Mon 2030-03-04 at 10:00`; of the day that was named last, `At 10:15`."""
        day, time = self._parts(at)
        said = self("at_day", day=day, time=time) if day else self("at_time", time=time)
        return said[0].upper() + said[1:]

    def on_the_way(self, at: datetime) -> str:
        """The same inside a sentence: `at 10:15`."""
        said = self.moment(at)
        return said[0].lower() + said[1:]

    def until(self, at: datetime) -> str:
        """The moment alone: `10:15`."""
        return " ".join(filter(None, self._parts(at)))

    def _parts(self, at: datetime) -> tuple[str, str]:
        here = at.astimezone(zone(self.timezone))
        time = f"{here:%H:%M:%S}" if self._seconds else f"{here:%H:%M}"
        if clocks_change(at, self.timezone):
            time += f" {here:%Z}"
        if here.date() == self._day:
            return "", time
        self._day = here.date()
        return f"{DAYS[self.language][here.weekday()]} {here:%Y-%m-%d}", time

    def new_day(self) -> None:
        """The next moment names its day."""
        self._day = None

    def who(self, key: str | None) -> str:
        """A name for a key: of a contact, a role, somebody on call, the customer; else itself."""
        record = self.story.record
        if key is None:
            return str(self.codes.SOMEBODY)
        if key == "customer":
            return isolated(record.request.customer.name)
        contact, _, somebody = key.partition("/")
        if somebody and contact in record.rosters:
            shifts = record.rosters[contact].shifts
            return isolated(next((s.name for s in shifts if s.key == somebody), somebody))
        if key in record.snapshot.policy.contacts:
            return isolated(record.snapshot.policy.contacts[key].name)
        if key in record.request.team:
            return isolated(f"{record.request.team[key].name} ({plainly(key)})")
        return isolated(record.participants.get(f"contact:{key}", key))

    def quoted(self, text: str) -> Paragraph:
        """Somebody's own words."""
        line = " ".join(text.split())
        line = line if len(line) <= _MOST else f"{line[:_MOST]}…"
        return Paragraph("quote", self("quote", text=isolated(line)))

    def listed(self, names: Iterable[str]) -> str:
        """`a, b and c`."""
        return self.wording.listed(list(dict.fromkeys(names)))

    def why(self, code: str) -> str:
        """A reason in words."""
        return sentences.why(code, self.codes)

    def span(self, length: timedelta) -> str:
        """`2 hours 5 minutes`, as the wall clock has it."""
        return self._amount(Duration(Unit.HOURS, max(0, round(length / timedelta(microseconds=1)))))

    def consumed(self, amount: Duration, calendar: str) -> str:
        """Time of a clock: `30 minutes`, `1.25 business days`, `2 hours of opening hours`."""
        known = self.story.record.snapshot.policy.calendars
        return self._amount(amount, known.get(calendar))

    def _amount(self, amount: Duration, calendar: Any = None) -> str:
        if amount.unit is Unit.BUSINESS_DAYS:
            return self.wording.span(
                Duration(amount.unit, Fraction(round(amount.amount * 100), 100)), calendar
            )
        step = 1_000_000 if amount.amount < 600_000_000 else 60_000_000
        days, rest = divmod(round(Fraction(amount.amount) / step) * step, 86_400_000_000)
        if amount.unit is Unit.HOURS and days and calendar is None:
            parts = [Duration(Unit.DAYS, days * 86_400_000_000)]
            if rest >= 3_600_000_000:
                parts.append(Duration(Unit.HOURS, rest // 3_600_000_000 * 3_600_000_000))
            return " ".join(self.wording.span(part) for part in parts)
        return self.wording.span(Duration(amount.unit, days * 86_400_000_000 + rest), calendar)


def isolated(text: str) -> str:
    """Somebody's words on one line; right-to-left script is set apart from what surrounds it."""
    return directions.isolated(" ".join(text.split()))
