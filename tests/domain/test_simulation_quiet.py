"""A simulated case whose people have quiet hours: what waits, for whom, and when it is said."""

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import icalendar

from escalations.cli.simulated import lines
from escalations.simulation.calendar_file import calendar
from escalations.simulation.happenings import Happening
from escalations.simulation.picture import picture
from escalations.simulation.scenario_file import Wishes, read
from escalations.simulation.story import Story
from escalations.snapshot import Snapshot
from tests.domain.matrices import paris
from tests.domain.test_left_in_peace import quiet

NIGHT = paris("2026-12-22 01:30")
MORNING = datetime(2026, 12, 22, 6, 0, tzinfo=UTC)


def story(text: str = "", snapshot: Snapshot | None = None) -> Story:
    """A case of half past one in the night, where the level's contact sleeps until seven."""
    policy = (snapshot or quiet("1d", "1d")).policy
    scenario = read(text, policy, Wishes(NIGHT))
    return Story.of(scenario.play(policy), scenario.timezone, "en", scenario.summary)


def told_of(happening: Happening) -> list[str]:
    """Who is told what, and where or until when it waits."""
    return [f"{told.about} → {told.recipient} ({told.where})" for told in happening.told]


def of_morning(told: Story) -> list[Happening]:
    return [each for each in told.happenings if each.at == MORNING]


def test_what_waits_is_not_shown_as_said() -> None:
    """The row of the night says until when the message waits, the row of the morning who hears."""
    told = story("happens: [{after: 20h, resolve: Done}]")
    night, (morning,) = told.happenings[0], of_morning(told)

    assert "level entered → one (waits until 2026-12-22 07:00 CET)" in told_of(night)
    assert "one has quiet hours until 2026-12-22 07:00 CET: level_entered waits" in night.words
    assert told_of(morning) == ["level entered → one (one@example.com)"]
    assert morning.words == ("What waited for quiet hours to end is said now: One",)
    assert (morning.why, morning.level) == ("quiet hours over", 1)


def test_what_is_recalled_has_no_morning() -> None:
    """Resolved in the night: nobody is told at seven, and the row says who need not hear."""
    told = story("happens: [{after: 1h, resolve: Done}]")

    assert of_morning(told) == []
    assert "one need not hear any more: level_entered" in told.happenings[1].words
    reached = [one for each in told.happenings for one in each.told if one.address]
    assert [one.about for one in reached if one.recipient == "one"] == ["case closed"]


def test_important_enough_to_wake_somebody() -> None:
    """Raised to P1 in the night: what waited is told in that row, and nothing in the morning."""
    told = story("happens: [{after: 1h, set_priority: {priority: P1, why: It burns}}]")

    assert "level entered → one (one@example.com)" in told_of(told.happenings[1])
    assert told.happenings[1].waited
    assert of_morning(told) == []


def test_a_night_every_day_is_told_once() -> None:
    """The same night and morning again and again are one row each, with how often and how long."""
    policy = quiet("30m", "1d", who=("two",))
    told = story(snapshot=policy)
    shown = told.folded()

    assert sum(1 + each.more for each in shown) == len(told.happenings)
    *_, night, morning = shown
    assert night.kinds == ("repeated", "held_back")
    assert morning.waited
    assert abs(night.more - morning.more) <= 1
    assert morning.last_at == told.happenings[-1].at


def test_in_the_document() -> None:
    """A program reads the moment for which a message waits, and no address that took it."""
    happenings: list[dict[str, Any]] = story("until: 12h").document()["happenings"]
    night, morning = (
        next(one for one in each["told"] if one["recipient"] == "one")
        for each in (happenings[0], happenings[-1])
    )

    assert (night["address"], night["waits_until"]) == (None, MORNING.isoformat())
    assert (morning["address"], morning["waits_until"]) == ("mailto:one@example.com", None)


def test_in_the_calendar() -> None:
    """The event of the night is called after the case; that of the morning says who hears."""
    told = story("until: 12h")
    events = icalendar.Calendar.from_ical(calendar(told, NIGHT)).walk("VEVENT")

    assert str(events[0]["SUMMARY"]).startswith("Level 1 has it: L1")
    assert "One: level entered (waits until" in str(events[0]["DESCRIPTION"])
    assert events[-1].decoded("DTSTART") == MORNING
    assert "One" in str(events[-1]["SUMMARY"])


def test_in_the_picture() -> None:
    """Who waits is neither drawn as told nor as not reached, and not named as told in the list."""
    svg = ElementTree.fromstring(picture(story("until: 12h")))  # noqa: S314 - our own
    circles = [each for each in svg.iter() if each.tag.endswith("circle")]
    of_one = {
        words: each.get("fill") for each in circles if "One:" in (words := "".join(each.itertext()))
    }
    rows = ["".join(each.itertext()) for each in svg.iter() if each.get("class") == "row"]

    waits, said = of_one.items()
    assert ("waits until" in waits[0], waits[1]) == (True, "#c9d1d9")
    assert ("one@example.com" in said[0], said[1]) == (True, "#fff")
    assert not any("→" in row and "One" in row.partition("→")[2] for row in rows[:2])
    assert any(row.endswith("is said now: One  → One") for row in rows)


def test_at_the_terminal() -> None:
    """The table and the cards say both."""
    for width in (60, 200):
        shown = " ".join(line.plain for line in lines(story("until: 12h"), width))
        whole = " ".join(shown.split())
        assert "level entered (waits until 2026-12-22 07:00 CET)" in whole
        assert "→ One: level entered (one@example.com)" in whole
