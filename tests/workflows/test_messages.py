"""What is said to a running case, at moments that matter."""

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from escalations import events, names
from escalations.policy import HoldReason
from escalations.record import EscalationRecord, Status
from tests.harness import Desk, OpenCase


def _types(record: EscalationRecord) -> list[str]:
    return [entry.type for entry in record.timeline]


async def test_a_reply_ends_the_wait_for_the_customer(desk: Desk) -> None:
    """A customer's reply while the case is on hold resumes the clock with the time it had left."""
    case = await desk.open()
    await case.forward(timedelta(minutes=10))
    held = await case.command(
        names.Update.HOLD, events.Hold(by="ada", reason=HoldReason.CUSTOMER, note="asked for it")
    )
    await case.forward(timedelta(hours=3))
    await case.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="Here it is."))

    summary = await case.summary()
    now = await case.now()
    assert held.status is Status.ON_HOLD
    assert summary.status is Status.OPEN
    assert summary.due is not None
    assert summary.due.then == "remind"
    assert abs(summary.due.at - now - timedelta(minutes=5)) < timedelta(seconds=30)


async def test_an_acknowledgement_races_the_reminder(desk: Desk) -> None:
    """Exactly one of the two wins: no reminder comes after an accepted acknowledgement."""
    cases = [await desk.open() for _ in range(6)]

    async def race(case: OpenCase, head_start: float) -> EscalationRecord:
        await case.forward(timedelta(minutes=14, seconds=58))
        passing = asyncio.create_task(case.forward(timedelta(seconds=3)))
        for _ in range(int(head_start)):
            await asyncio.sleep(0)
        await case.command(names.Update.ACKNOWLEDGE, events.Acknowledge(by="ada"))
        await passing
        await case.forward(timedelta(minutes=10))
        return await case.record()

    records = await asyncio.gather(*(race(case, n * 40) for n, case in enumerate(cases)))

    for record in records:
        types = _types(record)
        taken = types.index("acknowledged")
        assert types.count("acknowledged") == 1
        assert "reminded" not in types[taken:]


async def test_a_refused_resolution_goes_one_level_up(desk: Desk) -> None:
    """The customer's no opens the case again, one level up, and the level there is told why."""
    case = await desk.open()
    proposal = events.ProposeResolution(by="ada", summary="Restarted it.")
    await case.command(names.Update.PROPOSE_RESOLUTION, proposal)
    case.told()

    after = await case.command(
        names.Update.REJECT_RESOLUTION, events.RejectResolution(by="customer", why="Still broken.")
    )
    await case.forward(timedelta(minutes=1))

    assert (after.status, after.level_name, after.reopened) == (Status.OPEN, "Support manager", 1)
    assert "support-manager" in {recipient for recipient, _ in case.told()}


async def test_a_command_that_cannot_be_is_refused_with_where_it_stands(desk: Desk) -> None:
    """Whoever hands up a level that the case has left is told where it is now."""
    case = await desk.open()
    await case.forward(timedelta(minutes=31))

    stale = events.HandUp(by="bob", from_level=1, reason="I cannot solve it.")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await case.command(names.Update.HAND_UP, stale)

    message = str(refused.value.cause)
    assert "you saw level 1" in message
    assert "level 2 of 7 (Support manager)" in message
    assert (await case.summary()).level == 2


async def test_a_trigger_in_a_reply_jumps(desk: Desk) -> None:
    """A threat to sue, in the customer's language, brings the case to senior management at once."""
    case = await desk.open(customer={"language": "fr"})
    case.told()

    await case.say(
        names.Signal.CUSTOMER_REPLIED,
        events.CustomerReplied(text="J’en parle à l’avocat de la maison.", message_id="m-1"),
    )
    await case.say(
        names.Signal.CUSTOMER_REPLIED,
        events.CustomerReplied(text="J’en parle à l’avocat de la maison.", message_id="m-1"),
    )
    await case.forward(timedelta(minutes=1))

    summary, record = await case.summary(), await case.record()
    assert summary.level_name == "Senior management"
    assert record.replies == 1
    assert _types(record).count("trigger_raised") == 1


@pytest.mark.parametrize(
    ("signal", "said"),
    [
        pytest.param("customer_replied", [{"text": ""}], id="blank"),
        pytest.param("customer_replied", ["just words"], id="no object"),
        pytest.param("customer_replied", [], id="nothing at all"),
        pytest.param("customer_replied", [{"text": "a"}, {"text": "b"}], id="two arguments"),
        pytest.param("raise_trigger", [{"trigger": "no-such", "by": "x"}], id="unknown trigger"),
        pytest.param("withdraw", [{"by": "x", "why": "y", "surprise": 1}], id="unknown field"),
        pytest.param("customer_said", [{"text": "a"}], id="unknown signal"),
    ],
)
async def test_a_senseless_signal_is_written_down(
    desk: Desk, signal: str, said: list[object]
) -> None:
    """A signal that makes no sense goes into the timeline as such and changes nothing."""
    case = await desk.open()
    before = await case.summary()

    await case.handle.signal(signal, args=said)

    after, record = await case.summary(), await case.record()
    assert after == before
    assert record.timeline[-1].type == "refused" or "refused" in _types(record)
    assert _types(record).count("refused") == 1


async def test_a_malformed_command_names_its_fields(desk: Desk) -> None:
    """An update that is not what it should be is refused before it is accepted, field by field."""
    case = await desk.open()

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await case.handle.execute_update("hold", {"by": "ada", "reason": "holiday", "x": 1})

    message = str(refused.value.cause)
    assert "reason" in message
    assert "x" in message
    assert "holiday" in message
