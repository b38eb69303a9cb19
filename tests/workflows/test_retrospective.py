"""The workflow `Retrospective` on a real server, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer, Worker

from activities.invitations import Invitations
from activities.ledger import SqlLedger
from activities.templates import JinjaTemplates
from escalations import events, names
from escalations.events import Message
from escalations.names import RetrospectiveUpdate as Update
from escalations.retrospective.events import (
    AddActionItem,
    CompleteActionItem,
    Finish,
    RecordRootCause,
)
from escalations.retrospective.record import (
    RetrospectiveRecord,
    RetrospectiveStatus,
    RetrospectiveSummary,
)
from escalations.retrospective.request import RetrospectiveRequest
from escalations.temporal import plugin
from tests.domain.retrospectives import FRIDAY, handed_over, opened
from tests.harness import FakeChannels
from tests.questions import answered
from workflows.retrospective import LAST_SENDS_WITHIN, RetrospectiveWorkflow

ROOT_CAUSE = RecordRootCause(by="Ida", text="Nobody read the log", improvements="Read it")
ACTION_ITEM = AddActionItem(by="Ida", text="Alarm on the log", owner="Kim")


@dataclass
class Meeting:
    """A running retrospective, and what one can do with it."""

    environment: WorkflowEnvironment
    handle: WorkflowHandle[Any, RetrospectiveRecord]
    channels: FakeChannels

    async def say(self, update: Update, command: Message) -> RetrospectiveSummary:
        answer: RetrospectiveSummary = await self.handle.execute_update(
            update, command, result_type=RetrospectiveSummary
        )
        return answer

    async def record(self) -> RetrospectiveRecord:
        return await answered(self.handle, names.Query.RECORD, RetrospectiveRecord)

    async def forward_to(self, moment: datetime) -> None:
        now = await self.environment.get_current_time(self.handle)
        await self.environment.fast_forward(self.handle, moment - now)

    async def over(self) -> datetime:
        """Let the meeting pass; when it ended."""
        slot = (await self.record()).slot
        assert slot is not None
        await self.forward_to(slot.end_at + timedelta(minutes=1))
        return slot.end_at

    def told(self) -> list[tuple[str, str]]:
        """Who was told since the last call: (recipient, the number of the decision)."""
        told = self.channels.letters
        self.channels.letters = []
        return [(letter.recipient, letter.key.rpartition("/")[2]) for _, letter in told]


def asked(**changes: Any) -> RetrospectiveRequest:
    """The hand-over of a case that has just been closed."""
    case = opened(case=f"T-{uuid4().hex[:8]}")
    case.handle(events.HandUp(by="Desk", from_level=1, reason="no access"), FRIDAY)
    now = datetime.now(UTC)
    request = handed_over(case)
    return request.model_copy(update={"closed_at": now, **changes})


@asynccontextmanager
async def meeting(
    environment: WorkflowEnvironment,
    folder: Path,
    channels: FakeChannels | None = None,
    **changes: Any,
) -> AsyncIterator[Meeting]:
    """A retrospective on a worker of its own."""
    channels = channels or FakeChannels()
    ledger = SqlLedger(f"sqlite:///{folder / 'ledger.db'}")
    invitations = Invitations(channels, ledger, JinjaTemplates(), "escalade@shop.example")
    task_queue = f"test-{uuid4().hex[:8]}"
    async with Worker(
        environment.client,
        task_queue=task_queue,
        workflows=[RetrospectiveWorkflow],
        activities=[invitations.invite],
        graceful_shutdown_timeout=timedelta(seconds=5),
    ):
        request = asked(**changes)
        handle = await environment.client.start_workflow(
            names.Workflow.RETROSPECTIVE,
            request,
            id=names.retrospective_id(request.case),
            task_queue=task_queue,
            result_type=RetrospectiveRecord,
        )
        yield Meeting(environment, handle, channels)


def own_types(record: RetrospectiveRecord) -> list[str]:
    return [entry.type for entry in record.timeline if not hasattr(entry, "level")]


async def test_from_the_invitation_to_the_filed_result(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Everybody is invited, the facilitator reminded until all is said; the record is filed."""
    async with meeting(environment, tmp_path) as retrospective:
        end = await retrospective.over()
        invited = retrospective.told()
        # at night, when no reminder is due
        await retrospective.forward_to(end + timedelta(days=4, hours=12))
        reminded = retrospective.told()
        with pytest.raises(WorkflowUpdateFailedError) as refused:
            await retrospective.say(Update.FINISH, Finish(by="Ida"))
        await retrospective.say(Update.RECORD_ROOT_CAUSE, ROOT_CAUSE)
        added = await retrospective.say(Update.ADD_ACTION_ITEM, ACTION_ITEM)
        await retrospective.say(Update.COMPLETE_ACTION_ITEM, CompleteActionItem(by="Kim", id=1))
        await retrospective.say(Update.FINISH, Finish(by="Ida"))
        record = await retrospective.handle.result()
        history = await retrospective.handle.fetch_history()

    assert sorted(invited) == [
        ("account-executive", "1"),
        ("boss", "1"),
        ("coordinator", "1"),
        ("desk", "1"),
    ]
    assert {recipient for recipient, _ in reminded} == {"coordinator"}
    assert 1 <= len(reminded) == record.reminders <= 4
    assert isinstance(refused.value.cause, ApplicationError)
    assert "record_root_cause" in str(refused.value.cause)
    assert added.missing == []
    assert record.status is RetrospectiveStatus.FINISHED
    assert record.outbox == []
    assert record.timeline[0].type == "opened"
    assert own_types(record) == [
        "scheduled",
        "not_invited",
        *["invited"] * 4,
        "meeting_over",
        *["reminded"] * record.reminders,
        "root_cause_recorded",
        "action_item_added",
        "action_item_done",
        "finished",
    ]
    await Replayer(workflows=[RetrospectiveWorkflow], plugins=[plugin()]).replay_workflow(history)


