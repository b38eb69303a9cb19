"""A case can be worked from the Temporal UI alone: what a handler says of itself can be typed."""

import json
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowUpdateFailedError

from escalations import events
from escalations.names import Query, RetrospectiveUpdate, Signal, Update
from escalations.retrospective import events as retrospective_events
from tests.harness import Desk
from workflows.escalation import EscalationWorkflow
from workflows.retrospective import RetrospectiveWorkflow

NOT_TYPED = {"message_id", "at"}
"""What nobody types by hand: Temporal's update id stands for the first."""


def definition(handlers: type) -> Any:
    """What the SDK knows of a workflow's handlers."""
    return workflow._Definition.must_from_class(handlers)


def described() -> list[tuple[type[events.Message], str]]:
    """Model and description of every signal and update."""
    case, retrospective = definition(EscalationWorkflow), definition(RetrospectiveWorkflow)
    return [
        *((model(events, name), case.signals[name].description) for name in Signal),
        *((model(events, name), case.updates[name].description) for name in Update),
        *(
            (model(retrospective_events, name), retrospective.updates[name].description)
            for name in RetrospectiveUpdate
        ),
    ]


def model(module: Any, name: str) -> type[events.Message]:
    """What a handler takes: `hand_up` → `HandUp`."""
    found: type[events.Message] = getattr(module, name.title().replace("_", ""))
    return found


def typed(description: str) -> Any:
    """The payload that a description shows."""
    value, _ = json.JSONDecoder().raw_decode(description, description.index("{"))
    return value


@pytest.mark.parametrize(("kind", "description"), described())
def test_what_a_handler_shows_can_be_typed(kind: type[events.Message], description: str) -> None:
    """The dialog shows one line per handler: a payload that it takes as it stands, and every other
    field by name."""
    kind.model_validate(typed(description))
    unnamed = [
        field
        for field in kind.model_fields
        if field not in NOT_TYPED and f'"{field}"' not in description
    ]
    assert unnamed == []
    assert len(description) <= 110


def test_every_query_says_what_it_takes() -> None:
    """The UI asks for an argument without saying which."""
    case = definition(EscalationWorkflow)
    assert all("argument" in case.queries[name].description for name in Query)


@pytest.mark.parametrize(
    ("update", "payload"),
    [
        (Update.ACKNOWLEDGE, {}),
        (Update.HAND_UP, {"by": "ada", "from_level": 6, "reason": "x"}),
        (Update.RESUME, {"by": "ada"}),
    ],
)
async def test_a_refusal_is_words_alone(desk: Desk, update: Update, payload: Any) -> None:
    """The UI shows what a failure carries: a refusal carries no stack trace of ours."""
    case = await desk.open()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await case.handle.execute_update(update, payload)
    cause: Any = refused.value.cause
    assert cause.message
    assert cause.failure.stack_trace == ""
    assert cause.failure.cause.stack_trace == ""
