"""What may be said to a running retrospective, and asked of it: its updates and queries."""

from typing import Any

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from escalations.errors import Refused
from escalations.names import Query, RetrospectiveUpdate
from escalations.retrospective import console
from escalations.retrospective.engine import Retrospective
from escalations.retrospective.events import (
    AddActionItem,
    CompleteActionItem,
    Finish,
    RecordRootCause,
    RetrospectiveCommand,
)
from escalations.retrospective.record import RetrospectiveRecord, RetrospectiveSummary


def _checked(kind: type[RetrospectiveCommand]) -> Any:
    """A validator for this kind of command; Temporal wants one that takes the same type."""

    def check(self: "RetrospectiveMessages", command: Any) -> None:
        self._check(command)

    check.__annotations__ = {"command": kind, "return": None}
    return check


class RetrospectiveMessages:
    """All handlers of `Retrospective`, and what they speak to."""

    def __init__(self, retrospective: Retrospective) -> None:
        self._retrospective = retrospective

    def _publish(self) -> None:
        workflow.set_current_details(console.current_details(self._retrospective.record))

    def _check(self, command: RetrospectiveCommand) -> None:
        """What every validator asks: refuses what cannot be, as things stand."""
        try:
            self._retrospective.check(command, at=workflow.now())
        except Refused as refused:
            raise ApplicationError(str(refused), type=Refused.__name__) from None

    def _obey(self, command: RetrospectiveCommand) -> RetrospectiveSummary:
        self._retrospective.handle(command, at=workflow.now())
        self._publish()
        return self._retrospective.record.summary()

    @workflow.update(
        name=RetrospectiveUpdate.RECORD_ROOT_CAUSE,
        description='Why: {"by": "ida", "text": "A certificate expired"}, "improvements" if any',
    )
    def record_root_cause(self, command: RecordRootCause) -> RetrospectiveSummary:
        """A command: see `RecordRootCause`."""
        return self._obey(command)

    @workflow.update(
        name=RetrospectiveUpdate.ADD_ACTION_ITEM,
        description='To do: {"by": "ida", "text": "Watch it", "owner": "bob"}, "due", "kind"',
    )
    def add_action_item(self, command: AddActionItem) -> RetrospectiveSummary:
        """A command: see `AddActionItem`."""
        return self._obey(command)

    @workflow.update(
        name=RetrospectiveUpdate.COMPLETE_ACTION_ITEM,
        description='An action item is done: {"by": "bob", "id": 1}',
    )
    def complete_action_item(self, command: CompleteActionItem) -> RetrospectiveSummary:
        """A command: see `CompleteActionItem`."""
        return self._obey(command)

    @workflow.update(
        name=RetrospectiveUpdate.FINISH,
        description='Everything is said: {"by": "ida"}, "no_action_items": why none is needed',
    )
    def finish(self, command: Finish) -> RetrospectiveSummary:
        """A command: see `Finish`."""
        return self._obey(command)

    record_root_cause.validator(_checked(RecordRootCause))
    add_action_item.validator(_checked(AddActionItem))
    complete_action_item.validator(_checked(CompleteActionItem))
    finish.validator(_checked(Finish))

    @workflow.query(
        name=Query.RECORD, description="Everything about the retrospective; no argument"
    )
    def record(self) -> RetrospectiveRecord:
        """The whole record."""
        return self._retrospective.record

    @workflow.query(name=Query.SUMMARY, description="The retrospective, short; no argument")
    def summary(self) -> RetrospectiveSummary:
        """The short answer."""
        return self._retrospective.record.summary()
