"""A worker's way out of the building, with real mail, a real ledger and real templates."""

import dataclasses
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy
from temporalio.testing import ActivityEnvironment

from activities.channels.mail import Mail
from activities.channels.router import Router
from activities.channels.services import Services
from activities.channels.smtp import Smtp
from activities.ledger import SqlLedger
from activities.letters import Accepted
from activities.notifications import NOTIFY_OPTIONS, Channels, Ledger, Notifications
from activities.templates import JinjaTemplates
from escalations.effects import Dispatch
from escalations.events import Delivery
from tests.activities.smtp import MailServer

SENDER = "Service client 🚀 <help@escalade.example>"
LONG, SHORT = timedelta(seconds=60), timedelta(seconds=0.2)


def router(server: MailServer | None, **secrets: str) -> Router:
    mail = Mail(Smtp(server.url), SENDER) if server else None
    return Router(mail, Services(), secrets)


class Office:
    """A worker's notifications: real mail, real ledger, real templates."""

    def __init__(self, server: MailServer, ledger: SqlLedger) -> None:
        self.server = server
        self.ledger = ledger
        self.channels: Channels = router(server, SECRET="s3cret")

    async def tell(
        self,
        dispatch: Dispatch,
        *,
        attempt: int = 1,
        ledger: Ledger | None = None,
        each_within: timedelta = timedelta(seconds=10),
        all_within: timedelta = timedelta(seconds=20),
        read_within: timedelta = timedelta(seconds=10),
        settled_after: timedelta = timedelta(0),
        handed_on: Sequence[Any] = (),
        policy: RetryPolicy | None = NOTIFY_OPTIONS["retry_policy"],
    ) -> list[Delivery]:
        """One attempt of the activity, which was handed on what an attempt before it said last."""
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(
            environment.info, attempt=attempt, retry_policy=policy, heartbeat_details=handed_on
        )
        notifications = Notifications(
            self.channels,
            ledger or self.ledger,
            JinjaTemplates(),
            each_within=each_within,
            all_within=all_within,
            read_within=read_within,
            settled_after=settled_after,
        )
        answered: list[Delivery] = await environment.run(notifications.notify, dispatch)
        return answered


class BrokenLedger:
    """A ledger whose database is gone, for reading or for writing."""

    def __init__(self, *, reads: bool) -> None:
        self.reads = reads

    async def accepted(self, keys: Iterable[str]) -> dict[tuple[str, str], Accepted]:
        if not self.reads:
            raise OSError("disk gone")
        return {}

    async def accept(self, row: Accepted) -> None:
        raise OSError("disk gone")

    def address_of(self, row: Accepted, reach: Sequence[str]) -> str | None:
        raise AssertionError("it knows of no row")
