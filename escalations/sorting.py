"""What a list is sorted by: on our side, since the server's SQL visibility sorts nothing."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final

from escalations.search import Listed


class Order(StrEnum):
    """What a list is sorted by; what hurts most comes first."""

    DUE = "due"
    """What happens next first."""
    PRIORITY = "priority"
    """P1 first."""
    LEVEL = "level"
    """The highest first."""
    OPENED = "opened"
    """The oldest first."""
    CUSTOMER = "customer"


def in_order(
    cases: Iterable[Listed], order: Order = Order.DUE, *, reverse: bool = False
) -> list[Listed]:
    """The cases so sorted, what is due next first among equals; those without it always last."""
    by_due = sorted(
        cases, key=lambda case: (case.due_at is None, case.due_at or case.opened_at, case.case)
    )
    key = _KEYS[order]
    known = [case for case in by_due if key(case) is not None]
    unknown = [case for case in by_due if key(case) is None]
    return [*sorted(known, key=key, reverse=reverse), *unknown]


_KEYS: Final[dict[Order, Callable[[Listed], Any]]] = {
    Order.DUE: lambda case: case.due_at,
    Order.PRIORITY: lambda case: case.priority,
    Order.LEVEL: lambda case: None if case.level is None else -case.level,
    Order.OPENED: lambda case: case.opened_at,
    Order.CUSTOMER: lambda case: case.customer and case.customer.casefold(),
}
