"""What the case decided, decided again: of pseudonyms nothing else can come than pseudonyms.

Effects, summaries, search attributes, answers and results are written by the same functions that
the workflow calls, of the case as it was retold. Whatever does not come out in the same number and
order is refused: the export would not replay.
"""

from base64 import b64encode
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from pydantic_core import to_json

from escalations import console
from escalations.errors import EscaladeError
from escalations.explaining.retelling import Retelling
from escalations.exporting.inputs import Json, payload
from escalations.names import SEARCH_ATTRIBUTES, SearchAttribute
from escalations.record import Baton, EscalationRecord, Opening
from escalations.request import EscalationRequest
from escalations.retrospective import console as retrospective_console
from escalations.rota import RotaQuestion
from escalations.search import known_when_opening

_TITLE: Final = "title"


class Inexportable(EscaladeError):
    """This history cannot be exported: retold with other names it goes another way."""


class Outputs:
    """Fills the events of one run with what the retold case decides."""

    def __init__(self, retelling: Retelling, request: EscalationRequest) -> None:
        self._told = retelling
        self._request = request
        self._counts = {"notify": 0, "read_rota": 0, "child": 0}
        self._shown = self._changes()

    def event(self, event: Json, said: Json) -> Json:
        """One event whose inputs are rewritten already; `said` is the original."""
        name = next((each for each in event if each.endswith("Attributes")), None)
        if name is None:
            return event
        told = event[name]
        match name:
            case "workflowExecutionStartedEventAttributes":
                self._start(event, told, said[name])
            case "activityTaskScheduledEventAttributes":
                self._activity(event, told)
            case "timerStartedEventAttributes":
                completed = told["workflowTaskCompletedEventId"]
                event["userMetadata"] = summarised(self._timer(completed))
            case "markerRecordedEventAttributes":
                event["userMetadata"] = summarised(console.copy_summary(self._request.policy))
            case "upsertWorkflowSearchAttributesEventAttributes":
                told["searchAttributes"] = self._attributes(said[name]["searchAttributes"])
            case "workflowExecutionUpdateCompletedEventAttributes" if "outcome" not in told:
                answers = {n: a for each in self._told.outcomes for n, a in each.answers.items()}
                answer = answers[int(told["acceptedEventId"])]
                written = payload(answer.model_dump_json().encode())
                told["outcome"] = {"success": {"payloads": [written]}}
            case "startChildWorkflowExecutionInitiatedEventAttributes":
                self._child(event, told)
            case "workflowExecutionCompletedEventAttributes":
                written = payload(self._record.model_dump_json().encode())
                told["result"] = {"payloads": [written]}
            case "workflowExecutionContinuedAsNewEventAttributes":
                baton = Opening(Baton(record=self._record)).model_dump_json().encode()
                told["input"] = {"payloads": [payload(baton)]}
                told["workflowType"] = {"name": "Escalation"}
            case _:
                pass
        return event

    @property
    def _record(self) -> EscalationRecord:
        return self._told.record

    def _start(self, event: Json, told: Json, said: Json) -> None:
        """As our client starts a case (`calls.start`), as far as it was started so."""
        request = self._request
        if "searchAttributes" in said:
            known = known_when_opening(request, request.priority)
            fields = said["searchAttributes"].get("indexedFields", {})
            told["searchAttributes"] = {
                "indexedFields": {
                    name: _attribute(SearchAttribute(name), value)
                    for name, value in known.items()
                    if name in fields
                }
            }
        if "memo" in said:
            told["memo"] = {"fields": {_TITLE: payload(to_json(request.title))}}
        event.update(
            {
                "userMetadata": {
                    "summary": payload(to_json(console.static_summary(request, request.priority))),
                    "details": payload(to_json(console.static_details(request))),
                }
            }
        )

    def _activity(self, event: Json, told: Json) -> None:
        kind = told["activityType"]["name"]
        try:
            match kind:
                case "notify":
                    dispatch = self._told.dispatches[self._number(kind)]
                    given: Any = dispatch
                    summary = console.send_summary(dispatch.sends)
                case "read_rota":
                    given = self._question(self._number(kind))
                    summary = console.rota_summary(given.contact)
                case _ if int(event["eventId"]) in (asked := self._told.run.adoptions):
                    number = asked.index(int(event["eventId"]))
                    given, by = self._told.policies[number], self._told.asked_by[number]
                    summary = console.copy_summary(given.policy, by)
                case _:
                    given = self._request
                    summary = console.copy_summary(given.policy)
        except IndexError:
            raise Inexportable from None
        told["input"] = {"payloads": [payload(given.model_dump_json().encode())]}
        event["userMetadata"] = summarised(summary)

    def _question(self, number: int) -> RotaQuestion:
        effect, at = self._told.readings[number], self._told.asked_at[number]
        return RotaQuestion(
            contact=effect.contact,
            rota=effect.rota,
            at=at,
            timezone=self._record.snapshot.policy.timezone,
        )

    def _number(self, kind: str) -> int:
        self._counts[kind] += 1
        return self._counts[kind] - 1

    def _timer(self, completed: str) -> str:
        """What the timer says that was set last by then: a slow opening takes several tasks."""
        number, opened_by = int(completed), self._told.run.opened_by
        for outcome in reversed(self._told.outcomes):
            if max(outcome.completed, opened_by) <= number and outcome.timer is not None:
                return outcome.timer
        msg = f"{Inexportable.__doc__} (a timer that it sets no more)"
        raise Inexportable(msg)

    def _changes(self) -> Iterator[dict[str, console.AttributeValue]]:
        """The search attributes that each showing changed."""
        published: dict[str, console.AttributeValue] = {}
        states: list[dict[str, console.AttributeValue]] = []
        opening = self._told.run.opening
        asked = opening if isinstance(opening, EscalationRequest) else opening.reopening
        if asked is not None:
            known = known_when_opening(asked, asked.priority)
            states.append({str(name): value for name, value in known.items()})
        for outcome in self._told.outcomes:
            states += outcome.attributes
        for state in states:
            changed = {name: v for name, v in state.items() if v != published.get(name)}
            published = state
            if changed:
                yield changed

    def _attributes(self, said: Json) -> Json:
        changed = next(self._shown, None)
        fields = said.get("indexedFields", {})
        if changed is None or set(changed) != set(fields):
            msg = f"{Inexportable.__doc__} (it shows other search attributes)"
            raise Inexportable(msg)
        return {
            "indexedFields": {
                name: fields[name] if value is None else _attribute(SearchAttribute(name), value)
                for name, value in changed.items()
            }
        }

    def _child(self, event: Json, told: Json) -> None:
        number = self._number("child")
        if number >= len(self._told.requests):
            raise Inexportable
        request = self._told.requests[number]
        told["workflowId"] = f"retrospective/{request.case}"
        told["namespace"] = "default"
        told["input"] = {"payloads": [payload(request.model_dump_json().encode())]}
        event["userMetadata"] = summarised(retrospective_console.static_summary(request.brief))


def summarised(text: str) -> Json:
    """Words for the UI, as an event carries them."""
    return {"summary": payload(to_json(text))}


def _attribute(name: SearchAttribute, value: Any) -> Json:
    plain = value.isoformat() if isinstance(value, datetime) else value
    written = payload(to_json(plain))
    written["metadata"]["type"] = b64encode(SEARCH_ATTRIBUTES[name].encode()).decode()
    return written
