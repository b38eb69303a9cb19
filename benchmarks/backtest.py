"""What a backtest costs: rows a second of a real log, every rule of a real matrix on.

    python -m benchmarks.backtest LOG.csv.gz [--jobs 2] [--times 5] [--rounds 5]

It is measured twice: as the mapping says, with word to customers assumed where the log cannot say,
and with every promised update counted as missed. The second decides, by the median of the rounds.

Beside it, in the same run and round by round in turn, the floor: the same log read with `csv`, its
two moments parsed with `strptime`, and nothing else done. Ratios carry from machine to machine,
absolute figures do not. `--times` plays a log that is so many times as long, its cases renumbered:
memory has to stay where it was.
"""

import argparse
import csv
import gzip
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from escalations import policy_file
from escalations.backtest.mapping_file import MappingFile
from escalations.backtest.running import run

MAPPING = Path("policies/logs/servicenow-incidents.yaml")
MATRIX = Path("policies/call-centre.yaml")
WANTED = 5_000  # rows a second
MOST_MEMORY = 200  # MB


def floor(log: Path) -> int:
    """Read the log and its moments; how many rows it has."""
    with gzip.open(log, "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        n = 0
        for row in rows:
            for column in ("opened_at", "sys_updated_at"):
                datetime.strptime(row[column], "%d/%m/%Y %H:%M").replace(tzinfo=UTC)
            n += 1
    return n


def longer(log: Path, times: int, folder: Path) -> Path:
    """The log so many times over, each time with other numbers; never whole in memory."""
    path = folder / "longer.csv.gz"
    with gzip.open(path, "wt", encoding="utf-8", newline="", compresslevel=1) as to:
        writer = csv.writer(to)
        for n in range(times):
            with gzip.open(log, "rt", encoding="utf-8", newline="") as file:
                rows = csv.reader(file)
                heads = next(rows)
                if n == 0:
                    writer.writerow(heads)
                writer.writerows([f"{n}-{number}", *rest] for number, *rest in rows)
    return path


def timed(work: Callable[[], int]) -> tuple[int, float, float]:
    """Rows, seconds by the clock, seconds of this process."""
    clock, cpu = time.perf_counter(), time.process_time()
    rows = work()
    return rows, time.perf_counter() - clock, time.process_time() - cpu


def a_second(rounds: list[tuple[int, float, float]]) -> str:
    """Rows a second of processor time: the median of the rounds, and the best."""
    rows = [rows / cpu for rows, _, cpu in rounds]
    return f"{statistics.median(rows):>10,.0f} ({max(rows):,.0f})"


def memory() -> float:
    """The most this process has ever taken, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print the figures, the floor first; exit code 1 where a limit is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    policy, assumed = policy_file.read(MATRIX), MappingFile.read(MAPPING)
    mapping = MappingFile.read(f"{MAPPING.read_text()}\ncustomer_updates: counted-as-missed\n")

    def played(log: Path, jobs: int = 1, mapping: MappingFile = mapping) -> int:
        return run(log, mapping, [policy], jobs=jobs).reading.rows

    floors, alone, given, together = [], [], [], []
    for _ in range(asked.rounds):
        floors.append(timed(lambda: floor(asked.log)))
        alone.append(timed(lambda: played(asked.log)))
        given.append(timed(lambda: played(asked.log, mapping=assumed)))
        together.append(timed(lambda: played(asked.log, asked.jobs)))
    before = memory()
    with tempfile.TemporaryDirectory() as folder:
        long_log = longer(asked.log, asked.times, Path(folder))
        rows_of_long, long_clock, _ = timed(lambda: played(long_log, asked.jobs))
        timed(lambda: played(long_log))
    after = memory()

    times_floor = [one[2] / least[2] for one, least in zip(alone, floors, strict=True)]
    usual = statistics.median(rows / cpu for rows, _, cpu in alone)
    print(f"rows: {alone[0][0]:,}, {asked.rounds} rounds; median (best) a second of processor time")
    print(f"floor (csv and strptime): {a_second(floors)}")
    print(f"one process:              {a_second(alone)}")
    print(f"  updates assumed:        {a_second(given)}")
    print(f"  times the floor:        {statistics.median(times_floor):>10.1f}")
    print(f"  by the clock:           {max(n / s for n, s, _ in alone):>10,.0f} rows a second")
    print(f"{asked.jobs} jobs, short log:        {max(n / s for n, s, _ in together):>10,.0f}")
    print(f"{asked.jobs} jobs, {asked.times} times as long:  {rows_of_long / long_clock:>10,.0f}")
    print(f"memory: {before:.0f} MB; after a log {asked.times} times as long: {after:.0f} MB")
    sys.exit(usual < WANTED or after > MOST_MEMORY or after > 1.1 * before)


if __name__ == "__main__":
    main()
