"""Who is on call at a moment and when that changes, against one who looks every minute."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from escalations.rostering import Span, roster, unreadable
from escalations.rota import (
    AHEAD,
    MAX_SHIFTS,
    Roster,
    Rota,
    RotaQuestion,
    Shift,
    next_change,
    on_call,
)

MINUTE = timedelta(minutes=1)
START = datetime(2026, 10, 24, 22, tzinfo=UTC)
QUESTION = RotaQuestion(contact="support", rota=Rota(calendar="rota.ics"), at=START)


def shift(key: str, start: int, end: int) -> Shift:
    """By minutes from the start."""
    return Shift(
        start=START + start * MINUTE,
        end=START + end * MINUTE,
        key=key,
        name=key.title(),
        reach=[f"mailto:{key}@example.com"],
    )


SPANS = st.tuples(st.integers(-30, 90), st.integers(1, 60))
SHIFTS = st.lists(
    st.builds(lambda key, span: shift(key, span[0], sum(span)), st.sampled_from("abc"), SPANS),
    max_size=6,
)
OVERRIDDEN = st.lists(
    SPANS.map(lambda span: (START + span[0] * MINUTE, START + sum(span) * MINUTE)), max_size=3
)
MINUTES = [START + n * MINUTE for n in range(161)]


def people(shifts: list[Shift], at: datetime) -> set[str]:
    return {each.key for each in shifts if each.start <= at < each.end}


@given(SHIFTS, SHIFTS, OVERRIDDEN)
def test_against_one_who_looks_every_minute(
    regular: list[Shift], overrides: list[Shift], overridden: list[Span]
) -> None:
    """Whatever shifts and overrides overlap: while an override runs, its people are on call and
    nobody else, and the next change is the next minute at which the people are others."""
    read = roster(QUESTION, regular, overrides, overridden)
    expected = []
    for at in MINUTES:
        runs = any(start <= at < end for start, end in overridden)
        expected.append(people(overrides, at) | (set() if runs else people(regular, at)))

    assert [{each.key for each in on_call(read, at)} for at in MINUTES] == expected
    for n, at in enumerate(MINUTES):
        later = (m for m, who in zip(MINUTES[n:], expected[n:], strict=True) if who != expected[n])
        assert next_change(read, at) == next(later, None)


@given(SHIFTS, SHIFTS, OVERRIDDEN)
def test_each_person_is_in_one_shift_at_a_time(
    regular: list[Shift], overrides: list[Shift], overridden: list[Span]
) -> None:
    """The shifts of a roster come by their start, and two of one person neither meet nor touch."""
    read = roster(QUESTION, regular, overrides, overridden)

    assert read.shifts == sorted(read.shifts, key=lambda each: each.start)
    for one in read.shifts:
        assert one.start < one.end
        assert one.end > START
        assert not [x for x in read.shifts if x.key == one.key and one.start < x.start <= one.end]


def test_somebody_twice_is_on_call_once() -> None:
    """Of two shifts of one person that overlap, the one that ends last is told."""
    short, long = shift("anna", 0, 30), shift("anna", -10, 60)
    read = Roster(contact="support", read_at=START, until=START + AHEAD, shifts=[short, long])

    assert on_call(read, START) == [long]
    assert next_change(read, START) == START + 60 * MINUTE


def test_override_with_nobody_who_is_known() -> None:
    """While an override runs whose person nobody knows, nobody is on call, and it says why."""
    spans = [(START + 10 * MINUTE, START + 20 * MINUTE)]
    read = roster(QUESTION, [shift("anna", 0, 30)], [], spans, ["Bne"])

    assert on_call(read, START + 10 * MINUTE) == []
    assert next_change(read, START + 10 * MINUTE) == START + 20 * MINUTE
    assert read.unknown == ["Bne"]


def test_roster_tells_nothing_beyond_its_end() -> None:
    """A shift that ends after what was read is no change that is known."""
    read = roster(QUESTION, [shift("anna", 0, 60 * 24 * 30)])

    assert read.until == START + AHEAD
    assert next_change(read, START) is None


def test_roster_with_too_many_shifts_ends_earlier() -> None:
    """What is told stays true: beyond the limit the roster ends, and nothing is left out of it."""
    many = [shift(f"p{n}", 2 * n, 2 * n + 1) for n in range(MAX_SHIFTS + 20)]
    read = roster(QUESTION, many)

    assert len(read.shifts) == MAX_SHIFTS
    assert read.until == many[MAX_SHIFTS].start


def test_crowd_is_no_rota() -> None:
    """Where more people are on call at once than a roster holds, there is none, and it says so."""
    read = roster(QUESTION, [shift(f"p{n}", -n, 1) for n in range(MAX_SHIFTS + 1)])

    assert read.shifts == []
    assert "more than 500 people" in read.problem
    assert next_change(read, START) is None


def test_problem_has_no_shifts() -> None:
    """A roster that could not be read holds none: what was known before is the engine's to keep."""
    problem = unreadable(QUESTION, "gone")

    assert (problem.until, problem.shifts, on_call(problem, START)) == (START, [], [])
    with pytest.raises(ValidationError, match="has no shifts"):
        Roster.model_validate({**problem.model_dump(), "shifts": [shift("anna", 0, 1)]})


@pytest.mark.parametrize(
    "source",
    [
        "rota.ics",
        "rotas/support on call.ics",
        "https://calendar.google.com/calendar/ical/x/${GOOGLE_KEY}/basic.ics",
        "webcal://acme.app.opsgenie.com/webapi/webcal/getRecentSchedule?webcalToken=${TOKEN}",
        "https://${USER}:${PASSWORD}@calendar.example.com:8443/rota.ics",
        "http://127.0.0.1:8000/rota.ics",
        "http://[::1]:8000/rota.ics",
        "http://localhost/rota.ics",
    ],
)
def test_source(source: str) -> None:
    """A calendar is a file beside the policies, or an address that does not show its key."""
    assert Rota(calendar=source, overrides=source).calendar == source


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("", "at least 1"),
        ("/etc/rota.ics", "in the folder of the policies"),
        ("call-centre.yaml", "such as rota.ics"),
        ("../rota.ics", "in the folder of the policies"),
        ("rotas\\..\\x.ics", "in the folder of the policies"),
        ("file:///etc/passwd", "https or webcal"),
        ("FILE:rota.ics", "https or webcal"),
        ("ftp://example.com/rota.ics", "https or webcal"),
        ("https:///rota.ics", "https or webcal"),
        ("https://example.com:99999/rota.ics", "https or webcal"),
        ("https://example.com/a rota.ics", "https or webcal"),
        ("https://${HOST}/rota.ics", "the host without a secret"),
        ("http://example.com/rota.ics", "write https://example.com/"),
        ("http://10.0.0.1/rota.ics", "write https://10.0.0.1/"),
        ("http://127.0.0.1.example.com/rota.ics", "write https://127.0.0.1.example.com/"),
    ],
)
def test_no_source(source: str, said: str) -> None:
    """Anything else is refused with what may be written instead."""
    with pytest.raises(ValidationError, match=said):
        Rota(calendar=source)


def test_people_are_told_apart() -> None:
    """Two names that a calendar does not tell apart are a mistake of the policy."""
    someone: Any = {"reach": ["mailto:anna@example.com"]}
    with pytest.raises(ValidationError, match="'Anna Berg' and 'anna  berg'"):
        Rota.model_validate(
            {"calendar": "rota.ics", "people": {"Anna Berg": someone, "anna  berg": someone}}
        )
