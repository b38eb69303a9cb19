"""Calendars as a policy writes them: periods of the day, days of the week, holidays, zones."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any, Final, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from escalations.model import Value
from escalations.written import Written

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])|(24):(00)")


def _minute(text: str, period: str) -> int:
    found = _CLOCK.fullmatch(text)
    if not found:
        msg = f"found {period!r}: write HH:MM-HH:MM, from 00:00 to 24:00, such as 09:00-12:30"
        raise ValueError(msg)
    hour, minute = filter(None, found.groups())
    return int(hour) * 60 + int(minute)


@dataclass(frozen=True, slots=True)
class Period(Written):
    """A part of the day by the wall clock; its end does not belong to it."""

    opens: int
    """Minute of the day, from 0."""
    closes: int
    """Minute of the day, up to 1440 (`24:00`)."""

    _examples = ["09:00-12:30", "13:30-24:00"]
    _pattern = "^[0-2][0-9]:[0-5][0-9]-[0-2][0-9]:[0-5][0-9]$"

    @classmethod
    def parse(cls, text: str) -> Self:
        """`09:00-12:30`, within one day.

        Raises:
            ValueError: not so; the message says what was found and what is allowed.
        """
        start, _, end = text.partition("-")
        opens, closes = _minute(start, text), _minute(end, text)
        if opens == closes:
            msg = f"found {text!r}, which is empty: a period ends after it begins"
            raise ValueError(msg)
        if opens > closes:
            rest = f"and 00:00-{end} to the next day" if closes else "alone"
            msg = f"found {text!r}, which passes midnight: write {start}-24:00 {rest}"
            raise ValueError(msg)
        return cls(opens, closes)

    def __str__(self) -> str:
        return "-".join(f"{at // 60:02}:{at % 60:02}" for at in (self.opens, self.closes))


def _one_after_the_other(periods: tuple[Period, ...]) -> tuple[Period, ...]:
    for earlier, later in pairwise(periods):
        if later.opens < earlier.closes:
            how = "begins before" if later.opens < earlier.opens else "overlaps with"
            msg = f"{later} {how} {earlier}: write periods in order and apart"
            raise ValueError(msg)
    return periods


Periods = Annotated[tuple[Period, ...], Field(max_length=12), AfterValidator(_one_after_the_other)]
"""The periods of a day, in order; none: closed."""


def _weekdays(days: str) -> list[int]:
    first, _, last = days.partition("-")
    if first not in WEEKDAYS or (last or first) not in WEEKDAYS or days.endswith("-"):
        msg = f"found {days!r}: write a day or a range of {', '.join(WEEKDAYS)}, such as mon-thu"
        raise ValueError(msg)
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    return [day % 7 for day in range(start, (end if end >= start else end + 7) + 1)]


def _known_days(days: str) -> str:
    _weekdays(days)
    return days


Days = Annotated[str, AfterValidator(_known_days)]
"""A day of the week or a range of them, also over the week's end: `mon`, `mon-thu`, `fri-mon`."""


def _a_week(hours: dict[str, tuple[Period, ...]]) -> dict[str, tuple[Period, ...]]:
    written: dict[int, str] = {}
    for days in hours:
        for day in _weekdays(days):
            if day in written:
                msg = f"{WEEKDAYS[day]} is written twice, in {written[day]} and in {days}"
                raise ValueError(msg)
            written[day] = days
    if not any(hours.values()):
        msg = "it is never open: write at least one period, such as mon-fri: [09:00-17:00]"
        raise ValueError(msg)
    return hours


Hours = Annotated[dict[Days, Periods], AfterValidator(_a_week)]
"""Days → when it is open; each day once, a day that is not written is closed."""

ALL_DAY: Final = Period(0, 1440)


def week(hours: Mapping[str, tuple[Period, ...]]) -> tuple[tuple[Period, ...], ...]:
    """The periods of the seven days, Monday first."""
    by_day = {day: periods for days, periods in hours.items() for day in _weekdays(days)}
    return tuple(by_day.get(day, ()) for day in range(7))


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(resources.files("tzdata").joinpath("zones").read_text("ascii").split())


@cache
def zone(name: str) -> ZoneInfo:
    """A time zone from the pinned tz database, never the machine's: a replay finds the same.

    Raises:
        ValueError: there is none of that name.
    """
    if name not in _zone_names():
        msg = f"found {name!r}, which is no IANA time zone; write one such as Europe/Paris or UTC"
        raise ValueError(msg)
    with resources.files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


def clocks_change(at: datetime, timezone: str) -> bool:
    """Whether the clocks are changed on that day: an hour of it may be there twice, or not at all.

    A reader has to be told which hour is meant.
    """
    local = zone(timezone)
    day = at.astimezone(local).date()
    first, last = (datetime.combine(day + timedelta(n), time(0), local) for n in (0, 1))
    return first.utcoffset() != last.utcoffset()


Zone = Annotated[str, AfterValidator(lambda name: zone(name).key)]
"""The name of an IANA time zone, such as `Europe/Paris`."""


@cache
def _countries() -> dict[str, list[str]]:
    """Country → its subdivisions. The import costs 0.2 s, so only who needs it pays."""
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=False)


class Holidays(Value):
    """The days on which a calendar is closed, whatever the day of the week.

    What somebody writes is checked against the `holidays` package. What a case keeps (JSON) was
    checked when it was written and is believed, so that a replay needs neither package nor version.
    """

    country: str | None = None
    """ISO 3166 code of the country whose public holidays are observed, such as `FR`."""
    subdivision: str | None = None
    """A part of the country with holidays of its own, such as `BY` of `DE`."""
    dates: Annotated[tuple[date, ...], Field(max_length=400)] = ()
    """Days of one's own."""

    @field_validator("country")
    @classmethod
    def _known_country(cls, country: str | None, info: ValidationInfo) -> str | None:
        if info.mode == "json" or country is None or country in _countries():
            return country
        code = country.upper() if country.upper() in _countries() else "FI, FR or GB"
        msg = f"found {country!r}: write the ISO 3166 code of a country, such as {code}"
        raise ValueError(msg)

    @field_validator("subdivision")
    @classmethod
    def _known_subdivision(cls, subdivision: str | None, info: ValidationInfo) -> str | None:
        if info.mode == "json" or subdivision is None or "country" not in info.data:
            return subdivision
        country = info.data["country"]
        if country is None:
            msg = f"found {subdivision!r} without its `country`"
            raise ValueError(msg)
        if subdivision not in _countries()[country]:
            codes = ", ".join(_countries()[country]) or "none"
            msg = f"found {subdivision!r}; the subdivisions of {country} are: {codes}"
            raise ValueError(msg)
        return subdivision


class Calendar(Value):
    """When somebody works, as it is written: `always`, or hours and holidays."""

    hours: Hours
    """Days → periods by the wall clock, such as `mon-thu: ["09:00-12:30", "13:30-18:00"]`."""
    holidays: Holidays = Holidays()
    """Days on which it is closed all the same; none if absent."""
    timezone: Zone | None = None
    """The zone of the wall clock; the policy's if absent."""

    @model_validator(mode="before")
    @classmethod
    def _always(cls, written: Any) -> Any:
        if written == "always":
            return {"hours": {"mon-sun": [ALL_DAY]}}
        if isinstance(written, str):
            msg = f"found {written!r}: write always, or hours such as mon-fri: [09:00-17:00]"
            raise ValueError(msg)
        return written
