"""What a run was told, with pseudonyms: its start, what was said, what was reported of the world.

Of everything else in a history only numbers, moments and codes are kept: what is not known to say
nothing of anybody is left out. What the case itself decided is decided again (`outputs.py`).
"""

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pydantic import RootModel, TypeAdapter, ValidationError

from escalations import events
from escalations.exporting.walking import Walker
from escalations.exporting.whitelist import (
    ERRORS,
    IDS,
    KEPT,
    NAMES,
    OPENED,
    UPDATE_IDS,
    UUIDS,
    is_code,
)
from escalations.histories import retrospectives
from escalations.histories.reading import SAID
from escalations.record import Opening
from escalations.request import EscalationRequest
from escalations.retrospective.record import RetrospectiveOpening
from escalations.rota import Roster
from escalations.simulation.scenario import MESSAGES
from escalations.snapshot import Snapshot

Json = dict[str, Any]
_DELIVERIES: Final = TypeAdapter(list[events.Delivery])


def payload(value: bytes) -> Json:
    """A payload of JSON."""
    return {
        "metadata": {"encoding": b64encode(b"json/plain").decode()},
        "data": b64encode(value).decode(),
    }


def data_of(written: Json) -> bytes:
    """What is in a payload."""
    return b64decode(written.get("data", ""))


@dataclass(frozen=True)
class Process:
    """What is told of a kind of process, and how."""

    prefix: str
    """Its workflow ids are this, a slash and the case."""
    opening: type[RootModel[Any]]
    """The model of its start input."""
    commands: Mapping[str, type[events.Message]]
    """Its updates, by name."""


ESCALATION: Final = Process("escalation", Opening, SAID)
RETROSPECTIVE: Final = Process("retrospective", RetrospectiveOpening, retrospectives.SAID)


