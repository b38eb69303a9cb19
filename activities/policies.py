"""The policy that a case is opened with: checked against the request, copied with its holidays."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Final

from temporalio import activity
from temporalio.exceptions import ApplicationError

from escalations import given_addresses
from escalations.policy import Policy
from escalations.references import Problem
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot, take
from escalations.temporal import INVALID_REQUEST

UNKNOWN_POLICY: Final = "UnknownPolicy"
"""The error type of a run that names a policy which this worker does not have."""

_REPORTED: Final = range(1970, 2190)
"""Years in which a case may be reported: calendars cover them and what follows."""


class Policies:
    """The policies of this worker, read and checked at its start."""

    def __init__(
        self, policies: Mapping[str, Policy], request_channels: Collection[str] | None = None
    ) -> None:
        """`request_channels` are those that an address in a request may be of; `None`: any, but
        without a secret."""
        self._policies = policies
        self._request_channels = request_channels
        self._taken: dict[tuple[str, int], Snapshot] = {}
        for name in policies:  # the first use of a country's holidays costs 0.2 s
            self._take(name, datetime.now(UTC).year)

    @activity.defn(name="snapshot_policy")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The policy as this case keeps it; quick enough for a local activity.

        Raises:
            ApplicationError: `UnknownPolicy` or `InvalidRequest`, not retryable: whoever opens the
                case, or runs the worker, mends what the message names.
        """
        policy = self._policies.get(request.policy)
        if policy is None:
            known = ", ".join(sorted(self._policies)) or "none"
            message = (
                f"policy: found {request.policy!r}; allowed: {known}. Name one of these, or "
                "let whoever runs the workers add it to the folder ESCALADE_POLICIES "
                "and start them again."
            )
            raise ApplicationError(message, type=UNKNOWN_POLICY, non_retryable=True)
        problems = request.problems(policy)
        if request.reported_at.year not in _REPORTED:
            allowed = f"a moment from {_REPORTED[0]} to {_REPORTED[-1]}"
            problems.append(Problem(("reported_at",), request.reported_at.isoformat(), allowed))
        # A case that adopts a policy, which is no local activity, was opened long ago: what it was
        # told then must not keep it from adopting. What goes to such an address is refused anyway.
        if activity.info().is_local:
            problems += request.too_large()
            problems += given_addresses.problems(request, self._request_channels)
        if problems:
            message = "; ".join(map(str, problems))
            raise ApplicationError(message, type=INVALID_REQUEST, non_retryable=True)
        # A case that is reported late or opened again lives from now on, not from then.
        opening = max(request.reported_at, activity.info().scheduled_time)
        return self._take(request.policy, opening.year)

    def _take(self, name: str, year: int) -> Snapshot:
        if (name, year) not in self._taken:
            self._taken[name, year] = take(self._policies[name], year)
        return self._taken[name, year]
