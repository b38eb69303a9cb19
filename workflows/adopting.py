"""Adopting a policy, the part that waits: its present revision is fetched.

By an activity of its own kind, not a local one as at the opening: what a case hears meanwhile
stands in the history before or after its result, so that a replay hears it in the same order.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from activities.policies import Policies
from escalations import console
from escalations.adoption import asked_for
from escalations.casefile import CaseFile
from escalations.engine import Case
from escalations.errors import Refused
from escalations.events import Adopt, AdoptPolicy
from escalations.objections import standing

FETCH_WITHIN: Final = timedelta(seconds=10)
GIVE_UP_AFTER: Final = timedelta(seconds=30)
"""After which whoever asked is refused, rather than that the case changes when nobody looks."""


async def found(case: Case, command: AdoptPolicy) -> Adopt:
    """The command with the revision that it is about.

    Raises:
        ApplicationError: `Refused`: no worker knows that policy, or none answers.
    """
    request = asked_for(case.record, command)
    try:
        snapshot = await workflow.execute_activity_method(
            Policies.snapshot,
            request,
            start_to_close_timeout=FETCH_WITHIN,
            schedule_to_close_timeout=GIVE_UP_AFTER,
            summary=console.copy_summary(request.policy, command.by),
        )
    except ActivityError as error:
        stands = standing(CaseFile(case.record, workflow.now()))
        raise _refusal(f"{_because(error.cause)}; {stands}") from None
    return Adopt(**dict(command), snapshot=snapshot)


@contextmanager
def refused() -> Iterator[None]:
    """What stands against a command that was accepted already refuses it all the same."""
    try:
        yield
    except Refused as refusal:
        raise _refusal(str(refusal)) from None


def _refusal(because: str) -> ApplicationError:
    return ApplicationError(because, type=Refused.__name__, non_retryable=True)


def _because(cause: BaseException | None) -> str:
    if isinstance(cause, ApplicationError) and cause.non_retryable:
        return cause.message.rstrip(".")
    return (
        "its policy could not be fetched from the workers in time: adopt it again, and if that "
        f"does not help, let whoever runs the workers look at their log ({cause})"
    )
