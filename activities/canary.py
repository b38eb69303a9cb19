"""What a canary needs: its own policy, and somebody who tells nobody."""

from datetime import UTC, datetime

from temporalio import activity

from escalations import canary
from escalations.effects import Dispatch
from escalations.events import Delivery, Outcome
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot, take


class Canaries:
    """A canary's policy comes from the worker as a case's does, its messages go nowhere."""

    @activity.defn(name="snapshot_canary")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The ladder of a second."""
        return take(canary.POLICY, datetime.now(UTC).year)

    @activity.defn(name="tell_nobody")
    async def tell(self, dispatch: Dispatch) -> list[Delivery]:
        """Take what would be sent."""
        return [
            Delivery(key=send.key, recipient=recipient.key, outcome=Outcome.DELIVERED)
            for send in dispatch.sends
            for recipient in send.to
        ]
