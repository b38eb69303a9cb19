"""Desks that fail a test on a message nobody expected."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pydantic import BaseModel

from escalations import (
    addressees,
    carrying_over,
    casefile,
    clock,
    events,
    holding,
    model,
    opening,
    record,
    resolving,
    worked_out,
)
from tests.domain.desk import Desk
from tests.domain.matrices import paris

WITHOUT_CHECK = (
    addressees,
    carrying_over,
    casefile,
    clock,
    holding,
    opening,
    record,
    resolving,
    worked_out,
)
"""The modules that make values of parts that were checked before."""


@pytest.fixture(autouse=True, scope="module")
def made_values_are_valid() -> Iterator[None]:
    """What the engine makes without a check is, in these tests, what a check would have made."""
    unchecked, but_for = model.made, model.remade

    def valid(value: BaseModel, parts: dict[str, Any]) -> BaseModel:
        would_be = type(value)(**parts).__dict__
        assert value.__dict__ == would_be, f"not checked, and not valid: {value!r}"
        assert list(value.__dict__) == list(would_be), f"fields in another order: {value!r}"
        return value

    def checked(kind: type[BaseModel], /, **parts: Any) -> BaseModel:
        return valid(unchecked(kind, **parts), parts)

    def checked_again(value: BaseModel, /, **parts: Any) -> BaseModel:
        return valid(but_for(value, **parts), {**value.__dict__, **parts})

    with pytest.MonkeyPatch.context() as patch:
        for module in WITHOUT_CHECK:
            patch.setattr(module, "made", checked)
        for module in (casefile, clock):
            patch.setattr(module, "remade", checked_again)
        yield


OpenDesk = Callable[..., Desk]
MONDAY = paris("2027-01-11 10:00")
"""A Monday without holidays after it."""


@pytest.fixture
def opened(request: pytest.FixtureRequest) -> Iterator[OpenDesk]:
    """Opens a case of the real matrix. What opening it sends is one story's; the others skip it."""
    desks: list[Desk] = []
    failed = request.session.testsfailed

    def open_case(**changes: Any) -> Desk:
        desk = Desk(**changes)
        desk.told()
        desks.append(desk)
        return desk

    yield open_case
    for desk in desks if request.session.testsfailed == failed else ():
        assert desk.told() == [], "nobody expected these messages"


def resolved(opened: OpenDesk, kind: str = "fix", **changes: object) -> Desk:
    """A case that waits for the customer's answer, ten minutes old."""
    desk = opened(**{"at": MONDAY, **changes})
    desk.say(events.Acknowledge(by="rita"))
    desk.later(minutes=10)
    desk.resolve(kind)
    desk.told()
    return desk
