"""What becomes of a retrospective."""

from datetime import UTC, datetime

from escalations import events, names
from escalations.names import RetrospectiveUpdate as Update
from escalations.retrospective.events import (
    AddActionItem,
    CompleteActionItem,
    Finish,
    RecordRootCause,
    RetrospectiveCommand,
)
from escalations.retrospective.record import RetrospectiveRecord
from escalations.retrospective.request import request_for
from tests.harness import Desk
from tests.workflows.ordinary_paths import CONFIRMED, FIX
from tests.workflows.paths import DAY, MINUTE, MONDAY, Handle, open_case, path

ROOT_CAUSE = RecordRootCause(by="Ida", text="An old price list", improvements="Date it")


async def _called_for(desk: Desk, case: str) -> Handle:
    """The retrospective of a case that was opened again before it ended."""
    opened = await open_case(desk, case)
    await opened.tell(FIX, events.RejectResolution(by="Ada", why="Not a cent has come."))
    await opened.tell(FIX, CONFIRMED)
    await opened.to_the_end()
    return desk.client.get_workflow_handle(
        names.retrospective_id(case), result_type=RetrospectiveRecord
    )


async def _say(handle: Handle, **commands: RetrospectiveCommand) -> None:
    for n, (update, command) in enumerate(commands.items()):
        known = command.model_copy(update={"message_id": f"r-{n}"})
        await handle.execute_update(Update(update), known)


@path
async def retrospective(desk: Desk) -> Handle:
    """Everybody is invited, the facilitator reminded, and what came of it is filed."""
    handle = await _called_for(desk, "retrospective")
    await desk.environment.fast_forward(handle, 4 * DAY)
    await _say(
        handle,
        record_root_cause=ROOT_CAUSE,
        add_action_item=AddActionItem(by="Ida", text="Date the price list", owner="Kim"),
        complete_action_item=CompleteActionItem(by="Kim", id=1),
        finish=Finish(by="Ida"),
    )
    await handle.result()
    return handle


@path
async def retrospective_unheard(desk: Desk) -> Handle:
    """A reminder that is on its way when it is finished does not keep it back."""
    handle = await _called_for(desk, "retrospective-unheard")
    await desk.environment.fast_forward(handle, 2 * DAY)
    record: RetrospectiveRecord = await handle.query(
        names.Query.RECORD, result_type=RetrospectiveRecord
    )
    desk.channels.fails.add("mailto:coordinator@shop.example")
    now = await desk.environment.get_current_time(handle)
    if (deadline := record.next_deadline) is not None:
        await desk.environment.fast_forward(handle, deadline.at + MINUTE / 60 - now)
    await _say(
        handle,
        record_root_cause=ROOT_CAUSE,
        finish=Finish(by="Ida", no_action_items="A storm"),
    )
    await desk.environment.fast_forward(handle)
    desk.channels.fails.clear()
    return handle


@path
async def retrospective_called_off(desk: Desk) -> Handle:
    """Cancelled in Temporal before the meeting: whoever was to come hears that it is not held."""
    handle = await _called_for(desk, "retrospective-called-off")
    await _say(handle, record_root_cause=ROOT_CAUSE)
    await handle.cancel()
    await handle.result()
    return handle


@path
async def retrospective_continued(desk: Desk) -> Handle:
    """It goes on in a new run while people are reminded of it."""
    case = await open_case(desk, "retrospective-continued")
    delay = MONDAY - datetime.now(UTC)
    handle = await desk.client.start_workflow(
        names.Workflow.RETROSPECTIVE,
        request_for(await case.record(), MONDAY),
        id=names.retrospective_id(case.case),
        task_queue=desk.task_queue,
        start_delay=delay,
        result_type=RetrospectiveRecord,
    )
    for by in [delay, *[DAY] * 21]:
        await desk.environment.fast_forward(handle, by)
    await _say(
        handle,
        record_root_cause=ROOT_CAUSE,
        finish=Finish(by="Ida", no_action_items="A storm"),
    )
    await handle.result()
    return handle
