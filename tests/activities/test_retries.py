"""Attempts: what is tried again, what is not, and what the last one answers."""

import asyncio
from datetime import timedelta

import pytest
from structlog.testing import capture_logs
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.invitations import INVITE_OPTIONS
from activities.letters import Accepted, Letter
from activities.notifications import (
    ATTEMPTS,
    BEAT_EVERY,
    HEARD_WITHIN,
    NOTIFY_OPTIONS,
    Notifications,
)
from activities.templates import JinjaTemplates
from escalations.events import Delivery, Outcome
from tests.activities.office import BrokenLedger, Office
from tests.activities.people import recipient, telling
from tests.activities.smtp import Manner


def outcomes(deliveries: list[Delivery]) -> dict[str, tuple[Outcome, str | None]]:
    return {each.recipient: (each.outcome, each.address) for each in deliveries}


async def test_crash_before_the_ledger_repeats_the_message_id(office: Office) -> None:
    """A crash between acceptance and ledger sends again, under the same Message-ID."""

    class Dies(BrokenLedger):
        async def accept(self, row: Accepted) -> None:
            dying.set()
            await asyncio.Event().wait()

    dying = asyncio.Event()
    first = asyncio.create_task(office.tell(telling(recipient("ada")), ledger=Dies(reads=True)))
    await dying.wait()
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    await office.tell(telling(recipient("ada")), attempt=2)

    once, twice = office.server.take(to="ada@example.com")
    assert once["Message-ID"] == twice["Message-ID"]


async def test_trouble_of_one_is_not_the_trouble_of_others(office: Office) -> None:
    """A delay fails the attempt once all others are served; the retry serves only the one."""
    office.server.manners["ken@example.com"] = Manner.DELAYS
    office.server.manners["eve@example.com"] = Manner.REFUSES
    people = [recipient(name) for name in ("ken", "ada", "eve")]
    with pytest.raises(ApplicationError, match=r"1 of 3 could not be told yet: ken") as failed:
        await office.tell(telling(*people))

    assert not failed.value.non_retryable
    assert len(office.server.take(to="ada@example.com")) == 1
    office.server.manners.pop("ken@example.com")
    answered = await office.tell(telling(*people), attempt=2)

    assert outcomes(answered) == {
        "ken": (Outcome.DELIVERED, "mailto:ken@example.com"),
        "ada": (Outcome.DELIVERED, "mailto:ada@example.com"),
        "eve": (Outcome.UNREACHABLE, None),
    }
    assert len(office.server.take(to="ken@example.com")) == 1


async def test_a_long_attempt_shows_that_it_is_alive(office: Office) -> None:
    """While a channel takes its time, the server hears of the attempt; silence is a killed worker,
    and does not have to wait for the end of what the attempt may take."""
    heard = asyncio.Event()

    class Slow:
        async def send(self, _written: str, letter: Letter, _within: timedelta) -> str:
            await heard.wait()
            return letter.id

    environment = ActivityEnvironment()
    environment.on_heartbeat = lambda *_: heard.set()
    notifications = Notifications(
        Slow(), office.ledger, JinjaTemplates(), beat_every=timedelta(milliseconds=1)
    )
    (answer,) = await environment.run(notifications.notify, telling(recipient("ada")))

    assert answer.outcome is Outcome.DELIVERED
    assert BEAT_EVERY < HEARD_WITHIN / 2
    assert NOTIFY_OPTIONS["heartbeat_timeout"] == HEARD_WITHIN
    assert INVITE_OPTIONS["heartbeat_timeout"] == HEARD_WITHIN


@pytest.mark.parametrize(
    ("attempt", "policy"),
    [
        (ATTEMPTS, NOTIFY_OPTIONS["retry_policy"]),
        (ATTEMPTS, None),
        (2, RetryPolicy(maximum_attempts=2)),
    ],
)
async def test_last_attempt_answers(
    office: Office, attempt: int, policy: RetryPolicy | None
) -> None:
    """What still cannot be told at the last attempt is an answer with its reasons."""
    office.server.manners["ada@example.com"] = Manner.DELAYS
    (answer,) = await office.tell(telling(recipient("ada")), attempt=attempt, policy=policy)

    assert answer.outcome is Outcome.UNREACHABLE
    assert "451 4.3.0 try again later" in answer.detail


async def test_without_limit_no_attempt_is_the_last(office: Office) -> None:
    """Where Temporal retries for ever, the hundredth attempt still asks for another one."""
    office.server.manners["ada@example.com"] = Manner.DELAYS
    with pytest.raises(ApplicationError, match="could not be told yet"):
        await office.tell(
            telling(recipient("ada")), attempt=100, policy=RetryPolicy(maximum_attempts=0)
        )


async def test_attempt_ends_in_time_however_many_hang(office: Office) -> None:
    """Hanging addresses share the attempt's time, each is tried, and a retry is asked for."""
    addresses = [f"a{n}@example.com" for n in range(3)]
    office.server.manners = dict.fromkeys(addresses, Manner.HANGS)
    ada = recipient("ada", *(f"mailto:{address}" for address in addresses))
    for seconds in (3, 6, 12, 24):  # where the machine stalls, an attempt does not come to all
        office.server.asked_for.clear()
        with pytest.raises(ApplicationError) as failed:
            await office.tell(telling(ada, recipient("ken")), all_within=timedelta(seconds=seconds))
        if set(addresses) <= set(office.server.asked_for):
            break

    assert set(addresses) <= set(office.server.asked_for)
    assert len(failed.value.details) == 1
    assert len(office.server.take(to="ken@example.com")) == 1
    await office.server.all_hung_up()


async def test_nothing_is_sent_blind(office: Office) -> None:
    """While the ledger cannot be read nothing is sent: a retry is asked for."""
    with capture_logs() as logs, pytest.raises(ApplicationError, match="ledger cannot be read"):
        await office.tell(telling(recipient("ada")), ledger=BrokenLedger(reads=False))

    assert office.server.asked_for == []
    assert [each["event"] for each in logs] == ["ledger.read_failed"]


async def test_last_attempt_sends_without_the_ledger(office: Office) -> None:
    """A message that may come twice under one id does less harm than one that never comes."""
    (answer,) = await office.tell(
        telling(recipient("ada")), attempt=ATTEMPTS, ledger=BrokenLedger(reads=False)
    )

    assert answer.outcome is Outcome.DELIVERED
    assert len(office.server.take(to="ada@example.com")) == 1


async def test_mail_that_is_out_is_not_called_unsent(office: Office) -> None:
    """A ledger that cannot be written is an error in the log; the recipient was told."""
    with capture_logs() as logs:
        (answer,) = await office.tell(telling(recipient("ada")), ledger=BrokenLedger(reads=True))

    assert answer.outcome is Outcome.DELIVERED
    assert len(office.server.take(to="ada@example.com")) == 1
    assert ("ledger.write_failed", "error") in [(e["event"], e["log_level"]) for e in logs]


async def test_cancelled_activity_hangs_up(office: Office) -> None:
    """A worker that stops lets go of the servers it was talking to."""
    office.server.manners["ada@example.com"] = Manner.HANGS
    telling_ada = asyncio.create_task(office.tell(telling(recipient("ada"))))
    await office.server.is_asked_for("ada@example.com")
    telling_ada.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling_ada

    await office.server.all_hung_up()
