"""The workflow with less patience: it goes on in a new run while messages are on their way."""

from temporalio import workflow

from escalations import names
from escalations.record import EscalationRecord, Opening
from workflows.escalation import EscalationWorkflow

MAX_EVENTS = 40


@workflow.defn(name=names.Workflow.ESCALATION, sandboxed=False)
class ImpatientWorkflow(EscalationWorkflow):
    """One case, in runs of a few events."""

    @workflow.init
    def __init__(self, opening: Opening) -> None:
        super().__init__(opening)

    @workflow.run
    async def run(self, opening: Opening) -> EscalationRecord:
        """See `EscalationWorkflow`."""
        return await super().run(opening)

    def _ripe(self) -> bool:
        return workflow.info().get_current_history_length() > MAX_EVENTS
