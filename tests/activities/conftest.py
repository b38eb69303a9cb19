"""A mail server, an office that mails through it, and a PostgreSQL server."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from activities.ledger import SqlLedger
from tests.activities.databases import postgresql
from tests.activities.office import Office
from tests.activities.smtp import MailServer, mail_server


@pytest.fixture
async def server() -> AsyncIterator[MailServer]:
    async with mail_server() as running:
        yield running


@pytest.fixture
async def office(tmp_path: Path, server: MailServer) -> AsyncIterator[Office]:
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    yield Office(server, ledger)
    await ledger.close()


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    # A socket's path has room for a hundred characters, which pytest's folders take.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder, postgresql(Path(folder)) as url:
        yield url
