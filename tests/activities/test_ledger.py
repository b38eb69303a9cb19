"""The delivery ledger: what was accepted is known to every worker, once, and for good."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError
from sqlalchemy.schema import CreateTable

from activities.ledger import DELIVERIES, SqlLedger
from activities.letters import Accepted
from tests.activities.people import AT


def row(**changed: Any) -> Accepted:
    """Ada has T-1/3."""
    said: dict[str, Any] = {
        "key": "T-1/3",
        "recipient": "ada",
        "address": "mailto:ada@example.com",
        "message_id": "<T-1/3.ada@example.com>",
        "accepted_at": AT,
        "attempt": 1,
    }
    return Accepted(**(said | changed))


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[SqlLedger]:
    opened = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield opened
    await opened.close()


async def test_what_one_worker_writes_another_reads(tmp_path: Path, ledger: SqlLedger) -> None:
    """A row is there for every other worker on the same file, as it was written."""
    await ledger.accept(row())
    other = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    try:
        assert await other.accepted(["T-1/3", "T-1/4"]) == {("T-1/3", "ada"): row()}
    finally:
        await other.close()


async def test_first_row_stays(ledger: SqlLedger) -> None:
    """What is written again, by a worker that came late, changes nothing."""
    await ledger.accept(row())
    await ledger.accept(row(address="slack://elsewhere", attempt=2))

    assert (await ledger.accepted(["T-1/3"]))["T-1/3", "ada"] == row()


async def test_nothing_is_known_of_what_was_not_sent(ledger: SqlLedger) -> None:
    """A new file knows nothing; neither does one that knows another send."""
    assert await ledger.accepted(["T-1/3"]) == {}
    await ledger.accept(row())
    assert await ledger.accepted(["T-1/33", "T-1/4"]) == {}
    assert await ledger.accepted([]) == {}


async def test_moment_is_kept_whatever_its_zone(ledger: SqlLedger) -> None:
    """A moment comes back as the same moment, aware."""
    east = AT.astimezone(timezone(timedelta(hours=14)))
    await ledger.accept(row(accepted_at=east))

    (kept,) = await ledger.of_case("T-1")
    assert kept.accepted_at == AT
    assert kept.accepted_at.utcoffset() == timedelta(0)


async def test_sent_of_a_case(ledger: SqlLedger) -> None:
    """Of a case one reads what was sent of it, in order, and nothing of its neighbours."""
    for case, n in (("T_1", 2), ("T_1", 1), ("TX1", 1), ("T_10", 1), ("%", 1)):
        at = AT + timedelta(minutes=n)
        await ledger.accept(row(key=f"{case}/{n}", accepted_at=at))

    assert [each.key for each in await ledger.of_case("T_1")] == ["T_1/1", "T_1/2"]
    assert [each.key for each in await ledger.of_case("%")] == ["%/1"]


async def test_many_workers_begin_at_once(tmp_path: Path) -> None:
    """Ten workers that find no table at the same moment all make it, and none loses a row."""
    workers = [SqlLedger(f"sqlite:///{tmp_path / 'new.db'}") for _ in range(10)]
    try:
        await asyncio.gather(
            *(
                worker.accept(row(key=f"T-1/{n}", recipient=who))
                for n, worker in enumerate(workers)
                for who in ("ada", "ken")
            )
        )
        assert len(await workers[0].of_case("T-1")) == 20
    finally:
        await asyncio.gather(*(worker.close() for worker in workers))


async def test_ledger_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    """A database that is not there raises; nothing is taken for unsent because of it."""
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'no-such-folder' / 'ledger.db'}")
    with pytest.raises(OperationalError):
        await ledger.accepted(["T-1/3"])
    await ledger.close()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "ledger.db", ""])
def test_ledger_that_would_forget_is_refused(url: str) -> None:
    """A ledger in memory, or nowhere, is refused when the worker starts, with an example."""
    with pytest.raises(ValueError, match="such as sqlite:///"):
        SqlLedger(url)


def test_table_is_postgresql_too() -> None:
    """The same table in PostgreSQL keeps moments with their zone, under the same key."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    written = str(CreateTable(DELIVERIES, if_not_exists=True).compile(dialect=dialect))

    assert "CREATE TABLE IF NOT EXISTS deliveries" in written
    assert "accepted_at TIMESTAMP WITH TIME ZONE NOT NULL" in written
    assert "PRIMARY KEY (key, recipient)" in written


def test_row_keeps_only_aware_moments() -> None:
    """A moment without a zone is never written."""
    with pytest.raises(ValueError, match="timezone"):
        row(accepted_at=datetime(2026, 11, 23))  # noqa: DTZ001  what must not be
