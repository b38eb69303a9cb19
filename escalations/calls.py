"""Calls to Temporal: how long they may take, and what their failures mean to whoever called."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, Final
from weakref import WeakValueDictionary

from temporalio.client import (
    Client,
    RPCTimeoutOrCancelledError,
    WorkflowExecution,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, FailureError
from temporalio.service import RPCError, RPCStatusCode

from escalations import console, errors, names
from escalations.names import Query, SearchAttribute
from escalations.policy import Priority
from escalations.record import Baton, EscalationRecord, Opening
from escalations.request import EscalationRequest
from escalations.search import Listed, Search, known_when_opening
from escalations.temporal import BEING_OPENED, customer_names, search_attribute_key

TITLE: Final = "title"
"""The memo that gives a list its titles; the server never filters by it, a codec encrypts it."""

_LOOK_WITHIN: Final = 2.0  # seconds
_AT_A_TIME: Final = 5
CUSTOMER: Final = "customer"
"""The memo with the customer's id, which search attributes do not say where that is encrypted."""

OPENED_AT: Final = "opened_at"
"""The memo that says when a case was opened: the server only knows when its present run began."""

_SEND_AGAIN: Final = frozenset(
    {"AcceptedUpdateCompletedWorkflow", "UnprocessedUpdate", BEING_OPENED}
)
_BUSY: Final = (
    RPCStatusCode.ABORTED,
    RPCStatusCode.FAILED_PRECONDITION,
    RPCStatusCode.RESOURCE_EXHAUSTED,
    RPCStatusCode.UNAVAILABLE,
)


class Unanswered(errors.Unreachable):
    """Temporal is there, but no worker answers. Start one: `python -m workers`."""


class Turns:
    """How many commands to one case a client has in hand.

    A server has ten (`history.maxInFlightUpdates`), and gives up all of them where another comes.
    """

    def __init__(self) -> None:
        self._cases: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    def of(self, case: str) -> asyncio.Semaphore:
        """To be held as long as a command to it is."""
        return self._cases.setdefault(case, asyncio.Semaphore(_AT_A_TIME))


@asynccontextmanager
async def answered(
    connection: Client, within: timedelta, case: str | None = None
) -> AsyncIterator[None]:
    """A conversation with server and worker that takes no longer, its failures in our words.

    Raises:
        Unanswered: nobody answered in time.
        CaseUnknown: there is no such case; ids that are almost the same are named.
        Unreachable, RequestInvalid: the server refuses it, and says why.
    """
    try:
        async with asyncio.timeout(within.total_seconds()):
            yield
    except (TimeoutError, RPCTimeoutOrCancelledError) as error:
        raise Unanswered(await _build_of(connection, case)) from error
    except RPCError as error:
        if case is not None and error.status is RPCStatusCode.NOT_FOUND and not _elsewhere(error):
            raise errors.CaseUnknown(await _unknown(connection, case)) from None
        problem = _in_our_words(error)
        if isinstance(problem, Unanswered):
            problem = Unanswered(await _build_of(connection, case))
        raise problem from error


async def _build_of(connection: Client, case: str | None) -> str | None:
    """Which worker is missing, where a case is worked by one build only; `None`: any."""
    if case is None:
        return None
    with suppress(RPCError, TimeoutError):
        async with asyncio.timeout(_LOOK_WITHIN):
            handle = connection.get_workflow_handle(names.escalation_id(case))
            described = (await handle.describe()).raw_description.workflow_execution_info
            on = described.versioning_info.deployment_version
            if on.build_id:
                return (
                    f"No worker answers for {case}. It is worked by build {on.build_id} of "
                    f"{on.deployment_name}: start a worker with ESCALADE_BUILD={on.build_id}, or "
                    "move the case to another build (docs/deploying.md)."
                )
    return None


def is_race(error: WorkflowUpdateFailedError | RPCError) -> bool:
    """Whether a command was turned away because its run just began, ended or went on in a new one.

    Or because the worker that was given it did not answer it (`UnprocessedUpdate`), or the server
    has ten others of that case in hand. Nothing is known then about whether it counted: it is sent
    again under the same id.
    """
    if isinstance(error, WorkflowUpdateFailedError):
        return isinstance(error.cause, ApplicationError) and error.cause.type in _SEND_AGAIN
    return error.status in _BUSY or "unexpected workflow task failure" in error.message


async def was_lost(error: RPCError, handle: WorkflowHandle[Any, Any]) -> bool:
    """Whether the server has lost a command of a case that it knows.

    It keeps what is not accepted yet in memory: where that is given up (a busy machine, a server
    that restarts) it answers that nothing was found, as it does for a case that there is not.
    """
    if error.status is not RPCStatusCode.NOT_FOUND:
        return False
    with suppress(RPCError):
        await handle.describe()
        return True
    return False


def is_over(error: RPCError) -> bool:
    """Whether a message came too late: there was such a run, and it has ended."""
    return error.status is RPCStatusCode.NOT_FOUND and "already completed" in error.message


def said(failure: BaseException | None) -> str:
    """A failure's own words."""
    return failure.message if isinstance(failure, FailureError) else str(failure)


