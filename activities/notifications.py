"""Telling people: everything that one decision sends, in one activity.

Asking the ledger first and writing to it at once makes a retry harmless. The retries are of the
whole activity, but only what nobody has accepted yet goes out again. What the ledger could not be
told of, an attempt tells the next one by its heartbeats.
"""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Protocol, TypedDict

import structlog
from temporalio import activity
from temporalio.common import RetryPolicy
from temporalio.exceptions import ApplicationError

from activities.errands import Attempt, Errand
from activities.letters import Accepted, Letter, Refused, Unavailable
from activities.measuring import Deliveries
from escalations.effects import Brief, Dispatch, Recipient, Send
from escalations.events import Delivery

ATTEMPTS = 6
ATTEMPT_WITHIN = timedelta(seconds=60)
"""How long the server waits for one attempt."""
HEARD_WITHIN = timedelta(seconds=10)
"""How long an attempt may be silent; so soon the server knows that its worker was killed."""
BEAT_EVERY = timedelta(seconds=3)
"""How often an attempt that takes longer says that it is alive."""
ALL_WITHIN = timedelta(seconds=50)
"""When an attempt stops sending, counted from its start.

What is left goes to writing down and answering.
"""
EACH_WITHIN = timedelta(seconds=15)
"""How long one address may take, all told."""
READ_WITHIN = timedelta(seconds=5)
"""How long the ledger may take to say what was accepted; then it cannot be read."""
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
        read_within: timedelta = READ_WITHIN,
        beat_every: timedelta = BEAT_EVERY,
        settled_after: timedelta = HEARD_WITHIN,
    ) -> None:
        self._channels = channels
        self._ledger = ledger
        self._templates = templates
        self._each_within = each_within
        self._all_within = all_within
        self._read_within = read_within
        self._beat_every = beat_every
        self._settled_after = settled_after
        self._deliveries = Deliveries()

    @activity.defn(name="notify")
    async def notify(self, dispatch: Dispatch) -> list[Delivery]:
        """Tell every recipient of every send, all at once; one answer for each.

        A recipient whom no address could take now, though one may later, fails the attempt after
        all others were served. The last attempt answers instead of failing. What a run before may
        be sending still is left to it until it must have heard that it is over.
        """
        ends = asyncio.get_running_loop().time() + self._all_within.total_seconds()
        attempt = Attempt(dispatch, ends)
        attempt.handed(activity.info().heartbeat_details)
        beating = asyncio.create_task(self._beat(attempt))
        try:
            if dispatch.taken_over and activity.info().attempt == 1:
                await asyncio.sleep(self._settled_after.total_seconds())
            return await self._make(attempt, is_last=_is_last(activity.info()))
        except BaseException:
            attempt.hand_on()
            raise
        finally:
            beating.cancel()

    async def _beat(self, attempt: Attempt) -> None:
        while True:
            await asyncio.sleep(self._beat_every.total_seconds())
            attempt.beat()

    async def _make(self, attempt: Attempt, *, is_last: bool) -> list[Delivery]:
        await self._strike_out_accepted(attempt, is_last=is_last)
        await self._run_all(attempt)
        await self._write_rest(attempt)
        waiting = [each for each in attempt.open if each.may_work_later]
        if waiting and not is_last:
            who = ", ".join(f"{each.recipient.key} ({each.send.key})" for each in waiting)
            reasons = [each.result.detail for each in waiting]
            msg = f"{len(waiting)} of {len(attempt.errands)} could not be told yet: {who}"
            raise ApplicationError(msg, *reasons, type="NotToldYet")
        return [each.result for each in attempt.errands]

    async def _strike_out_accepted(self, attempt: Attempt, *, is_last: bool) -> None:
        """What the ledger knows as accepted is answered and not sent again.

        Without the ledger nothing is sent; but on the last attempt, a message that may come twice
        (under one Message-ID) does less harm than one that never comes. What attempts before told
        this one of, and the ledger does not know, is written down.
        """
        try:
            async with asyncio.timeout(self._read_within.total_seconds()):
                known = await self._ledger.accepted({each.filed for each in attempt.errands})
        except Exception as error:
            _log.exception("ledger.read_failed", sends_without=is_last)
            if is_last or not attempt.open:
                return
            msg = (
                "the delivery ledger cannot be read: whoever runs the worker looks to its database"
            )
            raise ApplicationError(msg, type="LedgerUnreadable") from error
        attempt.strike_out(known, self._ledger.address_of)
        await self._write_rest(attempt)

    async def _run_all(self, attempt: Attempt) -> None:
        """Every errand that is open at once, until all are done or the time is up."""
        errands = attempt.open
        if not errands:
            return
        left = attempt.ends - asyncio.get_running_loop().time()
        tasks = [asyncio.create_task(self._run(attempt, each)) for each in errands]
        try:
            await asyncio.wait(tasks, timeout=max(left, 0))
        finally:
            for task, errand in zip(tasks, errands, strict=True):
                if task.cancel() and errand.delivery is None:
                    errand.failed("", "there was no time left", may_work_later=True)
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, attempt: Attempt, errand: Errand) -> None:
        """One recipient: the addresses in order, each with its share of the time that is left."""
        try:
            letter = await asyncio.to_thread(
                self._templates.write, attempt.brief, errand.send, errand.recipient
            )
            reach = errand.recipient.reach
            for tried, address in enumerate(reach):
                left = attempt.ends - asyncio.get_running_loop().time()
                share = timedelta(seconds=max(left, 0) / (len(reach) - tried))
                within = min(share, self._each_within)
                if await self._try(attempt, errand, letter, address, within):
                    return
            if not reach:
                errand.failed("", "has no address", may_work_later=False)
        except Exception:
            errand.failed("", "an error in the worker, see its log", may_work_later=True)
            _log.exception("notification.broke", key=errand.send.key, recipient=errand.id[1])

    async def _try(
        self, attempt: Attempt, errand: Errand, letter: Letter, address: str, within: timedelta
    ) -> bool:
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
        row = _row(letter, address, message_id)
        attempt.accept(errand, row)
        await self._write(attempt, row)
        self._deliveries.tried(address, "accepted")
        log.info("notification.accepted", message_id=message_id)
        return True

    async def _write(self, attempt: Attempt, row: Accepted) -> None:
        """Into the ledger; it is out, whether or not that can be written down."""
        try:
            async with asyncio.timeout(RECORD_WITHIN.total_seconds()):
                await self._ledger.accept(row)
        except Exception:
            attempt.hand_on()
            _log.exception("ledger.write_failed", key=row.key, recipient=row.recipient)
        else:
            attempt.written(row)

    async def _write_rest(self, attempt: Attempt) -> None:
        """Once more, what the ledger did not take at first."""
        await asyncio.gather(*(self._write(attempt, row) for row in attempt.unwritten))


def _row(letter: Letter, address: str, message_id: str) -> Accepted:
    return Accepted(
        key=letter.filed,
        recipient=letter.recipient,
        address=address,
        message_id=message_id,
        accepted_at=datetime.now(UTC),
        attempt=activity.info().attempt,
    )


def _is_last(info: activity.Info) -> bool:
    """Whether Temporal will not try again; without limit it always will."""
    limit = info.retry_policy.maximum_attempts if info.retry_policy else ATTEMPTS
    return limit > 0 and info.attempt >= limit
