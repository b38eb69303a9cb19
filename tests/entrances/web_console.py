"""The Temporal UI in a browser, beside a worker: what its tests stand on.

Both are real: the server's own UI, and Debian's Chromium (packages chromium and chromium-driver).
"""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.converter import PayloadCodec
from temporalio.testing import WorkflowEnvironment

from escalations import temporal
from starters.demo.browser import Browser, browser
from starters.demo.web_ui import WebUi
from tests import harness
from tests.harness import Desk
from tests.ports import free_port

NEEDED = [
    pytest.mark.skipif(
        shutil.which("chromedriver") is None and os.environ.get("REQUIRE_BROWSER") != "1",
        reason="no browser: Debian's packages chromium and chromium-driver",
    ),
    pytest.mark.timeout(300),
]
"""Marks of a module: skipped without a browser; with REQUIRE_BROWSER=1 that is a failure."""


@dataclass
class Console:
    """A desk, and its Temporal UI in a browser."""

    desk: Desk
    page: Browser
    ui: WebUi
    port: int


@asynccontextmanager
async def console_in(folder: Path, codec: PayloadCodec | None = None) -> AsyncIterator[Console]:
    """A server with its UI, a worker, a browser."""
    port = free_port()
    environment = await WorkflowEnvironment.start_local(
        dev_server_existing_path=harness.temporal_binary(),
        dev_server_startup_timeout=timedelta(seconds=60),
        dev_server_log_level="error",
        dev_server_extra_args=["--ui-disable-news-fetch"],
        plugins=[temporal.plugin(codec)],
        search_attributes=harness.search_attribute_keys(),
        ui=True,
        ui_port=port,
    )
    async with (
        environment,
        harness.desk(environment, folder) as desk,
        browser(still=True) as page,
    ):
        yield Console(desk, page, WebUi(page, f"http://127.0.0.1:{port}", desk.client), port)
