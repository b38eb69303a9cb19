"""Amounts of time: what can be written, what is refused, and the arithmetic of clocks."""

import json
import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import to_json

from escalations.durations import LONGEST, Duration, Unit, Window

MICROSECONDS = st.integers(0, 10**15)
SHARES = st.fractions(0, 1000, max_denominator=10**12)
HOURS = st.builds(Duration, st.just(Unit.HOURS), MICROSECONDS)
DAYS = st.builds(Duration, st.just(Unit.DAYS), MICROSECONDS)
BUSINESS_DAYS = st.builds(Duration, st.just(Unit.BUSINESS_DAYS), SHARES)
DURATIONS = HOURS | DAYS | BUSINESS_DAYS
PAIRS = st.tuples(HOURS, HOURS) | st.tuples(DAYS, DAYS) | st.tuples(BUSINESS_DAYS, BUSINESS_DAYS)


@pytest.mark.parametrize(
    ("written", "unit", "amount", "canonical"),
    [
        ("45s", Unit.HOURS, 45_000_000, "45s"),
        ("15m", Unit.HOURS, 900_000_000, "15m"),
        ("90m", Unit.HOURS, 5_400_000_000, "1h30m"),
        ("36h", Unit.HOURS, 129_600_000_000, "36h"),
        ("1/3h", Unit.HOURS, 1_200_000_000, "20m"),
        ("12m30.5s", Unit.HOURS, 750_500_000, "12m30.5s"),
        ("0.000001s", Unit.HOURS, 1, "0.000001s"),
        ("0s", Unit.HOURS, 0, "0s"),
        ("3d", Unit.DAYS, 259_200_000_000, "3d"),
        ("2w", Unit.DAYS, 1_209_600_000_000, "2w"),
        ("1w3d", Unit.DAYS, 864_000_000_000, "10d"),
        ("0d", Unit.DAYS, 0, "0d"),
        ("1bd", Unit.BUSINESS_DAYS, 1, "1bd"),
        ("0.5bd", Unit.BUSINESS_DAYS, Fraction(1, 2), "0.5bd"),
        ("17/28bd", Unit.BUSINESS_DAYS, Fraction(17, 28), "17/28bd"),
        ("0bd", Unit.BUSINESS_DAYS, 0, "0bd"),
    ],
)
def test_what_a_policy_writes(
    written: str, unit: Unit, amount: int | Fraction, canonical: str
) -> None:
    """Each unit means what the policy language says, and has one canonical way to be written."""
    duration = Duration.parse(written)
    assert (duration.unit, duration.amount) == (unit, amount)
    assert str(duration) == canonical


@given(DURATIONS)
def test_canonical_text_is_the_same_duration(duration: Duration) -> None:
    """Whatever a clock has consumed is written into the record and read back without loss."""
    assert Duration.parse(str(duration)) == duration
    assert TypeAdapter(Duration).validate_json(to_json(duration)) == duration


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "found '', which is not a duration"),
        ("30", "found '30', which is not a duration"),
        ("30 min", "found '30 min', which is not a duration"),
        ("-5m", "found '-5m', which is not a duration"),
        ("1.m", "found '1.m', which is not a duration"),
        ("1e3s", "the unknown unit 'e'"),
        ("٣m", "which is not a duration"),
        ("15m\n", "which is not a duration"),
        ("9" * 300 + "m", "found '9999999999999999999999999999999999999999…'"),
        ("5min", "the unknown unit 'min'"),
        ("5M", "found '5M', which is not a duration"),
        ("1d12h", "mixes kinds of time"),
        ("1bd4h", "mixes kinds of time"),
        ("30m1h", "the larger first"),
        ("1h1h", "each unit once"),
        ("1/0bd", "over zero"),
        ("1/7s", "finer than a microsecond"),
    ],
)
def test_what_a_policy_cannot_mean(written: str, complaint: str) -> None:
    """A duration that means nothing is refused with what was found and what is allowed."""
    with pytest.raises(ValueError, match=re.escape(complaint)):
        Duration.parse(written)


@given(st.text(alphabet="0123456789./smhdwb-. e", max_size=12))
def test_text_is_a_duration_or_refused(text: str) -> None:
    """No text makes anything but a duration or a ValueError, and a duration matches its schema."""
    try:
        Duration.parse(text)
    except ValueError:
        return
    assert re.search(TypeAdapter(Duration).json_schema()["pattern"], text)


def test_kinds_of_time_are_never_mixed() -> None:
    """Eight hours are not a business day: comparing or adding says that a calendar must decide."""
    hours, days = Duration.parse("8h"), Duration.parse("1bd")
    assert hours != days
    assert Duration.parse("24h") != Duration.parse("1d")
    for mix in (
        lambda: hours < days,
        lambda: hours >= days,
        lambda: hours + days,
        lambda: hours - days,
        lambda: hours.less(days),
    ):
        with pytest.raises(TypeError, match="8h and 1bd are different kinds of time"):
            mix()


@given(PAIRS)
def test_budgets(pair: tuple[Duration, Duration]) -> None:
    """What is left of a budget and what is consumed make up the budget, until it is used up."""
    budget, consumed = pair
    left = budget.less(consumed)
    assert left.is_zero is (consumed >= budget) is (not left)
    if left:
        assert left + consumed == budget
        assert budget - consumed == left
    assert budget + consumed >= budget
    assert (budget < consumed) is not (budget >= consumed)
    assert (budget > consumed) is not (budget <= consumed)


