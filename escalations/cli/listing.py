"""`escalade list`: the cases that are asked for, next due first."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import click

from escalations.cli.filters import filtered
from escalations.cli.options import Conversation, talks
from escalations.cli.printer import Printer, hint
from escalations.counting import counted

if TYPE_CHECKING:
    from escalations.client import EscalationClient
    from escalations.search import Listed, Search

MAX_READ: Final = 10_000
"""How many cases are read from the server for one list, at most: they are sorted here."""

ORDERS: Final = ("due", "priority", "level", "opened", "customer")

sort_option = click.option(
    "--sort",
    "order",
    type=click.Choice(ORDERS),
    default="due",
    show_default=True,
    help="What hurts most comes first: due next, P1, the highest level, the oldest.",
)


@click.command("list")
@filtered
@sort_option
@click.option("--reverse", is_flag=True, help="The other way round.")
@click.option(
    "--limit",
    type=click.IntRange(1, MAX_READ),
    default=200,
    show_default=True,
    help="Show so many.",
)
@click.option(
    "--show-query", is_flag=True, help="Only the list filter, for the Temporal UI; ask nobody."
)
@talks
def list_cases(
    search: "Search", order: str, reverse: bool, limit: int, show_query: bool
) -> Conversation | None:
    """The open cases, next due first.

    Filters hold all at once; one that is given twice takes either value. In a pipe: tab-separated,
    a case a line.
    """

    if show_query:
        _print_query(search)
        return None

    async def conversation(client: "EscalationClient", out: Printer) -> None:
        from escalations.cli.table import tabbed_lines, table_lines
        from escalations.sorting import Order, in_order

        found, total = await read(client, search)
        shown = in_order(found, Order(order), reverse=reverse)[:limit]
        if len(found) < total:
            hint(f"Sorted are the newest {len(found)} of {total}: narrow it down for the rest.")
        elif len(shown) < total:
            hint(f"{len(shown)} of {counted(total, 'case')}: narrow it down, or raise --limit.")
        if out.as_json:
            cases = [each.model_dump(mode="json") for each in shown]
            out.document({"cases": cases, "found": total})
        elif out.on_terminal:
            out.lines(table_lines(shown, datetime.now(UTC), out.width))
        else:
            out.text(tabbed_lines(shown))

    return conversation


def _print_query(search: "Search") -> None:
    """The list filter as it is pasted into the Temporal UI; what it cannot say, said beside it."""
    from functools import partial

    from escalations.encryption import search_name
    from escalations.temporal import encryption

    out = Printer(bool(click.get_current_context().params["as_json"]))
    keys = click.get_current_context().params["keys"]
    query = search.query(partial(search_name, encryption(keys)))
    if out.as_json:
        out.document({"query": query, "exact": search.exact})
        return
    out.text([query])
    if not search.exact:
        hint("It lets more through: opened, title and the beginning of an id are looked at here.")


async def read(
    client: "EscalationClient", search: "Search", at_most: int = MAX_READ
) -> tuple[list["Listed"], int]:
    """The cases that are asked for, the newest if they are too many, and how many there are."""
    found: list[Listed] = []
    async for listed in client.search(search):
        if len(found) == at_most:
            return found, max(await client.count(search), at_most + 1)
        found.append(listed)
    return found, len(found)
