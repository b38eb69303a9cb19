"""A case is read and worked in the Temporal UI, in a real browser, without any other tool."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from escalations.client import EscalationClient
from escalations.names import Signal, Update
from starters.demo.browser import Browser, browser
from starters.demo.web_ui import Kind, WebUi
from tests import harness
from tests.entrances.conftest import PATIENT
from tests.entrances.web_console import NEEDED, Console, console_in
from tests.ports import free_port

pytestmark = NEEDED

WORKED: list[tuple[Kind, str, str]] = [
    ("Update", Update.ACKNOWLEDGE, '{"by": "ada"}'),
    ("Update", Update.ASSIGN, '{"by": "ada", "to": "bob"}'),
    ("Update", Update.COMPLETE_ACTION, '{"by": "bob", "action": "record-statement"}'),
    ("Update", Update.HAND_UP, '{"by": "bob", "from_level": 1, "reason": "Too hard"}'),
    ("Update", Update.HAND_BACK, '{"by": "eve", "from_level": 2, "to_level": 1, "advice": "Ask"}'),
    ("Signal", Signal.CUSTOMER_REPLIED, '{"text": "Any *news*?"}'),
    ("Update", Update.SET_PRIORITY, '{"by": "bob", "priority": "P2", "why": "Many sites"}'),
    ("Update", Update.UPDATE_CUSTOMER, '{"by": "bob", "text": "We are on it"}'),
    ("Update", Update.HOLD, '{"by": "bob", "reason": "vendor"}'),
    ("Update", Update.RESUME, '{"by": "bob"}'),
    ("Signal", Signal.ADD_NOTE, '{"by": "bob", "text": "Asked the vendor"}'),
    ("Signal", Signal.RAISE_TRIGGER, '{"by": "bob", "trigger": "manager-requested"}'),
    ("Update", Update.PROPOSE_RESOLUTION, '{"by": "bob", "summary": "Refunded"}'),
    ("Update", Update.REJECT_RESOLUTION, '{"by": "Ada", "why": "Not here yet"}'),
    ("Signal", Signal.RESOLVE, '{"by": "crm", "summary": "Refunded again"}'),
    ("Update", Update.CONFIRM_RESOLUTION, '{"by": "Ada"}'),
    ("Update", Update.RATE, '{"score": 5}'),
]
"""What is typed, in this order, from the opening of a case to its end."""


@pytest.fixture(scope="module")
async def console(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Console]:
    """A server with its UI, a worker, a browser."""
    async with console_in(tmp_path_factory.mktemp("console")) as opened:
        yield opened


async def test_a_case_is_worked_to_its_end(console: Console) -> None:
    """Every update and signal, typed by hand into the UI's own dialogs, does what it says."""
    case = await console.desk.open(policy="whole")
    await console.ui.case(case.case, "user-metadata")
    for kind, name, payload in WORKED:
        answer = await console.ui.send(kind, name, payload)
        assert answer == "", f"{name}: {answer}"

    record = await case.record()
    happened = [entry.type for entry in record.timeline]
    assert record.closed
    assert "refused" not in happened
    for what in ("assigned", "action_completed", "priority_changed", "customer_updated", "rated"):
        assert what in happened
    await console.ui.case(case.case, "user-metadata")
    shown = await console.ui.details("closed: the customer confirmed")
    assert "Any *news*?" in shown


async def test_what_makes_no_sense_is_answered_in_words(console: Console) -> None:
    """A refusal stands in the dialog, without a stack trace; a senseless signal stands on the
    page; and what a stranger wants to know of an open case stands there, too."""
    desk, title, now = console.desk, "<b>Charged</b> twice", datetime.now(UTC)
    client = EscalationClient(
        desk.client, policies=desk.policies, task_queue=desk.task_queue, answer_within=PATIENT
    )
    case = f"T-{uuid4().hex[:8]}"
    await client.open(harness.request(case=case, title=title, reported_at=now))
    await console.ui.case(case, "user-metadata")

    answer = await console.ui.send("Update", Update.SET_PRIORITY, '{"by": "ada", "priority": "P9"}')
    assert "'P1', 'P2', 'P3' or 'P4'" in answer
    assert "why" in answer
    assert "File" not in answer
    await console.ui.close()
    answer = await console.ui.send("Update", Update.RESUME, '{"by": "ada"}')
    assert "not on hold" in answer
    await console.ui.close()
    await console.ui.send("Signal", Signal.WITHDRAW, '{"by": "ada"}')
    await console.ui.case(case, "user-metadata")
    await console.ui.send("Signal", Signal.REPORT_DELIVERY, '{"key": "T-1/3"}')

    await console.ui.case(case, "user-metadata")
    shown = await console.ui.details("Changed nothing: report_delivery")
    assert "<b>Charged</b> twice (ACME)" in shown
    assert "The invoice of October was charged twice." in shown
    assert "Changed nothing: withdraw" in shown
    assert "Next: " in shown
    assert "nobody yet; Call-centre representative is asked" in shown
    assert (await client.summary(case)).status == "open"


async def test_a_page_that_cannot_be_had_is_loaded_again(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A load that fails on the page itself, and not on a part of it, is no more than a try."""
    opened: list[str] = []
    nowhere, url = (f"http://127.0.0.1:{port}" for port in (free_port(), console.port))

    async def open_(page: Browser, url: str) -> None:
        opened.append(url)
        await page.ask("POST", "/url", {"url": url if opened[1:] else nowhere})

    monkeypatch.setattr(Browser, "open", open_)
    where = f"{url}/namespaces/default/workflows"
    async with browser(still=True) as page:
        await WebUi(page, url, console.desk.client).visit(where, "//h1[contains(., 'Workflows')]")

    assert opened[1:]
    assert {*opened} == {where}
