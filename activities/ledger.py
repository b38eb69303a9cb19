"""The delivery ledger: what a channel has accepted, so that a retry does not send it again.

A row is written as soon as a channel has accepted a message. Between the two a crash can fall: the
message then goes twice, under one Message-ID. Nothing that two systems do can be made one step.
"""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from time import sleep
from typing import Any

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    create_engine,
    insert,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError
from sqlalchemy.schema import CreateTable
from sqlalchemy.types import TypeDecorator

from activities.letters import Accepted

BUSY_WITHIN = 5
"""How long SQLite waits for another writer, in seconds."""


class _Moment(TypeDecorator[datetime]):
    """An aware moment; kept in UTC, since SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value and value.tzinfo is None else value


DELIVERIES = Table(
    "deliveries",
    MetaData(),
    Column("key", Text, primary_key=True),
    Column("recipient", Text, primary_key=True),
    Column("address", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("accepted_at", _Moment, nullable=False),
    Column("attempt", Integer, nullable=False),
)


class SqlLedger:
    """The ledger in a SQL database, SQLite or PostgreSQL, shared by any number of workers."""

    def __init__(self, url: str) -> None:
        """`url` is SQLAlchemy's; nothing is opened before the first question.

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
        patience: dict[str, Any] = {"timeout": BUSY_WITHIN} if self._is_sqlite else {}
        self._engine = create_engine(parsed, connect_args=patience, pool_pre_ping=True)
        self._is_ready = False

    async def accepted(self, keys: Iterable[str]) -> dict[tuple[str, str], Accepted]:
        """What was accepted of these sends, by (key, recipient)."""
        query = select(DELIVERIES).where(DELIVERIES.c.key.in_(sorted(set(keys))))
        rows = await asyncio.to_thread(self._read, query)
        return {(row.key, row.recipient): row for row in rows}

    async def of_case(self, case: str) -> list[Accepted]:
        """What was sent of a case, oldest first."""
        query = (
            select(DELIVERIES)
            .where(DELIVERIES.c.key.startswith(f"{case}/", autoescape=True))
            .order_by(DELIVERIES.c.accepted_at, DELIVERIES.c.key, DELIVERIES.c.recipient)
        )
        return await asyncio.to_thread(self._read, query)

    async def accept(self, row: Accepted) -> None:
        """Write down that a channel took it; of a (key, recipient) the first row stays."""
        await asyncio.to_thread(self._insert, row)

    async def close(self) -> None:
        """Let the connections go."""
        await asyncio.to_thread(self._engine.dispose)

    def _read(self, query: Select[Any]) -> list[Accepted]:
        self._make_ready()
        with self._engine.connect() as connection:
            return [Accepted(**row._mapping) for row in connection.execute(query)]

    def _insert(self, row: Accepted) -> None:
        self._make_ready()
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(DELIVERIES).values(row.model_dump()))
        except IntegrityError:
            return

    def _make_ready(self) -> None:
        """The table is there; several workers may find at once that it is not."""
        if self._is_ready:
            return
        if self._is_sqlite:
            self._write_ahead()
        try:
            with self._engine.begin() as connection:
                connection.execute(CreateTable(DELIVERIES, if_not_exists=True))
        except DBAPIError:
            # PostgreSQL lets the slower of two fail, although it says "if not exists".
            if not inspect(self._engine).has_table(DELIVERIES.name):
                raise
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
