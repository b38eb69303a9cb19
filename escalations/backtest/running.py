"""A whole backtest: the log is read once, each of its cases is played through each policy.

With more than one job the log is read here and its cases are played elsewhere, in portions; so many
portions are under way at a time, and no more. Counts can be added up in any order, so that the
answer is the same with any number of jobs.
"""

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Final

from escalations.backtest.cases import Cases
from escalations.backtest.findings import Findings, Found
from escalations.backtest.log import Log, opened
from escalations.backtest.logged import LoggedCase, Traits
from escalations.backtest.mapping_file import MappingFile
from escalations.backtest.playing import Player
from escalations.backtest.rows import Rows
from escalations.backtest.tally import Tally
from escalations.model import Value
from escalations.policy import Policy

PORTION: Final = 200
"""Cases that are handed to another process at a time."""
_PORTIONS_EACH: Final = 4
"""Portions under way, for each process."""

Watch = Callable[[Log], None]
"""Told now and then how far the log has been read."""


class Reading(Value):
    """What was read of a log."""

    rows: int
    used: int
    passed_over: int
    """Rows about something else, as the mapping's `only` says."""
    unusable: list[Found]
    adjusted: list[Found]
    """Rows that were used, but not as they stand."""


class Backtest:
    """A log, and what came of it with each policy."""

    def __init__(self, reading: Reading, tallies: Sequence[Tally]) -> None:
        self.reading = reading
        self.tallies = tallies


def run(
    path: Path,
    mapping: MappingFile,
    policies: Sequence[Policy],
    *,
    jobs: int = 1,
    watch: Watch = lambda log: None,
) -> Backtest:
    """Play a log through policies.

    Raises:
        MappingError: it names columns that the log does not have.
        LogUnreadable: there is no log, or it is damaged.
    """
    adjusted = Findings()
    with opened(path, mapping.mapping) as log:
        if log.columns is not None:
            mapping.check_columns(log.columns)
        rows = Rows(mapping.mapping, log, adjusted)
        cases = Cases(mapping.mapping, rows, Traits(mapping.mapping, log, adjusted))
        watched = _watched(cases, log, watch)
        players = [
            Player(policy, assumes_updates=mapping.mapping.assumes_updates) for policy in policies
        ]
        tallies = _alone(watched, players) if jobs < 2 else _together(watched, players, jobs)
        watch(log)
    reading = Reading(
        rows=rows.used + rows.passed_over + rows.unusable.total,
        used=rows.used,
        passed_over=rows.passed_over,
        unusable=rows.unusable.found(),
        adjusted=adjusted.found(),
    )
    return Backtest(reading, tallies)


def _watched(cases: Iterable[LoggedCase], log: Log, watch: Watch) -> Iterator[LoggedCase]:
    for n, case in enumerate(cases):
        if n % PORTION == 0:
            watch(log)
        yield case


def _alone(cases: Iterable[LoggedCase], players: Sequence[Player]) -> list[Tally]:
    for case in cases:
        for player in players:
            player.play(case)
    return [player.tally for player in players]


def _together(cases: Iterator[LoggedCase], players: Sequence[Player], jobs: int) -> list[Tally]:
    totals = [Tally() for _ in players]
    how = [(player.policy, player.assumes_updates) for player in players]
    under_way: deque[Future[list[Tally]]] = deque()

    def add_oldest() -> None:
        for total, tally in zip(totals, under_way.popleft().result(), strict=True):
            total.add(tally)

    # Children that start afresh: a forked one would inherit the threads that draw the progress bar.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        jobs, mp_context=context, initializer=_Worker.begin, initargs=(how,)
    ) as pool:
        try:
            while portion := list(islice(cases, PORTION)):
                under_way.append(pool.submit(_Worker.play, portion))
                if len(under_way) > _PORTIONS_EACH * jobs:
                    add_oldest()
            while under_way:
                add_oldest()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return totals


class _Worker:
    """What a process keeps between two portions: the policies, their calendars compiled."""

    players: Sequence[Player] = ()

    @classmethod
    def begin(cls, how: Sequence[tuple[Policy, bool]]) -> None:
        cls.players = [Player(policy, assumes_updates=assumes) for policy, assumes in how]

    @classmethod
    def play(cls, portion: Sequence[LoggedCase]) -> list[Tally]:
        for player in cls.players:
            player.tally = Tally()
            for case in portion:
                player.play(case)
        return [player.tally for player in cls.players]
