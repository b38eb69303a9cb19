"""What is encrypted, read in the Temporal UI: by who has signed in at the codec server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from escalations.encryption import ENCODING, new_file
from escalations.names import Signal
from escalations.temporal import encryption
from starters.demo.web_ui import WebUi
from tests.deployment.processes import WorkerProcess, program
from tests.entrances.web_console import NEEDED, Console, console_in
from workers.codec.app import COOKIE
from workers.codec.tokens import digest

pytestmark = NEEDED

TOKEN = "adas-token"
TITLE, STATEMENT = "Canary charged twice", "The canary invoice of October"
NOTE = "Called the canary twice"
REFUSED = "//*[contains(., 'Codec Server could not connect')]"
EVERYTHING = """
const written = [document, ...[...document.querySelectorAll("iframe")].map(
    frame => frame.contentDocument)];
return written.map(each => each?.documentElement?.outerHTML ?? "").join("\\n");
"""


@asynccontextmanager
async def codec_server(console: Console, folder: Path, keys: Path) -> AsyncIterator[WorkerProcess]:
    """A codec server for the pages of the console, with one reader, Ada."""
    tokens = folder / "tokens"
    tokens.write_text(f"ada {digest(TOKEN)}\n")
    settings = {
        "ESCALADE_ENCRYPTION_KEYS_FILE": str(keys),
        "ESCALADE_CODEC_TOKENS_FILE": str(tokens),
        "ESCALADE_CODEC_ADDRESS": "127.0.0.1:0",
        "ESCALADE_CODEC_ORIGIN": f"http://127.0.0.1:{console.port}",
    }
    async with program("workers.codec", folder, **settings) as server:
        yield server


async def test_who_is_signed_in_reads_and_nobody_else(tmp_path: Path) -> None:
    """Not signed in, by another name of the UI, or signed out again: the page says that it cannot
    decode, and has no word of the case. Signed in, all of it is there, what is sent from the page
    is encrypted, and the UI's own server never sees the token."""
    keys = tmp_path / "keys"
    keys.write_text(new_file("may"))
    async with (
        console_in(tmp_path, encryption(keys)) as console,
        codec_server(console, tmp_path, keys) as server,
    ):
        page, ui = console.page, console.ui
        codec = f"http://{(await server.says('codec.started'))['address']}"
        case = await console.desk.open(title=TITLE, statement=STATEMENT)

        async def reads_nothing(there: WebUi) -> None:
            for tab in ("history", "user-metadata"):
                await there.case(case.case, tab)
                await page.see(REFUSED)
                assert "canary" not in str(await page.run(EVERYTHING)).lower()

        await ui.case(case.case, "user-metadata")
        await ui.ask_codec(codec)
        await reads_nothing(ui)

        await page.open(codec)
        await page.enter("//input", "somebody-elses")
        await page.click("//button")
        await page.see("//*[contains(., 'Nobody has that token')]")
        await page.enter("//input", TOKEN)
        await page.click("//button")
        await page.see(f"//code[. = '{codec}']")

        await ui.case(case.case, "user-metadata")
        assert STATEMENT in await ui.details(f"P3 · {TITLE}")
        assert COOKIE not in str(await page.ask("GET", "/cookie"))
        assert await ui.send("Signal", Signal.ADD_NOTE, f'{{"by": "ada", "text": "{NOTE}"}}') == ""
        await ui.details(NOTE)
        await ui.case(case.case, "history")
        await page.see(f"//*[contains(., '{TITLE}')]")
        said = [
            event.workflow_execution_signaled_event_attributes.input.payloads[0]
            async for event in case.handle.fetch_history_events()
            if event.HasField("workflow_execution_signaled_event_attributes")
        ]
        assert [each.metadata["encoding"] for each in said] == [ENCODING]

        elsewhere = WebUi(page, f"http://localhost:{console.port}", console.desk.client)
        await elsewhere.case(case.case, "user-metadata")
        await elsewhere.ask_codec(codec)
        await reads_nothing(elsewhere)

        await page.open(codec)
        await page.click("//button[. = 'Sign out']")
        await page.see("//input")
        await reads_nothing(ui)
