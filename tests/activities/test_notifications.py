"""Telling people: each recipient once, by the first address that takes it, whatever breaks."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.channels.mail import Mail
from activities.channels.router import Router
from activities.channels.services import Services
from activities.channels.smtp import Smtp
from activities.ledger import SqlLedger
from activities.letters import Accepted, Letter
from activities.notifications import ATTEMPTS, NOTIFY_OPTIONS, Channels, Ledger, Notifications
from activities.templates import JinjaTemplates
from escalations.effects import CustomerNotice, Dispatch, Notice
from escalations.events import Delivery, Outcome
from tests.activities.people import brief, recipient, send, telling
from tests.activities.smtp import MailServer, Manner, mail_server

# Apprise looks for a module of the standard library that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")

SHORT = timedelta(seconds=1)


class Office:
    """A worker's notifications: real mail, real ledger, real templates."""

    def __init__(self, server: MailServer, ledger: SqlLedger) -> None:
        self.server = server
        self.ledger = ledger
        mail = Mail(Smtp(server.url), "Help <help@escalade.example>")
        self.channels: Channels = Router(mail, Services(), {"SECRET": "s3cret"})

    async def tell(
        self,
        dispatch: Dispatch,
        *,
        attempt: int = 1,
        ledger: Ledger | None = None,
        each_within: timedelta = timedelta(seconds=10),
        all_within: timedelta = timedelta(seconds=20),
        policy: RetryPolicy | None = NOTIFY_OPTIONS["retry_policy"],
    ) -> list[Delivery]:
        """One attempt of the activity."""
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(
            environment.info, attempt=attempt, retry_policy=policy
        )
        notifications = Notifications(
            self.channels,
            ledger or self.ledger,
            JinjaTemplates(),
            each_within=each_within,
            all_within=all_within,
        )
        answered: list[Delivery] = await environment.run(notifications.notify, dispatch)
        return answered


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    ledger = SqlLedger(f"sqlite:///{tmp_path / 'ledger.db'}")
    async with mail_server() as server:
        yield Office(server, ledger)
    await ledger.close()


def outcomes(deliveries: list[Delivery]) -> dict[str, tuple[Outcome, str | None]]:
    return {each.recipient: (each.outcome, each.address) for each in deliveries}


async def test_everybody_is_told_at_once(office: Office) -> None:
    """One decision tells the level, the manager and the customer: a mail and an answer for each."""
    dispatch = Dispatch(
        brief=brief(),
        sends=[
            send(Notice.LEVEL_ENTERED, recipient("ada"), key="T-1/1"),
            send(Notice.BREACH, recipient("ken"), recipient("ada"), key="T-1/2"),
            send(CustomerNotice.HANDED_OVER, recipient("customer", language="fr"), key="T-1/3"),
        ],
    )
    answered = await office.tell(dispatch)

    assert [(each.key, each.recipient, each.outcome) for each in answered] == [
        ("T-1/1", "ada", Outcome.DELIVERED),
        ("T-1/2", "ken", Outcome.DELIVERED),
        ("T-1/2", "ada", Outcome.DELIVERED),
        ("T-1/3", "customer", Outcome.DELIVERED),
    ]
    assert len(office.server.take(to="ada@example.com")) == 2
    assert len(office.server.take(to="ken@example.com")) == 1
    (to_customer,) = office.server.take(to="customer@example.com")
    assert "Ken Oda prend le relais" in to_customer["Subject"]


async def test_what_was_accepted_is_not_sent_again(office: Office) -> None:
    """A second attempt after a crash answers the same, and sends nothing."""
    first = await office.tell(telling(recipient("ada")))
    office.server.take(to="ada@example.com")
    again = await office.tell(telling(recipient("ada")), attempt=2)

    assert again == first
    assert office.server.take(to="ada@example.com") == []


async def test_recipient_named_twice_is_told_once(office: Office) -> None:
    """Somebody who is named twice in one send hears of it once."""
    answered = await office.tell(telling(recipient("ada"), recipient("ada")))

    assert len(answered) == len(office.server.take(to="ada@example.com")) == 1


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


@pytest.mark.parametrize("manner", [Manner.REFUSES, Manner.DELAYS, Manner.DROPS])
async def test_next_address_is_tried_at_once(office: Office, manner: Manner) -> None:
    """An address that will not or cannot take it is passed over for the next one."""
    office.server.manners["old@example.com"] = manner
    ada = recipient("ada", "mailto:old@example.com", "mailto:new@example.com")
    (answer,) = await office.tell(telling(ada))

    assert (answer.outcome, answer.address) == (Outcome.DELIVERED, "mailto:new@example.com")
    assert answer.detail.startswith("mailto:old@example.com: ")
    assert len(office.server.take(to="new@example.com")) == 1
    assert office.server.asked_for == ["old@example.com", "new@example.com"]


