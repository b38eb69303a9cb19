"""The start of a run that never became a case, without the people in it: with the same mistakes.

What its model takes is told with pseudonyms, as everywhere. What it does not take is masked: every
letter an `x`, every figure a `0`, so that what was wrong with it still is. Whether it came out with
the same mistakes is looked at, and why it was refused is said again by whoever refuses.
"""

import json
import math
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Final, get_args

from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from temporalio.api.common.v1 import Payload
from temporalio.client import WorkflowHistory
from temporalio.exceptions import ApplicationError

from escalations.exporting.inputs import Inputs, Json, data_of, payload
from escalations.exporting.outputs import Inexportable
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.exporting.walking import Walker
from escalations.histories.plain import started
from escalations.record import Opening
from escalations.request import EscalationRequest
from escalations.temporal import data_converter

_READ: Final = data_converter().payload_converter
_NOTHING: Final[Json] = {"metadata": {"encoding": "YmluYXJ5L251bGw="}}


def anonymous_start(histories: Sequence[WorkflowHistory]) -> list[Json]:
    """Runs that were refused as they began, each with the same mistakes.

    Raises:
        Inexportable: with other names it has other mistakes.
    """
    return [_anonymous(history) for history in histories]


def _anonymous(history: WorkflowHistory) -> Json:
    whole = json.loads(history.to_json())["events"]
    began = whole[0]["workflowExecutionStartedEventAttributes"]
    payloads = began.get("input", {}).get("payloads", [])
    given = payloads[0] if len(payloads) == 1 else _NOTHING
    case = started(history).workflow_id.partition("/")[2] or "?"
    walker = Walker(Pseudonyms(), case)
    told = _start(given, walker)
    if _mistakes(told) != _mistakes(given):
        msg = f"{Inexportable.__doc__} Its start has other mistakes then."
        raise Inexportable(msg)
    inputs = Inputs(walker)
    events = inputs.events(whole, told)
    failed = events[-1].get("workflowExecutionFailedEventAttributes")
    if failed is not None:
        failed["failure"]["message"] = _refusal(told)
    return {"events": events}


def _start(given: Json, walker: Walker) -> Json:
    try:
        value = json.loads(data_of(given))
    except ValueError:
        return payload(b"?") if data_of(given) else _NOTHING
    return payload(json.dumps(Masked(walker).told(EscalationRequest, value)).encode())


class Masked:
    """Tells a value again of which not all fits its model."""

    def __init__(self, walker: Walker) -> None:
        self._walker = walker

    def told(self, kind: type[BaseModel], value: Any) -> Any:
        """The same value: what fits with pseudonyms, the rest masked."""
        if not isinstance(value, dict):
            return self._mask(value)
        return {
            name if name in kind.model_fields else self._unknown(name): self._field(
                kind, name, kind.model_fields.get(name), each
            )
            for name, each in value.items()
        }

    def _field(self, kind: type[BaseModel], name: str, field: FieldInfo | None, value: Any) -> Any:
        if field is None:
            return self._mask(value)
        adapter = _adapter(field)
        try:
            known = adapter.validate_json(json.dumps(value))
        except ValidationError:
            return self._within(field, value)
        told = self._walker.value(known, self._walker.kind_of(kind, name), name)
        return adapter.dump_python(told, mode="json")

    def _within(self, field: FieldInfo, value: Any) -> Any:
        """Where only a part of it does not fit, the rest is told as it is."""
        model = next(_models(field.annotation), None)
        if model is None:
            return self._mask(value)
        if isinstance(value, list):
            return [self.told(model, each) for each in value]
        if isinstance(value, dict) and field.annotation is not model:
            return {self._mask(name): self.told(model, each) for name, each in value.items()}
        return self.told(model, value)

    def _mask(self, value: Any) -> Any:
        match value:
            case str():
                return re.sub(r"\d", "0", re.sub(r"[^\W\d_]", "x", value))
            case dict():
                return {self._unknown(name): self._mask(each) for name, each in value.items()}
            case list():
                return [self._mask(each) for each in value]
            case int() | float() if not isinstance(value, bool):
                return type(value)(math.copysign(10 ** (len(str(abs(int(value)))) - 1), value))
            case _:
                return value

    def _unknown(self, name: str) -> str:
        return self._walker.pseudonyms.id(name, "field")


def _adapter(field: FieldInfo) -> TypeAdapter[Any]:
    """What checks one field alone."""
    kind: Any = Annotated[(field.annotation, *field.metadata, Field())]
    return TypeAdapter(kind)


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models that a type is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for each in get_args(annotation):
        yield from _models(each)


def _mistakes(written: Json) -> list[tuple[str, int]]:
    """What is wrong with a start: of which kind, how deep."""
    try:
        Opening.model_validate_json(data_of(written))
    except ValidationError as error:
        return [(each["type"], len(each["loc"])) for each in error.errors()]
    return []


def _refusal(told: Json) -> str:
    """Why it is refused, in the words of whoever refuses it."""
    metadata = {name: b64decode(each) for name, each in told["metadata"].items()}
    try:
        _READ.from_payloads([Payload(metadata=metadata, data=data_of(told))], [Opening])
    except ApplicationError as error:
        return error.message
    msg = f"{Inexportable.__doc__} Its start would not be refused any more."
    raise Inexportable(msg)
