"""A simulated case as it is shown: in words, as a calendar, as a picture."""

import re
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest

from escalations.cli.simulated import lines
from escalations.simulation.calendar_file import MAX_OCTETS, calendar
from escalations.simulation.lanes import Lanes
from escalations.simulation.picture import picture
from escalations.simulation.scenario_file import Wishes, read
from escalations.simulation.story import Story
from tests.domain.matrices import call_centre

NOW = datetime(2026, 12, 22, 15, 40, tzinfo=UTC)
SVG = "{http://www.w3.org/2000/svg}"
LIVELY = """
summary: Ada, 'שלום'; a \\ and 😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀
case: {priority: P2, customer: {name: "ACME <&> «Søren», Ltd; حسن"}}
happens:
  - {after: 1m, unreachable: [representative], for: 1d}
  - {after: 1m, acknowledge: rita}
  - {after: 1m, hold: {reason: customer, note: "line one\\nline two"}}
  - {after: 3h, customer_replied: "Here; it, is \\\\ done"}
  - {after: 1h, propose_resolution: {kind: workaround}}
  - {after: 1h, confirm_resolution: }
  - {after: 1bd, resolve: Cable replaced}
  - {after: 1h, reject_resolution: Not at all}
  - {after: 1h, hand_up: }
  - {after: 1h, confirm_resolution: }
  - {after: 1h, withdraw: Never mind}
  - {after: 1h, add_note: too late}
"""


def story(text: str = "", language: str | None = None, zone: str | None = None) -> Story:
    """A scenario of the real matrix, played."""
    policy = call_centre().policy
    scenario = read(text, policy, Wishes(NOW, zone=zone))
    return Story.of(scenario.play(policy), scenario.timezone, language, scenario.summary)


def test_who_is_told_what_when_and_why() -> None:
    """Each decision has its moment, its words, its reason, and the addresses that took it."""
    reminded = next(each for each in story().happenings if each.kinds == ("reminded",))

    assert story().moment(reminded.at) == "Tue 2026-12-22 16:55"
    assert reminded.words == ("Representative was reminded",)
    assert reminded.why == "after 15m"
    (told,) = reminded.told
    assert (told.name, told.about, told.where) == (
        "Call-centre representative",
        "reminder",
        "representative@callcentre.example",
    )


def test_what_people_inside_hear_of_the_customer() -> None:
    """That the customer replied is not shortened to *replied*, as what the customer is told is."""
    told = [one for each in story(LIVELY).happenings for one in each.told]
    said = {(each.recipient == "customer", each.notice): each.about for each in told}

    assert said[False, "customer_replied"] == "customer replied"
    assert said[True, "customer_handed_over"] == "handed over"


def test_a_name_in_another_direction_keeps_to_itself() -> None:
    """A name from right to left does not turn around what stands beside it on a terminal."""
    told = story("case: {customer: {name: אדה}}")
    shown = "\n".join(line.plain for line in lines(told, 80))

    assert "→ \u2068אדה\u2069: acknowledged" in shown


def test_every_entry_is_told_once() -> None:
    """Nothing that the timeline has is left out, and a delivered message stands where it went."""
    told = story(LIVELY)
    record = told.simulation.case.record
    kinds = [kind for each in told.happenings for kind in each.kinds]
    reached = sum(1 for each in told.happenings for one in each.told if one.address)

    assert kinds == [each.type for each in record.timeline if each.type != "notified"]
    assert reached == sum(1 for each in record.timeline if each.type == "notified")


def test_a_refusal_is_told() -> None:
    """A command that changed nothing stands in the story, with where the case stood."""
    refused = [each.words[-1] for each in story(LIVELY).happenings if each.refused]
    assert refused[-1].startswith("Refused: no resolution waits")


def test_where_it_was_cut() -> None:
    """A case that goes on says so, with what comes next and when."""
    assert "Cut at Tue 2027-01-19 16:40: the case is still open" in story().end
    assert "(Tue 2027-01-19 18:00)" in story().end
    assert "Ended" in story(LIVELY).end
    assert "1 of the scenario" in story(LIVELY).end


def test_what_recurs_is_told_once() -> None:
    """The same again and again becomes one line with how often and until when."""
    shown, all_of_them = story().folded(), story().happenings
    last = shown[-1]

    assert sum(1 + each.more for each in shown) == len(all_of_them)
    assert len(shown) < len(all_of_them)
    assert last.more == len(all_of_them) - len(shown)
    assert last.last_at == all_of_them[-1].at
    assert {each.kinds for each in shown} == {each.kinds for each in all_of_them}


@pytest.mark.parametrize(
    ("language", "day", "said"),
    [("en", "Tue", "was reminded"), ("fr-CA", "mar", "Représentant"), ("fi", "ti", "muistut")],
)
def test_in_the_readers_language(language: str, day: str, said: str) -> None:
    """Words and days of the week are the reader's; the policy's own words stay."""
    told = story(language=language)
    page = " ".join(words for each in told.happenings for words in each.words)

    assert told.moment(NOW).startswith(day)
    assert said in page or "rappel" in page
    assert told.title != story(language="en").title or language == "en"


