"""A worker from start to stop: reach a server, take work, let go of it in order."""

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, TypeVar

import structlog
from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.envconfig import ClientConfig
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.ledger import SqlLedger
from escalations import names
from escalations.errors import Unreachable
from escalations.policy import Policy
from escalations.temporal import connect, encryption, plugin
from escalations.unreachable import settings_mistake
from workers import composition, deployment
from workers.census import counting
from workers.embedded import EmbeddedTemporal
from workers.health import beat
from workers.metrics import begin_at_zero
from workers.search_attributes import register
from workers.settings import Settings, SettingsInvalid
from workers.tracing import tracing

REACH_WITHIN: Final = timedelta(seconds=60)
"""How long a worker tries to reach Temporal before it leaves that to whoever starts it again."""

_SEARCH_ATTRIBUTES: Final = {str(name): kind for name, kind in names.SEARCH_ATTRIBUTES.items()}
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 5.0  # seconds between two tries
_LET_GO_WITHIN: Final = timedelta(seconds=10)  # beyond what activities in hand are given

_Result = TypeVar("_Result")
log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True)
class Embedded:
    """The server that a worker brings along."""

    db: Path
    port: int
    """0 is any that is free."""
    ui_port: int
    """0 is any that is free."""
    namespace: str


async def serve(
    settings: Settings,
    policies: Mapping[str, Policy],
    embedded: Embedded | None,
    stop: asyncio.Event,
) -> None:
    """Work until `stop`; then activities in hand may go on for `settings.stop_within`.

    Raises:
        Unreachable: no Temporal server answers at the address.
        EmbeddedTemporalError: our own server does not come up, or has died for good.
        FileInUse: another process has the file of our own server.
        NamespaceUnusable: the namespace has search attributes of our names that are not ours.
        KeysInvalid: the file of keys cannot be used.
    """
    codec = encryption(settings.encryption_keys_file)
    async with AsyncExitStack() as stack:
        hands = composition.hands(settings, policies, codec)
        stack.push_async_callback(hands.ledger.close)
        server, client = None, None
        if embedded is None:
            client = await _unless(stop, reach(codec))
        elif server := await _unless(stop, stack.enter_async_context(_server(embedded))):
            client = await _unless(stop, _at_home(server, embedded.namespace, codec))
        if client is None:
            return
        if settings.smtp_url is None:
            log.warning("mail.switched_off", why="ESCALADE_SMTP_URL is not set")
        if settings.metrics_address is not None:
            levels = max((len(each.levels) for each in policies.values()), default=1)
            begin_at_zero(client, settings.task_queue, levels)
            await stack.enter_async_context(counting(client))
        interceptors = await stack.enter_async_context(tracing(os.environ))
        worker = composition.worker(client, settings, hands.activities, interceptors)
        _settle()
        log.info(
            "worker.started",
            address=client.service_client.config.target_host,
            namespace=client.namespace,
            task_queue=settings.task_queue,
            policies=sorted(policies),
            build=settings.build,
        )
        await stack.enter_async_context(deployment.watched(client, settings))
        await stack.enter_async_context(_hashing(hands.ledger))
        await _work(worker, server, stop, settings)


def _settle() -> None:
    """What is in memory by now stays there: it is not looked through again for what is garbage.

    Else that is a third of what a task of thousands of signals costs.
    """
    gc.collect()
    gc.freeze()


async def _work(
    worker: Worker, server: EmbeddedTemporal | None, stop: asyncio.Event, settings: Settings
) -> None:
    within = settings.stop_within
    ends = [asyncio.create_task(worker.run()), asyncio.create_task(stop.wait())]
    if settings.alive_file is not None:
        ends.append(asyncio.create_task(beat(settings.alive_file)))
    if server is not None:
        ends.append(asyncio.create_task(server.lost()))
    try:
        ended, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for end in ended:
            end.result()
    finally:
        log.info("worker.stopping")
        try:
            async with asyncio.timeout((within + _LET_GO_WITHIN).total_seconds()):
                await worker.shutdown()
        except TimeoutError:
            log.error("worker.stop_timed_out")
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)
    log.info("worker.stopped")


@asynccontextmanager
async def _hashing(ledger: SqlLedger) -> AsyncIterator[None]:
    """Meanwhile addresses that the ledger has in plain are hashed, where payloads are encrypted."""
    hashing = asyncio.create_task(_hash_addresses(ledger))
    try:
        yield
    finally:
        hashing.cancel()
        await asyncio.gather(hashing, return_exceptions=True)


async def _hash_addresses(ledger: SqlLedger) -> None:
    try:
        if rows := await ledger.hash_addresses():
            log.info("ledger.addresses_hashed", rows=rows)
    except Exception:
        log.exception("ledger.hash_failed", again="at the next start")


async def reach(codec: PayloadCodec | None = None) -> Client:
    """A client of the server that the environment names, as soon as it answers.

    Raises:
        Unreachable: it has not answered within `REACH_WITHIN`, or has no such namespace.
        SettingsInvalid: what the environment says of it cannot be used.
        NamespaceUnusable: see `register`.
    """
    _check_connection_settings()
    pause, gives_up_at = _FIRST_PAUSE, asyncio.get_running_loop().time() + REACH_WITHIN.seconds
    while True:
        try:
            client = await connect(codec=codec)
            await register(client, _SEARCH_ATTRIBUTES)
            return client
        except Unreachable as error:
            reason = error
        except RPCError as error:
            reason = Unreachable(f"Temporal does not answer as it should: {error.message}.")
        if asyncio.get_running_loop().time() > gives_up_at:
            raise reason
        log.warning("temporal.awaited", why=str(reason), again_in_s=pause)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


def _check_connection_settings() -> None:
    """Wrong ones do not become right by waiting."""
    try:
        ClientConfig.load_client_connect_config()
    except (RuntimeError, OSError) as error:
        msg = f"The settings TEMPORAL_… cannot be used: {settings_mistake(error)}. Mend them."
        raise SettingsInvalid(msg) from None


def _server(embedded: Embedded) -> EmbeddedTemporal:
    return EmbeddedTemporal(
        db=embedded.db,
        port=embedded.port,
        ui_port=embedded.ui_port,
        namespace=embedded.namespace,
        search_attributes=_SEARCH_ATTRIBUTES,
    )


async def _at_home(server: EmbeddedTemporal, namespace: str, codec: PayloadCodec | None) -> Client:
    """A client of our own server, whatever the environment says of others."""
    client = await Client.connect(server.address, namespace=namespace, plugins=[plugin(codec)])
    await register(client, _SEARCH_ATTRIBUTES)
    return client


async def _unless(stop: asyncio.Event, work: Coroutine[Any, Any, _Result]) -> _Result | None:
    """The work's result; `None` if `stop` came first, and the work has been called off."""
    working, stopping = asyncio.create_task(work), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({working, stopping}, return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        working.cancel()
        stopping.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