async def start(
    connection: Client,
    request: EscalationRequest,
    opening: EscalationRequest | Baton,
    priority: Priority | None,
    task_queue: str,
    reuse: WorkflowIDReusePolicy,
) -> None:
    """Start a case's run.

    Raises:
        WorkflowAlreadyStartedError: there is a run, and `reuse` does not allow another.
    """
    known = known_when_opening(request, priority)
    named, customer = customer_names(connection), known[SearchAttribute.CUSTOMER]
    known[SearchAttribute.CUSTOMER] = named(customer)
    opened_at = opening.record.opened_at if isinstance(opening, Baton) else datetime.now(UTC)
    await connection.start_workflow(
        names.Workflow.ESCALATION,
        Opening(opening),
        id=names.escalation_id(request.case),
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        id_reuse_policy=reuse,
        search_attributes=TypedSearchAttributes(
            [SearchAttributePair(search_attribute_key(name), known[name]) for name in known]
        ),
        memo={TITLE: request.title, CUSTOMER: customer, OPENED_AT: opened_at.isoformat()},
        static_summary=console.static_summary(request, priority),
        static_details=console.static_details(request),
    )


async def listed(run: WorkflowExecution) -> Listed:
    """A run as the server lists it, as a case in a list."""
    opened_at = await run.memo_value(OPENED_AT, None, type_hint=str)
    attributes = {pair.key.name: pair.value for pair in run.typed_search_attributes}
    known = attributes.get(SearchAttribute.CUSTOMER)
    attributes[SearchAttribute.CUSTOMER] = await run.memo_value(CUSTOMER, known, type_hint=str)
    return Listed.of(
        run.id,
        run.status.name.lower() if run.status else "ended",
        attributes,
        title=await run.memo_value(TITLE, "", type_hint=str),
        opened_at=opened_at or run.start_time,
        closed_at=run.close_time,
    )


async def outcome(handle: WorkflowHandle[Any, EscalationRecord]) -> EscalationRecord | str:
    """What a run that is over left: its record; what it failed of, if there was no case yet.

    Raises:
        CaseEnded: there was one, and no worker can read what it knew. It is not opened unawares.
    """
    try:
        return await handle.result(follow_runs=False)
    except WorkflowFailureError as error:
        failure = said(error.cause)
    try:
        record: EscalationRecord = await handle.query(Query.RECORD, result_type=EscalationRecord)
    except (WorkflowQueryFailedError, RPCError) as error:
        if isinstance(error, RPCError) and error.status is not RPCStatusCode.FAILED_PRECONDITION:
            raise
        if errors.ASKED_AHEAD in str(error):
            raise Unanswered from None
        if await _was_a_case(handle):
            msg = (
                f"{names.case_of(handle.id)} was stopped ({failure}), and no worker here can read "
                f"what it knew: {error}. Let whoever runs the workers start the build that it ran "
                "on; `escalade explain` tells its story without one."
            )
            raise errors.CaseEnded(msg) from None
        return failure
    return record


async def _was_a_case(handle: WorkflowHandle[Any, EscalationRecord]) -> bool:
    """Whether it has come to a level: what ends before that is nobody's yet."""
    found = (await handle.describe()).typed_search_attributes
    return any(pair.key.name == SearchAttribute.LEVEL for pair in found)


async def _unknown(connection: Client, case: str) -> str:
    alike = Search(ended=True, id_prefix=case[: max(1, len(case) // 2)])
    ids: set[str] = set()
    with suppress(RPCError):  # a server that has just gone knows no neighbours
        runs = connection.list_workflows(alike.query(), limit=200)
        ids = {names.case_of(run.id) async for run in runs}
    near = " or ".join(get_close_matches(case, sorted(ids)))
    advice = f"Did you mean {near}?" if near else "Check its id, the namespace and the address."
    return f"There is no case {case}. {advice}"


def _elsewhere(error: RPCError) -> bool:
    return error.message.startswith("Namespace")


def _in_our_words(error: RPCError) -> errors.EscaladeError:
    text = error.message.rstrip(".")
    match error.status:
        case RPCStatusCode.NOT_FOUND if _elsewhere(error):
            return errors.Unreachable(f"{text}. Check TEMPORAL_NAMESPACE, or create it.")
        case RPCStatusCode.INVALID_ARGUMENT if "search attribute" in text:
            return errors.Unreachable(f"{text}. Start a worker once: it registers them.")
        case RPCStatusCode.INVALID_ARGUMENT:
            return errors.RequestInvalid(f"Temporal refuses it: {text}.")
        case RPCStatusCode.DEADLINE_EXCEEDED | RPCStatusCode.CANCELLED:
            return Unanswered()
        case RPCStatusCode.FAILED_PRECONDITION if "poller" in text:
            return Unanswered()
        case RPCStatusCode.UNAVAILABLE if "shard" in text:
            return errors.Unreachable(
                f"Temporal cannot use its database just now ({text}). "
                "Look at its disk, which may be full, and at its log."
            )
        case _:
            return errors.Unreachable(f"Temporal does not do it: {text}.")
