"""The commands to a running escalation: its updates.

An update is refused by its validator before it is accepted; its answer is the summary after it.
"""

from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from escalations import events
from escalations.adoption import Adopted, adopted
from escalations.engine import Case
from escalations.names import Update
from escalations.record import Summary
from escalations.temporal import BEING_OPENED
from workflows import adopting


def _checked(kind: type[events.Message]) -> Any:
    """A validator for this kind of command; Temporal compares the types they take."""

    def check(self: "Commands", command: Any) -> None:
        self._check(command)

    check.__annotations__ = {"command": kind, "return": None}
    return check


Given = TypeVar("Given", bound=events.Message)


class Commands:
    """The update handlers of `Escalation`, and the case they speak to."""

    def __init__(self) -> None:
        self._case: Case | None = None
        self._turns = 0
        """How many messages came; the main loop waits for a change."""

    @property
    def _opened_case(self) -> Case:
        if self._case is None:
            msg = "The case is being opened: its policy is not there yet. Ask again in a moment."
            raise ApplicationError(msg, type=BEING_OPENED)
        return self._case

    def _check(self, command: events.Command | events.AdoptPolicy) -> None:
        """What every validator asks: refuses what cannot be, as the case stands now."""
        self._opened_case.check(_recognisable(command))

    def _obey(self, command: events.Command) -> Summary:
        """A command reaches the case; the answer is the summary after it."""
        self._turns += 1
        self._opened_case.handle(_recognisable(command), at=workflow.now())
        return self._opened_case.record.summary()

    @workflow.update(name=Update.ACKNOWLEDGE, description='I take it: {"by": "ada"}')
    def acknowledge(self, command: events.Acknowledge) -> Summary:
        """A command: see `events.Acknowledge`."""
        return self._obey(command)

    @workflow.update(
        name=Update.ASSIGN, description='Somebody else is to have it: {"by": "ada", "to": "bob"}'
    )
    def assign(self, command: events.Assign) -> Summary:
        """A command: see `events.Assign`."""
        return self._obey(command)

    @workflow.update(
        name=Update.HAND_UP,
        description='One level up: {"by": "ada", "from_level": 2, "reason": "Needs an engineer"}',
    )
    def hand_up(self, command: events.HandUp) -> Summary:
        """A command: see `events.HandUp`."""
        return self._obey(command)

    @workflow.update(
        name=Update.HAND_BACK,
        description='Down: {"by": "ada", "from_level": 3, "to_level": 2, "advice": "Reset it"}',
    )
    def hand_back(self, command: events.HandBack) -> Summary:
        """A command: see `events.HandBack`."""
        return self._obey(command)

    @workflow.update(
        name=Update.COMPLETE_ACTION,
        description='A duty is done: {"by": "ada", "action": "check-account"}, "evidence" if any',
    )
    def complete_action(self, command: events.CompleteAction) -> Summary:
        """A command: see `events.CompleteAction`."""
        return self._obey(command)

    @workflow.update(
        name=Update.UPDATE_CUSTOMER,
        description='The customer is written to: {"by": "ada", "text": "We found the cause"}',
    )
    def update_customer(self, command: events.UpdateCustomer) -> Summary:
        """A command: see `events.UpdateCustomer`."""
        return self._obey(command)

    @workflow.update(
        name=Update.RATE,
        description='The customer rates it, 1 to 5: {"score": 4}, "comment" if any',
    )
    def rate(self, command: events.Rate) -> Summary:
        """A command: see `events.Rate`."""
        return self._obey(command)

    @workflow.update(
        name=Update.SET_PRIORITY,
        description='P1 to P4: {"by": "ada", "priority": "P1", "why": "All sites are down"}',
    )
    def set_priority(self, command: events.SetPriority) -> Summary:
        """A command: see `events.SetPriority`."""
        return self._obey(command)

    @workflow.update(
        name=Update.HOLD,
        description="It waits for customer, vendor, incident, evidence: "
        '{"by": "ada", "reason": "customer"}, "note" if any',
    )
    def hold(self, command: events.Hold) -> Summary:
        """A command: see `events.Hold`."""
        return self._obey(command)

    @workflow.update(name=Update.RESUME, description='The clock goes on: {"by": "ada"}')
    def resume(self, command: events.Resume) -> Summary:
        """A command: see `events.Resume`."""
        return self._obey(command)

    @workflow.update(
        name=Update.PROPOSE_RESOLUTION,
        description='The customer is asked: {"by": "ada", "kind": "fix", "summary": "Refunded"}',
    )
    def propose_resolution(self, command: events.ProposeResolution) -> Summary:
        """A command: see `events.ProposeResolution`."""
        return self._obey(command)

    @workflow.update(
        name=Update.CONFIRM_RESOLUTION, description='The customer agrees: {"by": "Dana Price"}'
    )
    def confirm_resolution(self, command: events.ConfirmResolution) -> Summary:
        """A command: see `events.ConfirmResolution`."""
        return self._obey(command)

    @workflow.update(
        name=Update.REJECT_RESOLUTION,
        description='The customer does not agree: {"by": "Dana Price", "why": "Still locked out"}',
    )
    def reject_resolution(self, command: events.RejectResolution) -> Summary:
        """A command: see `events.RejectResolution`."""
        return self._obey(command)

    @workflow.update(
        name=Update.ADOPT_POLICY,
        description='By the newest "policy": {"by": "ada", "preview": true}; true: only a look',
    )
    async def adopt_policy(self, command: events.AdoptPolicy) -> Adopted:
        """A command: see `events.AdoptPolicy`.

        While the policy is fetched, the case goes on; what is decided then is what counts.
        """
        case = self._opened_case
        adopt = await adopting.found(case, _recognisable(command))
        self._turns += 1
        with adopting.refused():
            self._check(adopt)
        return adopted(case, adopt, workflow.now())

    acknowledge.validator(_checked(events.Acknowledge))
    assign.validator(_checked(events.Assign))
    hand_up.validator(_checked(events.HandUp))
    hand_back.validator(_checked(events.HandBack))
    complete_action.validator(_checked(events.CompleteAction))
    update_customer.validator(_checked(events.UpdateCustomer))
    rate.validator(_checked(events.Rate))
    set_priority.validator(_checked(events.SetPriority))
    hold.validator(_checked(events.Hold))
    resume.validator(_checked(events.Resume))
    propose_resolution.validator(_checked(events.ProposeResolution))
    confirm_resolution.validator(_checked(events.ConfirmResolution))
    reject_resolution.validator(_checked(events.RejectResolution))
    adopt_policy.validator(_checked(events.AdoptPolicy))


def _recognisable(command: Given) -> Given:
    """The command with the update's id as its message id, so that it counts once across runs."""
    info = workflow.current_update_info()
    if command.message_id is not None or info is None:
        return command
    return command.model_copy(update={"message_id": info.id})
