"""What is wrong with an input, in the words of whoever sent it: every field at once."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from escalations import given_addresses
from escalations.errors import RequestInvalid
from escalations.policy import Policy
from escalations.references import Problem
from escalations.request import EscalationRequest

_MAX_FOUND: Final = 60  # characters of a refused value that are repeated to its sender
_MAX_NAMED: Final = 50  # mistakes of one input that are named
_WORDS: Final = {
    "missing": "a value: this field is required",
    "extra_forbidden": "no field of that name",
    "timezone_aware": "a moment with its offset, such as 2026-11-23T09:00:00+01:00",
    "json_invalid": "one JSON object",
    "model_type": "a JSON object",
}


def mistakes(error: ValidationError, *, skip: int = 0) -> list[Problem]:
    """Every mistake of an input: its field, what was found there and what is allowed.

    Args:
        error: what the model said.
        skip: how many leading keys of a place are ours and not the sender's.
    """
    return [_problem(each, skip) for each in error.errors(include_url=False)[:_MAX_NAMED]]


class RequestMistakes(RequestInvalid):
    """The request has mistakes; nothing was sent."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join([f"{type(self).__doc__}", *map(str, problems)]))
        self.problems = problems


class FilterMistakes(RequestMistakes):
    """The filters have mistakes; nobody was asked."""


def of_request(request: EscalationRequest, policies: Mapping[str, Policy] | None) -> list[Problem]:
    """What is wrong with a request beyond its fields: its size, its policy, what that knows."""
    if too_large := request.too_large():
        return too_large
    found = given_addresses.problems(request, channels=None)
    if policies is None:
        return found
    if policy := policies.get(request.policy):
        return [*request.problems(policy), *found]
    return [
        *found,
        Problem(("policy",), request.policy, " | ".join(policies) or "none is known here"),
    ]


def _problem(error: ErrorDetails, skip: int) -> Problem:
    words = error["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    for opening in ("Input should be ", "String should have ", "String should "):
        words = words.removeprefix(opening)
    return Problem(
        place=tuple(error["loc"][skip:]) or ("the input",),
        found="nothing" if error["type"] == "missing" else _found(error["input"]),
        allowed=_WORDS.get(error["type"], words),
    )


def _found(value: Any) -> str:
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text if len(text) <= _MAX_FOUND else f"{text[: _MAX_FOUND - 1]}…"


def in_words(error: Exception) -> str:
    """What was wrong with something that could not be read, in one line."""
    if isinstance(error, ValidationError):
        return "; ".join(map(str, mistakes(error)))
    return str(error)
