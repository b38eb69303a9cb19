"""A word that is planted everywhere in a history, and looked for in what is exported of it."""

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from temporalio.client import WorkflowHistory

CANARY = "zanzibar"
"""Stands in everything that anybody said, is called or is reached by."""

POLICY: dict[str, Any] = {
    "policy": f"{CANARY}-policy",
    "summary": f"The matrix of {CANARY}",
    "timezone": "Europe/Paris",
    "contacts": {
        f"{CANARY}-desk": {"name": f"Desk {CANARY}", "reach": [f"mailto:desk@{CANARY}.example"]},
        "head": {"name": f"Head {CANARY}", "reach": [f"slack://{CANARY}/token"]},
    },
    "escalation_manager": "head",
    "levels": [
        {
            "name": "Desk",
            "contact": f"{CANARY}-desk",
            "within": "15m..30m",
            "actions": ["look"],
        },
        {"name": "Head", "contact": "head", "within": "until-resolved"},
    ],
    "triggers": {"legal": {"to": "Head", "phrases": {"en": ["lawyer"]}}},
}
"""A matrix with it."""


def planted(history: WorkflowHistory) -> WorkflowHistory:
    """The same, with the canary also where only other clients, workers and servers write."""
    whole = json.loads(history.to_json())
    hidden = {"metadata": {"encoding": "anNvbi9wbGFpbg=="}, "data": _64(f'"{CANARY}"')}
    for event in whole["events"]:
        event["links"] = [{"workflowEvent": {"namespace": CANARY, "workflowId": CANARY}}]
        event.setdefault("userMetadata", {"summary": hidden, "details": hidden})
        (name,) = [each for each in event if each.endswith("Attributes")]
        said = event[name]
        said |= {"identity": CANARY} if "identity" in said else {}
        if name.startswith(("workflowExecutionStarted", "activityTaskScheduled")):
            said["header"] = {"fields": {CANARY: hidden}}
            said["taskQueue"] = {"name": CANARY}
            said["priority"] = {"fairnessKey": CANARY}
        if name.startswith("workflowExecutionStarted"):
            said["memo"] = {"fields": {"title": hidden, CANARY: hidden}}
            said["cronSchedule"] = CANARY
            said["searchAttributes"] = {
                "indexedFields": {CANARY: hidden, "EscalationCustomer": hidden}
            }
        if name.startswith("activityTaskStarted"):
            said["lastFailure"] = {"message": CANARY, "stackTrace": CANARY, "source": CANARY}
        if name.startswith("workflowTask") and "workerVersion" in said:
            said["workerVersion"] = {"buildId": CANARY}
        if name.startswith("workflowExecutionSignaled"):
            said["header"] = {"fields": {CANARY: hidden}}
    return WorkflowHistory.from_json("", whole)


def _64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _texts(value: Any) -> Iterator[str]:
    """Every string in a history, and what is behind it where it is a payload."""
    match value:
        case dict():
            for name, each in value.items():
                yield name
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)
        case str():
            yield value
            with suppress(ValueError):
                yield base64.b64decode(value, validate=True).decode()
        case _:
            pass


def seen(history: WorkflowHistory) -> list[str]:
    texts = _texts(json.loads(history.to_json()))
    return [each for each in texts if CANARY in each.casefold()]