def test_never_negative() -> None:
    """More consumed than there was is zero left for `less`, and a mistake for a plain minus."""
    assert Duration.parse("1h").less(Duration.parse("2h")) == Duration.zero(Unit.HOURS)
    with pytest.raises(ValueError, match="never negative"):
        Duration.parse("1h") - Duration.parse("2h")
    with pytest.raises(ValueError, match="never negative"):
        Duration.parse("1h") * -1
    with pytest.raises(TypeError, match="whole microseconds"):
        Duration(Unit.HOURS, Fraction(1, 2))


@pytest.mark.parametrize(
    ("window", "speed", "quicker"),
    [
        ("15m..30m", 0.75, "11m15s..22m30s"),
        ("1bd..3bd", 0.1, "0.1bd..0.3bd"),
        ("1d", 0.5, "0.5d"),
        ("1bd", Fraction(1, 3), "1/3bd"),
        ("1s", Fraction(1, 3), "0.333333s"),
        ("until-resolved", 0.5, "until-resolved"),
    ],
)
def test_speed(window: str, speed: float | Fraction, quicker: str) -> None:
    """An important case has the exact share of the window that its priority's speed says (D10)."""
    assert str(Window.parse(window) * speed) == quicker


def test_speed_is_a_number() -> None:
    """A speed that is not finite is refused."""
    for speed in (float("nan"), float("inf")):
        with pytest.raises(ValueError, match="Fraction"):
            Duration.parse("1h") * speed


@pytest.mark.parametrize(
    ("written", "remind", "leave"),
    [
        ("15m..30m", "15m", "30m"),
        ("1bd..3bd", "1bd", "3bd"),
        ("1h..1h30m", "1h", "1h30m"),
        ("30m", None, "30m"),
        ("400bd", None, "400bd"),
        ("until-resolved", None, None),
    ],
)
def test_windows(written: str, remind: str | None, leave: str | None) -> None:
    """A window reminds at its lower bound and is left at its upper one, if it has them (D24)."""
    window = Window.parse(written)
    assert window.remind == (remind and Duration.parse(remind))
    assert window.leave == (leave and Duration.parse(leave))
    assert str(window) == written
    assert TypeAdapter(Window).validate_json(to_json(window)) == window
    assert re.search(TypeAdapter(Window).json_schema()["pattern"], written)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("30m..15m", "the reminder has to come before the end"),
        ("30m..30m", "the reminder has to come before the end"),
        ("0m..30m", "a window needs some time"),
        ("0s", "a window needs some time"),
        ("15m..1bd", "write both ends in the same kind of time"),
        ("400bd..401bd", "a window lasts 400bd at most"),
        ("9601h", "a window lasts 9600h at most"),
        ("58w", "a window lasts 400d at most"),
        ("15m..", "a window is written 15m..30m, 30m or until-resolved"),
        ("..30m", "a window is written 15m..30m, 30m or until-resolved"),
        ("15m-30m", "a window is written 15m..30m, 30m or until-resolved"),
        ("15m..30m..1h", "a window is written 15m..30m, 30m or until-resolved"),
        ("15m..until-resolved", "a window is written 15m..30m, 30m or until-resolved"),
        ("never", "a window is written 15m..30m, 30m or until-resolved"),
    ],
)
def test_what_is_no_window(written: str, complaint: str) -> None:
    """A window that no level can keep is refused with what was found and what is allowed."""
    with pytest.raises(ValueError, match=re.escape(complaint)):
        Window.parse(written)


def test_a_reminder_needs_an_end() -> None:
    """Nothing is reminded at a level that is only left when the case is resolved."""
    with pytest.raises(ValueError, match="needs an upper bound"):
        Window(Duration.parse("15m"), None)


def test_longest() -> None:
    """The longest time of each kind is of that kind, and 400 days in it."""
    assert {unit: str(longest) for unit, longest in LONGEST.items()} == {
        Unit.HOURS: "9600h",
        Unit.DAYS: "400d",
        Unit.BUSINESS_DAYS: "400bd",
    }


class _Rule(BaseModel):
    within: Window
    repeat_every: Duration | None = None
    details: dict[str, Any] = {}


def test_models_hold_words() -> None:
    """In JSON a duration is the word that a policy writes, also where its type is not declared."""
    rule = _Rule(
        within=Window.parse("15m..90m"),
        repeat_every=Duration.parse("1bd"),
        details={"left": Duration.parse("12m30s")},
    )
    written = {"within": "15m..1h30m", "repeat_every": "1bd", "details": {"left": "12m30s"}}
    assert json.loads(rule.model_dump_json()) == written
    assert rule.model_dump(mode="json") == written
    assert _Rule.model_validate(written).repeat_every == rule.repeat_every
    schema = _Rule.model_json_schema()["properties"]["within"]
    assert schema["type"] == "string"
    assert all(Window.parse(example) for example in schema["examples"])


def test_models_name_the_field() -> None:
    """A wrong value is reported at its field: text that means nothing, and a bare number."""
    with pytest.raises(ValidationError) as refused:
        _Rule.model_validate({"within": 30, "repeat_every": "soon"})
    complaints = {error["loc"]: error["msg"] for error in refused.value.errors()}
    assert complaints.keys() == {("within",), ("repeat_every",)}
    assert "found 30: write it as text, such as 15m..30m or 2h" in complaints["within",]
    assert "found 'soon', which is not a duration" in complaints["repeat_every",]
