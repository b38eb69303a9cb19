"""A browser without a window, through the WebDriver protocol: opens a page and photographs it."""

import asyncio
import base64
import json
import shutil
import urllib.error
import urllib.request
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

from escalations.errors import EscaladeError

_STARTED_WITHIN: Final = 60.0  # seconds
_ANSWER_WITHIN: Final = 90.0
_SEEN_WITHIN: Final = 30.0
_LOOK_EVERY: Final = 0.05
_FIRST_VISIBLE: Final = """
const all = document.evaluate(arguments[0], document, null, XPathResult.ORDERED_NODE_SNAPSHOT_TYPE);
for (let n = 0; n < all.snapshotLength; n++) {
    const {width, height} = all.snapshotItem(n).getBoundingClientRect();
    if (width && height) return all.snapshotItem(n);
}
return null;
"""
_ALL: Final = "\ue009a\ue000"
"""Ctrl-A."""
_STILL: Final = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`*, *::before, *::after, ::backdrop {
    animation: none !important; transition: none !important; backdrop-filter: none !important;
}`);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
"""
_FLAGS: Final = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
    *("--hide-scrollbars", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


class BrowserMissing(EscaladeError):
    """There is no browser to be driven. Install Debian's packages chromium and chromium-driver."""


class NotSeen(EscaladeError):
    """What should stand on the page does not, or cannot be clicked."""


class Browser:
    """One page at a time."""

    def __init__(self, driver: str) -> None:
        self._driver = driver

    async def view(self, width: int, height: int) -> None:
        """Look at pages in a view of that size, in CSS pixels."""
        view = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        await self.command("Emulation.setDeviceMetricsOverride", **view)

    async def open(self, url: str) -> None:
        """Open a page."""
        await self.ask("POST", "/url", {"url": url})

    async def run(self, script: str) -> Any:
        """What a script in the page returns; if that is a promise, what it comes to."""
        return await self.ask("POST", "/execute/sync", {"script": script, "args": []})

    async def see(self, path: str, within: float = _SEEN_WITHIN) -> Any:
        """The first visible element at an XPath; waits so many seconds for it.

        Raises:
            NotSeen: it does not come.
        """
        return await self._patiently(path, self._visible, within)

    async def click(self, path: str) -> None:
        """Click on the first visible element at an XPath, once it can be clicked.

        Raises:
            NotSeen: it does not come.
        """
        await self._patiently(path, lambda element: self._act(element, "click", {}))

    async def press(self, path: str) -> None:
        """The same where the element may move while it is clicked.

        Raises:
            NotSeen: it does not come.
        """
        await self._patiently(path, self._press)

    async def type(self, path: str, text: str) -> None:
        """Type into the first visible element at an XPath, key by key.

        Raises:
            NotSeen: it does not come.
        """
        await self._patiently(path, lambda element: self._act(element, "value", {"text": text}))

    async def enter(self, path: str, text: str) -> None:
        """Paste into the first visible element at an XPath, in place of what it holds.

        Raises:
            NotSeen: it does not come.
        """
        await self.type(path, _ALL)
        await self.command("Input.insertText", text=text)

    async def _visible(self, element: Any) -> Any:
        return element

    async def _press(self, element: Any) -> None:
        said = {"script": "arguments[0].click()", "args": [element]}
        await self.ask("POST", "/execute/sync", said)

    async def _act(self, element: dict[str, str], what: str, said: Any) -> None:
        (id_,) = element.values()
        await self.ask("POST", f"/element/{id_}/{what}", said)

    async def _patiently(
        self, path: str, act: Callable[[Any], Awaitable[Any]], within: float = _SEEN_WITHIN
    ) -> Any:
        """Do something with an element as soon as it is there and lets it be done."""
        refused, until = "it is not there", asyncio.get_running_loop().time() + within
        while True:
            said = {"script": _FIRST_VISIBLE, "args": [path]}
            element = await self.ask("POST", "/execute/sync", said)
            if element is not None:
                with suppress(urllib.error.HTTPError):  # covered, moving, or gone again
                    return await act(element)
                refused = "it cannot be clicked or typed into"
            if asyncio.get_running_loop().time() > until:
                break
            await asyncio.sleep(_LOOK_EVERY)
        page = await self.run("return document.body.innerText.slice(0, 2000)")
        raise NotSeen(f"{path}: {refused} after {within:.0f} s. The page says:\n{page}")

    async def picture(self) -> bytes:
        """The view, as PNG."""
        return base64.b64decode(await self.ask("GET", "/screenshot"))

    async def command(self, name: str, **said: Any) -> Any:
        """A command of Chromium's own, past the protocol."""
        return await self.ask("POST", "/goog/cdp/execute", {"cmd": name, "params": said})

    async def ask(self, method: str, path: str, said: Any = None) -> Any:
        """A command of the protocol, and its answer."""
        return await asyncio.to_thread(_ask, method, f"{self._driver}{path}", said)


@asynccontextmanager
async def browser(*, still: bool = False) -> AsyncIterator[Browser]:
    """A browser for the length of an `async with`.

    Args:
        still: nothing moves and nothing is blurred. A page looks a little different; without a
            graphics card it is half the work, and what is to be clicked stays where it is.

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
        try:
            session = await asyncio.to_thread(_ask, "POST", f"{address}/session", wanted)
        except urllib.error.HTTPError as error:
            why = " ".join(json.load(error)["value"]["message"].split())[:200]
            msg = f"The browser does not start: {why}. {BrowserMissing.__doc__}"
            raise BrowserMissing(msg) from None
        page = Browser(f"{address}/session/{session['sessionId']}")
        try:
            await page.ask("POST", "/timeouts", {"script": int(_ANSWER_WITHIN * 1000)})
            if still:
                await page.command("Page.addScriptToEvaluateOnNewDocument", source=_STILL)
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
