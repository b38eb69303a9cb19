"""Secrets of a worker: in its memory, on the wire to whom they are for, and nowhere else."""

import asyncio
import json
import pprint
import signal
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from activities.channels.mail import Mail
from activities.channels.router import Router
from activities.channels.secrets import fill_in
from activities.channels.services import Services
from activities.channels.smtp import Smtp
from activities.ledger import SqlLedger
from activities.web import Target
from escalations.client import EscalationClient
from escalations.temporal import connect
from tests.activities.smtp import MailServer, mail_server
from tests.deployment.processes import worker_process
from tests.deployment.test_encryption import contents, page, pages
from tests.harness import request
from tests.ports import free_port
from workers.settings import read_settings

LONG: Final = timedelta(seconds=60)
CANARIES: Final = {
    "ESCALADE_SECRET_HOOK": "canary-hook-4711",
    "ESCALADE_SECRET_UNUSED": "canary-unused-4711",
}
PASSWORD: Final = "canary-password-4711"


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A mail server that knows another password."""
    async with mail_server() as running:
        running.users["care"] = "another one"
        yield running


async def test_no_secret_is_found_anywhere(mail: MailServer, tmp_path: Path) -> None:
    """Channels that refuse and channels that are away, at every attempt: neither the history nor
    the UI, the records, the metrics or any line of a debugging log has a password or a token. The
    payloads are in plain here: it is not the encryption that hides them."""
    folder = tmp_path / "temporal"
    folder.mkdir()
    ui, metrics = free_port(), free_port()
    options = ("--embedded", f"--db={folder / 'cases.db'}", "--port=0", f"--ui-port={ui}")
    settings = {
        "ESCALADE_SMTP_URL": f"smtp://care:{PASSWORD}@127.0.0.1:{mail.port}",
        "ESCALADE_MAIL_FROM": "Help <help@callcentre.example>",
        "ESCALADE_METRICS_ADDRESS": f"127.0.0.1:{metrics}",
        "ESCALADE_LOG_LEVEL": "debug",
        "ESCALADE_POLICIES": str(policies(tmp_path, "json://127.0.0.1:1/${HOOK}")),
    }
    async with worker_process(tmp_path, *options, **settings, **CANARIES) as worker:
        address = (await worker.says("worker.started"))["address"]
        client = EscalationClient(await connect(address=address, within=LONG), answer_within=LONG)
        await client.open(request(case="T-1", reported_at=datetime.now(UTC), policy="desk"))
        await client.update_customer("T-1", by="ada", text="We are on it.")
        for words in ("${HOOK}", "535"):  # in whatever order
            await worker.has_complained_of(words)

        shown = await asyncio.to_thread(pages, f"http://127.0.0.1:{ui}")
        shown.append(await asyncio.to_thread(page, f"http://127.0.0.1:{metrics}/metrics"))
        shown.append((await client.record("T-1")).model_dump_json())
        worker.signal(signal.SIGTERM)
        assert await worker.ends() == 0

    written = contents(tmp_path)
    said = [*shown, json.dumps(worker.lines), *worker.words]
    everything = [*written, *(each.encode() for each in said)]
    assert mail.logins != []
    assert any(b"${HOOK}" in each for each in written)
    for secret in (PASSWORD, *CANARIES.values()):
        assert [each[:300] for each in everything if secret.encode() in each] == []


def policies(folder: Path, *reach: str) -> Path:
    """A folder with one policy, and whom it reaches how."""
    (own := folder / "policies").mkdir()
    written = {
        "policy": "desk",
        "contacts": {"desk": {"name": "Desk", "reach": reach}},
        "levels": [{"name": "Desk", "contact": "desk", "within": "30m"}],
    }
    (own / "desk.yaml").write_text(json.dumps(written))
    return own


def test_no_secret_shows_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a debugger, a failed assertion or a careless log line shows of settings and clients is
    without what is secret in them."""
    url = f"smtps://care:{PASSWORD}@mail.example.com"
    database = f"postgresql+psycopg://care:{PASSWORD}@db.example/records"
    monkeypatch.setenv("ESCALADE_SMTP_URL", url)
    monkeypatch.setenv("ESCALADE_MAIL_FROM", "help@callcentre.example")
    monkeypatch.setenv("ESCALADE_RECORDS_URL", database)
    monkeypatch.setenv("ESCALADE_SECRET_HOOK", PASSWORD)
    settings = read_settings()
    secrets = {name: value.get_secret_value() for name, value in settings.secrets.items()}
    smtp = Smtp(url)
    things = [
        settings,
        settings.model_dump(),
        settings.model_dump_json(),
        smtp,
        Mail(smtp, "help@callcentre.example"),
        Router(None, Services(), secrets),
        SqlLedger(database),
        fill_in("json://hooks.example/${HOOK}", secrets),
        Target.of("https://care:${HOOK}@rota.example/${HOOK}.ics", secrets),
    ]

    shown = [f"{each!r} {each!s} {pprint.pformat(each)}" for each in things]

    assert secrets == {"HOOK": PASSWORD}
    login = b64encode(f"care:{PASSWORD}".encode()).decode()
    assert [each for each in shown if PASSWORD in each or login in each] == []
