"""`escalade backtest`: what a policy would have done to the cases of a log."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import click

from escalations.cli.options import json_option
from escalations.cli.printer import Printer, hint

if TYPE_CHECKING:
    from escalations.backtest.log import Log
    from escalations.backtest.report import Report
    from escalations.backtest.running import Watch

NOTHING_PLAYED = 1
"""The exit code where not one case could be played."""
MAX_POLICIES = 4
MAX_JOBS = 64

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(short_help="Play a log of real cases through a policy.")
@click.argument("log", type=_file)
@click.option("--mapping", required=True, type=_file, help="What its columns and states mean.")
@click.option(
    "--policy", "policies", required=True, multiple=True, type=_file, help="Two to compare them."
)
@click.option("--jobs", type=click.IntRange(1, MAX_JOBS), default=1, help="Processes that play.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a page with plots there.")
@json_option
def backtest(
    log: Path,
    mapping: Path,
    policies: tuple[Path, ...],
    jobs: int,
    html: Path | None,
    as_json: bool,
) -> int:
    """Play a log of real cases through one policy, or through two to compare them.

    A log is CSV or JSON lines, plain or compressed with gzip. Exit code 1 if no case could be
    played.
    """
    if len(policies) > MAX_POLICIES:
        raise click.UsageError(f"{MAX_POLICIES} policies at most can be compared")
    if len({path.resolve() for path in policies}) < len(policies):
        raise click.UsageError("give each policy once")
    report = _played(log, mapping, policies, jobs)
    out = Printer(as_json)
    if html is not None:
        _write(html, report)
    if as_json:
        out.document(report.model_dump(mode="json"))
    else:
        _print(out, report)
    return 0 if report.cases else NOTHING_PLAYED


def _played(log: Path, mapping: Path, policies: tuple[Path, ...], jobs: int) -> "Report":
    from escalations import policy_file
    from escalations.backtest.mapping_file import MappingFile
    from escalations.backtest.report import report
    from escalations.backtest.running import run

    mapped = MappingFile.read(mapping)
    read = [policy_file.read(path) for path in policies]
    stems = [path.stem for path in policies]
    names = stems if len(set(stems)) == len(stems) else [f"{path}" for path in policies]
    with _progress() as watch:
        played = run(log, mapped, read, jobs=jobs, watch=watch)
    return report(log.name, mapped.mapping, dict(zip(names, read, strict=True)), played)


@contextmanager
def _progress() -> "Iterator[Watch]":
    """A bar on standard error, where that is a terminal: how much of the file has been read."""
    if not sys.stderr.isatty():
        yield lambda log: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("reading"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def watch(log: "Log") -> None:
            bar.update(task, total=log.size or None, completed=log.position)

        yield watch


def _print(out: Printer, report: "Report") -> None:
    from escalations.backtest.table import renderables
    from escalations.cli.printer import write

    page = StringIO()
    console = out.console(page)
    console.width = min(out.width, 100)
    for part in renderables(report):
        console.print(part)
    write(page.getvalue())


def _write(path: Path, report: "Report") -> None:
    from escalations.backtest.page import page

    try:
        path.write_text(page(report), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error
    hint(f"the page is in {path}")
