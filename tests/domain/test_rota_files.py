"""Rotas read from the files beside a policy, without a worker."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from escalations.rota import Colleague, Rota, RotaQuestion, on_call
from escalations.rota_calendars.files import RotaFiles, content_of
from escalations.rota_calendars.unreadable import CalendarUnreadable

AT: Final = datetime(2026, 12, 21, 8, tzinfo=UTC)
"""A Monday."""
PEOPLE: Final = {
    name: Colleague(reach=[f"mailto:{name.lower()}@example.com"]) for name in ("Ada", "Bo")
}


def event(title: str, day: int, hours: int = 24, hour: int = 8) -> str:
    return (
        f"BEGIN:VEVENT\r\nUID:{title}{day}{hour}\r\nSUMMARY:{title}\r\n"
        f"DTSTART:202612{day}T{hour:02}0000Z\r\nDURATION:PT{hours}H\r\nEND:VEVENT\r\n"
    )


def written(path: Path, *events: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"BEGIN:VCALENDAR\r\n{''.join(events)}END:VCALENDAR\r\n", "utf-8")
    return path


def question(calendar: str = "rota.ics", overrides: str | None = None) -> RotaQuestion:
    rota = Rota(calendar=calendar, overrides=overrides, people=PEOPLE)
    return RotaQuestion(contact="engineers", rota=rota, at=AT)


def test_overrides_and_gaps(tmp_path: Path) -> None:
    """While an override runs, only its people are on call: nobody, where nobody knows them."""
    written(tmp_path / "rota.ics", event("Ada", 21, 48), event("Bo", 23, 12))
    written(tmp_path / "swaps.ics", event("Bo", 21, 2, hour=12), event("Dr Who", 22, 3, hour=10))
    files, asked = RotaFiles(tmp_path), question(overrides="swaps.ics")

    cover = files.cover(asked, timedelta(days=3))
    roster = files.roster(asked)

    assert cover.gaps == [
        (AT.replace(day=22, hour=10), AT.replace(day=22, hour=13)),
        (AT.replace(day=23, hour=20), AT.replace(day=24, hour=8)),
    ]
    assert [(each.called, each.key) for each in cover.strangers] == [("Dr Who", "overrides")]
    assert [each.key for each in on_call(roster, AT.replace(hour=12))] == ["Bo"]
    assert [each.key for each in on_call(roster, AT.replace(hour=14))] == ["Ada"]
    assert roster.unknown == ["Dr Who"]


def test_as_far_ahead_as_a_plan_reaches(tmp_path: Path) -> None:
    """Ninety days of three shifts a day with two people each are looked through whole."""
    shifts = [
        event(who, 20, 8, hour).replace("END:VEVENT", "RRULE:FREQ=DAILY\r\nEND:VEVENT")
        for hour in (0, 8, 16)
        for who in ("Ada", "Bo")
    ]
    written(tmp_path / "rota.ics", *shifts)
    cover = RotaFiles(tmp_path).cover(question(), timedelta(days=90))

    assert cover.problem == ""
    assert cover.gaps == []


def test_address_is_not_fetched(tmp_path: Path) -> None:
    """Somebody's key to a calendar is not used here; its export stands in for it."""
    address = "https://calendar.example.com/private-0123456789abcdef/basic.ics"
    export = written(tmp_path / "export.ics", event("Ada", 21))
    asked = question(address)

    alone = RotaFiles(tmp_path)
    helped = RotaFiles(tmp_path, {"engineers": export})

    assert alone.lacking("engineers", asked.rota) == ["calendar"]
    assert helped.lacking("engineers", asked.rota) == []
    said = alone.roster(asked).problem
    assert "--rota engineers=FILE" in said
    assert "calendar.example.com" in said
    assert "private" not in said
    assert [each.key for each in helped.roster(asked).shifts] == ["Ada"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file"),
        (b"", "it is empty"),
        (b"<html>", "a web page"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n", "ends before its end"),
        (b"x" * 2_000_001, "larger than 2 MB"),
        (b"BEGIN:VCALENDAR\r\nSUMMARY:\xff\r\nEND:VCALENDAR", "not UTF-8"),
    ],
)
def test_calendar_that_cannot_be_read(tmp_path: Path, content: bytes | None, said: str) -> None:
    """Why, and who can mend it, is the answer, for a roster and for a plan."""
    if content is not None:
        (tmp_path / "rota.ics").write_bytes(content)
    files = RotaFiles(tmp_path)

    assert said in files.roster(question()).problem
    cover = files.cover(question(), timedelta(days=90))
    assert cover.problem.startswith("rota.calendar (rota.ics) cannot be read: ")
    assert (cover.shifts, said in cover.problem) == ((), True)


def test_file_outside_of_the_folder(tmp_path: Path) -> None:
    """A link that leads out of the folder of the policies is not followed."""
    outside = written(tmp_path / "outside.ics", event("Ada", 21))
    inside = tmp_path / "policies"
    inside.mkdir()
    (inside / "rota.ics").symlink_to(outside)

    with pytest.raises(CalendarUnreadable, match="leads out of the folder"):
        content_of(inside, "rota.ics")


def test_reading_ends_when_its_time_is_over(tmp_path: Path) -> None:
    """Whoever reads may say when it has taken long enough."""
    written(tmp_path / "rota.ics", event("Ada", 21))

    def over() -> None:
        raise CalendarUnreadable("it takes too long")

    assert "it takes too long" in RotaFiles(tmp_path, look_up=over).roster(question()).problem
