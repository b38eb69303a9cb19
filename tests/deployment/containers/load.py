"""Cases that are opened while something breaks, and what became of them."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

from escalations.client import EscalationClient
from escalations.errors import Unreachable
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest
from tests.deployment.containers.engine import eventually

CUSTOMER, NAME, TITLE = "zanzibar-4711", "Zanzibar Trading", "Charged twice at the canary"
ADDRESS = "amina@zanzibar.example"
CANARIES = (CUSTOMER, NAME, TITLE, ADDRESS)
"""What is nowhere to be read but by those who have the keys."""
LEVELS = [1, 2, 3, 4]
WINDOW = timedelta(seconds=2)
"""After which the hasty ladder leaves a level, at the latest."""


def case(name: str, policy: str) -> EscalationRequest:
    """A case of the canary customer."""
    return EscalationRequest.model_validate(
        {
            "case": name,
            "title": TITLE,
            "statement": f"{TITLE}, in October.",
            "policy": policy,
            "reported_at": datetime.now(UTC),
            "customer": {"id": CUSTOMER, "name": NAME, "contacts": [f"mailto:{ADDRESS}"]},
        }
    )


def levels(record: EscalationRecord) -> list[int]:
    """The levels that a case has entered, one after the other."""
    return [entry.level for entry in record.timeline if entry.type == "level_entered"]


class Load:
    """Opens hasty cases one after the other, until it is told to stop."""

    def __init__(self, client: EscalationClient, name: str) -> None:
        self._client = client
        self._name = name
        self._stop = asyncio.Event()
        self._opening = asyncio.create_task(self._open())
        self.opened: list[str] = []
        """Those that were answered."""

    async def _open(self) -> None:
        for number in count():
            if self._stop.is_set():
                return
            name = f"{self._name}.{number}"
            try:
                await self._client.open(case(name, "hasty"))
            except Unreachable:
                continue
            self.opened.append(name)
            await asyncio.sleep(0.2)

    async def has(self, cases: int) -> None:
        """Wait until so many cases are open."""

        async def enough() -> bool:
            if self._opening.done():
                self._opening.result()
            return len(self.opened) >= cases

        await eventually(enough)

    async def verdict(self) -> timedelta:
        """Stop, and wait until every case is at its top.

        Returns:
            How long after its window a case was at its next level, in the worst case.

        Raises:
            AssertionError: a level was skipped or entered twice.
            TimeoutError: a case was lost, or stands still.
        """
        self._stop.set()
        await self._opening
        worst = timedelta(0)
        for name in self.opened:

            async def at_the_top(name: str = name) -> bool:
                try:
                    return (await self._client.summary(name)).level == LEVELS[-1]
                except Unreachable:
                    return False

            await eventually(at_the_top, within=180)
            record = await self._client.record(name)
            assert levels(record) == LEVELS, name
            entered = [each.at for each in record.timeline if each.type == "level_entered"]
            worst = max(worst, *(later - first - WINDOW for first, later in pairwise(entered)))
        return worst