def events_of(text: str) -> list[Any]:
    return [each for each in icalendar.Calendar.from_ical(text).walk("VEVENT")]


def test_a_calendar_that_others_read() -> None:
    """Every happening is an event in UTC, its words whole, whatever they contain."""
    told = story(LIVELY)
    events = events_of(calendar(told, NOW))

    assert [each.decoded("DTSTART") for each in events] == [each.at for each in told.happenings]
    assert [str(each["SUMMARY"]) for each in events] == [each.words[-1] for each in told.happenings]
    whole = "\n".join(str(each["DESCRIPTION"]) for each in events)
    for words in ("ACME <&> «Søren», Ltd; حسن", "“Here; it, is \\ done”", "(scenario)"):
        assert words in whole


def test_the_calendar_keeps_the_standard() -> None:
    """Lines end with CRLF and hold 75 octets at most, and no character is torn apart."""
    text = calendar(story(LIVELY), NOW)

    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) == MAX_OCTETS
    assert all(line.decode() is not None for line in lines)
    uids = [str(each["UID"]) for each in events_of(text)]
    assert len(set(uids)) == len(uids) == len(story(LIVELY).happenings)


def test_the_same_case_has_the_same_events() -> None:
    """Written again, events are updated and not doubled; another opening has others."""
    one = [each["UID"] for each in events_of(calendar(story(), NOW))]
    again = [each["UID"] for each in events_of(calendar(story(), NOW.replace(hour=18)))]
    other = [each["UID"] for each in events_of(calendar(story("at: 2027-01-11 10:00"), NOW))]

    assert one == again
    assert not set(one) & set(other)


@pytest.mark.parametrize("text", ["", LIVELY], ids=["left alone", "lively"])
def test_a_picture_that_says_what_it_shows(text: str) -> None:
    """The picture is XML with a title and a description of everything in it."""
    told = story(text)
    svg = ElementTree.fromstring(picture(told))  # noqa: S314 - our own

    assert svg.get("role") == "img"
    title, desc = svg.find(f"{SVG}title"), svg.find(f"{SVG}desc")
    assert title is not None
    assert title.text == told.title
    assert desc is not None
    assert desc.text is not None
    for each in told.folded():
        assert all(words in " ".join(desc.text.split()) for words in each.words)


def test_the_picture_keeps_inside_its_frame() -> None:
    """Nothing is drawn beside the paper, and lanes go upwards with the levels."""
    svg = ElementTree.fromstring(picture(story(LIVELY)))  # noqa: S314 - our own
    width, height = float(svg.get("width", 0)), float(svg.get("height", 0))

    for each in svg.iter():
        for names, most in ((("x", "x1", "x2", "cx"), width), (("y", "y1", "y2", "cy"), height)):
            for name in names:
                if re.fullmatch(r"-?[\d.]+", each.get(name, "")):
                    assert 0 <= float(each.get(name, 0)) <= most


def test_the_way_of_the_case_has_no_gaps() -> None:
    """Stretch by stretch the case is somewhere, from its opening to its ending."""
    stretches = list(Lanes(story(LIVELY)).stretches())

    assert stretches[0].begins == 0
    for before, after in pairwise(stretches):
        assert before.ends == after.begins
    assert {each.status for each in stretches} == {"open", "on_hold", "resolved", "workaround"}
    assert [each.level for each in Lanes(story()).stretches()] == [1, 2, 3, 4, 5, 6, 7]


AUTUMN = """
at: 2026-10-25T00:30+02:00
zone: Europe/Paris
happens:
  - {at: 2026-10-25T02:30+02:00, add_note: once}
  - {at: 2026-10-25T02:30+01:00, add_note: twice}
"""


def test_the_hour_that_is_there_twice() -> None:
    """Where the clocks change meanwhile, each moment names its zone: 02:30 stands there twice."""
    told = story(AUTUMN)
    notes = [each for each in told.happenings if each.kinds == ("noted",)]

    assert [told.moment(each.at) for each in notes] == [
        "Sun 2026-10-25 02:30 CEST",
        "Sun 2026-10-25 02:30 CET",
    ]
    assert "opened Sun 2026-10-25 00:30 CEST (Europe/Paris)" in told.title
    assert story(AUTUMN.replace("Europe/Paris", "UTC")).moment(NOW) == "Tue 2026-12-22 15:40"


def test_the_zone_changes_while_the_case_is_open() -> None:
    """Opened in summer time and open until winter time: nobody has to count which row is which."""
    assert story("at: 2026-10-20 10:00").moment(NOW).endswith("16:40 CET")
    assert story("at: 2026-10-20 10:00\nuntil: 1d").moment(NOW).endswith("16:40")


def test_the_picture_names_the_zone_too() -> None:
    """Along the moments a change of the clocks begins like another day, and the list names both."""
    drawn = "\n".join(ElementTree.fromstring(picture(story(AUTUMN))).itertext())  # noqa: S314

    for words in ("Sun 2026-10-25 CEST", "Sun 2026-10-25 CET", "Sun 2026-10-25 02:30 CET"):
        assert words in drawn
