"""What the benchmark makes of what it measured."""

import pytest

from benchmarks.figures import Case, Figures, Round, table
from benchmarks.hand import Kind


def rounds(events: int, *cpu: float) -> list[Round]:
    """Rounds of one case each."""
    case = Case({"timer_started": events}, 1000 * events)
    return [Round([case], each) for each in cpu]


def measured(events: int, *cpu: float) -> Figures:
    """So many events and that much worker time of ours, beside a floor that gets slower."""
    floor = rounds(100, 50, 100, 200)
    return Figures.of(
        {
            Kind.BARE: floor,
            Kind.ENGINE: rounds(events, *cpu),
            Kind.WHOLE: rounds(events, *(2 * each for each in cpu)),
        }
    )


def test_other_load_on_the_machine_is_no_cost_of_ours() -> None:
    """Each round is compared with the floor of that round, not with the floor of a quieter one."""
    figures = measured(110, 70, 140, 280)

    assert figures.ratios[Kind.ENGINE].cpu.most == pytest.approx(1.4)
    assert figures.ratios[Kind.WHOLE].cpu.least == pytest.approx(2.8)
    assert figures.broken == []


@pytest.mark.parametrize(
    ("events", "cpu", "broken"),
    [
        pytest.param(111, (50, 100, 200), ["events"], id="events"),
        pytest.param(100, (76, 152, 200), ["worker CPU"], id="the median of CPU"),
        pytest.param(100, (50, 100, 400), [], id="one slow round"),
        pytest.param(200, (100, 200, 400), ["events", "worker CPU"], id="both"),
    ],
)
def test_a_limit_that_is_broken_is_named(
    events: int, cpu: tuple[float, ...], broken: list[str]
) -> None:
    """Too many events or too much worker time is said, with what was found and what is allowed."""
    figures = measured(events, *cpu)

    assert [each.partition(":")[0] for each in figures.broken] == broken
    assert "Escalation " in table(figures)
