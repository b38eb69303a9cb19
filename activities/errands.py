"""One attempt at telling people: whom to tell what, how it went, and what the next one hears of it.

What an attempt knows as accepted it says with each heartbeat, and the server gives the last one to
the next attempt. So that one knows it, too, where the ledger could not be written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog
from pydantic import TypeAdapter, ValidationError
from temporalio import activity

from activities.letters import Accepted, printable
from escalations.effects import Dispatch, Recipient, Send
from escalations.events import Delivery, Outcome

_ROWS: Final = TypeAdapter(list[Accepted])

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


@dataclass
class Errand:
    """One recipient of one send: whom to tell what, and how it went."""

    filed: str
    """The send's key, as the ledger has it."""
    send: Send
    recipient: Recipient
    delivery: Delivery | None = None
    failures: list[str] = field(default_factory=list)
    may_work_later: bool = False

    @property
    def id(self) -> tuple[str, str]:
        """What the ledger knows it by."""
        return self.filed, self.recipient.key

    def failed(self, address: str, reason: object, *, may_work_later: bool) -> None:
        """An address did not take it; `""` where none was tried."""
        self.failures.append(f"{printable(address)}: {reason}" if address else str(reason))
        self.may_work_later |= may_work_later

    def delivered(self, address: str | None) -> None:
        """An address took it, which one if that is known."""
        self.delivery = self._delivery(Outcome.DELIVERED, address)

    @property
    def result(self) -> Delivery:
        """What is answered for it: nobody took it, if nothing else is known."""
        return self.delivery or self._delivery(Outcome.UNREACHABLE, None)

    def _delivery(self, outcome: Outcome, address: str | None) -> Delivery:
        return Delivery(
            key=self.send.key,
            recipient=self.recipient.key,
            outcome=outcome,
            address=address,
            detail="\n".join(self.failures),
        )


class Attempt:
    """All errands of a dispatch, and what is known as accepted of them."""

    def __init__(self, dispatch: Dispatch, ends: float) -> None:
        """`ends` is when it stops sending, by the loop's clock."""
        self.brief = dispatch.brief
        self.ends = ends
        self.errands = _errands(dispatch)
        self._accepted: dict[tuple[str, str], Accepted] = {}
        self._unwritten: dict[tuple[str, str], Accepted] = {}

    @property
    def open(self) -> list[Errand]:
        """Those that nobody is known to have accepted."""
        return [each for each in self.errands if each.delivery is None]

    @property
    def unwritten(self) -> list[Accepted]:
        """What was accepted and is not in the ledger, as far as is known."""
        return list(self._unwritten.values())

    def handed(self, details: Sequence[Any]) -> None:
        """What attempts before this one had accepted, by the last heartbeat of theirs."""
        try:
            rows = _ROWS.validate_python(details[0]) if details else []
        except ValidationError:
            # Of a build that says it otherwise; what the ledger knows is struck out all the same.
            _log.exception("notification.heartbeat_not_understood")
            return
        told = {(row.key, row.recipient): row for row in rows}
        for errand in self.errands:
            if errand.id in told:
                self.accept(errand, told[errand.id])

    def strike_out(
        self,
        known: Mapping[tuple[str, str], Accepted],
        address_of: Callable[[Accepted, Sequence[str]], str | None],
    ) -> None:
        """What the ledger knows is accepted, and written."""
        for errand in self.errands:
            row = known.get(errand.id)
            if row is not None:
                self.written(row)
                if errand.delivery is None:
                    errand.delivered(address_of(row, errand.recipient.reach))

    def accept(self, errand: Errand, row: Accepted) -> None:
        """A channel took it; the ledger does not know that yet."""
        errand.delivered(row.address)
        self._accepted[errand.id] = self._unwritten[errand.id] = row

    def written(self, row: Accepted) -> None:
        """The ledger has it."""
        self._unwritten.pop((row.key, row.recipient), None)

    def beat(self) -> None:
        """Say that the attempt is alive, and what was accepted."""
        activity.heartbeat(list(self._accepted.values()))

    def hand_on(self) -> None:
        """The same, where there is something for the next attempt to know."""
        if self._accepted:
            self.beat()


def _errands(dispatch: Dispatch) -> list[Errand]:
    """One for each recipient of each send, a recipient named twice counted once."""
    errands: dict[tuple[str, str], Errand] = {}
    for send in dispatch.sends:
        for recipient in send.to:
            errand = Errand(dispatch.brief.filed(send.key), send, recipient)
            errands.setdefault(errand.id, errand)
    return list(errands.values())
