"""A browser without a window, through the WebDriver protocol: opens a page and photographs it."""

import asyncio
import base64
import json
import shutil
import urllib.request
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from escalations.errors import EscaladeError

_STARTED_WITHIN: Final = 60.0  # seconds
_ANSWER_WITHIN: Final = 90.0
_FLAGS: Final = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--hide-scrollbars", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


class BrowserMissing(EscaladeError):
    """There is no browser to be driven. Install Debian's packages chromium and chromium-driver."""


class Browser:
    """One page at a time."""

    def __init__(self, driver: str) -> None:
        self._driver = driver

    async def open(self, url: str, width: int, height: int) -> None:
        """Open a page in a view of that size, in CSS pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        command = {"cmd": "Emulation.setDeviceMetricsOverride", "params": metrics}
        await self.ask("POST", "/goog/cdp/execute", command)
        await self.ask("POST", "/url", {"url": url})

    async def run(self, script: str) -> Any:
        """What a script in the page returns; if that is a promise, what it comes to."""
        return await self.ask("POST", "/execute/sync", {"script": script, "args": []})

    async def picture(self) -> bytes:
        """The view, as PNG."""
        return base64.b64decode(await self.ask("GET", "/screenshot"))

    async def ask(self, method: str, path: str, said: Any = None) -> Any:
        """A command of the protocol, and its answer."""
        return await asyncio.to_thread(_ask, method, f"{self._driver}{path}", said)


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """A browser for the length of an `async with`.

    Raises:
        BrowserMissing: there is none on this machine.
    """
    program = shutil.which("chromedriver")
    if program is None:
        raise BrowserMissing(str(BrowserMissing.__doc__))
    driver = await asyncio.create_subprocess_exec(
        *(program, "--port=0"), stdin=DEVNULL, stdout=PIPE, stderr=DEVNULL
    )
    try:
        async with asyncio.timeout(_STARTED_WITHIN):
            address = await _address(driver)
        options = {"browserName": "chrome", "goog:chromeOptions": {"args": _FLAGS}}
        wanted = {"capabilities": {"alwaysMatch": options}}
        session = await asyncio.to_thread(_ask, "POST", f"{address}/session", wanted)
        page = Browser(f"{address}/session/{session['sessionId']}")
        try:
            await page.ask("POST", "/timeouts", {"script": int(_ANSWER_WITHIN * 1000)})
            yield page
        finally:
            with suppress(OSError):
                await page.ask("DELETE", "")
    finally:
        driver.terminate()
        await driver.wait()


async def _address(driver: asyncio.subprocess.Process) -> str:
    """Where the driver listens: it says so when it has started."""
    assert driver.stdout is not None  # noqa: S101  asked for above
    async for line in driver.stdout:
        _, started, port = line.decode().rstrip(".\n").partition("started successfully on port ")
        if started:
            return f"http://127.0.0.1:{int(port)}"
    raise BrowserMissing(f"The browser's driver has ended. {BrowserMissing.__doc__}")


def _ask(method: str, url: str, said: Any) -> Any:
    request = urllib.request.Request(  # noqa: S310  always http on loopback
        url, method=method, data=None if said is None else json.dumps(said).encode()
    )
    with urllib.request.urlopen(request, timeout=_ANSWER_WITHIN) as answer:  # noqa: S310
        return json.load(answer)["value"]
