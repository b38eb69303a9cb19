"""The worker's log: every event once, every line one JSON object of bounded length, no secrets."""

import asyncio
import json
import logging
import socket
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any, Literal

import pytest
import structlog
from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from tests.deployment.talker import Stumbler, Talker, chat
from tests.ports import free_port
from workers import log
from workers.composition import give_time
from workers.embedded import EmbeddedTemporal
from workers.log_lines import MAX_LINE
from workers.settings import Settings

SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("structlog")
)
LONG = 60
"""Seconds after which what has to happen has not happened."""

POLICIES = Path(__file__).parent.parent.parent / "policies"


class Lines(StringIO):
    """A stream of log lines; anything that is not JSON fails its reader."""

    def __init__(self) -> None:
        super().__init__()
        self._awaited = ""
        self._came = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    def write(self, text: str) -> int:
        written = super().write(text)
        if self._loop is not None and self._awaited in text:
            self._loop.call_soon_threadsafe(self._came.set)
        return written

    async def wait_for(self, text: str) -> None:
        """Wait until a line with the text comes, or has come."""
        self._awaited, self._loop = text, asyncio.get_running_loop()
        if text not in self.getvalue():
            await asyncio.wait_for(self._came.wait(), LONG)

    @property
    def all(self) -> list[dict[str, Any]]:
        lines = self.getvalue().splitlines()
        assert max(map(len, lines), default=0) <= MAX_LINE
        return [json.loads(line, parse_constant=pytest.fail) for line in lines]

    def named(self, event: str) -> dict[str, Any]:
        """The one line of an event."""
        found = [line for line in self.all if line["event"] == event]
        assert len(found) == 1, (event, found)
        return found[0]


@contextmanager
def written(form: Literal["json", "console"] = "json") -> Iterator[Lines]:
    """This process's log; as it was before afterwards."""
    root, before, stream = logging.getLogger(), logging.getLogger().handlers[:], Lines()
    level = root.level
    log.configure(Settings(policies=POLICIES, log=form, log_level="debug"), stream)
    try:
        yield stream
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.reset_defaults()
        logging.captureWarnings(False)
        workflow.logger.workflow_info_on_message = True
        activity.logger.activity_info_on_message = True


@asynccontextmanager
async def worker(runtime: Runtime | None = None) -> AsyncIterator[Client]:
    """A client whose worker forgets every workflow after each task."""
    async with EmbeddedTemporal(db=None) as server:
        client = await Client.connect(server.address, runtime=runtime)
        talking = Worker(
            client,
            task_queue="talk",
            workflows=[Talker, Stumbler],
            activities=[chat],
            workflow_runner=SANDBOX,
            max_cached_workflows=0,
        )
        async with give_time(talking):
            yield client


async def test_nothing_is_said_twice_on_replay() -> None:
    """A workflow that is replayed at every task writes each line once, with who is speaking;
    what its queries and updates say is written too."""
    with written() as lines:
        async with worker() as client:
            talk = await client.start_workflow(Talker.run, id="talk/1", task_queue="talk")
            await talk.execute_update(Talker.ask, id="first")
            assert not await talk.query(Talker.heard)
            await talk.signal(Talker.enough)
            await talk.result()

    run_id = talk.first_execution_run_id
    for event in ("run.structlog", "run.plain", "run.sdk", "run.ended", "signal.structlog"):
        line = lines.named(event)
        assert (line["workflow_id"], line["run_id"]) == ("talk/1", run_id), event
    assert lines.named("run.structlog")["escalation_level"] == 3
    assert lines.named("run.structlog")["level"] == "info"
    assert lines.named("query.structlog")["workflow_id"] == "talk/1"
    for event in ("update.structlog", "update.sdk"):
        line = lines.named(event)
        assert (line["update"], line["update_id"]) == ("ask", "first"), event
    for event in ("activity.structlog", "activity.sdk"):
        line = lines.named(event)
        assert (line["activity"], line["attempt"], line["run_id"]) == ("chat", 1, run_id), event
    for event in ("run.sdk", "activity.sdk"):
        assert lines.named(event)["case"] == "T-1"
        assert not [key for key in lines.named(event) if key.startswith("temporal")]


