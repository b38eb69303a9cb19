"""A whole case with encryption on: nothing of it is to be read where it should not be."""

import asyncio
import json
import signal
import time
import urllib.request
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.error import HTTPError

import pytest
from temporalio.client import Client, WorkflowFailureError

from escalations import names
from escalations.client import EscalationClient
from escalations.encryption import new_file, read_keys
from escalations.errors import PayloadUnreadable
from escalations.policy import HoldReason
from escalations.record import Ending
from escalations.request import EscalationRequest
from escalations.search import Search
from escalations.temporal import connect, encryption
from tests.activities.smtp import MailServer, mail_server
from tests.deployment.processes import worker_process
from tests.entrances.conftest import eventually
from tests.harness import request
from tests.ports import free_port

LONG = timedelta(seconds=60)
CANARIES: Final = {
    "customer": "canary-customer-4711",
    "name": "Canary Dupont",
    "address": "canary@acme.example",
    "title": "Canary charged twice",
    "statement": "The canary invoice was charged twice",
    "reply": "Canary, and I am still waiting",
    "note": "Called the canary twice",
    "hold": "canary carrier",
    "reason": "the canary changed its mind",
    "evidence": "https://files.example/canary-contract.pdf",
    "tag": "canary-tag",
}


def planted() -> EscalationRequest:
    """A request with a canary in every field that says anything of the customer."""
    return request(
        case="T-1",
        title=CANARIES["title"],
        statement=CANARIES["statement"],
        reported_at=datetime.now(UTC),
        evidence=[CANARIES["evidence"]],
        tags=[CANARIES["tag"]],
        customer={
            "id": CANARIES["customer"],
            "name": CANARIES["name"],
            "contacts": [f"mailto:{CANARIES['address']}"],
        },
    )


async def told(client: EscalationClient) -> None:
    """Everything that can be said with words in it."""
    case = (await client.open(planted())).case
    await client.customer_replied(case, text=CANARIES["reply"], channel="phone")
    await client.add_note(case, by="ada", text=CANARIES["note"])
    await client.assign(case, by="ada", to="bob")
    await client.hold(case, by="ada", reason=HoldReason.VENDOR, note=CANARIES["hold"])
    await client.withdraw(case, by="ada", why=CANARIES["reason"])


async def failed(connection: Client) -> None:
    """A run that fails at once, with a message that repeats what it was given."""
    malformed = planted().model_dump(mode="json") | {"case": "T-2", "urgency": "a canary's"}
    run = await connection.start_workflow(
        names.Workflow.ESCALATION,
        malformed,
        id=names.escalation_id("T-2"),
        task_queue=names.TASK_QUEUE,
    )
    with pytest.raises(WorkflowFailureError) as error:
        await run.result()
    assert "a canary's" in str(error.value.cause)


def page(address: str) -> str:
    """What is there."""
    for last in (*[False] * 60, True):
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  loopback
                text: str = answer.read().decode()
        except HTTPError as error:  # the UI's server is there before what it asks
            if last or error.code != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            time.sleep(0.5)
        else:
            return text
    raise AssertionError(address)


def pages(ui: str) -> list[str]:
    """What the UI's own API answers about everything there is."""
    runs = f"{ui}/api/v1/namespaces/default/workflows"
    listed = page(runs)
    texts = [listed]
    for run in json.loads(listed)["executions"]:
        one = f"{runs}/{run['execution']['workflowId'].replace('/', '%2F')}"
        history = f"{one}/history?execution.runId={run['execution']['runId']}"
        texts += [page(one), page(history)]
    return texts