async def test_that_nobody_can_be_told_neither_ends_nor_blocks_it(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """No address takes anything; reminders fall due, commands are taken, and it finishes."""
    deaf = FakeChannels(
        refuses={
            "slack://token/boss",
            *(f"mailto:{who}@shop.example" for who in ("ida", "desk", "boss", "asa")),
        }
    )
    async with meeting(environment, tmp_path, deaf) as retrospective:
        end = await retrospective.over()
        # at night, when no reminder is due: else its answer may come after the end
        await retrospective.forward_to(end + timedelta(days=4, hours=12))
        await retrospective.say(Update.RECORD_ROOT_CAUSE, ROOT_CAUSE)
        await retrospective.say(Update.FINISH, Finish(by="Ida", no_action_items="A storm"))
        record = await retrospective.handle.result()

    assert deaf.letters == []
    assert record.reminders >= 1
    assert own_types(record).count("undelivered") >= 4 + record.reminders
    assert own_types(record)[-1] == "finished"


async def test_what_is_still_on_its_way_at_the_end_is_given_up(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A mail server that is down when it is finished does not keep the result back."""
    down = FakeChannels()
    async with meeting(environment, tmp_path, down) as retrospective:
        await retrospective.over()
        deadline = (await retrospective.record()).next_deadline
        assert deadline is not None
        down.fails = {"mailto:ida@shop.example"}
        await retrospective.forward_to(deadline.at + timedelta(seconds=1))
        await retrospective.say(Update.RECORD_ROOT_CAUSE, ROOT_CAUSE)
        await retrospective.say(Update.FINISH, Finish(by="Ida", no_action_items="A storm"))
        finished_at = (await retrospective.record()).finished_at
        await environment.fast_forward(retrospective.handle)
        record = await retrospective.handle.result()

    assert finished_at is not None
    assert own_types(record)[-2:] == ["finished", "undelivered"]
    assert record.timeline[-1].at - finished_at < 2 * LAST_SENDS_WITHIN
    assert record.outbox == []


async def test_two_say_the_same_at_once(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    """Of two who report one action item done at the same time, one is refused."""
    async with meeting(environment, tmp_path) as retrospective:
        await retrospective.say(Update.ADD_ACTION_ITEM, ACTION_ITEM)
        answers = await asyncio.gather(
            *(
                retrospective.say(Update.COMPLETE_ACTION_ITEM, CompleteActionItem(by=who, id=1))
                for who in ("Kim", "Ida")
            ),
            return_exceptions=True,
        )
        record = await retrospective.record()
        await retrospective.handle.terminate()

    assert sorted(type(answer).__name__ for answer in answers) == [
        "RetrospectiveSummary",
        "WorkflowUpdateFailedError",
    ]
    assert own_types(record).count("action_item_done") == 1


async def test_a_malformed_start_fails_visibly(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """A run that is started by hand with nonsense ends at once, and names what is wrong."""
    async with meeting(environment, tmp_path) as retrospective:
        description = await retrospective.handle.describe()
        handle = await environment.client.start_workflow(
            names.Workflow.RETROSPECTIVE,
            {"case": "T 1"},
            id=names.retrospective_id(uuid4().hex),
            task_queue=description.task_queue,
        )
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        await retrospective.handle.terminate()

    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "InvalidRequest"
    assert "facilitator" in str(failed.value.cause)
