"""The Temporal UI, worked through a browser as an operator works it."""

import asyncio
import json
from contextlib import suppress
from typing import Final, Literal
from urllib.error import HTTPError
from urllib.parse import quote, urlencode

from temporalio.client import Client

from escalations import names
from starters.demo.browser import Browser, NotSeen

Kind = Literal["Signal", "Update"]

SIZE: Final = 1400, 1000
_LOOK_EVERY: Final = 0.05
_LOADED_WITHIN: Final = 10.0, 20.0, 40.0  # seconds, of one try after another
_SAID_WITHIN: Final = 60.0
_LOOKS: Final = 20
_DIALOG: Final = "//dialog[@open]"
_ARTICLE: Final = {"Signal": "Send a Signal", "Update": "Send an Update"}
_ARRIVED: Final = """
if (document.body.innerText.includes("Uh oh.")) return false;  // a part of itself could not be had
return location.pathname === new URL(%s).pathname || null;
"""
"""Answers `null` as long as it is not known."""
_LEAVE_THE_FIELD: Final = """
const fields = [...document.querySelectorAll("dialog[open] [aria-label=Data]")];
const held = () => {
    try { return JSON.parse(fields.find(each => each.offsetWidth).innerText) } catch { return null }
};
document.activeElement.blur();  // it sets the payload in order, and the dialog grows
return new Promise(settled => requestAnimationFrame(
    () => requestAnimationFrame(() => settled(held()))));
"""
"""Answers with what the field then holds."""
_FOLLOW: Final = """
const page = document.querySelector("main#content");
if (!page) return false;
const link = page.appendChild(document.createElement("a"));
link.href = %s;
link.click();
link.remove();
return true;
"""
"""Answers whether there is a page of the UI to do so."""
_NOTES: Final = "div.fixed.bottom-5.right-5 button[aria-label=Close]"
"""What closes the notes in the corner, that something was sent.

All notes of signals that were sent have one key in the UI (2.54.1). With two at a time the page
comes to a halt, and its dialog stays open although the second signal has arrived; and three seconds
after one was shown another that is there by then goes, however new it is.
"""
_CLOSE_NOTES: Final = f"""
document.querySelectorAll("{_NOTES}").forEach(each => each.click());
return new Promise(settled => requestAnimationFrame(
    () => settled(document.querySelectorAll("{_NOTES}").length)));
"""
_ANSWER: Final = """
const open = [...document.querySelectorAll("dialog[open]")].find(each => each.offsetWidth);
if (!open) return "";
const alerts = [...open.querySelectorAll("[role=alert]")];
return alerts.map(each => each.innerText.trim()).find(Boolean) ?? null;
"""
"""The dialog is closed over what was accepted; the note in the corner may be gone unseen."""
_STORE: Final = 'localStorage.setItem("namespace-workflow-table-columns"'
_FRAMES: Final = """
return [...document.querySelectorAll("iframe")].map(
    frame => frame.contentDocument?.body?.innerText ?? "").join("\\n");
"""
_COLUMNS: Final = (
    "Workflow ID",
    names.SearchAttribute.PRIORITY,
    names.SearchAttribute.STATUS,
    names.SearchAttribute.LEVEL,
    names.SearchAttribute.OWNER,
    names.SearchAttribute.DUE_AT,
    names.SearchAttribute.BREACHED,
    names.SearchAttribute.CUSTOMER,
)
"""What a list of cases shows, once somebody has chosen it under Configure Columns."""


