"""Telling people: everything that one decision sends, in one activity.

Asking the ledger first and writing to it at once makes a retry harmless. The retries are of the
whole activity, but only what nobody has accepted yet goes out again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypedDict

import structlog
from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from activities.letters import Accepted, Letter, Refused, Unavailable, printable
from activities.measuring import Deliveries
from escalations.effects import Brief, Dispatch, Recipient, Send
from escalations.events import Delivery, Outcome

ATTEMPTS = 6
ATTEMPT_WITHIN = timedelta(seconds=60)
"""How long the server waits for one attempt."""
HEARD_WITHIN = timedelta(seconds=10)
"""How long an attempt may be silent; so soon the server knows that its worker was killed."""
BEAT_EVERY = timedelta(seconds=3)
"""How often an attempt that takes longer says that it is alive."""
ALL_WITHIN = timedelta(seconds=50)
"""How long an attempt goes on sending; what is left goes to writing down and answering."""
EACH_WITHIN = timedelta(seconds=15)
"""How long one address may take, all told."""
RECORD_WITHIN = timedelta(seconds=8)
"""How long the ledger may take to write a row; a mail that is out is not called unsent for it."""


class NotifyOptions(TypedDict):
    """What the workflow gives to Temporal with the activity."""

    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    retry_policy: RetryPolicy


NOTIFY_OPTIONS: NotifyOptions = {
    "start_to_close_timeout": ATTEMPT_WITHIN,
    "heartbeat_timeout": HEARD_WITHIN,
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2),
        backoff_coefficient=2,
        maximum_interval=timedelta(seconds=60),
        maximum_attempts=ATTEMPTS,
    ),
}

_log: structlog.stdlib.BoundLogger = structlog.get_logger()


class Channels(Protocol):
    """Whatever takes a letter to an address."""

    async def send(self, written: str, letter: Letter, within: timedelta) -> str:
        """Send it; the id under which it went.

        Raises:
            Refused: the address does not take it, now or later.
            Unavailable: it could not take it now.
        """


class Ledger(Protocol):
    """What was accepted, by (key, recipient)."""

    async def accepted(self, keys: Iterable[str]) -> dict[tuple[str, str], Accepted]:
        """What was accepted of these sends."""

    async def accept(self, row: Accepted) -> None:
        """Write down that a channel took it."""

    def address_of(self, row: Accepted, reach: Sequence[str]) -> str | None:
        """Which address took it, out of those it may have been."""


class Templates(Protocol):
    """Whatever finds the words."""

    def write(self, brief: Brief, send: Send, recipient: Recipient) -> Letter:
        """The letter to one recipient."""


@dataclass
class _Errand:
    """One recipient of one send: whom to tell what, and how it went."""

    send: Send
    recipient: Recipient
    delivery: Delivery | None = None
    failures: list[str] = field(default_factory=list)
    may_work_later: bool = False

    @property
    def id(self) -> tuple[str, str]:
        return self.send.key, self.recipient.key

    def failed(self, address: str, reason: object, *, may_work_later: bool) -> None:
        self.failures.append(f"{printable(address)}: {reason}" if address else str(reason))
        self.may_work_later |= may_work_later

    def delivered(self, address: str | None) -> None:
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


class Notifications:
    """Tells people inside and customers."""

    def __init__(
        self,
        channels: Channels,
        ledger: Ledger,
        templates: Templates,
        *,
        each_within: timedelta = EACH_WITHIN,
        all_within: timedelta = ALL_WITHIN,
        beat_every: timedelta = BEAT_EVERY,
    ) -> None:
        self._channels = channels
        self._ledger = ledger
        self._templates = templates
        self._each_within = each_within
        self._all_within = all_within
        self._beat_every = beat_every
        self._deliveries = Deliveries()

    @activity.defn(name="notify")
    async def notify(self, dispatch: Dispatch) -> list[Delivery]:
        """Tell every recipient of every send, all at once; one answer for each.

        A recipient whom no address could take now, though one may later, fails the attempt after
        all others were served. The last attempt answers instead of failing.
        """
        beating = asyncio.create_task(self._beat())
        try:
            return await self._attempt(dispatch, is_last=_is_last(activity.info()))
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(self._beat_every.total_seconds())
            activity.heartbeat()

    async def _attempt(self, dispatch: Dispatch, *, is_last: bool) -> list[Delivery]:
        errands = _errands(dispatch)
        await self._strike_out_accepted(errands, is_last=is_last)
        await self._run_all(dispatch.brief, [each for each in errands if each.delivery is None])
        waiting = [each for each in errands if each.delivery is None and each.may_work_later]
        if waiting and not is_last:
            who = ", ".join(f"{each.recipient.key} ({each.send.key})" for each in waiting)
            reasons = [each.result.detail for each in waiting]
            msg = f"{len(waiting)} of {len(errands)} could not be told yet: {who}"
            raise ApplicationError(msg, *reasons, type="NotToldYet")
        return [each.result for each in errands]

    async def _strike_out_accepted(self, errands: list[_Errand], *, is_last: bool) -> None:
        """What the ledger knows as accepted is answered and not sent again.

        Without the ledger nothing is sent; but on the last attempt, a message that may come twice
        (under one Message-ID) does less harm than one that never comes.
        """
        try:
            known = await self._ledger.accepted({each.send.key for each in errands})
        except Exception as error:
            _log.exception("ledger.read_failed", sends_without=is_last)
            if is_last:
                return
            msg = (
                "the delivery ledger cannot be read: whoever runs the worker looks to its database"
            )
            raise ApplicationError(msg, type="LedgerUnreadable") from error
        for errand in errands:
            row = known.get(errand.id)
            if row is not None:
                errand.delivered(self._ledger.address_of(row, errand.recipient.reach))

    async def _run_all(self, brief: Brief, errands: list[_Errand]) -> None:
        """Every errand at once, until all are done or the time is up."""
        if not errands:
            return
        ends = asyncio.get_running_loop().time() + self._all_within.total_seconds()
        tasks = [asyncio.create_task(self._run(brief, each, ends)) for each in errands]
        try:
            await asyncio.wait(tasks, timeout=self._all_within.total_seconds())
        finally:
            for task, errand in zip(tasks, errands, strict=True):
                if task.cancel() and errand.delivery is None:
                    errand.failed("", "there was no time left", may_work_later=True)
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, brief: Brief, errand: _Errand, ends: float) -> None:
        """One recipient: the addresses in order, each with its share of the time that is left."""
        try:
            letter = await asyncio.to_thread(
                self._templates.write, brief, errand.send, errand.recipient
            )
            reach = errand.recipient.reach
            for tried, address in enumerate(reach):
                left = ends - asyncio.get_running_loop().time()
                share = timedelta(seconds=max(left, 0) / (len(reach) - tried))
                if await self._try(errand, letter, address, min(share, self._each_within)):
                    return
            if not reach:
                errand.failed("", "has no address", may_work_later=False)
        except Exception:
            errand.failed("", "an error in the worker, see its log", may_work_later=True)
            _log.exception("notification.broke", key=errand.send.key, recipient=errand.id[1])

    async def _try(self, errand: _Errand, letter: Letter, address: str, within: timedelta) -> bool:
        """One address; whether it took the letter."""
        log = _log.bind(
            key=letter.key, recipient=letter.recipient, channel=address.partition(":")[0]
        )
        try:
            message_id = await self._channels.send(address, letter, within)
        except (Refused, Unavailable) as problem:
            may_work_later = isinstance(problem, Unavailable)
            errand.failed(address, problem, may_work_later=may_work_later)
            self._deliveries.tried(address, "unavailable" if may_work_later else "refused")
            log.warning("notification.failed", may_work_later=may_work_later)
            return False
        except asyncio.CancelledError:
            self._deliveries.tried(address, "unavailable")
            raise
        except Exception:
            errand.failed(address, "an error in the worker, see its log", may_work_later=True)
            self._deliveries.tried(address, "broke")
            log.exception("notification.broke")
            return False
        errand.delivered(address)
        await self._record(letter, address, message_id)
        self._deliveries.tried(address, "accepted")
        log.info("notification.accepted", message_id=message_id)
        return True

    async def _record(self, letter: Letter, address: str, message_id: str) -> None:
        """Into the ledger; it is out, whether or not that can be written down."""
        row = Accepted(
            key=letter.key,
            recipient=letter.recipient,
            address=address,
            message_id=message_id,
            accepted_at=datetime.now(UTC),
            attempt=activity.info().attempt,
        )
        try:
            async with asyncio.timeout(RECORD_WITHIN.total_seconds()):
                await self._ledger.accept(row)
        except Exception:
            _log.exception("ledger.write_failed", key=row.key, recipient=row.recipient)


def _errands(dispatch: Dispatch) -> list[_Errand]:
    """One for each recipient of each send, a recipient named twice counted once."""
    errands: dict[tuple[str, str], _Errand] = {}
    for send in dispatch.sends:
        for recipient in send.to:
            errands.setdefault((send.key, recipient.key), _Errand(send, recipient))
    return list(errands.values())


def _is_last(info: activity.Info) -> bool:
    """Whether Temporal will not try again; without limit it always will."""
    limit = info.retry_policy.maximum_attempts if info.retry_policy else ATTEMPTS
    return limit > 0 and info.attempt >= limit
