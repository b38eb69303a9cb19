"""`escalade explain`: a case from its history, as a story."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from escalations.cli.options import interruptible, json_option, keys_option
from escalations.cli.printer import Printer, hint

if TYPE_CHECKING:
    from temporalio.client import WorkflowHistory

    from escalations.explaining.run import Run
    from escalations.explaining.voice import Paragraph

MAX_BYTES: Final = 200_000_000
"""Of a file with a history; Temporal keeps 50 MB of a run."""

language_option = click.option(
    "--language",
    type=click.Choice(["en", "fr", "fi"]),
    default="en",
    show_default=True,
    help="The language of the words.",
)


@click.command()
@click.argument("what", metavar="CASE|FILE...", nargs=-1, required=True)
@language_option
@click.option("--address", metavar="HOST:PORT", help="Temporal's; else TEMPORAL_ADDRESS.")
@click.option("--namespace", metavar="NAME", help="Temporal's; else TEMPORAL_NAMESPACE.")
@click.option("--profile", metavar="NAME", help="Of Temporal's file; else TEMPORAL_PROFILE.")
@keys_option
@json_option
def explain(
    what: tuple[str, ...],
    language: str,
    address: str | None,
    namespace: str | None,
    profile: str | None,
    keys: Path | None,
    as_json: bool,
) -> int:
    """Tell a case as a story, from its history alone.

    No worker is needed. CASE is read from the server, all its runs. FILE is a history as JSON:
    of `escalade export`, of the Temporal UI or CLI; several are the runs of one case, in order.
    """
    from datetime import UTC, datetime

    from escalations.explaining.story import story_of
    from escalations.explaining.telling import document, told

    on_server = not is_file(what[0])
    histories = found(what, address, namespace, profile, keys)
    story = story_of(runs(histories), datetime.now(UTC) if on_server else None)
    printer = Printer(as_json)
    for each in story.differences:
        hint(f"differs: {each[:300]}")
    if as_json:
        printer.document(document(story, language))
    else:
        show(told(story, language), printer)
    return 0


def is_file(what: str) -> bool:
    """Whether a file is meant, and not a case's id."""
    return Path(what).exists() or "/" in what or what.endswith(".json")


def found(
    what: Sequence[str],
    address: str | None,
    namespace: str | None,
    profile: str | None,
    keys: Path | None,
    *,
    retrospective: bool = False,
) -> "list[WorkflowHistory]":
    """The histories that are meant, their payloads plain, the runs of a case in their order."""
    if all(map(is_file, what)):
        return [_plain(_of_file(Path(each)), keys) for each in what]
    if len(what) > 1:
        msg = f"{' '.join(what)}: name one case, or files alone."
        raise click.UsageError(msg)
    if re.fullmatch(r"[A-Za-z0-9._:\-]{1,100}", what[0]) is None:
        msg = f"{what[0]!r} is no file, and no case id: 1 to 100 of letters, digits, . _ : -"
        raise click.UsageError(msg)
    kept: list[WorkflowHistory] = []

    async def talk() -> int:
        from escalations.client import EscalationClient
        from escalations.errors import CaseUnknown

        client = await EscalationClient.connect(address, namespace, profile, keys)
        try:
            kept.extend(await client.histories(what[0], retrospective=retrospective))
        except CaseUnknown:
            if not retrospective:
                raise
            msg = (
                f"{what[0]} has no retrospective here: its policy holds none, it has not ended yet,"
                " or the server keeps its history no more."
            )
            raise CaseUnknown(msg) from None
        return 0

    interruptible(talk())
    return kept


def _plain(history: "WorkflowHistory", keys: Path | None) -> "WorkflowHistory":
    """A history that was kept as the server has it: encrypted, where encryption is on."""
    from escalations.histories.plain import decoded
    from escalations.temporal import data_converter, encryption

    return asyncio.run(decoded(history, data_converter(encryption(keys))))


def _of_file(file: Path) -> "WorkflowHistory":
    from escalations.histories.plain import Unexplained, of_file

    try:
        if file.stat().st_size > MAX_BYTES:
            msg = f"{file} is larger than any history ({MAX_BYTES // 1_000_000} MB)."
            raise click.UsageError(msg)
        return of_file(file.read_text("utf-8-sig"))
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}."
        raise click.UsageError(msg) from None
    except UnicodeDecodeError:
        msg = f"{file} is no text in UTF-8: a history is JSON."
        raise click.UsageError(msg) from None
    except Unexplained as error:
        raise Unexplained(f"{file}: {error}") from None


def runs(histories: "Sequence[WorkflowHistory]") -> "list[Run]":
    """What each of them heard; of several, all of one case."""
    from escalations.histories.reading import run_of

    read = [run_of(history) for history in histories]
    if len(cases := sorted({run.case for run in read})) > 1:
        msg = f"These files are of several cases ({', '.join(cases)}): name one's."
        raise click.UsageError(msg)
    return read


def show(paragraphs: "Sequence[Paragraph]", printer: Printer) -> None:
    """The story on a screen or in a pipe: headings, sentences, what was said indented."""
    from rich.text import Text

    from escalations.cli.page import wrapped

    lines: list[Text] = []
    width = min(printer.width, 100) if printer.on_terminal else printer.width
    for n, each in enumerate(paragraphs):
        if each.kind == "heading" and n:
            lines.append(Text())
        style = {"title": "bold", "heading": "bold", "quote": "italic"}.get(each.kind, "")
        indent = 4 if each.kind == "quote" else 0
        lines.extend(wrapped(Text(each.text, style), width, indent))
    printer.lines(lines)
