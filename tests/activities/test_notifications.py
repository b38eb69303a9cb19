"""Telling people: each recipient once, by the first address that takes it, whatever breaks."""

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from activities.letters import Letter
from activities.notifications import Channels
from escalations.effects import CustomerNotice, Dispatch, Notice
from escalations.events import Outcome
from tests.activities.office import Office
from tests.activities.people import brief, recipient, send, telling
from tests.activities.smtp import Manner

# Apprise looks for a module of the standard library that Python 3.13 has dropped.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr':DeprecationWarning")


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
    assert "Un responsable prend le relais" in to_customer["Subject"]


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
    (answer,) = await office.tell(telling(ada), each_within=timedelta(seconds=3))

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


async def test_fifty_are_told_together(office: Office) -> None:
    """Fifty recipients: fifty mails, several at a time, and nobody twice."""
    people = [recipient(f"p{n}") for n in range(50)]
    answered = await office.tell(telling(*people))

    assert all(each.outcome is Outcome.DELIVERED for each in answered)
    assert 1 < office.server.most_at_once < 50
    for n in range(50):
        assert len(office.server.take(to=f"p{n}@example.com")) == 1


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
