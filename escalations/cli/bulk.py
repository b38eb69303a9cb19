"""Doing one thing to many cases: which they are, a look at them, the yes, and what became of each.

Made for commands as `each` and `adopt`: `bulk` gives a command its options, `carry_out` does the
rest. What is said to a case carries an id made of the run's: the same command again with the same
`--run-id` changes nothing twice, so that a run that was interrupted can be gone on with.

Temporal's own batch operations are not used: docs/many-cases.md says why, with figures.
"""

import asyncio
import os
import re
import sys
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, Final

import click

from escalations.cli.filters import selecting
from escalations.cli.listing import MAX_READ, read
from escalations.cli.options import finishing_first
from escalations.cli.printer import Printer, hint
from escalations.counting import counted

if TYPE_CHECKING:
    from rich.text import Text

    from escalations.cli.fanning import Result
    from escalations.client import EscalationClient
    from escalations.search import Listed, Search

PREVIEWED: Final = 20
"""How many cases are shown before one is asked whether they are meant."""
MAX_PARALLEL: Final = 64


@dataclass(frozen=True)
class Terms:
    """How it is done: the options that every such command has."""

    run_id: str
    yes: bool
    dry_run: bool
    parallel: int
    limit: int | None


@dataclass(frozen=True)
class Preview:
    """What would be done, before anybody has said yes to it."""

    lines: Callable[[datetime, int], Iterable["Text | str"]]
    """For a reader: the moment, and the columns there are."""
    rows: list[dict[str, Any]]
    """The same for a program, a case each."""
    tabbed: Iterable[str]
    """The same for a pipe: a head, then a line a case."""
    beginning: Callable[[datetime, int], Iterable["Text | str"]] | None = None
    """What stands before the question, if that is less than all `lines`."""


@dataclass(frozen=True)
class Work:
    """One thing that is done to each of many cases."""

    verb: str
    """As in "acknowledge 37 cases"."""
    act: Callable[["EscalationClient", "Listed", str], Awaitable[str]]
    """Do it to this case, the message under this id; how the case stands then, in a line.

    It may raise what the client raises: that is the case's result, and the others go on.
    """
    preview: Callable[["EscalationClient", Sequence["Listed"]], Awaitable[Preview]] | None = None
    """A look before; the list of the cases if `None`."""


class RunIdType(click.ParamType[str]):
    """What names a run."""

    name = "run id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id, if it can be one."""
        if re.fullmatch(r"[A-Za-z0-9._:\-]{1,64}", str(value)) is None:
            self.fail(f"{value!r}: 1 to 64 of letters, digits, '.', '_', ':', '-'.", param, ctx)
        return str(value)


def bulk(command: Callable[..., Any]) -> Callable[..., Any]:
    """A command that is done to many: it is given their `search`, and the `terms`."""

    @wraps(command)
    def with_terms(
        run_id: str | None, yes: bool, dry_run: bool, parallel: int, limit: int | None, **said: Any
    ) -> Any:
        terms = Terms(run_id or _fresh_run_id(), yes, dry_run, parallel, limit)
        return command(terms=terms, **said)

    for option in (
        click.option(
            "--run-id",
            type=RunIdType(),
            metavar="ID",
            help="Go on with a run that was interrupted.",
        ),
        click.option(
            "--parallel",
            type=click.IntRange(1, MAX_PARALLEL),
            default=8,
            show_default=True,
            help="So many cases at a time.",
        ),
        click.option("--limit", type=click.IntRange(1), help="Only so many, those next due."),
        click.option("--dry-run", is_flag=True, help="Only show which cases it would be."),
        click.option("--yes", "-y", is_flag=True, help="Do it without asking."),
    ):
        with_terms = option(with_terms)
    return selecting(with_terms)


async def carry_out(
    client: "EscalationClient", out: Printer, search: "Search", terms: Terms, work: Work
) -> int:
    """Do it to every case that is asked for, once somebody has agreed; the exit code.

    Raises:
        UsageError: they are too many, or nobody is there to agree.
        Interrupted: Ctrl-C; what was under way is done, and the summary is said.
    """
    from escalations.cli import bulk_page, fanning

    cases = await _selected(client, search, terms)
    if not cases:
        bulk_page.report(out, work.verb, terms.run_id, [], stopped=False)
        return 0
    preview = await (work.preview or _list_of)(client, cases)
    if terms.dry_run:
        bulk_page.show_preview(out, work.verb, preview, len(cases))
        return 0
    if not await _agreed(out, work, preview, len(cases), yes=terms.yes):
        hint("Nothing was done.")
        return 1

    async def act(case: "Listed") -> str:
        return await work.act(client, case, f"{terms.run_id}/{case.case}")

    results: dict[str, Result] = {}
    with finishing_first() as stopped, bulk_page.progress(work.verb, len(cases)) as advance:

        def watch(result: "Result") -> None:
            results[result.case] = result
            advance()

        try:
            await fanning.each_of(cases, act, terms.parallel, stopped, watch)
        finally:
            # Also where a second Ctrl-C gives up those under way: nobody knows of them.
            whole = fanning.completed(cases, results)
            bulk_page.report(out, work.verb, terms.run_id, whole, stopped=stopped.is_set())
    if stopped.is_set():
        raise KeyboardInterrupt
    return fanning.exit_code(whole)


async def _selected(
    client: "EscalationClient", search: "Search", terms: Terms
) -> "Sequence[Listed]":
    from escalations.sorting import in_order

    cases, total = await read(client, search)
    if len(cases) < total:
        msg = f"{total} cases are like that, and {MAX_READ} can be done at once: narrow it down."
        raise click.UsageError(msg)
    return in_order(cases)[: terms.limit]


async def _list_of(client: "EscalationClient", cases: "Sequence[Listed]") -> Preview:
    from escalations.cli.table import tabbed_lines, table_lines

    cases = list(cases)

    def beginning(now: datetime, width: int) -> "Iterator[Text | str]":
        yield from table_lines(cases[:PREVIEWED], now, width)
        if more := len(cases[PREVIEWED:]):
            yield f"… and {more} more"

    return Preview(
        lines=lambda now, width: table_lines(cases, now, width),
        beginning=beginning,
        rows=[each.model_dump(mode="json") for each in cases],
        tabbed=tabbed_lines(cases),
    )


async def _agreed(out: Printer, work: Work, preview: Preview, count: int, *, yes: bool) -> bool:
    """Whether somebody has said yes: beforehand, or now by typing how many there are."""
    from escalations.cli import bulk_page

    here = sys.stdin.isatty() and sys.stderr.isatty()
    if not yes and not here:
        would = f"it would be {counted(count, 'case')}"
        msg = f"{would}, and nobody is there to agree: --dry-run, then --yes."
        raise click.UsageError(msg)
    if sys.stderr.isatty():
        bulk_page.show_beforehand(preview)
    if yes:
        return True
    cases = "this case" if count == 1 else f"these {count} cases"
    sys.stderr.write(f"\nTo {work.verb} {cases}, type {count}: ")
    sys.stderr.flush()
    return (await _typed()).strip() == str(count)


async def _typed() -> str:
    """A line from the terminal; one can still press Ctrl-C."""
    loop, line = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin.fileno(), line.set)
    try:
        await line.wait()
    finally:
        loop.remove_reader(sys.stdin.fileno())
    with suppress(OSError):
        return os.read(sys.stdin.fileno(), 4096).decode(errors="replace")
    return ""


def _fresh_run_id() -> str:
    from uuid import uuid4

    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{uuid4().hex[:6]}"
