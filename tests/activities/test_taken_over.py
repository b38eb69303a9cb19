"""Messages that a case takes along into a new run, while its old one may still be sending them."""

import asyncio
from datetime import timedelta

import pytest

from tests.activities.office import Office
from tests.activities.people import recipient, telling
from tests.activities.test_handing_on import FILED
from tests.activities.test_ledger import row

WAITS = timedelta(seconds=1)


@pytest.mark.parametrize("taken_over", [True, False])
async def test_what_the_old_run_still_sends_is_not_sent_again(
    office: Office, *, taken_over: bool
) -> None:
    """The new run leaves it time: what was accepted meanwhile is answered. A message of its own
    waits for nobody."""
    dispatch = telling(recipient("ada")).model_copy(update={"taken_over": taken_over})
    telling_them = asyncio.create_task(office.tell(dispatch, settled_after=WAITS))
    await asyncio.sleep(0)
    if taken_over:
        await office.ledger.accept(row(key=FILED, address="mailto:old@example.com"))
    (answer,) = await telling_them

    came = [mail["To"] for mail in office.server.take(to="ada@example.com")]
    assert len(came) == (0 if taken_over else 1)
    assert answer.address == ("mailto:old@example.com" if taken_over else "mailto:ada@example.com")


async def test_a_retry_has_waited_already(office: Office) -> None:
    """Only the first attempt of a new run waits: nothing comes later for it than it must."""
    dispatch = telling(recipient("ada")).model_copy(update={"taken_over": True})
    async with asyncio.timeout(20):
        (answer,) = await office.tell(dispatch, attempt=2, settled_after=timedelta(hours=1))

    assert len(office.server.take(to="ada@example.com")) == 1
    assert answer.address == "mailto:ada@example.com"
