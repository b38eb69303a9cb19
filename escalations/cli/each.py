"""`escalade each`: one message said to many cases."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from escalations.cli.bulk import Terms, Work, bulk, carry_out
from escalations.cli.messages import MESSAGES, MessageCommand, reported
from escalations.cli.options import Conversation, heard, talks
from escalations.cli.printer import Printer

if TYPE_CHECKING:
    from escalations.client import EscalationClient
    from escalations.record import Summary
    from escalations.search import Listed, Search

THE_CUSTOMER_SAYS: Final = frozenset({"reply", "confirm", "reject", "rate"})
"""Messages that are somebody's own words about one case: never said for many at once."""

_OF_ONE_CASE: Final = frozenset({"case", "message_id", "from_level"})


@click.group(short_help="Say one thing to many cases: acknowledge, hold, note …")
@click.option("--where", multiple=True, metavar="FILTER", help="As `escalade list --where`.")
@click.option("--all", "everything", is_flag=True, help="Every open case.")
@click.pass_context
def each(context: click.Context, where: Sequence[str], everything: bool) -> None:
    """Say one thing to every case that is asked for.

    escalade each --where priority=P1 --where unowned acknowledge --by ada

    First comes a list of the cases, and a question. Exit code 1 if a case refuses it.
    """
    context.obj = (where, everything)


def _each(message: MessageCommand) -> click.Command:
    """The command that says this message to many."""

    def say(search: "Search", terms: Terms, **said: Any) -> Conversation:
        from escalations import events

        model = getattr(events, message.model)
        seen = {"from_level": 1} if "from_level" in model.model_fields else {}
        heard(model, **said, **seen)

        async def act(client: "EscalationClient", case: "Listed", message_id: str) -> str:
            level = {"from_level": case.level or 1} if seen else {}
            whole = heard(model, **said, **level, message_id=message_id)
            if isinstance(whole, events.Command):
                return _standing(await client.send(case.case, whole))
            return await _report(client, case.case, whole)

        work = Work(str(message.name), act)

        async def conversation(client: "EscalationClient", out: Printer) -> int:
            return await carry_out(client, out, search, terms, work)

        return conversation

    command = click.command(message.name, help=message.help)(bulk(talks(say)))
    not_own = _OF_ONE_CASE | {option.name for option in command.params}
    command.params = [*(p for p in message.params if p.name not in not_own), *command.params]
    return command


async def _report(client: "EscalationClient", case: str, fact: Any) -> str:
    """A fact; where it may turn out to change nothing, that is looked at.

    Raises:
        Refused: it was written down and changed nothing.
    """
    from escalations import errors, events

    if isinstance(fact, events.AddNote):
        await client.report(case, fact)
        return "written down"
    record, because = await reported(client, case, fact)
    if because is not None:
        raise errors.Refused(f"it was written down and changed nothing: {because}")
    return _standing(record.summary()) if record else "it will hear of it when a worker is there"


def _standing(summary: "Summary") -> str:
    status = summary.ending or summary.status
    owner = f"{summary.owner} has it" if summary.owner else "nobody has it"
    return f"{status.replace('_', ' ')}, level {summary.level} ({summary.level_name}), {owner}"


for _message in MESSAGES:
    if _message.name not in THE_CUSTOMER_SAYS:
        each.add_command(_each(_message))
