"""Many cases for little: what a list knows of them, without a worker."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes

from escalations import calls, names
from escalations.client import EscalationClient
from escalations.names import SearchAttribute
from escalations.search import Listed, Search
from escalations.temporal import search_attribute_key

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

NASTY = (
    "O'Hara",
    "a''b",
    "%",
    "_",
    "a%b",
    "a_b",
    "axb",
    "A_B",
    "😀 字",
    'עסק בע"מ'.replace('"', "''"),
    "x' OR 1=1 --",
    "x' OR WorkflowType = 'Escalation",
    "a') OR ('1'='1",
    "x','y",
    "a",
    "123",
    "true",
    "null",
    "2026-01-01T00:00:00Z",
    "`tick`",
    "semi;colon",
    "/* c */",
    ":name",
    "$1",
    "{x}",
    "é",
    "!",
    "T-1",
    "t-1",
)
"""What customers and owners may be called."""


async def start(client: Client, case: str, **attributes: Any) -> None:
    """A case that no worker ever sees; its attributes by their names, without `Escalation`."""
    known = {
        SearchAttribute(f"Escalation{''.join(w.title() for w in name.split('_'))}"): value
        for name, value in attributes.items()
    }
    await client.start_workflow(
        names.Workflow.ESCALATION,
        id=names.escalation_id(case),
        task_queue="nobody-is-there",
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(search_attribute_key(name), known[name]) for name in known]
        ),
        memo={calls.TITLE: f"Title of {case}"},
    )


@asynccontextmanager
async def standing(client: Client, cases: Sequence[dict[str, Any]]) -> AsyncIterator[None]:
    """Many of them, as long as a test needs them: other tests list cases, too."""
    some = asyncio.Semaphore(16)

    async def one(said: dict[str, Any]) -> None:
        async with some:
            await start(client, **said)

    await asyncio.gather(*(one(each) for each in cases))
    yield
    await end_all(client, [each["case"] for each in cases])


async def end_all(client: Client, cases: Iterable[str]) -> None:
    """Have these cases no more."""
    some = asyncio.Semaphore(16)

    async def one(case: str) -> None:
        async with some:
            await client.get_workflow_handle(names.escalation_id(case)).terminate()

    await asyncio.gather(*(one(each) for each in cases))


async def until_listed(client: EscalationClient, search: Search, count: int) -> None:
    """Wait until the server's lists have so many: they lag behind."""
    async with asyncio.timeout(60):
        while True:
            if await client.count(search) >= count:
                return
            await asyncio.sleep(0.05)


def listed(number: int, **said: Any) -> Listed:
    """A case in a list, but for what is said."""
    plain: dict[str, Any] = {
        "case": f"T-{number}",
        "title": f"Charged twice {number}",
        "status": "open",
        "priority": "P2",
        "category": None,
        "customer": "ACME",
        "owner": None,
        "level": 1,
        "due_at": NOON + timedelta(minutes=number),
        "breached": False,
        "policy": None,
        "opened_at": NOON - timedelta(days=1),
        "closed_at": None,
    }
    return Listed.model_validate(plain | said)
