"""The Temporal UI, worked through a browser as an operator works it."""

import asyncio
import json
from contextlib import suppress
from typing import Final, Literal
from urllib.parse import quote, urlencode

from temporalio.client import Client

from escalations import names
from starters.demo.browser import Browser, NotSeen

Kind = Literal["Signal", "Update"]

SIZE: Final = 1400, 1000
_LOOK_EVERY: Final = 0.1
_ANSWER_WITHIN: Final = 8.0
_PRESSES: Final = 5
_DIALOG: Final = "//dialog[@open]"
_ARTICLE: Final = {"Signal": "Send a Signal", "Update": "Send an Update"}
_LEAVE_THE_FIELD: Final = """
document.activeElement.blur();  // it sets the payload in order, and the dialog grows
const fields = [...document.querySelectorAll("dialog[open] [aria-label=Data]")];
const held = () => {
    try { return JSON.parse(fields.find(each => each.offsetWidth).innerText) } catch { return null }
};
return new Promise(settled => setTimeout(() => settled(held()), 300));
"""
"""Answers with what the field then holds."""
_REFUSAL: Final = """
const open = [...document.querySelectorAll("dialog[open]")].find(each => each.offsetWidth);
const alerts = open ? [...open.querySelectorAll("[role=alert]")] : [];
return open ? alerts.map(each => each.innerText.trim()).find(Boolean) ?? null : "";
"""
_ALL: Final = "\ue009a\ue000"
"""Ctrl-A: the dialog keeps what was typed into it before."""
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
        self._url = f"{url}/namespaces/{connection.namespace}/workflows"
        self._connection = connection

    async def case(self, case: str, tab: str, size: tuple[int, int] = SIZE) -> None:
        """Open a case's page at one of its tabs."""
        run = await self._connection.get_workflow_handle(names.escalation_id(case)).describe()
        where = f"{self._url}/{quote(run.id, safe='')}/{run.run_id}/{tab}"
        await self.page.open(where, *size)
        await self.page.see(f"//h1[contains(., '{run.id}')]")

    async def cases(self, query: str, size: tuple[int, int] = SIZE) -> None:
        """Open the list of runs with a filter and the columns of a case."""
        await self.page.open(self._url, *size)
        columns = {self._connection.namespace: [{"label": label} for label in _COLUMNS]}
        stored = f"{_STORE}, {json.dumps(json.dumps(columns))})"
        await self.page.run(stored)
        await self.page.open(f"{self._url}?{urlencode({'query': query})}", *size)

    async def details(self, words: str) -> str:
        """What stands in summary, details and current details, once these words do."""
        async with asyncio.timeout(60):
            while words not in (shown := str(await self.page.run(_FRAMES) or "")):
                await self._moment()
        return shown

    async def choose(self, kind: Kind) -> None:
        """Open the dialog, and the list of what can be sent."""
        await self.page.click("//button[normalize-space()='More Actions']")
        await self.page.click(f"//li[@role='menuitem'][normalize-space()='{_ARTICLE[kind]}']")
        await self.page.click(f"{_DIALOG}//button[@aria-haspopup]")

    async def send(self, kind: Kind, name: str, payload: str) -> str:
        """Choose a handler, type a payload, submit; why it is refused, nothing if it is not."""
        await self.choose(kind)
        await self.page.click(f"{_DIALOG}//li[@role='option'][.//span[normalize-space()='{name}']]")
        async with asyncio.timeout(60):
            while await self.page.run(_LEAVE_THE_FIELD) != json.loads(payload):
                await self.page.type(f"{_DIALOG}//*[@aria-label='Data']", f"{_ALL}{payload}")
        submit = f"{_DIALOG}//button[normalize-space()='Submit'][not(@disabled)]"
        for _ in range(_PRESSES):  # the dialog may still be busy with its field, and hear nothing
            await self.page.press(submit)
            with suppress(TimeoutError):
                async with asyncio.timeout(_ANSWER_WITHIN):
                    return await self._answer()
        raise NotSeen(f"The dialog does not answer: {name} {payload}")

    async def _answer(self) -> str:
        while (answer := await self.page.run(_REFUSAL)) is None:
            await self._moment()
        return str(answer)

    async def _moment(self) -> None:
        await asyncio.sleep(_LOOK_EVERY)

    async def close(self) -> None:
        """Close the dialog."""
        await self.page.click(f"{_DIALOG}//button[normalize-space()='Cancel']")
