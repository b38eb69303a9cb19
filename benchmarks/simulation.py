"""What a simulated case costs: weeks of it, beside what it is made of.

    python -m benchmarks.simulation

In one run: one addition on the office calendar, the opening of a case, and cases simulated to four
weeks after their opening. Ratios carry from machine to machine, absolute figures do not.
"""

import statistics
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from escalations import events
from escalations.calendars import BusinessTime
from escalations.durations import Duration
from escalations.engine import Case
from escalations.policy import HoldReason
from escalations.policy_file import read
from escalations.request import EscalationRequest
from escalations.simulation.running import Simulation
from escalations.simulation.scenario import request_of
from escalations.snapshot import take

MATRIX: Final = Path(__file__).resolve().parents[1] / "policies" / "call-centre.yaml"
OPENED_AT: Final = datetime(2026, 12, 22, 15, 40, tzinfo=UTC)
CASES: Final = 30
ROUNDS: Final = 7
MAX_WEEK: Final = 10.0
"""Milliseconds that a week's simulated case may take; a slow machine breaks it, so it is shown and
not held."""

POLICY: Final = read(MATRIX)
SNAPSHOT: Final = take(POLICY, OPENED_AT.year)
REQUEST: Final = EscalationRequest.model_validate(request_of(POLICY, OPENED_AT, {}))
OFFICE: Final = BusinessTime.of(SNAPSHOT.calendars["office"])
DAY: Final = Duration.parse("1bd")


def add() -> None:
    """One due moment on the office calendar."""
    OFFICE.add(OPENED_AT, DAY)


def opened() -> Case:
    """A case that has just been opened."""
    return Case.open(REQUEST, SNAPSHOT, OPENED_AT)


def left_alone(weeks: int) -> Simulation:
    """A case that nobody does anything about."""
    simulation = Simulation(opened())
    simulation.until(OPENED_AT + timedelta(weeks=weeks))
    return simulation


def lively() -> Simulation:
    """A case that is taken, held, answered, resolved, refused, resolved again and confirmed."""
    simulation = Simulation(opened())
    said: tuple[tuple[float, events.Event], ...] = (
        (0.1, events.Acknowledge(by="rita")),
        (1, events.Hold(by="rita", reason=HoldReason.CUSTOMER)),
        (5, events.CustomerReplied(text="Here it is.")),
        (6, events.ProposeResolution(by="rita", summary="Paid back.")),
        (30, events.RejectResolution(by="Ada", why="Not on my account.")),
        (60, events.ProposeResolution(by="rita", summary="Now it is.")),
        (80, events.ConfirmResolution(by="Ada")),
    )
    for hours, event in said:
        simulation.say(event, OPENED_AT + timedelta(hours=hours))
    simulation.until(OPENED_AT + timedelta(weeks=4))
    return simulation


def milliseconds(work: Callable[[], object], times: int) -> float:
    """What one takes, by the processor's clock: the median of some rounds."""
    work()
    rounds = []
    for _ in range(ROUNDS):
        start = time.process_time()
        for _ in range(times):
            work()
        rounds.append(1000 * (time.process_time() - start) / times)
    return statistics.median(rounds)


def main() -> None:
    """Print the figures, the floor first."""
    week, month, whole = left_alone(1), left_alone(4), lively()
    assert not week.case.closed
    assert whole.case.closed
    rows = {
        "calendar add (1bd)": (milliseconds(add, 2000), 0),
        "opening": (milliseconds(opened, CASES), 0),
        "a week, left alone": (milliseconds(lambda: left_alone(1), CASES), len(week.steps)),
        "four weeks, left alone": (milliseconds(lambda: left_alone(4), CASES), len(month.steps)),
        "to its confirmation": (milliseconds(lively, CASES), len(whole.steps)),
    }
    floor, opening = rows["calendar add (1bd)"][0], rows["opening"][0]
    print(f"{'':24}{'ms':>9}{'steps':>11}{'× add':>9}{'× opening':>11}")
    for name, (took, steps) in rows.items():
        print(f"{name:24}{took:>9.3f}{steps or '':>11}{took / floor:>9.0f}{took / opening:>11.1f}")
    verdict = "within" if rows["a week, left alone"][0] <= MAX_WEEK else "over"
    print(f"a week's case: {verdict} {MAX_WEEK:.0f} ms on this machine")


if __name__ == "__main__":
    main()
