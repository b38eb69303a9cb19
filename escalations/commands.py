"""What a command does to a case, once nothing stands against it."""

from typing import assert_never

from escalations import (
    adopting,
    asking,
    events,
    holding,
    ladder,
    priorities,
    promises,
    resolving,
    taking,
    timeline,
)
from escalations.casefile import CaseFile
from escalations.events import Command


def obey(case: CaseFile, command: Command | events.Adopt) -> None:
    """A command that can be, as the case stands: see `objections`."""
    record = case.record
    match command:
        case events.Acknowledge():
            if not record.acknowledged:
                taking.take(case, command.by)
                case.note(timeline.Acknowledged, by=command.by)
        case events.Assign():
            taking.take(case, command.to)
            case.note(timeline.Assigned, by=command.by, to=command.to)
        case events.HandUp():
            ladder.leave_where_it_stood(case, "handed_up")
            ladder.move(case, record.level + 1, "handed_up", command.by, command.reason)
        case events.HandBack():
            ladder.leave_where_it_stood(case, "handed_back")
            ladder.move(case, command.to_level, "handed_back", command.by, command.advice)
        case events.CompleteAction():
            taking.complete(case, command)
        case events.UpdateCustomer():
            promises.update(case, command)
            _asked_by_hand(case)
        case events.Rate():
            resolving.rate(case, command)
        case events.SetPriority():
            priorities.change(case, command.priority, "set", command.by, command.why)
        case events.Hold():
            holding.hold(case, command)
        case events.Resume():
            holding.resume(case, "by_hand", command.by)
        case events.ProposeResolution():
            resolving.resolve(case, command)
        case events.ConfirmResolution() if record.suggestion is not None:
            resolving.suggestion_helped(case, command.by)
        case events.ConfirmResolution():
            resolving.confirm(case, command.by)
        case events.RejectResolution():
            resolving.reject(case, command)
        case events.Adopt():
            adopting.adopt(case, command)
            return  # a matrix was changed; nobody has worked on the case
        case _:
            assert_never(command)
    if not isinstance(command, _OF_THE_CUSTOMER):
        taking.sign_of_life(case)
        case.took_part("person", command.by, command.by)


def _asked_by_hand(case: CaseFile) -> None:
    """Somebody speaks with a customer whom no request has reached: they have their time from now.

    Source: A30, A47.
    """
    if not asking.in_vain(case.record):
        return
    asking.settle(case)
    if case.record.hold is None:
        resolving.await_confirmation(case)
    else:
        holding.wait_anew(case)


_OF_THE_CUSTOMER = (events.ConfirmResolution, events.RejectResolution, events.Rate)
