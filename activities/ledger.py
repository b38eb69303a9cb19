"""The delivery ledger: what a channel has accepted, so that a retry does not send it again.

A row is written as soon as a channel has accepted a message. Between the two a crash can fall: the
message then goes twice, under one Message-ID. Nothing that two systems do can be made one step.

Where payloads are encrypted, an address stands here as a keyed hash: a worker that sends a message
again has the addresses it may have gone to, and finds the one that it did.
"""

import asyncio
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from time import sleep
from typing import Any, Final, TypeVar, TypeVarTuple

from sqlalchemy import (
    URL,
    Column,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    create_engine,
    delete,
    insert,
    inspect,
    make_url,
    select,
    tuple_,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeDecorator

from activities.letters import Accepted

BUSY_WITHIN = 5
"""How long SQLite waits for another writer, in seconds."""

SILENT_WITHIN = 5
"""How long PostgreSQL may take to let us in or to confirm what it got, in seconds."""

AT_ONCE: Final = 5
"""How many questions are with the database at once; as many connections are kept open."""

HASH: Final = "#"
"""What a keyed hash begins with, and no address does."""

_Said = TypeVarTuple("_Said")
_Answer = TypeVar("_Answer")


class _Moment(TypeDecorator[datetime]):
    """An aware moment; kept in UTC, since SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


_TABLES: Final = MetaData()

DELIVERIES: Final = Table(
    "deliveries",
    _TABLES,
    Column("key", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("accepted_at", _Moment, nullable=False),
    Column("attempt", Integer, nullable=False),
)

POLICY_ADDRESSES: Final = Table(
    "policy_addresses", _TABLES, Column("address", Text, primary_key=True)
)
"""What policies of these workers write or wrote (`activities.vouching`)."""


class SqlLedger:
    """The ledger in a SQL database, SQLite or PostgreSQL, shared by any number of workers."""

    def __init__(
        self,
        url: str,
        hashed: Callable[[str], str] | None = None,
        policy_addresses: Collection[str] = (),
    ) -> None:
        """`url` is SQLAlchemy's; nothing is opened before the first question.

        `hashed` makes a name of an address that tells nothing; they are kept in plain without it.
        `policy_addresses` are written down with the first question.

        Raises:
            ValueError: the URL is none, or of a database in memory. Whoever runs the worker mends
                it.
        """
        try:
            parsed = make_url(url)
        except SQLAlchemyError:
            msg = "the ledger's URL must be one of SQLAlchemy, such as sqlite:////var/lib/e.db"
            raise ValueError(msg) from None
        self._is_sqlite = parsed.get_backend_name() == "sqlite"
        if self._is_sqlite and parsed.database in (None, "", ":memory:"):
            msg = "a ledger in memory forgets what was sent: give a file, such as sqlite:///e.db"
            raise ValueError(msg)
        self._engine = create_engine(parsed, connect_args=_patience(parsed), pool_pre_ping=True)
        # Threads of its own: a database that hangs keeps these, and nobody else's.
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="ledger")
        self._hashed = hashed
        self._policy_addresses = policy_addresses
        self._is_ready = False

    async def accepted(self, keys: Iterable[str]) -> dict[tuple[str, str], Accepted]:
        """What was accepted of these sends, by (key, recipient)."""
        query = select(DELIVERIES).where(DELIVERIES.c.key.in_(sorted(set(keys))))
        rows = await self._asked(self._read, query)
        return {(row.key, row.recipient): row for row in rows}

    async def of_case(self, case: str) -> list[Accepted]:
        """What was sent of a case, oldest first."""
        query = (
            select(DELIVERIES)
            .where(DELIVERIES.c.key.startswith(f"{case}/", autoescape=True))
            .order_by(DELIVERIES.c.accepted_at, DELIVERIES.c.key, DELIVERIES.c.recipient)
        )
        return await self._asked(self._read, query)

    async def accept(self, row: Accepted) -> None:
        """Write down that a channel took it; of a (key, recipient) the first row stays."""
        await self._asked(self._insert, row)

    def address_of(self, row: Accepted, reach: Sequence[str]) -> str | None:
        """Which address it was, out of those it may have been; `None` if it is none of them."""
        if not row.address.startswith(HASH):
            return row.address
        return next((each for each in reach if self._kept(each) == row.address), None)

    async def has_written(self, address: str) -> bool:
        """Whether a policy of these workers ever wrote this address."""
        column = POLICY_ADDRESSES.c.address
        query = select(column).where(column.in_({address, self._kept(address)}))
        async with asyncio.timeout(SILENT_WITHIN):
            return bool(await self._asked(self._rows, query))

    async def hash_addresses(self, at_a_time: int = 500) -> int:
        """Hash what was written before addresses were hashed here; how many rows that were."""
        if self._hashed is None:
            return 0
        hashed, last = 0, ("", "")
        while rows := await self._asked(self._in_plain, last, at_a_time):
            await self._asked(self._hash, rows)
            hashed, last = hashed + len(rows), (rows[-1].key, rows[-1].recipient)
        await self._asked(self._forget_plain)
        return hashed

    def _in_plain(self, after: tuple[str, str], limit: int) -> Sequence[Any]:
        key, recipient, address = (DELIVERIES.c[n] for n in ("key", "recipient", "address"))
        return self._rows(
            select(key, recipient, address)
            .where(tuple_(key, recipient) > after, ~address.startswith(HASH))
            .order_by(key, recipient)
            .limit(limit)
        )

    def _hash(self, rows: Iterable[Any]) -> None:
        with self._engine.begin() as connection:
            for row in rows:
                mine = (DELIVERIES.c.key == row.key) & (DELIVERIES.c.recipient == row.recipient)
                hashed = self._kept(row.address)
                connection.execute(update(DELIVERIES).where(mine).values(address=hashed))

    def _forget_plain(self) -> None:
        column = POLICY_ADDRESSES.c.address
        plain = [row.address for row in self._rows(select(column).where(~column.startswith(HASH)))]
        self._write_down(plain)
        with self._engine.begin() as connection:
            connection.execute(delete(POLICY_ADDRESSES).where(column.in_(plain)))

    def _write_down(self, addresses: Iterable[str]) -> None:
        """At once, but where another worker is doing the same: then one by one."""
        with self._engine.connect() as connection:
            known = set(connection.execute(select(POLICY_ADDRESSES.c.address)).scalars())
        new = sorted({self._kept(each) for each in addresses} - known)
        try:
            self._add(new)
        except IntegrityError:
            for each in new:
                with suppress(IntegrityError):
                    self._add([each])

    def _add(self, kept: Sequence[str]) -> None:
        if kept:
            with self._engine.begin() as connection:
                connection.execute(insert(POLICY_ADDRESSES), [{"address": each} for each in kept])

    def _kept(self, address: str) -> str:
        return f"{HASH}{self._hashed(address)}" if self._hashed else address

    async def close(self) -> None:
        """Let the connections go; what is still with the database has a moment to come back."""
        with suppress(TimeoutError):
            async with asyncio.timeout(SILENT_WITHIN):
                await asyncio.to_thread(self._threads.shutdown, cancel_futures=True)
        await asyncio.to_thread(self._engine.dispose)

    async def _asked(self, ask: Callable[[*_Said], _Answer], *said: *_Said) -> _Answer:
        """What the database says. Whoever stops waiting does not stop the thread that asks."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, ask, *said)

    def _read(self, query: Select[Any]) -> list[Accepted]:
        return [Accepted(**row._mapping) for row in self._rows(query)]

    def _rows(self, query: Select[Any]) -> Sequence[Any]:
        self._make_ready()
        with self._engine.connect() as connection:
            return connection.execute(query).all()

    def _insert(self, row: Accepted) -> None:
        self._make_ready()
        kept = row.model_dump() | {"address": self._kept(row.address)}
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(DELIVERIES).values(kept))
        except IntegrityError:
            return

    def _make_ready(self) -> None:
        """The tables are there; several workers may find at once that they are not."""
        if self._is_ready:
            return
        if self._is_sqlite:
            self._write_ahead()
        for table in _TABLES.tables.values():
            try:
                with self._engine.begin() as connection:
                    connection.execute(CreateTable(table, if_not_exists=True))
            except DBAPIError:
                # PostgreSQL lets the slower of two fail, although it says "if not exists".
                if not inspect(self._engine).has_table(table.name):
                    raise
        self._write_down(self._policy_addresses)
        self._is_ready = True

    def _write_ahead(self) -> None:
        """Readers and a writer do not wait for each other; the file remembers it."""
        tries = 50
        for left in reversed(range(tries)):
            try:
                with self._engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA journal_mode=WAL")
                return
            except DBAPIError as error:
                # Changing the mode needs the file alone, and SQLite does not wait for that.
                if not left or "locked" not in str(error.orig):
                    raise
                sleep(BUSY_WITHIN / tries)


def _patience(url: URL) -> dict[str, Any]:
    """What the driver is told of how long to wait; what stands in the URL counts more.

    Of PostgreSQL no `statement_timeout`: a pooler in between refuses a connection that asks for it.
    """
    if url.get_backend_name() == "sqlite":
        return {"timeout": BUSY_WITHIN}
    if url.get_driver_name() not in ("psycopg", "psycopg2"):
        return {}
    patience = {
        "connect_timeout": SILENT_WITHIN,
        "tcp_user_timeout": SILENT_WITHIN * 1000,
        "keepalives_idle": SILENT_WITHIN,
        "keepalives_interval": 1,
        "keepalives_count": 3,
    }
    return {name: value for name, value in patience.items() if name not in url.query}
