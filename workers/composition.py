"""What a worker is made of: the one place where clients are built and activities put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from temporalio.client import Client
from temporalio.converter import PayloadCodec
from temporalio.worker import Interceptor, Worker

from activities.canary import Canaries
from activities.channels.mail import Mail
from activities.channels.router import Router
from activities.channels.services import Services
from activities.channels.smtp import Smtp
from activities.invitations import Invitations
from activities.ledger import SqlLedger
from activities.notifications import BEAT_EVERY, Notifications
from activities.policies import Policies
from activities.rotas import Rotas
from activities.templates import JinjaTemplates
from activities.vouching import Limited, Vouching, written_in
from escalations.encryption import Encryption, address_name
from escalations.policy import Policy
from workers import deployment, hosted
from workers.settings import Settings

WORKFLOWS: Final = hosted.WORKFLOWS

STICKY_WITHIN: Final = timedelta(seconds=1)
"""How long the server waits for the worker that has a case in memory before it asks another one:
what a killed worker costs its cases."""

DECIDES_WITHIN: Final = timedelta(seconds=8)
"""How long a worker may take for one task of a case before the SDK calls it a deadlock.

Less than the ten seconds that the server gives it. The SDK's own two are too few for thousands of
signals that came while nobody worked: they are all one task, and a fifth of a millisecond each.
"""

_NO_SENDER: Final = "Escalade <escalade@localhost>"
"""Organiser of meetings where no mail goes out."""


@dataclass(frozen=True)
class Hands:
    """All that a worker can do, and what has to be let go of at its end."""

    activities: list[Callable[..., Any]]
    ledger: SqlLedger


def hands(
    settings: Settings, policies: Mapping[str, Policy], codec: PayloadCodec | None = None
) -> Hands:
    """The activities with their clients, as the settings say; nothing is connected yet.

    Where the codec encrypts, the ledger has addresses as hashes, of the key that names customers.
    """
    mail = None
    if settings.smtp_url is not None and settings.mail_from is not None:
        mail = Mail(Smtp(settings.smtp_url.get_secret_value()), settings.mail_from)
    secrets = {name: value.get_secret_value() for name, value in settings.secrets.items()}
    written = written_in(policies.values())
    hashed = partial(address_name, codec.keys) if isinstance(codec, Encryption) else None
    ledger = SqlLedger(settings.records_url.get_secret_value(), hashed, written)
    vouching = Vouching(written, ledger)
    channels = Limited(Router(mail, Services(), secrets), vouching, settings.request_channels)
    canaries = Canaries()
    templates = JinjaTemplates(settings.templates)
    organiser = settings.mail_from or _NO_SENDER
    return Hands(
        activities=[
            Policies(policies, settings.request_channels).snapshot,
            Notifications(channels, ledger, templates).notify,
            Invitations(channels, ledger, templates, organiser).invite,
            Rotas(settings.policies, secrets, vouching=vouching).read_rota,
            canaries.snapshot,
            canaries.tell,
        ],
        ledger=ledger,
    )


def worker(
    client: Client,
    settings: Settings,
    activities: list[Callable[..., Any]],
    interceptors: Sequence[Interceptor] = (),
) -> Worker:
    """The worker; data converter, sandbox and our interceptors come with the client's plugin."""
    made = Worker(
        client,
        task_queue=settings.task_queue,
        workflows=WORKFLOWS,
        activities=activities,
        interceptors=interceptors,
        max_cached_workflows=settings.max_cached_workflows,
        max_concurrent_workflow_tasks=settings.max_concurrent_workflow_tasks,
        max_concurrent_activities=settings.max_concurrent_activities,
        sticky_queue_schedule_to_start_timeout=STICKY_WITHIN,
        max_heartbeat_throttle_interval=BEAT_EVERY,
        graceful_shutdown_timeout=settings.stop_within,
        deployment_config=deployment.config(settings),
    )
    return give_time(made)


def give_time(made: Worker) -> Worker:
    """The same worker, that may take its time for a task.

    The SDK has no setting for it but its debug mode, which takes the limit away altogether. Should
    it call the limit otherwise one day, its own two seconds hold again, and
    `tests/deployment/test_flood.py` fails.
    """
    decider = made._workflow_worker
    if decider is not None and decider._deadlock_timeout_seconds is not None:
        decider._deadlock_timeout_seconds = int(DECIDES_WITHIN.total_seconds())
    return made
