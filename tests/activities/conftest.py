"""A mail server, and an office that mails through it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from activities.ledger import SqlLedger
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
