"""The history of a retrospective without the people in it: told again, as a case's is.

It has no matrix of its own, so that the words of its case's matrix are told otherwise, too.
"""

import json
from collections.abc import Sequence
from typing import Any, Final

from temporalio.client import WorkflowHistory

from escalations.exporting.inputs import RETROSPECTIVE, Inputs, Json, payload
from escalations.exporting.outputs import Inexportable, summarised
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.exporting.walking import Walker
from escalations.histories.retrospectives import Retold, retold
from escalations.retrospective import console
from escalations.retrospective.record import RetrospectiveBaton, RetrospectiveOpening

_ENDS: Final = ("workflowExecutionCompleted", "workflowExecutionContinuedAsNew")


def anonymous_retrospective(histories: Sequence[WorkflowHistory]) -> list[Json]:
    """The runs of one retrospective, in their order, with pseudonyms that are the same in all.

    Raises:
        Inexportable: a run goes another way when it is told again, with its own names or others.
    """
    runs = [retold(history) for history in histories]
    request = runs[0].record.request
    pseudonyms = Pseudonyms()
    pseudonyms.language = request.facilitator.language
    walker = Walker(pseudonyms, request.case)
    told: list[Json] = []
    baton: RetrospectiveBaton | None = None
    for history, run in zip(histories, runs, strict=True):
        if run.result is not None and run.result != run.record:
            msg = f"{Inexportable.__doc__} It was decided by another build."
            raise Inexportable(msg)
        written, after = _run(history, Inputs(walker, RETROSPECTIVE), baton)
        if _way(run) != _way(after):
            raise Inexportable
        told.append(written)
        baton = RetrospectiveBaton(record=after.record) if run.continued else None
    return told


def _run(
    history: WorkflowHistory, inputs: Inputs, baton: RetrospectiveBaton | None
) -> tuple[Json, Retold]:
    events: list[Json] = json.loads(history.to_json())["events"]
    told = inputs.events(events, baton)
    begun = [e for e in told if not any(name.startswith(_ENDS) for name in e)]
    again = retold(WorkflowHistory.from_json("", {"events": begun}))
    outputs = _Outputs(again)
    return {"events": [outputs.event(*each) for each in zip(told, events, strict=True)]}, again


class _Outputs:
    """Fills the events of one run with what the retrospective decides when it is told again."""

    def __init__(self, told: Retold) -> None:
        self._told = told
        self._sent = 0

    def event(self, event: Json, said: Json) -> Json:
        """One event whose inputs are rewritten already; `said` is the original."""
        name = next((each for each in event if each.endswith("Attributes")), None)
        if name is None:
            return event
        written, record = event[name], self._told.record
        match name:
            case "workflowExecutionStartedEventAttributes" if "userMetadata" in said:
                event["userMetadata"] = summarised(console.static_summary(record.request.brief))
            case "activityTaskScheduledEventAttributes":
                circular = self._next()
                written["input"] = _payloads(circular)
                event["userMetadata"] = summarised(console.send_summary(circular))
            case "timerStartedEventAttributes":
                number = int(written["workflowTaskCompletedEventId"])
                event["userMetadata"] = summarised(self._timer(number))
            case "workflowExecutionUpdateCompletedEventAttributes" if "outcome" not in written:
                answer = self._told.answers[int(written["acceptedEventId"])]
                written["outcome"] = {"success": _payloads(answer)}
            case "workflowExecutionCompletedEventAttributes":
                written["result"] = _payloads(record)
            case "workflowExecutionContinuedAsNewEventAttributes":
                baton = RetrospectiveBaton(record=record)
                written["input"] = _payloads(RetrospectiveOpening(baton))
            case _:
                pass
        return event

    def _next(self) -> Any:
        if self._sent >= len(self._told.circulars):
            raise Inexportable
        self._sent += 1
        return self._told.circulars[self._sent - 1]

    def _timer(self, completed: int) -> str:
        if completed not in self._told.timers:
            msg = f"{Inexportable.__doc__} (a timer that it sets no more)"
            raise Inexportable(msg)
        return self._told.timers[completed]


def _payloads(model: Any) -> Json:
    return {"payloads": [payload(model.model_dump_json().encode())]}


def _way(run: Retold) -> list[tuple[str, str]]:
    """How it went: the types and moments of its timeline."""
    return [(each.type, each.at.isoformat()) for each in run.record.timeline]
