"""The command line of the gate: what is asked for, and how it ends."""

import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import click

from escalations.cli.main import exit_code, failed
from escalations.cli.options import interruptible
from escalations.cli.printer import Printer
from escalations.cli.replaying import replay_options
from escalations.errors import EscaladeError
from workers.replay import gate
from workers.replay.jobs import Job, Server, in_files
from workers.replay.report import Report
from workers.replay.verdicts import Verdict

FINDING, WRONG_INPUT, INTERRUPTED = 1, 2, 130

Watch = Callable[[Verdict], None]
_OPEN: Final = ("open run", "open runs")
_RECORDED: Final = ("recorded history", "recorded histories")


@click.command("replay", context_settings={"help_option_names": ["-h", "--help"]})
@replay_options
def command(
    places: tuple[Path, ...],
    cases: tuple[str, ...],
    limit: int | None,
    step: bool,
    ignore: tuple[str, ...],
    jobs: int | None,
    address: str | None,
    namespace: str | None,
    profile: str | None,
    keys: Path | None,
    as_json: bool,
) -> int:
    """Would this checkout's code break an open case?"""
    server = Server(
        address=address, namespace=namespace, profile=profile, keys=keys, asked=not places
    )
    if places and (cases or address or namespace or profile):
        raise click.UsageError("either files, or the open cases of a server")
    if not step:
        return interruptible(_gate(places, cases, limit, ignore, jobs, server, Printer(as_json)))
    if len(places) + len(cases) != 1 or (places and places[0].is_dir()):
        raise click.UsageError("--step walks through one history: name one FILE, or one --case")
    from workers.replay import stepping

    return interruptible(stepping.walk(places, cases, server, Printer(as_json)))


async def _gate(
    places: tuple[Path, ...],
    cases: tuple[str, ...],
    limit: int | None,
    ignore: tuple[str, ...],
    jobs: int | None,
    server: Server,
    out: Printer,
) -> int:
    report = Report(ignore)
    client = await server.connected()
    if client is None:
        files = in_files(places)[:limit]
        if not files:
            raise click.UsageError(f"no *.json in {', '.join(map(str, places))}")
        found, total = _of(files), len(files)
    else:
        runs = gate.OpenRuns(client, cases, limit)
        found, total = aiter(runs), await runs.count()
    with _progress(total, report, out) as watch:
        await gate.replay_all(found, server, gate.processes_for(total, jobs), watch)
    if out.as_json:
        out.document(report.document())
    else:
        out.lines(report.lines(_RECORDED if places else _OPEN, out.width))
    if cases and report.runs == 0:
        return FINDING
    if places and report.unread and not report.found:
        return WRONG_INPUT
    return 0 if report.ok else FINDING


async def _of(files: list[Path]) -> AsyncIterator[Job]:
    for each in files:
        yield Job(file=each)


@contextmanager
def _progress(total: int, report: Report, out: Printer) -> Iterator[Watch]:
    """A bar on standard error, where that is a terminal: how many are done, how many are hurt."""
    if not sys.stderr.isatty() or out.as_json:
        yield report.hear
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (
        TextColumn("replaying"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total)

        def watch(verdict: Verdict) -> None:
            report.hear(verdict)
            hurt = f"[red]{len(report.found)} differ[/red]" if report.found else ""
            bar.update(task, advance=1, total=max(total, report.runs), description=hurt)

        yield watch


def main(arguments: list[str]) -> int:
    """One command line; its exit code."""
    as_json = "--json" in arguments
    try:
        code = command.main(arguments, prog_name="escalade replay", standalone_mode=False)
    except click.ClickException as error:
        if not as_json:
            error.show()
        return failed(as_json, "UsageError", error.format_message(), WRONG_INPUT, said=True)
    except EscaladeError as error:
        return failed(as_json, type(error).__name__, str(error), exit_code(error))
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    return code if isinstance(code, int) else 0