def contents(folder: Path) -> list[bytes]:
    """Of every file in it."""
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A file of keys."""
    file = tmp_path / "keys"
    file.write_text(new_file("may"))
    return file


@pytest.fixture
async def mail() -> AsyncIterator[MailServer]:
    """A mail server that takes everything."""
    async with mail_server() as running:
        yield running


async def test_nothing_of_a_case_is_found_anywhere(
    tmp_path: Path, keys: Path, mail: MailServer
) -> None:
    """Database files with their logs, the ledger of what was mailed, the worker's and the server's
    log, metrics, what the UI is told: none has a word of the case. Whoever has the keys reads it
    all, and finds it by the customer's id."""
    db, ui, metrics = tmp_path / "temporal" / "cases.db", free_port(), free_port()
    db.parent.mkdir()
    options = ("--embedded", f"--db={db}", "--port=0", f"--ui-port={ui}")
    settings = {
        "ESCALADE_ENCRYPTION_KEYS_FILE": str(keys),
        "ESCALADE_METRICS_ADDRESS": f"127.0.0.1:{metrics}",
        "ESCALADE_LOG_LEVEL": "debug",
        "ESCALADE_SMTP_URL": mail.url,
        "ESCALADE_MAIL_FROM": "Help <help@callcentre.example>",
    }
    async with worker_process(tmp_path, *options, **settings) as worker:
        address = (await worker.says("worker.started"))["address"]
        connection = await connect(address=address, within=LONG, codec=encryption(keys))
        client = EscalationClient(connection, answer_within=LONG)
        await told(client)
        await failed(connection)
        async with asyncio.timeout(60):
            handle = connection.get_workflow_handle(names.escalation_id("T-1"))
            await handle.result()

        shown = await asyncio.to_thread(pages, f"http://127.0.0.1:{ui}")
        shown.append(await asyncio.to_thread(page, f"http://127.0.0.1:{metrics}/metrics"))
        record = await client.record("T-1")
        customer = Search(customer=CANARIES["customer"], ended=True)
        found = await eventually(client.search, customer)
        async for _ in client.search(Search(customer="somebody-else", ended=True)):
            raise AssertionError("another customer's search found it")
        worker.signal(signal.SIGINT)
        assert await worker.ends() == 0

    assert mail.take(to=CANARIES["address"]) != []
    for to, _ in mail.untaken:
        mail.take(to=to)
    written = contents(tmp_path)
    assert len(written) > 2
    assert any(b"T-1.customer" in each or b"T-1/" in each for each in written)
    written += [text.encode() for text in shown]
    logged = [json.dumps(line, ensure_ascii=False) for line in worker.lines]
    written += map(str.encode, [*logged, *worker.words])
    assert [text[:300] for text in written if b"canary" in text.lower()] == []
    assert record.ending is Ending.WITHDRAWN
    assert all(canary in record.model_dump_json() for canary in CANARIES.values())
    assert [(each.customer, each.title) for each in found] == [
        (CANARIES["customer"], CANARIES["title"])
    ]
    assert read_keys(keys).search_name(CANARIES["customer"]).encode() in b"".join(written)


async def test_without_the_keys(tmp_path: Path, keys: Path) -> None:
    """A client without keys is told which variable is missing; a worker without them loses
    nothing: the case waits, and goes on when a worker has them."""
    options = ("--embedded", f"--db={tmp_path / 'cases.db'}", "--port=0", "--ui-port=0")
    with_keys = {"ESCALADE_ENCRYPTION_KEYS_FILE": str(keys)}
    async with worker_process(tmp_path, *options, **with_keys) as worker:
        address = (await worker.says("worker.started"))["address"]
        connection = await connect(address=address, within=LONG, codec=encryption(keys))
        opened = await EscalationClient(connection, answer_within=LONG).open(planted())

        blind = EscalationClient(await connect(address=address, within=LONG), answer_within=LONG)
        with pytest.raises(PayloadUnreadable, match=r"'may'.*ESCALADE_ENCRYPTION_KEYS_FILE"):
            await blind.summary("T-1")
        worker.signal(signal.SIGINT)
        assert await worker.ends() == 0

    async with worker_process(tmp_path, *options) as worker:
        address = (await worker.says("worker.started"))["address"]
        connection = await connect(address=address, within=LONG, codec=encryption(keys))
        said = EscalationClient(connection, answer_within=LONG)
        await said.add_note("T-1", by="ada", text=CANARIES["note"])
        complaint = await worker.complains_of("ESCALADE_ENCRYPTION_KEYS_FILE")
        assert "'may'" in json.dumps(complaint)
        worker.signal(signal.SIGINT)
        assert await worker.ends() == 0

    async with worker_process(tmp_path, *options, **with_keys) as worker:
        address = (await worker.says("worker.started"))["address"]
        connection = await connect(address=address, within=LONG, codec=encryption(keys))
        client = EscalationClient(connection, answer_within=LONG)
        assert (await client.summary("T-1")).level == opened.level
        record = await client.record("T-1")
        assert [entry.type for entry in record.timeline].count("noted") == 1
