"""`make picture`: the README's picture anew, a case of the real matrix in the Temporal UI.

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
from urllib.parse import quote

from escalations import names, policy_file
from escalations.client import EscalationClient
from escalations.errors import EscaladeError
from starters.demo import story
from starters.demo.browser import browser
from starters.demo.stage import CHECKOUT, Stage, stage

PICTURE: Final = CHECKOUT / "docs" / "images" / "case-in-the-ui.png"
POLICIES: Final = CHECKOUT / "policies"
SIZE: Final = 1400, 1090

_LAST_WORDS: Final = "Two sites are back. Three are still locked out."
_SHOWN: Final = f"""
return new Promise(shown => {{
    const look = () => [...document.querySelectorAll("iframe")].some(
        frame => frame.contentDocument?.body?.innerText.includes("{_LAST_WORDS}"));
    // the frames grow to the size of their text afterwards
    const again = setInterval(() => look() && (clearInterval(again), setTimeout(shown, 2000)), 200);
}});
"""


def main() -> NoReturn:
    """Take it, and leave at once, past the interpreter's exit that can crash (sdk-python #300)."""
    code = 0
    try:
        asyncio.run(_take())
    except EscaladeError as error:
        sys.stderr.write(f"{error}\n")
        code = 1
    sys.stdout.flush()
    os._exit(code)


async def _take() -> None:
    async with _case_in_work() as (ready, case), browser() as page:
        await page.open(await _address(ready, case), *SIZE)
        await page.run(_SHOWN)
        picture = await page.picture()
    PICTURE.parent.mkdir(parents=True, exist_ok=True)
    PICTURE.write_bytes(picture)
    sys.stdout.write(f"{PICTURE.relative_to(CHECKOUT)}: {len(picture) // 1024} KB\n")


@asynccontextmanager
async def _case_in_work() -> AsyncIterator[tuple[Stage, str]]:
    """A case on its third level, taken, with the customer's last words."""
    with tempfile.TemporaryDirectory(prefix="escalade-picture-") as name:
        folder = Path(name)
        shutil.copytree(POLICIES, folder / "policies")
        policies = policy_file.read_folder(folder / "policies")
        async with stage(folder, policies["call-centre"]) as ready:
            yield ready, await _work(ready.client)


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


async def _address(ready: Stage, case: str) -> str:
    """Of the case's page with its summary and current details."""
    run = await ready.connection.get_workflow_handle(names.escalation_id(case)).describe()
    parts = run.namespace, "workflows", quote(run.id, safe=""), run.run_id
    return "/".join((ready.ui_url, "namespaces", *parts, "user-metadata"))


if __name__ == "__main__":
    main()