@pytest.mark.parametrize("manner", [Manner.HANGS, Manner.DRIPS])
async def test_hanging_address_is_left_for_the_next(office: Office, manner: Manner) -> None:
    """A server that never answers costs its time limit, and then the next address is tried."""
    office.server.manners["old@example.com"] = manner
    ada = recipient("ada", "mailto:old@example.com", "mailto:new@example.com")
    (answer,) = await office.tell(telling(ada), each_within=SHORT)

    assert answer.address == "mailto:new@example.com"
    assert len(office.server.take(to="new@example.com")) == 1
    await office.server.all_hung_up()


async def test_later_addresses_are_left_alone(office: Office) -> None:
    """Once an address took it, no other one is tried."""
    ada = recipient("ada", "mailto:ada@example.com", "mailto:second@example.com")
    await office.tell(telling(ada))

    assert len(office.server.take(to="ada@example.com")) == 1
    assert office.server.asked_for == ["ada@example.com"]


async def test_unknown_recipient_is_an_answer_not_an_error(office: Office) -> None:
    """Refused everywhere for good: the answer says why, and nothing is retried."""
    office.server.manners["ada@example.com"] = Manner.REFUSES
    ada = recipient("ada", "mailto:ada@example.com", "pigeon://loft")
    (answer,) = await office.tell(telling(ada))

    assert (answer.outcome, answer.address) == (Outcome.UNREACHABLE, None)
    assert "mailto:ada@example.com: 550 5.1.1 no such user" in answer.detail
    assert "pigeon://loft: no channel pigeon://" in answer.detail


async def test_nobody_without_an_address_is_retried(office: Office) -> None:
    """Somebody without any address cannot be reached, and the answer says so."""
    nobody = recipient("ada").model_copy(update={"reach": []})
    (answer,) = await office.tell(telling(nobody))

    assert (answer.outcome, answer.detail) == (Outcome.UNREACHABLE, "has no address")


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
    addresses = [f"a{n}@example.com" for n in range(4)]
    office.server.manners = dict.fromkeys(addresses, Manner.HANGS)
    ada = recipient("ada", *(f"mailto:{address}" for address in addresses))
    with pytest.raises(ApplicationError) as failed:
        await office.tell(telling(ada, recipient("ken")), all_within=timedelta(seconds=1.6))

    assert set(addresses) <= set(office.server.asked_for)
    assert len(failed.value.details) == 1
    assert len(office.server.take(to="ken@example.com")) == 1
    await office.server.all_hung_up()


async def test_fifty_are_told_together(office: Office) -> None:
    """Fifty recipients: fifty mails, several at a time, and nobody twice."""
    people = [recipient(f"p{n}") for n in range(50)]
    answered = await office.tell(telling(*people))

    assert all(each.outcome is Outcome.DELIVERED for each in answered)
    assert 1 < office.server.most_at_once < 50
    for n in range(50):
        assert len(office.server.take(to=f"p{n}@example.com")) == 1


class BrokenLedger:
    """A ledger whose database is gone, for reading or for writing."""

    def __init__(self, *, reads: bool) -> None:
        self.reads = reads

    async def accepted(self, keys: Iterable[str]) -> dict[tuple[str, str], Accepted]:
        if not self.reads:
            raise OSError("disk gone")
        return {}

    async def accept(self, row: Accepted) -> None:
        raise OSError("disk gone")


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


async def test_secrets_stay_where_they_are(office: Office) -> None:
    """An answer has the address as the policy writes it; the secret is in no answer and no log."""
    ada = recipient("ada", "json://127.0.0.1:1/${SECRET}", "mailto:${SECRET}@example.com")
    with capture_logs() as logs:
        (answer,) = await office.tell(telling(ada))

    assert answer.address == "mailto:${SECRET}@example.com"
    assert len(office.server.take(to="s3cret@example.com")) == 1
    assert "s3cret" not in answer.model_dump_json() + str(logs)
    (row,) = await office.ledger.of_case("T-1")
    assert row.address == answer.address


async def test_error_in_a_channel_is_met_like_a_failure(office: Office) -> None:
    """A bug in a channel loses nobody: the next address is tried, and the log has the error."""

    class Buggy:
        def __init__(self, way: Channels) -> None:
            self._way = way

        async def send(self, written: str, letter: Letter, within: timedelta) -> str:
            if written.startswith("pigeon:"):
                raise ZeroDivisionError
            return await self._way.send(written, letter, within)

    office.channels = Buggy(office.channels)
    ada = recipient("ada", "pigeon://loft", "mailto:ada@example.com")
    with capture_logs() as logs:
        (answer,) = await office.tell(telling(ada))

    assert answer.address == "mailto:ada@example.com"
    assert len(office.server.take(to="ada@example.com")) == 1
    assert "notification.broke" in [each["event"] for each in logs]


async def test_cancelled_activity_hangs_up(office: Office) -> None:
    """A worker that stops lets go of the servers it was talking to."""
    office.server.manners["ada@example.com"] = Manner.HANGS
    telling_ada = asyncio.create_task(office.tell(telling(recipient("ada"))))
    await office.server.is_asked_for("ada@example.com")
    telling_ada.cancel()
    with pytest.raises(asyncio.CancelledError):
        await telling_ada

    await office.server.all_hung_up()
