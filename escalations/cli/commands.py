"""The commands that open and show cases."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from escalations import names
from escalations.cli.adopt import adopt
from escalations.cli.backtest import backtest
from escalations.cli.board import board
from escalations.cli.each import each
from escalations.cli.explaining import explain
from escalations.cli.exporting import export
from escalations.cli.keys import keys
from escalations.cli.listing import list_cases
from escalations.cli.messages import MESSAGES
from escalations.cli.options import Conversation, case_argument, talks
from escalations.cli.policies import policy
from escalations.cli.printer import Printer
from escalations.cli.replaying import replay

if TYPE_CHECKING:
    from escalations.client import EscalationClient
    from escalations.policy import Policy
    from escalations.record import EscalationRecord

MAX_FILE_BYTES = 4_000_000

language_option = click.option(
    "--lang", "language", metavar="LANGUAGE", help="Of the timeline: en, fr or fi."
)


class InOrder(click.Group):
    """Commands in the order in which one needs them, not in the alphabet's."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """As they were added."""
        return list(self.commands)


@click.group(
    cls=InOrder, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(package_name="escalade", prog_name="escalade")
def escalade() -> None:
    """Customer escalations: open them, see how they stand, say what is to be said.

    Exit codes: 0 done, 1 refused or a finding, 2 wrong input, 3 Temporal cannot be reached. With
    --json a failure is {"error": {"type": …, "message": …}}; the places of mistakes in a file are
    its "findings", those in fields its "problems".
    """


class PolicyFolder(click.ParamType["dict[str, Policy]"]):
    """A folder with policy files, read."""

    name = "folder"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> "dict[str, Policy]":
        """Its policies by name."""
        from escalations.policy_file import read_folder

        return read_folder(Path(value))


@escalade.command("open")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--policies",
    type=PolicyFolder(),
    envvar="ESCALADE_POLICIES",
    metavar="DIR",
    help="Check the request against these first.",
)
@click.option(
    "--task-queue",
    default=names.TASK_QUEUE,
    envvar="ESCALADE_TASK_QUEUE",
    show_default=True,
    help="Where the case is worked.",
)
@talks
def open_case(file: Any, policies: "dict[str, Policy] | None", task_queue: str) -> Conversation:
    """Open a case.

    FILE is the request as a JSON object, - for standard input.
    The same complaint again changes nothing; another one about the same case joins it.
    """
    from pydantic import ValidationError

    from escalations.mistakes import RequestMistakes, mistakes, of_request
    from escalations.request import EscalationRequest

    text = file.read(MAX_FILE_BYTES).removeprefix(b"\\xef\\xbb\\xbf")
    try:
        request = EscalationRequest.model_validate_json(text)
    except ValidationError as error:
        raise RequestMistakes(mistakes(error)) from None
    if problems := of_request(request, policies):
        raise RequestMistakes(problems)

    async def conversation(client: "EscalationClient", out: Printer) -> None:
        from escalations.cli.page import summary_lines

        summary = await client.open(request)
        if out.as_json:
            out.document(summary.model_dump(mode="json"))
        else:
            out.lines(summary_lines(summary, datetime.now(UTC)))

    return conversation


@escalade.command()
@case_argument
@language_option
@click.option("--all", "everything", is_flag=True, help="The whole timeline.")
@talks
def show(case: str, language: str | None, everything: bool) -> Conversation:
    """Everything about a case.

    Who has it, what happens next and when, what is to be done, what was said.
    """

    async def conversation(client: "EscalationClient", out: Printer) -> None:
        from escalations.cli.page import case_lines

        record, sentences = await asyncio.gather(
            client.record(case), client.timeline(case, language)
        )
        if out.as_json:
            out.document(_whole(record, sentences))
        else:
            entries = None if everything or not out.on_terminal else 12
            out.lines(case_lines(record, sentences, datetime.now(UTC), out.width, entries))

    return conversation


@escalade.command()
@case_argument
@language_option
@talks
def watch(case: str, language: str | None) -> Conversation:
    """Follow a case until it has ended.

    In a pipe: a line for each entry of the timeline. With --json: waits for the end, and answers
    what `show` answers then.
    """

    async def conversation(client: "EscalationClient", out: Printer) -> None:
        from escalations.cli.watching import follow, print_changes

        if out.on_terminal:
            await follow(client, case, language, out)
        elif not out.as_json:
            await print_changes(client, case, language, out)
        else:
            async for record in client.watch(case):
                last = record
            out.document(_whole(last, await client.timeline(case, language)))

    return conversation


escalade.add_command(list_cases)
escalade.add_command(board)
escalade.add_command(each)
escalade.add_command(adopt)
for message in MESSAGES:
    escalade.add_command(message)
escalade.add_command(policy)
escalade.add_command(backtest)
escalade.add_command(replay)
escalade.add_command(explain)
escalade.add_command(export)
escalade.add_command(keys)


def _whole(record: "EscalationRecord", sentences: list[str]) -> dict[str, Any]:
    return {
        **record.summary().model_dump(mode="json"),
        "record": record.model_dump(mode="json"),
        "timeline": sentences,
    }