async def test_the_core_speaks_in_our_log() -> None:
    """A warning of the SDK's core, which is not Python, is a line like any other; and its metrics
    are where the settings say."""
    address = f"127.0.0.1:{free_port()}"
    settings = Settings(policies=POLICIES, metrics_address=address)
    with written() as lines:
        async with worker(log.runtime(settings)) as client:
            stumble = await client.start_workflow(Stumbler.run, id="s/1", task_queue="talk")
            await lines.wait_for('"logger": "temporalio.core"')
            await stumble.terminate()
            metrics = await asyncio.to_thread(page, f"http://{address}/metrics")

    core = [line for line in lines.all if line["logger"] == "temporalio.core"]
    assert core[0]["level"] == "warning"
    assert core[0]["target"].startswith("temporalio_sdk_core")
    assert "temporal_workflow_task_execution_failed_total" in metrics


def page(url: str) -> str:
    with urllib.request.urlopen(url, timeout=LONG) as answer:  # noqa: S310  our own loopback
        text: str = answer.read().decode()
    return text


def test_a_taken_metrics_address_is_named() -> None:
    """Another program listens there: the message names the setting."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        address = f"127.0.0.1:{other.getsockname()[1]}"
        settings = Settings(policies=POLICIES, metrics_address=address)

        with pytest.raises(log.MetricsUnavailable, match=f"{address}.*ESCALADE_METRICS_ADDRESS"):
            log.runtime(settings)


def test_a_megabyte_makes_no_megabyte_line() -> None:
    """Texts, lists and whole lines are cut; what the line is about stays."""
    with written() as lines:
        logger = structlog.stdlib.get_logger("flood")
        logger.info("one.field", text="é" * 1_000_000)
        logger.info("many.fields", case="T-1", **{f"f{n}": "é" * 1_000_000 for n in range(100)})
        logger.info("deep", nest=[[[[[[[[[1]]]]]]]]], wide=list(range(1_000_000)))
        logger.info("x" * 1_000_000)

    assert lines.named("one.field")["text"].endswith("… (1000000 characters)")
    assert lines.named("many.fields")["case"] == "T-1"
    assert lines.named("many.fields")["left_out"] > 0
    assert lines.named("deep")["wide"][-1] == "… (1000000)"
    assert len(lines.all) == 4


class Unspeakable:
    def __str__(self) -> str:
        raise ZeroDivisionError


def test_every_line_is_json() -> None:
    """Whatever is handed to the log, a line of JSON comes out, also from a mistake in a call."""
    loop: list[Any] = []
    loop.append(loop)
    with written() as lines:
        logger = structlog.stdlib.get_logger("odd")
        logger.info("odd", nan=float("nan"), lone="\ud800", huge=10**5000, raw=b"\0", loop=loop)
        logger.info("odder", thing=Unspeakable(), keys={1: "one", (2, 3): "two"}, newline="a\nb")
        logging.getLogger("odd").info("%d", "not a number")
        try:
            raise ValueError("x" * 1_000_000)
        except ValueError:
            logger.exception("failed")

    assert lines.named("odd")["nan"] == "nan"
    assert lines.named("odder")["newline"] == "a\nb"
    assert lines.named("log.failed")["level"] == "error"
    assert lines.named("failed")["exception"].endswith("xxx")


def test_secrets_are_hidden() -> None:
    """By the name of their key, at any depth, and in the address of a server."""
    with written() as lines:
        logger = structlog.stdlib.get_logger("secrets")
        logger.info("seen", smtp_password="hunter2", to={"headers": {"Authorization": "hunter2"}})
        logger.info("dialled", server="smtps://care:hunter2@mail.example.com:465")
        logging.getLogger("other").info(
            "to %s", "https://x:hunter2@h/", extra={"api_key": "hunter2"}
        )
        try:
            raise ValueError("cannot reach smtp://care:hunter2@mail.example.com")
        except ValueError:
            logger.exception("failed")

    assert "hunter2" not in lines.getvalue()
    assert lines.named("seen")["smtp_password"] == "[hidden]"
    assert lines.named("dialled")["server"] == "smtps://…@mail.example.com:465"


def test_columns_for_people() -> None:
    """In columns, no text can forge another line or move the cursor."""
    with written("console") as lines:
        structlog.stdlib.get_logger("desk").info("said", words="fine\n[error] forged \x1b[2J")

    assert lines.getvalue().count("\n") == 1
    assert "\x1b" not in lines.getvalue()
