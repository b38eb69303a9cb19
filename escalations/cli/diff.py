"""The command that says what changes from one policy to another."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click

from escalations.cli.options import json_option
from escalations.cli.printer import Printer
from escalations.cli.show import WRONG_INPUT, policy_of

DIFFERENT: Final = 1
"""The exit code where something changes."""


@click.command()
@click.argument("before", type=click.Path(path_type=Path), metavar="A.yaml")
@click.argument("after", type=click.Path(path_type=Path), metavar="B.yaml")
@click.option("--as", "form", type=click.Choice(["table", "markdown"]), default="table")
@json_option
def diff(before: Path, after: Path, form: str, as_json: bool) -> int:
    """Say what changes from policy A to policy B, and for which categories and priorities.

    Comments, the order of keys, and defaults that are written out change nothing.

    Exit codes: 0 nothing changes, 1 something does, 2 wrong input.
    """
    from escalations.policy_pages.comparison import compare
    from escalations.policy_pages.diff_pages import as_document, as_markdown

    printer = Printer(as_json)
    if as_json:
        from escalations.policy_file import findings

        found = [finding for file in (before, after) for finding in findings(file)]
        if found:
            printer.document({"findings": [each.model_dump(mode="json") for each in found]})
            return WRONG_INPUT
    policies = [policy_of(file, printer) for file in (before, after)]
    old, new = policies
    if old is None or new is None:
        return WRONG_INPUT
    year = datetime.now(UTC).year
    comparison = compare(old, new, range(year, year + 2))
    if as_json:
        printer.document(as_document(comparison))
    elif form == "markdown":
        printer.text(as_markdown(comparison).splitlines())
    else:
        from escalations.cli.diff_lines import comparison_lines

        printer.lines(comparison_lines(comparison, printer.width))
    return DIFFERENT if comparison.changes else 0
