"""The command that says what changes from one policy to another."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from escalations.cli.options import json_option
from escalations.cli.printer import Printer

if TYPE_CHECKING:
    from escalations.policy import Policy

DIFFERENT: Final = 1
"""The exit code where something changes."""


@click.command(short_help="What changes from one policy to another.")
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
    old, new = _both(before, after)
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


def _both(*files: Path) -> "list[Policy]":
    """The policies of these files.

    Raises:
        PolicyError: the mistakes of all of them.
    """
    from escalations.policy_file import Checked, PolicyError

    checked = [Checked(file) for file in files]
    if found := [each for one in checked for each in one.findings]:
        raise PolicyError(found)
    return [each.policy for each in checked if each.policy is not None]
