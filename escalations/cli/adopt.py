"""`escalade adopt`: open cases go on by a policy as it is now, after a look at what changes."""

import asyncio
from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from escalations.cli.bulk import Preview, Terms, Work, bulk, carry_out
from escalations.cli.options import (
    CaseType,
    Conversation,
    by_option,
    heard,
    message_id_option,
    talks,
)
from escalations.cli.printer import Printer

if TYPE_CHECKING:
    from escalations.adoption import Adopted
    from escalations.client import EscalationClient
    from escalations.search import Listed, Search


def _one(case: str, **asked: Any) -> Conversation:
    """One case, by its id."""
    from escalations import events

    heard(events.AdoptPolicy, **asked)

    async def conversation(client: "EscalationClient", out: Printer) -> None:
        adopted = await client.adopt_policy(case, **asked)
        if out.as_json:
            out.document(adopted.model_dump(mode="json"))
            return
        from escalations.cli.adopt_page import adopted_lines

        out.lines(adopted_lines(adopted, out.width))

    return conversation


def _many(search: "Search", terms: Terms, by: str, policy: str | None) -> Conversation:
    """Every case that is asked for."""
    from escalations import events

    heard(events.AdoptPolicy, by=by, policy=policy)

    async def act(client: "EscalationClient", case: "Listed", message_id: str) -> str:
        from escalations.cli.adopt_page import said

        adopted = await client.adopt_policy(case.case, by=by, policy=policy, message_id=message_id)
        return said(adopted)

    async def preview(client: "EscalationClient", cases: Sequence["Listed"]) -> Preview:
        from escalations.cli import adopt_page

        answers = await _previews(client, cases, terms.parallel, by, policy)
        return Preview(
            lines=lambda now, width: adopt_page.grouped_lines(answers, width),
            rows=adopt_page.rows(answers),
            tabbed=adopt_page.tabbed(answers),
        )

    async def conversation(client: "EscalationClient", out: Printer) -> int:
        return await carry_out(client, out, search, terms, Work("adopt", act, preview))

    return conversation


async def _previews(
    client: "EscalationClient",
    cases: Sequence["Listed"],
    parallel: int,
    by: str,
    policy: str | None,
) -> "dict[str, Adopted | str]":
    """What it would change for each case, or why it cannot be; some are asked at a time."""
    from escalations.cli import bulk_page, fanning

    found: dict[str, Adopted | str] = {}

    async def ask(case: "Listed") -> str:
        found[case.case] = await client.adopt_policy(case.case, by=by, policy=policy, preview=True)
        return ""

    with bulk_page.progress("look at", len(cases)) as advance:

        def watch(result: fanning.Result) -> None:
            found.setdefault(result.case, result.said)
            advance()

        await fanning.each_of(cases, ask, parallel, asyncio.Event(), watch)
    unasked = "not asked: nobody answered"
    return {each.case: found.get(each.case, unasked) for each in cases}


_talk_to_one: Callable[..., int] = talks(_one)
_talk_to_many: Callable[..., int] = bulk(talks(_many))


@wraps(_talk_to_many)
def _either(
    case: str | None,
    message_id: str | None,
    preview: bool,
    where: Sequence[str],
    everything: bool,
    **said: Any,
) -> int:
    of_many = ("run_id", "yes", "dry_run", "parallel", "limit")
    if case is None:
        if message_id is not None:
            msg = "--message-id is for one case; many have --run-id."
            raise click.UsageError(msg)
        said["dry_run"] = said["dry_run"] or preview
        return _talk_to_many(where=where, everything=everything, **said)
    if where or everything:
        msg = "name one case, or say which with --where or --all: not both."
        raise click.UsageError(msg)
    alone = {name: value for name, value in said.items() if name not in of_many}
    preview = preview or said["dry_run"]
    return _talk_to_one(case=case, message_id=message_id, preview=preview, **alone)


for _option in (
    message_id_option,
    click.option("--preview", is_flag=True, help="Only show what would change."),
    click.option("--policy", metavar="NAME", help="Another policy; else its own, as it is now."),
    by_option,
    click.argument("case", type=CaseType(), required=False),
):
    _either = _option(_either)

adopt = click.command(
    "adopt",
    short_help="Have open cases go by a policy as it is now.",
    help="""Have an open case go by a policy as it is now: CASE, or many with --where.

    A case keeps the revision of its policy that it was opened with, until this. The time that it
    has consumed stays consumed. Look first: --preview changes nothing.

    escalade adopt --policy call-centre --where policy=call-centre --by ada --preview
    """,
)(_either)
