"""A desk at a server: the same calls, spoken to a worker that runs, in real time.

For smoke tests of policies that count in seconds: time cannot be skipped there, and `forward`
really waits. Messages are really sent, to wherever the policy and the request say.
"""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar, get_args
from uuid import uuid4

from pydantic import ValidationError

from escalations.client import EscalationClient
from escalations.durations import Duration, Unit
from escalations.errors import Refused, Unreachable
from escalations.events import Command, Message
from escalations.mistakes import RequestMistakes, mistakes
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.simulation.scenario import MESSAGES, Line
from escalations.testing.case import TestedCase
from escalations.testing.newest import NewestCase

PATIENCE: Final = timedelta(seconds=60)
"""The longest that `forward` waits, and that a case may take to come to rest."""
_LOOK_EVERY: Final = 0.1  # seconds
_COMMANDS: Final = get_args(Command)
Answer = TypeVar("Answer")


class ServerCase(TestedCase):
    """A case that a worker works."""

    def __init__(self, desk: "ServerDesk", case: str) -> None:
        super().__init__()
        self._desk, self._id = desk, case

    @property
    def record(self) -> EscalationRecord:
        """Everything about it, once nothing is on its way any more."""
        return self._desk.wait(self._desk.at_rest(self._id))

    def say(self, message: str, **said: Any) -> None:
        """See `TestedCase.say`."""
        if message not in MESSAGES:
            msg = f"There is no message {message!r}; there are {', '.join(MESSAGES)}."
            raise Refused(msg)
        try:
            event: Any = Line(datetime.now(UTC), message, said)(self.record)
        except ValidationError as error:
            raise RequestMistakes(mistakes(error)) from None
        self._desk.wait(self._desk.tell(self._id, event))


class ServerDesk(NewestCase[ServerCase]):
    """Where cases are opened on a server; its verbs speak to the newest one."""

    def __init__(
        self,
        policy: Policy | Path | str,
        address: str | None = None,
        *,
        patience: timedelta = PATIENCE,
        **settings: Any,
    ) -> None:
        """A desk; used as a context manager, it closes its connection.

        Args:
            policy: or its file; the worker has to know it by its name.
            address: Temporal's, `host:port`; else `TEMPORAL_ADDRESS`.
            patience: the longest that anything is waited for.
            settings: `namespace`, `profile`, `task_queue`: see `EscalationClient.connect`.

        Raises:
            Unreachable: nobody answers as a Temporal server there.
        """
        super().__init__(policy)
        self.patience = patience
        self._runner = asyncio.Runner()
        self._client = self.wait(EscalationClient.connect(address, **settings))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.close()

    def wait(self, answer: Coroutine[Any, Any, Answer]) -> Answer:
        """Wait for an answer of the server."""
        return self._runner.run(answer)

    def open(self, **said: Any) -> ServerCase:
        """Open a case; what the request leaves out is made up, its id is its own.

        Raises:
            RequestInvalid: fields have mistakes, or the policy does not know them.
        """
        request = self.request(datetime.now(UTC), {"case": f"test-{uuid4().hex[:12]}", **said})
        self.wait(self._client.open(request))
        self.cases.append(ServerCase(self, request.case))
        return self.cases[-1]

    def forward(self, span: str) -> None:
        """Wait so long, really.

        Raises:
            ValueError: it is longer than the desk's patience, or no span of the wall clock.
        """
        duration = Duration.parse(span)
        wanted = timedelta(microseconds=float(duration.amount))
        if duration.unit is Unit.BUSINESS_DAYS or wanted > self.patience:
            msg = (
                f"{span} is too long to be waited for at a server (at most {self.patience}): use a "
                "policy that counts in seconds, or a desk without a server, where time is virtual."
            )
            raise ValueError(msg)
        self.wait(asyncio.sleep(wanted.total_seconds()))

    async def tell(self, case: str, event: Message) -> None:
        """Say it as a backend would."""
        if isinstance(event, _COMMANDS):
            await self._client.send(case, event)
        else:
            await self._client.report(case, event)  # type: ignore[arg-type]  # the other messages are facts

    async def at_rest(self, case: str) -> EscalationRecord:
        """The record once nothing is on its way and nothing is overdue.

        Raises:
            Unreachable: it does not come to rest in time; is a worker running?
        """
        try:
            async with asyncio.timeout(self.patience.total_seconds()):
                while True:
                    record = await self._client.record(case)
                    due = record.next_deadline
                    late = due is not None and due.at <= datetime.now(UTC)
                    if not record.outbox and not late:
                        return record
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            msg = f"{case} did not come to rest within {self.patience}. Is a worker running?"
            raise Unreachable(msg) from None
