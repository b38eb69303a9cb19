"""The opening of a case: its policy, and what is said before that is there.

The policy comes by a local activity, which a replay has at once: what the first execution hears
before it, a replay hears after it. So each fact counts at the moment it came, after the opening,
and what follows from it is carried out before the next moment's is heard. A command is refused
until then: an accepted one would stand in the history where no replay can put it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError, TimeoutError

from activities.policies import Policies
from escalations import console, events
from escalations.engine import Case
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot

AT_HAND = timedelta(seconds=5)
"""How long a worker has for the policy in its first task, which may take ten seconds.

A replay takes tasks that only waited for one: what came in the first would then come in the last.
"""


@dataclass
class Early:
    """Something that was said while the case was being opened."""

    at: datetime
    event: events.Fact | events.Unreadable


def turns(case: Case, began_at: datetime, early: Sequence[Early]) -> Iterator[datetime]:
    """Tell the case what was said, moment by moment; after each, carry out what follows."""
    by_moment: dict[datetime, list[Early]] = {began_at: []}
    for each in early:
        by_moment.setdefault(each.at, []).append(each)
    for at, said in by_moment.items():
        for each in said:
            case.handle(each.event, at=at)
        yield at


async def snapshot(request: EscalationRequest) -> Snapshot:
    """The policy as this case keeps it; where that takes long, by an activity of its own.

    Raises:
        ApplicationError: the policy's; the run fails, and the message says who mends what.
    """
    summary = console.copy_summary(request.policy)
    try:
        return await workflow.execute_local_activity_method(
            Policies.snapshot, request, schedule_to_close_timeout=AT_HAND, summary=summary
        )
    except (ActivityError, TimeoutError) as error:
        # The SDK wraps the timeout of a local activity, but on replay it does not.
        late = isinstance(error, TimeoutError) or isinstance(error.cause, TimeoutError)
        if not (late or _may_work_later(error.cause)):
            raise error.cause or error from None
    try:
        return await workflow.execute_activity_method(
            Policies.snapshot, request, start_to_close_timeout=2 * AT_HAND, summary=summary
        )
    except ActivityError as error:
        raise error.cause or error from None


def _may_work_later(cause: BaseException | None) -> bool:
    """Whether the worker stumbled; what the policy does not know stays unknown."""
    return isinstance(cause, ApplicationError) and not cause.non_retryable
