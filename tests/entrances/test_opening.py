"""Opening a case through the client: once, whoever asks, whenever, however often."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.calls import Unanswered
from escalations.client import EscalationClient
from escalations.errors import CaseEnded, RequestInvalid
from escalations.mistakes import RequestMistakes
from escalations.policy import HoldReason, Priority
from escalations.record import EscalationRecord, Status
from escalations.request import EscalationRequest
from escalations.search import Search
from escalations.timeline import CustomerReplied, Opened
from tests import harness
from tests.entrances.conftest import PATIENT, Complaint, eventually
from tests.harness import Desk
from tests.workflows import changes

CHANCES = 8
UntilOver = Callable[[str], Awaitable[None]]


def replies(record: EscalationRecord) -> list[str]:
    return [entry.text for entry in record.timeline if isinstance(entry, CustomerReplied)]


def openings(record: EscalationRecord) -> int:
    return sum(isinstance(entry, Opened) for entry in record.timeline)


async def close(client: EscalationClient, case: str, until_over: UntilOver) -> None:
    await client.propose_resolution(case, by="ada", summary="Paid back.")
    await client.confirm_resolution(case, by="customer")
    await until_over(case)


async def test_one_complaint_sent_fifty_times_at_once_is_one_case(
    client: EscalationClient, complaint: Complaint
) -> None:
    """Fifty backends that open the same case at the same moment get fifty equal answers."""
    request = complaint()

    answers = await asyncio.gather(*(client.open(request) for _ in range(50)))

    record = await client.record(request.case)
    assert {answer.model_dump_json() for answer in answers} == {record.summary().model_dump_json()}
    assert openings(record) == 1
    assert replies(record) == []


async def test_another_channel_joins_the_case(
    client: EscalationClient, complaint: Complaint
) -> None:
    """What the customer says elsewhere about the same case reaches it as a reply, once."""
    by_phone = complaint(channel="phone")
    by_mail = by_phone.model_copy(
        update={"channel": "mail", "statement": "I called you about it, and nothing happened."}
    )
    await client.open(by_phone)

    await client.open(by_mail)
    await client.open(by_mail)
    await client.open(by_phone)

    record = await client.record(by_phone.case)
    assert replies(record) == ["I called you about it, and nothing happened."]
    assert openings(record) == 1


async def test_the_same_message_id_is_the_same_complaint(
    client: EscalationClient, complaint: Complaint
) -> None:
    """A backend that words its retry differently, under one message id, opens nothing new."""
    request = complaint(message_id="mail-17")
    await client.open(request)

    await client.open(request.model_copy(update={"statement": "The same, forwarded."}))

    assert replies(await client.record(request.case)) == []


async def test_a_case_that_has_ended_is_not_opened_unawares(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """The request for a case that has ended is refused, with its ending and the way on."""
    request = complaint()
    await client.open(request)
    await close(client, request.case, until_over)

    with pytest.raises(CaseEnded, match=r"has ended: confirmed.*reopen"):
        await client.open(request)


async def test_a_case_is_opened_again_one_level_above(
    client: EscalationClient, complaint: Complaint, until_over: UntilOver
) -> None:
    """Ten backends that open an ended case again open it once, with its past, one level above."""
    request = complaint()
    await client.open(request)
    await close(client, request.case, until_over)
    again = request.model_copy(update={"reopen": True, "statement": "It happened again."})

    answers = await asyncio.gather(*(client.open(again) for _ in range(10)))

    record = await client.record(request.case)
    assert {(answer.level, answer.reopened, answer.status) for answer in answers} == {
        (2, 1, Status.OPEN)
    }
    assert openings(record) == 2
    assert replies(record) == []


async def test_a_case_an_operator_stopped_is_opened_again_with_its_past(
    client: EscalationClient, complaint: Complaint, desk: Desk
) -> None:
    """Terminating a run in the Temporal UI loses nothing: opened again, the case knows it all."""
    request = complaint()
    await client.open(request)
    await client.add_note(request.case, by="ada", text="Called twice.")
    await client.hold(request.case, by="ada", reason=HoldReason.VENDOR)  # by then it has heard
    await desk.client.get_workflow_handle(names.escalation_id(request.case)).terminate()
    with pytest.raises(CaseEnded, match="stopped by an operator"):
        await client.open(request)

    await client.open(request.model_copy(update={"reopen": True}))

    types = [entry.type for entry in (await client.record(request.case)).timeline]
    assert types.count("noted") == 1
    assert types.count("opened") == 2


async def _stopped_with_a_note_unheard(desk: Desk, case: str) -> None:
    handle = desk.client.get_workflow_handle(names.escalation_id(case))
    await handle.signal(names.Signal.ADD_NOTE, events.AddNote(by="ada", text="Called twice."))
    await handle.terminate()


async def _opened_again(client: EscalationClient, request: EscalationRequest) -> None:
    """Refused without `reopen`; with it, the case knows its past, to the last word."""
    with pytest.raises(CaseEnded, match="stopped by an operator"):
        await client.open(request)
    await client.open(request.model_copy(update={"reopen": True}))
    types = [entry.type for entry in (await client.record(request.case)).timeline]
    assert (types.count("opened"), types.count("noted")) == (2, 1)


async def test_a_case_stopped_while_nobody_was_at_work_keeps_its_past(
    environment: WorkflowEnvironment, complaint: Complaint, tmp_path: Path
) -> None:
    """Terminated with a note that no worker had heard: opened again, it knows what it was."""
    request = complaint()
    async with harness.desk(environment, tmp_path) as desk:
        await _client(desk).open(request)
    await _stopped_with_a_note_unheard(desk, request.case)

    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue) as again:
        await _opened_again(_client(again), request)


async def test_a_case_that_nobody_can_read_is_not_opened_unawares(
    environment: WorkflowEnvironment,
    complaint: Complaint,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Stopped, and only a build is at work that cannot follow what it did: neither is it opened as
    if it had never been, nor again without its past; whoever asks hears who can mend that."""
    request = complaint()
    async with harness.desk(environment, tmp_path) as desk:
        await _client(desk).open(request)
        await _client(desk).acknowledge(request.case, by="ada")
        await _client(desk).hold(request.case, by="ada", reason=HoldReason.VENDOR)
        await desk.client.get_workflow_handle(names.escalation_id(request.case)).terminate()

    whose, name, changed = changes.POLICY_BY_ACTIVITY
    monkeypatch.setattr(whose, name, changed)
    async with harness.desk(environment, tmp_path, task_queue=desk.task_queue) as other:
        for reopen in (False, True):
            with pytest.raises(CaseEnded, match="start the build that it ran on"):
                await _client(other).open(request.model_copy(update={"reopen": reopen}))


