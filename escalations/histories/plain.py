"""Histories as they are kept: fetched run by run, read of files, their payloads made plain.

Payloads are read by the client's own data converter: `decoded` gives a history whose payloads are
plain, codec or not, and nothing behind it needs a key. Files are what `escalade export`, Temporal's
UI or its CLI write.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.converter import DataConverter, PayloadCodec
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from escalations import names
from escalations.encryption import check_in_plain
from escalations.errors import LogUnreadable, PayloadUnreadable
from escalations.record import Opening
from escalations.temporal import INVALID_REQUEST, data_converter

MAX_RUNS: Final = 1_000
"""Of one case that are looked for; each may hold ten thousand events."""
_READ: Final = data_converter()


class Unexplained(LogUnreadable):
    """This is no history of an escalation. Export the run `escalation/<case>`."""


class NeverACase(Unexplained):
    """The run never became a case. Whoever started it mends the fields that are named."""


def refused(history: WorkflowHistory) -> str:
    """Why a run was refused for its malformed start; empty if it was not."""
    last = history.events[-1].workflow_execution_failed_event_attributes.failure
    if last.application_failure_info.type != INVALID_REQUEST:
        return ""
    payloads = list(started(history).input.payloads)
    if len(payloads) != 1:
        return str(last.message)
    try:
        _READ.payload_converter.from_payloads(payloads, [Opening])
    except ApplicationError as error:
        return error.message
    return ""


def workflow_type(history: WorkflowHistory) -> str:
    """What kind of process this is a history of."""
    return str(started(history).workflow_type.name)


def started(history: WorkflowHistory) -> Any:
    first = next(iter(history.events), None)
    if first is None or not first.HasField("workflow_execution_started_event_attributes"):
        msg = "A history begins with the start of its run; this one does not. Export it whole."
        raise Unexplained(msg)
    return first.workflow_execution_started_event_attributes


async def decoded(history: WorkflowHistory, converter: DataConverter) -> WorkflowHistory:
    """The same history with plain payloads, as its data converter reads them.

    Why a task failed decides nothing: what of that cannot be read is left out.

    Raises:
        PayloadUnreadable: it is encrypted, and there is no key here, or not that one.
    """
    events = []
    for event in history.events:
        try:
            plain = await _decoded(event, converter.payload_codec)
        except PayloadUnreadable:
            if not event.HasField("workflow_task_failed_event_attributes"):
                raise
            plain = _copy(event)
            plain.workflow_task_failed_event_attributes.ClearField("failure")
        events.append(plain)
    return WorkflowHistory(history.workflow_id, events)


async def _decoded(event: HistoryEvent, codec: PayloadCodec | None) -> HistoryEvent:
    if codec is None:
        check_in_plain([found for found in _messages(event) if isinstance(found, Payload)])
        return event
    copy = _copy(event)
    for found in _messages(copy):
        if isinstance(found, Payload):
            (plain,) = await codec.decode([found])
            found.CopyFrom(plain)
        elif isinstance(found, Failure) and found.HasField("encoded_attributes"):
            (plain,) = await codec.decode([found.encoded_attributes])
            hidden = _READ.payload_converter.from_payload(plain)
            found.message = hidden.get("message", "")
            found.stack_trace = hidden.get("stack_trace", "")
            found.ClearField("encoded_attributes")
    return copy


def _copy(event: HistoryEvent) -> HistoryEvent:
    return HistoryEvent.FromString(event.SerializeToString())


def _messages(message: Any) -> Iterator[Any]:
    """All payloads and failures in a message, a failure before what is in it."""
    if isinstance(message, Payload):
        yield message
        return
    if isinstance(message, Failure):
        yield message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            inner = field.message_type.fields_by_name["value"].message_type
            parts = list(value.values()) if inner is not None else []
        else:
            parts = list(value) if field.is_repeated else [value]
        for part in parts:
            yield from _messages(part)


def of_file(text: str) -> WorkflowHistory:
    """The history in a file, as JSON: `{"events": [...]}`, that as `history`, or the list alone.

    Raises:
        Unexplained: it is none; the message says what was found.
    """
    try:
        found = json.loads(text)
    except ValueError as error:
        msg = f"This is no JSON ({error}). {Unexplained.__doc__}"
        raise Unexplained(msg) from None
    if isinstance(found, dict) and isinstance(found.get("history"), dict):
        found = found["history"]
    events = found.get("events") if isinstance(found, dict) else found
    if not isinstance(events, list) or not all(isinstance(each, dict) for each in events):
        msg = (
            "This JSON has no list of `events`, as `escalade export`, Temporal's UI and its CLI "
            f"write it. {Unexplained.__doc__}"
        )
        raise Unexplained(msg)
    try:
        history = WorkflowHistory.from_json("", {"events": events})
    except Exception as error:  # protobuf has errors of its own, and whatever the file brings
        msg = (
            f"Its events cannot be read: {error}. Export it with its payloads as they are (in the "
            "UI: without decoding)."
        )
        raise Unexplained(msg) from None
    return WorkflowHistory(started(history).workflow_id, history.events)


async def of_case(
    client: Client, case: str, *, retrospective: bool = False
) -> list[WorkflowHistory]:
    """The histories of a case's runs, the first one first, as far back as the server keeps them.

    Or those of its retrospective.

    Raises:
        RPCError: `NOT_FOUND`: there is no such case.
    """
    workflow_id = (names.retrospective_id if retrospective else names.escalation_id)(case)
    run_id: str | None = None
    found: list[WorkflowHistory] = []
    while len(found) < MAX_RUNS:
        handle = client.get_workflow_handle(workflow_id, run_id=run_id)
        try:
            history = await handle.fetch_history()
        except RPCError as error:
            if found and error.status is RPCStatusCode.NOT_FOUND:
                break
            raise
        found.append(await decoded(history, client.data_converter))
        run_id = started(history).continued_execution_run_id
        if not run_id:
            break
    return found[::-1]
