"""How messages are put together into activities."""

import pytest

from escalations import events, timeline
from escalations.engine import MOST_AT_ONCE, Case
from escalations.record import EscalationRecord
from escalations.sending import MAX_DETAIL
from tests.domain.conftest import OpenDesk

PAYLOAD = 2_000_000
"""Bytes that Temporal takes at most."""


@pytest.mark.parametrize("times", [1, MOST_AT_ONCE, 3 * MOST_AT_ONCE + 1])
def test_many_at_once_take_several_activities(opened: OpenDesk, times: int) -> None:
    """So many bounces came while no worker ran: of each somebody is told once, in their order, and
    whatever the bounces say, what is sent and what is kept fits into a payload."""
    desk = opened()
    desk.case.take_effects()
    for n in range(times):
        bounce = events.ReportDelivery(
            key=f"{desk.record.case}/1",
            recipient="representative",
            delivered=False,
            detail="\U0001f600" * 20_000,
            message_id=f"m-{n}",
        )
        desk.case.handle(bounce, desk.at)
    effects = desk.case.take_effects()
    dispatches = [*desk.case.dispatches(effects)]

    assert [len(each.sends) for each in dispatches[:-1]] == [MOST_AT_ONCE] * (len(dispatches) - 1)
    assert [send.key for each in dispatches for send in each.sends] == [e.key for e in effects]
    assert len(effects) == times
    assert max(len(each.model_dump_json().encode()) for each in dispatches) < PAYLOAD
    assert len(desk.record.model_dump_json().encode()) < PAYLOAD
    details = [
        each.detail for each in desk.record.timeline if isinstance(each, timeline.Undelivered)
    ]
    assert [len(each) for each in details] == [MAX_DETAIL] * times


def test_what_a_run_before_may_be_sending(opened: OpenDesk) -> None:
    """Messages without a result yet, of the run before; not what this run decides itself."""
    desk = opened()
    desk.hanging = True
    desk.reply("Any news?")
    desk.expect("customer_replied → representative")
    before = [*desk.case.dispatches(desk.record.outbox)]
    case = Case(EscalationRecord.model_validate_json(desk.record.model_dump_json()))
    inherited = [*case.dispatches(case.take_effects())]
    case.handle(events.AddNote(by="Ann", text="A note"), desk.at)
    case.handle(events.Withdraw(by="Ann", why="Enough"), desk.at)
    own = [*case.dispatches(case.take_effects())]

    assert [each.taken_over for each in before] == [False]
    assert [each.taken_over for each in inherited] == [True]
    assert [each.sends for each in inherited] == [each.sends for each in before]
    assert {each.taken_over for each in own} == {False}