class WebUi:
    """What operators do there."""

    def __init__(self, page: Browser, url: str, connection: Client) -> None:
        self.page = page
        self._settings = f"{url}/api/v1/settings"
        self._url = f"{url}/namespaces/{connection.namespace}/workflows"
        self._connection = connection

    async def case(self, case: str, tab: str, size: tuple[int, int] = SIZE) -> None:
        """Open a case's page at one of its tabs."""
        run = await self._connection.get_workflow_handle(names.escalation_id(case)).describe()
        where = f"{self._url}/{quote(run.id, safe='')}/{run.run_id}/{tab}"
        await self.visit(where, f"//h1[contains(., '{run.id}')]", size)

    async def visit(self, where: str, sign: str, size: tuple[int, int] = SIZE) -> None:
        """Follow a link within the UI to a page that is known by a sign (an XPath), or load it.

        It is loaded again where it breaks: the UI is two hundred files, and Chromium gives up on
        those that it waits for as soon as an interface of the machine comes or goes, as with every
        container (`ERR_NETWORK_CHANGED`).

        Raises:
            NotSeen: it does not come.
        """
        await self.page.view(*size)
        followed = await self.page.run(_FOLLOW % json.dumps(where))
        for within in _LOADED_WITHIN:
            with suppress(TimeoutError, NotSeen, HTTPError):
                if not followed:
                    await self.page.open(where)
                async with asyncio.timeout(within):
                    while (arrived := await self.page.run(_ARRIVED % json.dumps(where))) is None:
                        await self._moment()
                    if arrived:
                        await self.page.see(sign, within)
                        return
            followed = False
        await self.page.see(sign)

    async def cases(self, query: str, size: tuple[int, int] = SIZE) -> None:
        """Open the list of runs with a filter and the columns of a case."""
        await self.page.view(*size)
        await self.page.open(self._settings)  # where what is stored is the UI's, and nothing runs
        columns = {self._connection.namespace: [{"label": label} for label in _COLUMNS]}
        stored = f"{_STORE}, {json.dumps(json.dumps(columns))})"
        await self.page.run(stored)
        where = f"{self._url}?{urlencode({'query': query})}"
        await self.visit(where, "//h1[contains(., 'Workflows')]", size)

    async def details(self, words: str) -> str:
        """What stands in summary, details and current details, once these words do."""
        async with asyncio.timeout(_SAID_WITHIN):
            while True:
                for _ in range(_LOOKS):
                    if words in (shown := str(await self.page.run(_FRAMES) or "")):
                        return shown
                    await self._moment()
                await self.page.type("//body", "r")  # for a fresh one

    async def name_codec(self, endpoint: str) -> None:
        """Open the settings of the codec server, and fill them in."""
        await self.page.click("//button[contains(@data-testid, 'data-encoder')]")
        await self.page.click(f"{_DIALOG}//label[contains(., 'Use my browser setting')]")
        await self.page.enter(f"{_DIALOG}//textarea", endpoint)
        await self.page.click(f"{_DIALOG}//label[contains(., 'cross-origin credentials')]")

    async def ask_codec(self, endpoint: str) -> None:
        """Have this browser ask there for what is encrypted, as who is signed in there."""
        await self.name_codec(endpoint)
        await self.page.click(f"{_DIALOG}//button[normalize-space()='Apply']")

    async def choose(self, kind: Kind) -> None:
        """Open the dialog, and the list of what can be sent."""
        await self.page.click("//button[normalize-space()='More Actions']")
        await self.page.click(f"//li[@role='menuitem'][normalize-space()='{_ARTICLE[kind]}']")
        await self.page.click(f"{_DIALOG}//button[@aria-haspopup]")

    async def send(self, kind: Kind, name: str, payload: str) -> str:
        """Choose a handler, enter a payload, submit; why it is refused, nothing if it is not.

        Raises:
            TimeoutError: it is neither.
        """
        async with asyncio.timeout(_SAID_WITHIN):
            while await self.page.run(_CLOSE_NOTES):
                await self._moment()
            await self.choose(kind)
            option = f"//li[@role='option'][.//span[normalize-space()='{name}']]"
            await self.page.click(f"{_DIALOG}{option}")
            while await self.page.run(_LEAVE_THE_FIELD) != json.loads(payload):
                await self.page.enter(f"{_DIALOG}//*[@aria-label='Data']", payload)
            await self.page.press(f"{_DIALOG}//button[normalize-space()='Submit'][not(@disabled)]")
            while (answer := await self.page.run(_ANSWER)) is None:
                await self._moment()
        return str(answer)

    async def _moment(self) -> None:
        await asyncio.sleep(_LOOK_EVERY)

    async def close(self) -> None:
        """Close the dialog."""
        await self.page.click(f"{_DIALOG}//button[normalize-space()='Cancel']")
