"""What one sees of work on many cases: the look before, the bar, what became of each."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from escalations.cli.bulk import Preview
from escalations.cli.fanning import Outcome, Result
from escalations.cli.printer import Printer, hint
from escalations.counting import counted

_COLOURS = {Outcome.REFUSED: "yellow", Outcome.GONE: "yellow", Outcome.UNANSWERED: "red"}


def cases_of(count: int) -> str:
    """`1 case`, `37 cases`."""
    return counted(count, "case")


def show_preview(out: Printer, verb: str, preview: Preview, count: int) -> None:
    """The answer to `--dry-run`: every case."""
    if out.as_json:
        out.document({"verb": verb, "found": count, "cases": preview.rows})
    elif out.on_terminal:
        out.lines(preview.lines(datetime.now(UTC), out.width))
    else:
        out.text(preview.tabbed)
    if not out.as_json:
        hint(f"{verb}: it would be {cases_of(count)}; nothing was done.")


def show_beforehand(preview: Preview) -> None:
    """The first cases, on standard error: the answer comes later."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    for line in (preview.beginning or preview.lines)(datetime.now(UTC), console.width):
        _print(console, line)


def _print(console: Console, line: Text | str) -> None:
    console.print(Text(line) if isinstance(line, str) else line, soft_wrap=True, crop=False)


@contextmanager
def progress(verb: str, count: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error where that is a terminal; what moves it by one case."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as Remaining

    columns = (TextColumn(verb), BarColumn(), MofNCompleteColumn(), Remaining())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(verb, total=count)
        yield lambda: bar.advance(task)


def report(
    out: Printer, verb: str, run_id: str, results: Sequence[Result], *, stopped: bool
) -> None:
    """What became of each case: all of it for programs, what needs a look for a reader."""
    counts = Counter(each.outcome for each in results)
    if out.as_json:
        out.document(
            {
                "run_id": run_id,
                "verb": verb,
                "found": len(results),
                "counts": {outcome.value: counts[outcome] for outcome in Outcome},
                "interrupted": stopped,
                "results": [asdict(each) for each in results],
            }
        )
    elif out.on_terminal:
        out.lines([*_not_done(results), Text(_summary(verb, results), "bold")])
    elif results:
        out.text(["case\toutcome\tsaid", *("\t".join(map(_flat, _cells(e))) for e in results)])
    if not out.on_terminal and not out.as_json:
        hint(_summary(verb, results))
    if counts[Outcome.UNTRIED] + counts[Outcome.UNANSWERED]:
        hint(f"To go on, say the same again with --run-id {run_id}: nothing is done twice.")


def _summary(verb: str, results: Sequence[Result]) -> str:
    if not results:
        return "No case is like that."
    counts = Counter(each.outcome for each in results)
    told = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome])
    return f"{verb}: {cases_of(len(results))}, {told}."


def _not_done(results: Sequence[Result]) -> Iterable[Text]:
    for each in results:
        if each.outcome in _COLOURS:
            yield Text.assemble(
                (f"{each.outcome:<10}", _COLOURS[each.outcome]),
                f"  {each.case}  {each.said}",
            )


def _cells(result: Result) -> tuple[str, str, str]:
    return result.case, result.outcome.value, result.said


def _flat(text: str) -> str:
    return " ".join(text.split())
