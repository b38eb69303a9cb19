"""Questions to a run that does not answer yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from escalations.errors import ASKED_AHEAD
from escalations.names import Query

Answer = TypeVar("Answer")


@contextmanager
def not_yet() -> Iterator[None]:
    """Bears it that a run has no first task yet, or no policy, or fails its tasks just now."""
    try:
        yield
    except WorkflowQueryFailedError:
        pass
    except RPCError as error:
        if error.status is not RPCStatusCode.FAILED_PRECONDITION:
            raise


async def answered(handle: WorkflowHandle[Any, Any], query: Query, kind: type[Answer]) -> Answer:
    """What it answers: whoever asks it ahead of a task asks again (`escalations/in_turn.py`)."""
    while True:
        try:
            answer: Answer = await handle.query(query, result_type=kind)
        except (WorkflowQueryFailedError, RPCError) as error:
            if ASKED_AHEAD not in str(error):
                raise
        else:
            return answer
