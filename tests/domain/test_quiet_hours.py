"""The hours in which somebody is left in peace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from escalations.opening_hours import zone
from escalations.quiet_hours import QuietHours, quiet_until

HOURS = TypeAdapter(QuietHours)
NIGHT = ["22:00-07:00", "12:30-13:30"]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone("Europe/Paris"))


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        ("2026-12-22T21:59", None),
        ("2026-12-22T22:00", "2026-12-23T07:00"),
        ("2026-12-23T00:00", "2026-12-23T07:00"),
        ("2026-12-23T06:59", "2026-12-23T07:00"),
        ("2026-12-23T07:00", None),
        ("2026-12-23T13:00", "2026-12-23T13:30"),
        ("2026-03-28T23:30", "2026-03-29T07:00"),  # an hour shorter: the clocks go forward
    ],
)
def test_a_night_passes_midnight(moment: str, until: str | None) -> None:
    """Quiet from 22:00 to 07:00 is one night, by the contact's wall clock, whatever the season."""
    found = quiet_until(NIGHT, "Europe/Paris", at(moment))

    assert found == (None if until is None else at(until))


@pytest.mark.parametrize(
    "wrong", [["22:00-7:00"], ["25:00-26:00"], ["08:00-08:00"], ["00:00-24:00"], [], ["night"]]
)
def test_what_is_no_quiet_hours_is_refused(wrong: list[str]) -> None:
    """A malformed period, an empty one, and hours that leave nothing of the day."""
    with pytest.raises(ValidationError):
        HOURS.validate_python(wrong)


CLOCK = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02}:{minute % 60:02}")


@given(
    st.tuples(CLOCK, CLOCK).filter(lambda both: both[0] != both[1]),
    st.integers(0, 365 * 86_400).map(lambda s: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(0, s)),
)
def test_the_end_is_the_first_moment_that_is_not_quiet(
    period: tuple[str, str], moment: datetime
) -> None:
    """Against the wall clock, minute by minute, in a zone without clock changes."""
    start, end = period
    minute = moment.replace(second=0, microsecond=0)

    def quiet(each: datetime) -> bool:
        clock = f"{each:%H:%M}"
        return start <= clock < end if start < end else not end <= clock < start

    expected = None
    if quiet(minute):
        expected = minute
        while quiet(expected):
            expected += timedelta(minutes=1)
    assert quiet_until([f"{start}-{end}"], "UTC", moment) == expected
