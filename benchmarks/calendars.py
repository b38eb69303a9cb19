"""What a due moment costs: additions a second on the office calendar of the matrix.

    python -m benchmarks.calendars

Beside it, in the same run, the least that any answer costs (`datetime + timedelta`) and what one
writes first: from day to day, reading the week and the holidays. Ratios carry from machine to
machine, absolute figures do not.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

from escalations.calendars import BusinessTime, Calendar, CalendarSnapshot, expand, zone
from escalations.durations import Duration, Unit

OFFICE = expand(
    Calendar.model_validate(
        {
            "hours": {
                "mon-thu": ["09:00-12:30", "13:30-18:00"],
                "fri": ["09:00-12:30", "13:30-17:00"],
            },
            "holidays": {"country": "FR", "dates": ["2026-12-24", "2026-12-31"]},
        }
    ),
    "Europe/Paris",
    range(2026, 2030),
)
DURATIONS = ("5h", "40h", "2bd", "0.75bd", "3d")
MOMENTS = 10_000
ROUNDS = 5


def day_by_day(office: CalendarSnapshot, at: datetime, amount: timedelta) -> datetime:
    """Open time added by walking from day to day, without tables."""
    local = zone(office.zone)
    day = at.astimezone(local).replace(hour=0, minute=0, second=0, microsecond=0)
    while True:
        if day.date() not in office.closed:
            for period in office.week[day.weekday()]:
                opens = (day + timedelta(minutes=period.opens)).astimezone(UTC)
                closes = (day + timedelta(minutes=period.closes)).astimezone(UTC)
                opens = max(opens, at)
                if closes <= opens:
                    continue
                if amount <= closes - opens:
                    return opens + amount
                amount -= closes - opens
        day += timedelta(days=1)


def a_second(work: Callable[[datetime], object], moments: Sequence[datetime]) -> float:
    """How often a second `work` is done: the best of some rounds, by the processor's clock."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for moment in moments:
            work(moment)
        best = min(best, time.process_time() - start)
    return len(moments) / best


def main() -> None:
    """Print the figures, the floor first."""
    rng = random.Random(1)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    moments = [start + timedelta(seconds=rng.randrange(3 * 365 * 86_400)) for _ in range(MOMENTS)]
    office, end = BusinessTime.of(OFFICE), max(moments)
    hours = {n: timedelta(hours=n) for n in (5, 40)}
    adds = {text: partial(office.add, duration=Duration.parse(text)) for text in DURATIONS}
    for moment in moments[:2000]:
        assert adds["5h"](moment) == day_by_day(OFFICE, moment, hours[5])

    works: dict[str, Callable[[datetime], object]] = {
        "datetime + timedelta": lambda at: at + hours[5],
        "day by day: 5h": lambda at: day_by_day(OFFICE, at, hours[5]),
        "day by day: 40h": lambda at: day_by_day(OFFICE, at, hours[40]),
        **{f"add {text}": add for text, add in adds.items()},
        **{f"elapsed {unit}": partial(office.elapsed, end=end, unit=unit) for unit in Unit},
    }
    rates = {name: a_second(work, moments) for name, work in works.items()}
    floor, slow = rates["datetime + timedelta"], rates["day by day: 5h"]
    print(f"{'':24}{'a second':>12}{'share of the floor':>20}{'× day by day':>14}")
    for name, rate in rates.items():
        print(f"{name:24}{rate:>12,.0f}{rate / floor:>20.3f}{rate / slow:>14.1f}")

    compile_start = time.process_time()
    BusinessTime(OFFICE).next_open(start)
    print(f"first question about a year: {1000 * (time.process_time() - compile_start):.1f} ms")


if __name__ == "__main__":
    main()