async def test_a_case_stopped_as_it_is_spoken_to_keeps_its_past(
    client: EscalationClient, complaint: Complaint, desk: Desk
) -> None:
    """Whether the worker has heard the note before the end is a matter of chance: the case knows
    its past, and the note."""
    for _ in range(CHANCES):
        request = complaint()
        await client.open(request)
        await _stopped_with_a_note_unheard(desk, request.case)
        await _opened_again(client, request)


def _client(desk: Desk) -> EscalationClient:
    return EscalationClient(
        desk.client, policies=desk.policies, task_queue=desk.task_queue, answer_within=PATIENT
    )


async def test_a_request_is_checked_before_anything_is_sent(
    client: EscalationClient, complaint: Complaint, desk: Desk
) -> None:
    """A category the policy does not know is refused by name, and no run is started."""
    request = complaint(category="weather")

    with pytest.raises(RequestMistakes, match="category: found 'weather'") as refused:
        await client.open(request)

    assert [problem.place for problem in refused.value.problems] == [("category",)]
    found = desk.client.list_workflows(f"WorkflowId = '{names.escalation_id(request.case)}'")
    assert [run async for run in found] == []


async def test_a_request_too_large_for_its_run_is_refused(
    client: EscalationClient, complaint: Complaint
) -> None:
    """A history of megabytes is refused by us, with the limit, and not by the server."""
    said = {"at": "2026-11-23T09:00:00Z", "by": "ada", "text": "x" * 20_000}

    with pytest.raises(RequestMistakes, match="500000 bytes"):
        await client.open(complaint(history=[said] * 30))


async def test_a_worker_refuses_what_a_client_without_policies_cannot_check(
    stranger: EscalationClient, client: EscalationClient, complaint: Complaint
) -> None:
    """The run of a request the worker cannot open fails at once; mended, the request opens it."""
    request = complaint(policy="nowhere")

    with pytest.raises(RequestInvalid, match="nowhere"):
        await stranger.open(request)
    mended = await client.open(request.model_copy(update={"policy": "call-centre"}))

    assert mended.status is Status.OPEN


async def test_without_a_worker_the_case_is_kept(desk: Desk, complaint: Complaint) -> None:
    """With no worker the answer fails in bounded time, and the case stands in the list already."""
    nobody = EscalationClient(
        desk.client, policies=desk.policies, task_queue="nobody", answer_within=timedelta(seconds=2)
    )
    request = complaint(priority=Priority.P1, category="billing")

    with pytest.raises(Unanswered, match="python -m workers"):
        await nobody.open(request)

    handle = desk.client.get_workflow_handle(names.escalation_id(request.case))
    run = await handle.describe()
    assert run.status is WorkflowExecutionStatus.RUNNING
    assert await run.static_summary() == "P1 Billing: Charged twice (ACME)"
    assert "charged twice" in (await run.static_details() or "")
    (kept,) = await eventually(nobody.search, Search(id_prefix=request.case))
    assert (kept.title, kept.priority, kept.category) == ("Charged twice", "P1", "billing")
    await handle.terminate()
