"""A case id that is used again for another case: Temporal has forgotten the first one, or whoever
starts the run asks for it."""

from datetime import UTC, datetime, timedelta

from escalations import events
from escalations.names import Signal
from tests.harness import Desk


async def test_another_case_of_the_same_id_tells_people_again(desk: Desk) -> None:
    """The ledger has kept what the first one sent; it is not taken for what the second one sends,
    and no mail program takes its mails for those of the first."""
    first = await desk.open(at=datetime.now(UTC) - timedelta(minutes=1))
    await first.say(Signal.WITHDRAW, events.Withdraw(by="Ada", why="Opened by mistake"))
    await first.handle.result()
    ids = {letter.id for _, letter in desk.channels.letters}
    told = first.told()

    second = await desk.open(case=first.case)

    again = {letter.id for _, letter in desk.channels.letters}
    opening = second.told()
    assert opening
    assert sorted(opening) == sorted(told[: len(opening)])
    assert not ids & again
