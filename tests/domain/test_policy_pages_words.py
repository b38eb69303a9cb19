"""Spans, windows and opening hours in words."""

import pytest

from escalations.calendars import Calendar
from escalations.durations import Duration, Window
from escalations.policy_pages.wording import Wording, plainly

OFFICE = Calendar.model_validate({"hours": {"mon-fri": ["09:00-17:00"]}})
ALWAYS = Calendar.model_validate("always")


@pytest.mark.parametrize(
    ("written", "english", "french", "finnish"),
    [
        ("1m", "1 minute", "1 minute", "1 minuutti"),
        ("90m", "1 hour 30 minutes", "1 heure 30 minutes", "1 tunti 30 minuuttia"),
        ("45s", "45 seconds", "45 secondes", "45 sekuntia"),
        ("7.5m", "7 minutes 30 seconds", "7 minutes 30 secondes", "7 minuuttia 30 sekuntia"),
        ("0.5s", "0.5 seconds", "0,5 seconde", "0,5 sekuntia"),
        ("1bd", "1 business day", "1 jour ouvré", "1 arkipäivä"),
        ("1.5bd", "1.5 business days", "1,5 jour ouvré", "1,5 arkipäivää"),
        ("1/3bd", "1/3 business days", "1/3 jour ouvré", "1/3 arkipäivää"),
        ("10d", "1 week 3 days", "1 semaine 3 jours", "1 viikko 3 vuorokautta"),
    ],
)
def test_spans(written: str, english: str, french: str, finnish: str) -> None:
    """A span in the units a reader counts in, with the language's plural and decimal mark."""
    span = Duration.parse(written)

    assert [Wording(each).span(span) for each in ("en", "fr", "fi")] == [english, french, finnish]


def test_which_time_is_meant() -> None:
    """On a calendar that closes, hours are opening hours and days run on; else nobody need ask."""
    words = Wording("en")

    assert words.span(Duration.parse("2h"), OFFICE) == "2 hours of opening hours"
    assert words.span(Duration.parse("2d"), OFFICE) == "2 days around the clock"
    assert words.span(Duration.parse("2bd"), OFFICE) == "2 business days"
    assert words.span(Duration.parse("2h"), ALWAYS) == "2 hours"


def test_windows() -> None:
    """A window is a reminder and a moving on; from the last level nobody moves on."""
    words = Wording("en")

    assert words.window(Window.parse("15m..30m"), last=False) == (
        "reminded after 15 minutes, moves on after 30 minutes"
    )
    assert words.window(Window.parse("30m"), last=True) == "overdue after 30 minutes"
    assert words.window(Window.parse("until-resolved"), last=False) == "stays until it is resolved"
    assert Wording("fr").window(Window.parse("30m"), last=False) == (
        "passe au suivant après 30 minutes"
    )


def test_opening_hours() -> None:
    """Days with the same hours are said together; holidays and days of one's own are said."""
    calendar = Calendar.model_validate(
        {
            "hours": {"fri-mon": ["08:00-12:00"], "wed": ["00:00-24:00"]},
            "holidays": {"country": "FI", "dates": ["2026-12-24"]},
        }
    )
    words = Wording("en")

    assert words.open(calendar) == ("Mon 08:00–12:00; Wed 00:00–24:00; Fri–Sun 08:00–12:00")
    assert words.closed(calendar) == ["closed on public holidays (FI)", "closed on 2026-12-24"]
    assert words.open(ALWAYS) == "around the clock"


def test_an_unknown_language() -> None:
    """A language without words is refused, with those there are."""
    with pytest.raises(ValueError, match="there are words in en, fr, fi"):
        Wording("sv")


def test_names_without_hyphens() -> None:
    """A name of the language as somebody would say it."""
    assert plainly("follow-up_call") == "follow up call"
