"""The filters and payloads of `docs/operating.md` do what it says they do."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from escalations import events
from escalations.names import Signal, Update
from escalations.policy import HoldReason
from tests.harness import Desk, OpenCase
from tests.house import CHECKOUT
from tests.workflows.test_by_hand import model

PAPER = (CHECKOUT / "docs" / "operating.md").read_text("utf-8")
FILTERS = dict(re.findall(r"^\| ([^|`]+) \| `(.*)` \|$", PAPER, re.MULTILINE))
PAYLOADS = re.findall(r"^\| `(\w+)` \| `(\{.*?\})` \|", PAPER, re.MULTILINE)


@pytest.mark.parametrize(("name", "payload"), PAYLOADS)
def test_every_payload_of_the_paper_can_be_typed(name: str, payload: str) -> None:
    """What the tables tell people to type is what the handler takes."""
    model(events, name).model_validate(json.loads(payload))


def test_the_paper_names_every_handler() -> None:
    """No signal or update is left out."""
    assert sorted(name for name, _ in PAYLOADS) == sorted([*Signal, *Update])


async def found(desk: Desk, cases: dict[str, OpenCase], filled: str) -> set[str]:
    """Which of these cases a filter finds, by our names for them."""
    ids = {case.handle.id: name for name, case in cases.items()}
    runs = [run async for run in desk.client.list_workflows(filled)]
    return {ids[run.id] for run in runs if run.id in ids}


async def shows(desk: Desk, cases: dict[str, OpenCase], filled: str, expected: set[str]) -> None:
    """A filter finds these cases and no other; the server's lists lag behind."""
    seen: set[str] = set()
    try:
        async with asyncio.timeout(60):
            while True:
                seen = await found(desk, cases, filled)
                if seen == expected:
                    return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{filled}\nfinds {seen}, not {expected}") from None


async def test_every_filter_of_the_paper_finds_what_it_says(desk: Desk) -> None:
    """A dozen cases, one of each kind; each filter finds those of its kind, and no other."""
    now = datetime.now(UTC)
    customer = {"id": f"C-{desk.task_queue}"}
    cases = {
        name: await desk.open(policy="whole", customer=customer if name == "theirs" else {})
        for name in ("new", "mine", "theirs", "held", "resolved", "top", "late", "stopped")
    }
    me = f"ada-{desk.task_queue}"
    await cases["mine"].command(Update.ACKNOWLEDGE, events.Acknowledge(by=me))
    hold = events.Hold(by="eve", reason=HoldReason.VENDOR)
    await cases["held"].command(Update.HOLD, hold)
    solved = events.ProposeResolution(by="eve", summary="Refunded.")
    await cases["resolved"].command(Update.PROPOSE_RESOLUTION, solved)
    threat = events.RaiseTrigger(trigger="legal-threat", by="eve")
    await cases["top"].say(Signal.RAISE_TRIGGER, threat)
    for minutes in (5, 10, 15):
        await cases["late"].forward(timedelta(minutes=minutes))
    await cases["stopped"].handle.terminate("a test")

    running = set(cases) - {"stopped"}
    unowned = {"new", "theirs", "top", "late"}
    expected = {
        "all open ones": running,
        "breached now": {"late"},
        "due within the hour": {"new", "mine", "theirs"},
        "overdue: no worker, or one that is behind": set(),
        "mine": {"mine"},
        "unacknowledged": unowned,
        "of a customer": {"theirs"},
        "on hold": {"held"},
        "waiting for the customer's yes or no": {"resolved"},
        "an executive was called in": {"top"},
        "high up": {"top"},
        "waiting for a fix of ours": set(),
        "stopped from outside, nobody was told": {"stopped"},
    }
    blanks = {
        "<in an hour>": (now + timedelta(hours=1)).isoformat(),
        "<now>": now.isoformat(),
        "<me>": me,
        "<customer>": customer["id"],
    }
    assert FILTERS.keys() == expected.keys()
    for name, written in FILTERS.items():
        filled = written
        for blank, value in blanks.items():
            filled = filled.replace(blank, value)
        await shows(desk, cases, filled, expected[name])
    for case in cases.values():
        case.told()
