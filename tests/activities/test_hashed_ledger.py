"""The delivery ledger where payloads are encrypted: it knows an address again, and tells none."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from activities.ledger import HASH, SqlLedger
from escalations.encryption import Keys, address_name
from escalations.events import Outcome
from tests.activities.office import Office
from tests.activities.people import recipient, telling
from tests.activities.smtp import MailServer
from tests.activities.test_ledger import row

NAMED = partial(address_name, Keys({"may": b"k" * 32}, b"s" * 32))
ADA, KEN = "mailto:ada@example.com", "mailto:ken@example.com"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.db'}"
        return
    server: str = request.getfixturevalue("server_url")
    yield server
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS deliveries, policy_addresses"))
    engine.dispose()


@pytest.fixture
async def plain(url: str) -> AsyncIterator[SqlLedger]:
    """The ledger of a worker that has no keys."""
    ledger = SqlLedger(url, policy_addresses=[ADA])
    yield ledger
    await ledger.close()


@pytest.fixture
async def hashing(url: str) -> AsyncIterator[SqlLedger]:
    """The same ledger, of a worker that has keys."""
    ledger = SqlLedger(url, NAMED, [ADA, "slack://T1/desk"])
    yield ledger
    await ledger.close()


def kept(url: str) -> str:
    """All that stands in the database's tables."""
    engine = create_engine(url)
    with engine.connect() as connection:
        rows = [
            str(tuple(each))
            for table in ("deliveries", "policy_addresses")
            for each in connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608  a name
        ]
    engine.dispose()
    return "\n".join(rows)


async def test_no_address_is_written(url: str, hashing: SqlLedger) -> None:
    """Neither where a message went nor what policies write can be read; whoever knows the addresses
    it may have gone to finds which one it was."""
    await hashing.accept(row(address=ADA))
    accepted = (await hashing.accepted(["T-1/3"]))["T-1/3", "ada"]

    assert "example.com" not in kept(url).replace(accepted.message_id, "")
    assert "slack" not in kept(url)
    assert hashing.address_of(accepted, [KEN, ADA]) == ADA
    assert hashing.address_of(accepted, [KEN]) is None


async def test_a_ledger_in_plain_is_read_on_and_hashed(
    url: str, plain: SqlLedger, hashing: SqlLedger
) -> None:
    """What was written before there were keys counts as before, is hashed in the background, a few
    rows at a time, and counts then; a worker that has no keys yet is not misled by it."""
    for n in range(25):
        await plain.accept(row(key=f"T-{n % 3}/{n}", recipient=f"who {n % 2}", address=ADA))
    await hashing.accept(row(address=KEN))

    before = await hashing.accepted(["T-1/1", "T-1/3"])
    hashed = await asyncio.gather(*(hashing.hash_addresses(at_a_time=4) for _ in range(2)))
    after = await hashing.accepted(["T-1/1", "T-1/3"])

    assert max(hashed) <= 25 <= sum(hashed)
    assert await hashing.hash_addresses() == 0
    assert [each for each in (ADA, KEN) if each in kept(url)] == []
    for known in (before, after):
        assert hashing.address_of(known["T-1/1", "who 1"], [KEN, ADA]) == ADA
        assert hashing.address_of(known["T-1/3", "ada"], [KEN, ADA]) == KEN
    assert after["T-1/1", "who 1"].address.startswith(HASH)
    assert await plain.hash_addresses() == 0
    seen = await plain.accepted(["T-1/1"])
    assert plain.address_of(seen["T-1/1", "who 1"], [KEN, ADA]) is None


async def test_what_policies_wrote_is_known_in_both(plain: SqlLedger, hashing: SqlLedger) -> None:
    """An address of a policy is written once by however many workers, and found by those with keys
    whoever wrote it."""
    await asyncio.gather(plain.accepted([]), hashing.accepted([]), hashing.accepted(["T-1/1"]))

    assert [await hashing.has_written(each) for each in (ADA, "slack://T1/desk", KEN)] == [
        True,
        True,
        False,
    ]
    assert await plain.has_written(ADA)
    await hashing.hash_addresses()
    assert await hashing.has_written(ADA)


async def test_a_message_is_not_sent_again(
    office: Office, server: MailServer, hashing: SqlLedger
) -> None:
    """After a crash the second attempt knows that Ada has it, and at which of her addresses."""
    office.ledger = hashing
    ada: Any = telling(recipient("ada", "mailto:nobody@", ADA))
    (first,) = await office.tell(ada)
    (second,) = await office.tell(ada, attempt=2)

    assert (first.outcome, first.address) == (Outcome.DELIVERED, ADA)
    assert (second.outcome, second.address) == (Outcome.DELIVERED, ADA)
    assert len(server.take(to="ada@example.com")) == 1