class Inputs:
    """Rewrites the events of one run."""

    def __init__(self, walker: Walker, process: Process = ESCALATION) -> None:
        self._walker = walker
        self._process = process
        self._given = walker.pseudonyms

    def events(self, events: Sequence[Json], opening: Any = None) -> list[Json]:
        """All events of the run.

        `opening` takes the place of the start input: a baton, where the run before was told again,
        or a payload.
        """
        kinds = {
            event["eventId"]: event[name]["activityType"]["name"]
            for event in events
            if (name := "activityTaskScheduledEventAttributes") in event
        }
        return [self._event(event, kinds, opening) for event in events]

    def _event(self, event: Json, kinds: Mapping[str, str], opening: Any) -> Json:
        """One event; of activities `kinds` says by their event what they were."""
        kept = {name: each for name, each in event.items() if name in KEPT}
        name = next((each for each in event if each.endswith("Attributes")), None)
        if name is None:
            return kept
        said = event[name]
        told = self._object(said)
        match name:
            case "workflowExecutionStartedEventAttributes":
                told["workflowId"] = f"{self._process.prefix}/{self._walker.case}"
                payloads = said.get("input", {}).get("payloads", [])
                told["input"] = {"payloads": [self._opening(payloads, opening)]}
            case "workflowExecutionSignaledEventAttributes":
                told |= self._signal(said)
            case "workflowExecutionUpdateAcceptedEventAttributes":
                self._update(told.get("acceptedRequest"), said.get("acceptedRequest"))
                told["acceptedRequestMessageId"] = f"{told['protocolInstanceId']}/request"
            case "workflowExecutionUpdateAdmittedEventAttributes":
                told["request"] = self._object(said["request"])
                self._update(told["request"], said["request"])
            case "workflowExecutionUpdateCompletedEventAttributes" if failure := said.get(
                "outcome", {}
            ).get("failure"):
                told["outcome"] = {"failure": self.failure(failure)}
            case "activityTaskCompletedEventAttributes":
                results = said.get("result", {}).get("payloads", [])
                kind = kinds.get(said["scheduledEventId"], "")
                told["result"] = {"payloads": [self._result(each, kind) for each in results]}
            case "markerRecordedEventAttributes":
                told["details"] = self._marker(said.get("details", {}))
            case "childWorkflowExecutionStartedEventAttributes":
                told["workflowExecution"] = self._object(said["workflowExecution"]) | {
                    "workflowId": f"retrospective/{self._walker.case}"
                }
            case "startChildWorkflowExecutionFailedEventAttributes":
                told["workflowId"] = f"retrospective/{self._walker.case}"
            case "workflowExecutionCancelRequestedEventAttributes" if reason := said.get("cause"):
                told["cause"] = self._given.text(reason)
            case _:
                pass
        return {**kept, name: told}

    def _object(self, said: Json) -> Json:
        """What of an object says nothing of anybody; its ids replaced, its failures retold."""
        told: Json = {}
        for name, value in said.items():
            if name == "failure" and isinstance(value, dict):
                told[name] = self.failure(value)
            elif isinstance(value, dict) and name in OPENED:
                told[name] = self._object(value)
            elif name == "taskQueue":
                told[name] = {"name": "escalations"}
            elif name in ("workflowType", "activityType"):
                told[name] = {"name": self._known(value.get("name", ""))}
            elif name == "markerName":
                told[name] = self._known(value)
            elif name in UUIDS and value:
                told[name] = self._given.uuid(value)
            elif name in UPDATE_IDS:
                told[name] = self._given.id(value)
            elif name in KEPT and is_code(value):
                told[name] = value
        return told

    @staticmethod
    def _known(name: str) -> str:
        return name if name in NAMES else "unknown"

    def failure(self, said: Json) -> Json:
        """A failure: its kind, and other words."""
        told = self._object(said)
        if message := said.get("message"):
            told["message"] = self._given.text(message)
        if "cause" in said:
            told["cause"] = self.failure(said["cause"])
        if kind := said.get("applicationFailureInfo", {}).get("type"):
            known = ERRORS.fullmatch(kind) is not None
            info = told.setdefault("applicationFailureInfo", {})
            info["type"] = kind if known else self._given.id(kind, "Error")
        return told

    def _opening(self, payloads: list[Json], known: Any) -> Json:
        model = self._process.opening
        if isinstance(known, dict):
            return known
        if known is None:
            known = self._walker.model(model.model_validate_json(data_of(payloads[0])).root)
        return payload(model(known).model_dump_json().encode())

    def _signal(self, said: Json) -> Json:
        name, payloads = said["signalName"], said.get("input", {}).get("payloads", [])
        known = MESSAGES.get(name)
        told = {"signalName": name if known else self._given.id(name, "signal")}
        if known is not None and len(payloads) == 1:
            try:
                message = self._walker.model(known.model_validate_json(data_of(payloads[0])))
            except ValidationError:
                pass
            else:
                written = payload(message.model_dump_json().encode())
                return {**told, "input": {"payloads": [written]}}
        return {**told, "input": {"payloads": [self._raw(each, known) for each in payloads]}}

    def _update(self, told: Json | None, said: Json | None) -> None:
        if not told or not said or "input" not in said:
            return
        name = said["input"]["name"]
        (args,) = said["input"]["args"]["payloads"]
        said_ = self._process.commands[name].model_validate_json(data_of(args))
        message = self._walker.model(said_)
        written = payload(message.model_dump_json().encode())
        told["input"] = {"name": name, "args": {"payloads": [written]}}

    def _result(self, written: Json, kind: str) -> Json:
        told: Any
        match kind:
            case "snapshot_policy":
                told = self._walker.model(Snapshot.model_validate_json(data_of(written)))
                return payload(told.model_dump_json().encode())
            case "read_rota":
                told = self._walker.model(Roster.model_validate_json(data_of(written)))
                return payload(told.model_dump_json().encode())
            case "notify" | "invite":
                found = _DELIVERIES.validate_json(data_of(written))
                return payload(_DELIVERIES.dump_json([self._walker.model(each) for each in found]))
            case _:
                return self._raw(written)

    def _marker(self, details: Json) -> Json:
        """Of a local activity: which it was, and its result."""
        told: Json = {}
        for name, payloads in details.items():
            if name == "data":
                known = json.loads(data_of(payloads["payloads"][0]))
                kept = {key: v for key, v in known.items() if not isinstance(v, str) or key in IDS}
                kept["activity_type"] = self._known(known.get("activity_type", ""))
                told[name] = {"payloads": [payload(json.dumps(kept).encode())]}
            elif name == "result":
                (result,) = payloads["payloads"]
                told[name] = {"payloads": [self._result(result, "snapshot_policy")]}
        return told

    def _raw(self, written: Json, known: Any = None) -> Json:
        """Something that nobody could read: its form, and none of its words."""
        fields = set(known.model_fields if known is not None else EscalationRequest.model_fields)
        try:
            value = json.loads(data_of(written))
        except ValueError:
            encoding = written.get("metadata", {}).get("encoding", "")
            known_encoding = b64decode(encoding) in (b"binary/plain", b"binary/null")
            told = payload(b"?")
            if known_encoding:
                told = {"metadata": {"encoding": encoding}, "data": b64encode(b"?").decode()}
            return told
        return payload(json.dumps(self._shape(value, fields), ensure_ascii=False).encode())

    def _shape(self, value: Any, fields: set[str]) -> Any:
        match value:
            case dict():
                return {
                    name if name in fields else self._given.id(name, "field"): self._shape(
                        v, fields
                    )
                    for name, v in value.items()
                }
            case list():
                return [self._shape(each, fields) for each in value]
            case str():
                return self._given.text(value)
            case _:
                return value
