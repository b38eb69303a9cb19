"""`make pictures`: the pictures of the papers anew, cases of the real matrix in the Temporal UI.

Needs Debian's packages chromium and chromium-driver.
"""

import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, NoReturn

from escalations import policy_file
from escalations.client import EscalationClient
from escalations.errors import EscaladeError
from escalations.policy import HoldReason
from starters.demo import story
from starters.demo.browser import Browser, browser
from starters.demo.stage import CHECKOUT, Stage, stage
from starters.demo.web_ui import WebUi

PICTURES: Final = CHECKOUT / "docs" / "images"
POLICIES: Final = CHECKOUT / "policies"
LIST: Final = 1400, 620
CASE: Final = 1400, 1330
DIALOG: Final = 1400, 900
NOTHING: Final = "about:blank"
"""A page that is followed to has a frame of focus; one that is opened has not."""
SETTINGS: Final = 1400, 700
CODEC: Final = "http://127.0.0.1:8234"

_LAST_WORDS: Final = "Two sites are back. Three are still locked out."
_FILTER: Final = "WorkflowType = 'Escalation' AND ExecutionStatus = 'Running'"
_SETTLED: Final = 2.0
"""Seconds in which a page comes to rest: frames grow to their text, menus unfold."""


def main() -> NoReturn:
    """Take them; leave at once, past the interpreter's exit that can crash (sdk-python #300)."""
    code = 0
    try:
        asyncio.run(_take())
    except EscaladeError as error:
        sys.stderr.write(f"{error}\n")
        code = 1
    sys.stdout.flush()
    os._exit(code)


async def _take() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    async with _cases_in_work() as (ready, case), browser() as page:
        ui = WebUi(page, ready.ui_url, ready.connection)
        await ui.cases(_FILTER, LIST)
        await page.see(f"//a[contains(., '{case}')]")
        await _picture(page, "cases-in-the-ui")
        await page.open(NOTHING)
        await ui.case(case, "user-metadata", CASE)
        await ui.details(_LAST_WORDS)
        await _picture(page, "case-in-the-ui")
        await page.open(NOTHING)
        await ui.case(case, "user-metadata", DIALOG)
        await ui.details(_LAST_WORDS)
        await ui.choose("Update")
        await _picture(page, "update-dialog")
        await page.open(NOTHING)
        await ui.case(case, "user-metadata", SETTINGS)
        await ui.name_codec(CODEC)
        await _picture(page, "codec-in-the-ui")


async def _picture(page: Browser, name: str) -> None:
    await asyncio.sleep(_SETTLED)
    picture = await page.picture()
    path = PICTURES / f"{name}.png"
    path.write_bytes(picture)
    sys.stdout.write(f"{path.relative_to(CHECKOUT)}: {len(picture) // 1024} KB\n")


@asynccontextmanager
async def _cases_in_work() -> AsyncIterator[tuple[Stage, str]]:
    """A case on its third level, taken, with the customer's last words; and two others."""
    with tempfile.TemporaryDirectory(prefix="escalade-picture-") as name:
        folder = Path(name)
        shutil.copytree(POLICIES, folder / "policies")
        policies = policy_file.read_folder(folder / "policies")
        async with stage(folder, policies["call-centre"]) as ready:
            await _others(ready.client)
            yield ready, await _work(ready.client)


async def _others(client: EscalationClient) -> None:
    """What else is open: one that nobody has yet, one on hold."""
    await client.open(story.request("billing"))
    order = (await client.open(story.request("order"))).case
    await client.acknowledge(order, by="Eero Salo")
    await client.hold(order, by="Eero Salo", reason=HoldReason.CUSTOMER, note="Which address?")


async def _work(client: EscalationClient) -> str:
    case = (await client.open(story.request("access"))).case
    await client.acknowledge(case, by="Sam Reed")
    await client.customer_replied(
        case,
        text="Reception is turning patients away. Let me speak to a manager.",
        channel="phone",
        by="Dana Price",
    )
    for action in (await client.record(case)).open_actions:
        await client.complete_action(case, by="Ines Duarte", action=action)
    await client.hand_up(case, by="Ines Duarte", from_level=2, reason="All five sites are down.")
    await client.acknowledge(case, by="Nora Lindqvist")
    await client.customer_replied(case, text=_LAST_WORDS, channel="mail", by="Dana Price")
    return case


if __name__ == "__main__":
    main()
