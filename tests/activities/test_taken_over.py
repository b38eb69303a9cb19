"""Messages that a case takes along into a new run, while its old one may still be sending them."""

import asyncio
from datetime import timedelta

import pytest

from tests.activities.office import Office
from tests.activities.people import recipient, telling
from tests.activities.test_handing_on import FILED
from tests.activities.test_ledger import row

WAITS = timedelta(hours=1)


@pytest.mark.parametrize(
    ("taken_over", "attempt", "leaves_time"), [(True, 1, True), (True, 2, False), (False, 1, False)]
)
async def test_what_the_old_run_still_sends_is_not_sent_again(
    office: Office,
    monkeypatch: pytest.MonkeyPatch,
    *,
    taken_over: bool,
    attempt: int,
    leaves_time: bool,
) -> None:
    """The new run leaves it time once: what was accepted meanwhile is answered. A message of its
    own waits for nobody, and neither does a retry."""
    sleep = asyncio.sleep

    async def accepted_meanwhile(seconds: float) -> None:
        if seconds != WAITS.total_seconds():
            await sleep(seconds)
            return
        await office.ledger.accept(row(key=FILED, address="mailto:old@example.com"))

    monkeypatch.setattr(asyncio, "sleep", accepted_meanwhile)
    dispatch = telling(recipient("ada")).model_copy(update={"taken_over": taken_over})
    (answer,) = await office.tell(dispatch, attempt=attempt, settled_after=WAITS)

    assert len(office.server.take(to="ada@example.com")) == (0 if leaves_time else 1)
    assert answer.address == ("mailto:old@example.com" if leaves_time else "mailto:ada@example.com")
