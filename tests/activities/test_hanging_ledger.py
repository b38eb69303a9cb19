"""A ledger that does not answer, and does not say so either."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs
from temporalio.exceptions import ApplicationError

from activities.ledger import SqlLedger
from activities.letters import Letter
from activities.notifications import ALL_WITHIN, ATTEMPT_WITHIN, ATTEMPTS, RECORD_WITHIN
from escalations.events import Outcome
from tests.activities.office import Office
from tests.activities.people import recipient, telling

MOMENT = timedelta(seconds=0.2)


@contextmanager
def black_hole() -> Iterator[str]:
    """The URL of a PostgreSQL server that takes a connection and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        yield f"postgresql+psycopg://care@127.0.0.1:{silent.getsockname()[1]}/postgres"


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Somebody keeps a lock on the ledger's tables in a real one."""
    engine = create_engine(url)
    with engine.begin() as other:
        other.execute(text("LOCK TABLE deliveries, policy_addresses IN ACCESS EXCLUSIVE MODE"))
        yield
    engine.dispose()


@pytest.fixture(params=["black hole", "locked"])
async def hanging(request: pytest.FixtureRequest) -> AsyncIterator[SqlLedger]:
    """A ledger whose database does not answer."""
    if request.param == "locked":
        url: str = request.getfixturevalue("server_url")
        ledger = SqlLedger(url)
        await ledger.accepted([])
        with locked(url):
            yield ledger
    else:
        with black_hole() as url:
            ledger = SqlLedger(url)
            yield ledger
    await ledger.close()


async def test_a_ledger_that_hangs_cannot_be_read(office: Office, hanging: SqlLedger) -> None:
    """A database that does not answer is as one that fails: nothing is sent, and a retry is asked
    for before the attempt's time is up."""
    with capture_logs() as logs, pytest.raises(ApplicationError, match="ledger cannot be read"):
        await office.tell(telling(recipient("ada")), ledger=hanging, read_within=MOMENT)

    assert office.server.asked_for == []
    assert [each["event"] for each in logs] == ["ledger.read_failed"]


async def test_the_last_attempt_does_not_wait_for_a_ledger_that_hangs(
    office: Office, hanging: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then what cannot be looked up is sent all the same, within what the ledger has left of the
    attempt's time; and neither is the row waited for longer than a row may take."""
    given: list[timedelta] = []

    class Notes:
        async def send(self, _written: str, letter: Letter, within: timedelta) -> str:
            given.append(within)
            return letter.id

    monkeypatch.setattr("activities.notifications.RECORD_WITHIN", MOMENT)
    office.channels = Notes()
    with capture_logs():
        (answer,) = await office.tell(
            telling(recipient("ada")),
            attempt=ATTEMPTS,
            ledger=hanging,
            read_within=MOMENT,
            all_within=50 * MOMENT,
        )

    assert answer.outcome is Outcome.DELIVERED
    assert len(given) == 1
    assert given[0] <= 49 * MOMENT + timedelta(milliseconds=1)  # what the loop's clock cannot tell


def test_an_attempt_writes_down_what_it_has_sent_before_its_time_is_up() -> None:
    """When no more is sent, there is time for the ledger and for the answer."""
    assert ALL_WITHIN + RECORD_WITHIN < ATTEMPT_WITHIN


async def test_an_address_is_not_vouched_for_by_a_ledger_that_hangs(
    hanging: SqlLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever asks whether a policy wrote an address is told in time that nobody knows now."""
    monkeypatch.setattr("activities.ledger.SILENT_WITHIN", MOMENT.total_seconds())
    with pytest.raises(TimeoutError):
        await hanging.has_written("slack://T1/desk")


async def test_a_ledger_that_hangs_keeps_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many wait for the database, templates and whatever else needs a thread get one."""
    monkeypatch.setattr("activities.ledger.SILENT_WITHIN", 100)
    with black_hole() as url:
        ledger = SqlLedger(url)
        waiting = [asyncio.create_task(ledger.accepted([])) for _ in range(50)]
        await asyncio.sleep(0)

        assert await asyncio.to_thread(str.upper, "somebody else") == "SOMEBODY ELSE"
        assert [each.done() for each in waiting] == [False] * 50
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    await ledger.close()


@pytest.mark.parametrize(("ours", "theirs"), [(2, ""), (100, "?connect_timeout=2")])
async def test_a_connection_is_not_waited_for_longer(
    monkeypatch: pytest.MonkeyPatch, ours: int, theirs: str
) -> None:
    """The driver gives up a PostgreSQL server that says nothing, after our time or the URL's, and
    its thread is free again. (Two seconds are the least that it takes.)"""
    monkeypatch.setattr("activities.ledger.SILENT_WITHIN", ours)
    with black_hole() as url:
        ledger = SqlLedger(f"{url}{theirs}")
        async with asyncio.timeout(60):
            with pytest.raises(OperationalError, match="timeout"):
                await ledger.accepted([])
    await ledger.close()


async def test_what_is_under_way_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stops gives what is with the database a moment, and no more."""
    monkeypatch.setattr("activities.ledger.SILENT_WITHIN", 100)
    with black_hole() as url:
        ledger = SqlLedger(url)
        reading = asyncio.create_task(ledger.accepted([]))
        await asyncio.sleep(0)
        monkeypatch.setattr("activities.ledger.SILENT_WITHIN", 0)
        await ledger.close()

        assert not reading.done()
    with pytest.raises(OperationalError):
        await reading
