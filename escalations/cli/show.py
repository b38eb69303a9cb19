"""The command that shows a policy as a sheet or a flow chart."""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from escalations.cli.options import json_option
from escalations.cli.printer import UNWRAPPED, Printer, hint

if TYPE_CHECKING:
    from escalations.policy_pages.sheet import View

FORMS: Final = ("table", "markdown", "html", "mermaid")
ENDINGS: Final = {".md": "markdown", ".html": "html", ".htm": "html", ".mmd": "mermaid"}
"""What a file's name says about its form, where `--as` does not."""


@click.command(short_help="A policy as a sheet or a flow chart.")
@click.argument("file", type=click.Path(path_type=Path), metavar="POLICY.yaml")
@click.option("--as", "form", type=click.Choice(FORMS), help="What to make of it; else a table.")
@click.option("--category", metavar="NAME", help="As it is for cases of this category.")
@click.option(
    "--priority",
    type=click.Choice(["P1", "P2", "P3", "P4"], case_sensitive=False),
    help="With the windows that count for this priority.",
)
@click.option("--language", type=click.Choice(["en", "fr", "fi"]), default="en", show_default=True)
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it there.")
@json_option
def show(
    file: Path,
    form: str | None,
    category: str | None,
    priority: str | None,
    language: str,
    out: Path | None,
    as_json: bool,
) -> int:
    """Show a policy as a sheet or a flow chart, for people who act by it.

    The page of --as html is made to be printed on A4, landscape, and put on a wall.
    """
    from escalations.policy import Priority
    from escalations.policy_file import read
    from escalations.policy_pages.sheet import View
    from escalations.policy_pages.wording import Wording

    printer, policy = Printer(as_json), read(file)
    if category is not None and category not in policy.categories:
        known = ", ".join(policy.categories) or "none are written, any one is served alike"
        msg = f"{file} has no category {category!r}; its categories: {known}"
        raise click.BadParameter(msg, param_hint="'--category'")
    view = View(policy, Wording(language), category, Priority(priority) if priority else None)
    if form is None:
        form = ENDINGS.get(out.suffix.lower(), "table") if out else "table"
    if out is not None:
        _write(out, _page(view, form))
    if as_json:
        from escalations.policy_pages.document import document

        printer.document({**document(view), **({"file": str(out)} if out else {})})
    elif out is not None:
        hint(f"{out} is written.")
    elif form == "table":
        from escalations.cli.sheet_lines import table_lines
        from escalations.policy_pages.sheet import sheet

        printer.lines(table_lines(sheet(view), printer.width))
    else:
        printer.text(_page(view, form).splitlines())
    return 0


def _page(view: "View", form: str) -> str:
    from escalations.policy_pages.chart import chart
    from escalations.policy_pages.sheet import sheet

    match form:
        case "mermaid":
            from escalations.policy_pages.mermaid import mermaid

            return mermaid(chart(view), view.words)
        case "html":
            from escalations.policy_pages.html_page import html

            return html(sheet(view), chart(view), view.words)
        case "markdown":
            from escalations.policy_pages.markdown_page import markdown

            return markdown(sheet(view), chart(view), view.words)
        case _:
            from escalations.cli.sheet_lines import table_lines

            lines = table_lines(sheet(view), UNWRAPPED)
            return "".join(f"{line.plain.rstrip()}\n" for line in lines)


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, "utf-8")
    except OSError as error:
        msg = f"{file} cannot be written: {error.strerror}"
        raise click.BadParameter(msg, param_hint="'--out'") from error
