"""The sped-up matrix is the same matrix: everything is quicker, and nothing else is different."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from escalations import policy_file
from escalations.calendars import BusinessTime
from escalations.durations import Duration, Unit, Window
from escalations.policy_file import read
from escalations.snapshot import take
from starters.demo import fast
from tests.house import CHECKOUT

MATRIX: Final = read(CHECKOUT / "policies" / "call-centre.yaml")
HOUR: Final = timedelta(seconds=6)
LONGEST: Final = Duration.parse("20m")


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every single thing that a policy says, and where it stands."""
    match value:
        case dict():
            for key, part in value.items():
                yield from leaves(part, f"{place}.{key}")
        case list():
            for n, part in enumerate(value):
                yield from leaves(part, f"{place}.{n}")
        case _:
            yield place, value


def spans(value: Any) -> list[Duration]:
    """The spans of time in it, if that is what it is."""
    try:
        window = Window.parse(str(value))
    except ValueError:
        return []
    return [bound for bound in (window.remind, window.leave) if bound]


def said(policy: Any) -> dict[str, Any]:
    return {
        place: value
        for place, value in leaves(policy.model_dump(mode="json"))
        if not place.startswith((".calendars", ".retrospective"))
    }


def test_only_time_is_different() -> None:
    """Levels, contacts, triggers, categories and promises stay; every span shrinks to seconds."""
    real, quick = said(MATRIX), said(fast.sped_up(MATRIX, HOUR))

    assert real.keys() == quick.keys()
    changed = {place for place in real if real[place] != quick[place]}
    assert changed == {place for place in real if spans(real[place])}
    assert len(changed) > 20
    for place in changed:
        assert len(spans(real[place])) == len(spans(quick[place]))
        assert all(span.unit is Unit.HOURS and span < LONGEST for span in spans(quick[place]))


@pytest.mark.parametrize(
    ("level", "within"),
    [
        ("Representative", "1.5s..3s"),
        ("Support manager", "3s..6s"),
        ("Account manager", "6s..12s"),
        ("Sales manager", "12s..30s"),
        ("Director of sales and operations", "48s..1m36s"),
        ("Stakeholder", "48s..2m24s"),
        ("Senior management", "until-resolved"),
    ],
)
def test_the_ladder_keeps_its_proportions(level: str, within: str) -> None:
    """An hour lasts six seconds, and a business day eight hours of that."""
    quick = fast.sped_up(MATRIX, HOUR)
    assert str(quick.levels[quick.number(level) - 1].within) == within


def test_it_is_open_at_any_hour_except_for_meetings() -> None:
    """On a Sunday at night every clock runs, and nobody is invited to meet."""
    quick = fast.sped_up(MATRIX, HOUR)
    sunday = datetime(2026, 11, 22, 3, tzinfo=UTC)

    open_then = {
        name: BusinessTime.of(calendar).is_open(sunday)
        for name, calendar in take(quick, 2026).calendars.items()
    }
    assert open_then == {"always": True, "office": True, "meetings": False}
    assert quick.retrospective is not None
    assert MATRIX.retrospective is not None
    same = quick.retrospective.model_copy(update={"calendar": MATRIX.retrospective.calendar})
    assert same == MATRIX.retrospective


def test_it_is_a_policy_file(tmp_path: Path) -> None:
    """What is written has no mistakes, and a worker reads back what was meant."""
    quick = fast.sped_up(MATRIX, HOUR)

    assert fast.write(quick, tmp_path) == quick
    (path,) = tmp_path.iterdir()
    assert policy_file.findings(path) == []
