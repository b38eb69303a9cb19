"""`escalade replay`, as an engineer meets it who has changed the engine under open cases."""

import asyncio
import os
import pty
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations import events
from escalations.names import Signal, Update
from tests import harness
from tests.deployment.builds import Change, checkout
from tests.entrances.terminal import OF_A_CHECKOUT, Answer, Terminal
from tests.house import CHECKOUT
from tests.ports import free_port

HISTORIES = CHECKOUT / "tests" / "histories"
BREACH = 'case.tell(Notice.BREACH, told, why="time", due_at=case.at)'
NOBODY_HEARS: Change = ("escalations/ladder.py", BREACH, "pass")
WORDS: Change = ("escalations/console.py", "told = (\n", 'told = (\n        "kindly " +\n')
UNFINISHED: Change = ("escalations/ladder.py", "def remind(case: CaseFile)", "def remind(case:")


async def escalade(*words: str, at: Path = CHECKOUT, server: str = "127.0.0.1:1") -> Answer:
    """`escalade` in a checkout, with pipes."""
    environment = {"PATH": os.environ["PATH"], "TEMPORAL_ADDRESS": server}
    return await Terminal(environment, OF_A_CHECKOUT, at).run(*words)


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """One on which there are no cases but these."""
    async with harness.virtual_time_server() as environment:
        yield environment


@pytest.fixture(scope="module")
async def address(server: WorkflowEnvironment, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Four open cases: one has missed a window, three have not; and one that has ended."""
    async with harness.desk(server, tmp_path_factory.mktemp("desk")) as desk:
        missed = await desk.open(case="MISSED")
        await missed.forward(timedelta(days=3))
        await missed.ready()
        for case in ("TAKEN", "NEW-9", "NEW-10"):
            opened = await desk.open(case=case)
            if case == "TAKEN":
                await opened.command(Update.ACKNOWLEDGE, events.Acknowledge(by="kim"))
        over = await desk.open(case="OVER")
        await over.say(Signal.WITHDRAW, events.Withdraw(by="kim", why="by mistake"))
        await over.handle.result()
    await listed(server, 4)
    return server.client.service_client.config.target_host


async def listed(server: WorkflowEnvironment, runs: int) -> None:
    """The server's lists lag behind: wait until they are right."""
    async with asyncio.timeout(60):
        while True:
            if (await server.client.count_workflows("ExecutionStatus = 'Running'")).count == runs:
                return
            await asyncio.sleep(0.1)


async def test_this_checkout_breaks_nothing(address: str) -> None:
    """Every open run of the server is replayed, by several processes, and all is as it was."""
    answer = await escalade("replay", "--jobs", "2", server=address)

    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "4 open runs replayed with the code of this checkout: all are decided as they were.\n"
    )


async def test_the_cases_that_it_hurts_by_name(address: str, tmp_path: Path) -> None:
    """A rule that is changed on purpose: exactly the case that went that way, what it would do and
    what it did; in words for a reader, and field by field for a program."""
    broken = checkout(tmp_path / "broken", NOBODY_HEARS)

    told, document = await asyncio.gather(
        escalade("replay", at=broken, server=address),
        escalade("replay", "--json", at=broken, server=address),
    )

    assert (told.code, document.code) == (1, 1)
    found = document.document
    assert (found["ok"], found["runs"]) == (False, 4)
    assert [*found["stops"], *found["decided"]] == ["MISSED"]
    (case,) = found["findings"]
    assert case["differences"][0]["came"][0].startswith("timer rang: Level 1 → 2")
    assert "“breach” to" in case["differences"][0]["then"]
    assert "MISSED" in told.out
    assert "NEW-9" not in told.out
    assert "now " in told.out
    assert max(map(len, told.out.splitlines())) <= 100


async def test_words_are_passed_if_asked(address: str, tmp_path: Path) -> None:
    """Other words only are no finding if words are ignored, and counted."""
    broken = checkout(tmp_path / "broken", WORDS)

    lenient = await escalade("replay", "--ignore", "words", "--json", at=broken, server=address)

    assert (lenient.code, lenient.document["passed"]) == (0, {"words": 4})
    assert not lenient.document["findings"]


async def test_one_case_or_a_few(address: str) -> None:
    """Single cases, or so many at most; a case that is not open is no silent success."""
    two = ("--case", "TAKEN", "--case", "MISSED", "--case", "NEW-9", "--limit", "2")
    few, gone = await asyncio.gather(
        escalade("replay", *two, "--json", server=address),
        escalade("replay", "--case", "OVER", server=address),
    )

    assert (few.code, few.document["runs"]) == (0, 2)
    assert (gone.code, gone.out) == (1, "There are no open runs: nothing to replay.\n")


async def test_code_that_cannot_be_loaded(tmp_path: Path) -> None:
    """A checkout in the middle of a change is told with file and line, and no traceback."""
    broken = checkout(tmp_path / "broken", UNFINISHED)
    answer = await escalade("replay", str(HISTORIES / "climbed.json"), at=broken)

    assert answer.code == 1
    assert "SyntaxError" in answer.err
    assert "(escalations/ladder.py:" in answer.err
    assert "Traceback" not in answer.err


async def test_no_server_and_no_checkout(tmp_path: Path) -> None:
    """Exit code 3 where no server answers; 2 where there is no code to try, or nothing to read."""
    away = await escalade("replay", server=f"127.0.0.1:{free_port()}")
    (tmp_path / "escalations").symlink_to(CHECKOUT / "escalations")
    elsewhere = await escalade("replay", at=tmp_path)
    (tmp_path / "no.json").write_text('{"events": 3}')
    unread = await escalade("replay", str(tmp_path / "no.json"))
    both = await escalade("replay", str(HISTORIES), "--case", "T-1")

    assert (away.code, "cannot be reached" in away.err) == (3, True)
    assert (elsewhere.code, "Run it in the checkout" in elsewhere.err) == (2, True)
    assert (unread.code, "has no list of `events`" in " ".join(unread.out.split())) == (2, True)
    assert (both.code, "either files, or the open cases" in both.err) == (2, True)


async def test_recorded_histories() -> None:
    """A folder of histories is replayed like the cases of a server, and no server is needed."""
    good = await escalade("replay", str(HISTORIES), "--ignore", "words", "--json")

    assert (good.code, good.document["ok"]) == (0, True)
    assert good.document["runs"] == len(list(HISTORIES.glob("*.json")))


async def test_step_by_step() -> None:
    """One history, task by task: what came, what was decided, and how the case stands then."""
    file = str(HISTORIES / "hold_resumed.json")
    document = await escalade("replay", "--step", file, "--json")

    assert document.code == 0
    steps = document.document["steps"]
    held = next(each for each in steps if "command hold" in each["came"])
    assert held["stands"]["stands"].startswith("on hold, level 1 of 3")
    assert "stands still" in held["stands"]["clocks"]
    assert len(held["decided"]) == len(held["decided_now"])


async def test_keys_on_a_terminal() -> None:
    """On a terminal each step waits for a key: `n` goes on, `q` leaves."""
    ours, theirs = pty.openpty()
    words = ("replay", "--step", str(HISTORIES / "climbed.json"))
    process = await asyncio.create_subprocess_exec(
        *OF_A_CHECKOUT,
        *words,
        cwd=CHECKOUT,
        env={"PATH": os.environ["PATH"], "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    shown: asyncio.Queue[str] = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def listen() -> None:
        with suppress(OSError):  # the other end is closed when the process has ended
            while read := os.read(ours, 65_536).decode(errors="replace"):
                loop.call_soon_threadsafe(shown.put_nowait, read)

    listening = asyncio.create_task(asyncio.to_thread(listen))
    page = ""

    async def hear(within: float) -> None:
        nonlocal page
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while True:
                    page += await shown.get()

    def asks(step: int) -> bool:
        return bool(re.search(rf"(?<!\d){step}/\d+", page)) and page.endswith("q quit ")

    try:
        async with asyncio.timeout(60):  # what is typed before it waits for a key is not read
            while not asks(1):
                await hear(0.1)
            while not asks(2):
                os.write(ours, b"n")
                await hear(0.3)
            while process.returncode is None:
                os.write(ours, b"q")
                await hear(0.3)
            assert await process.wait() == 0
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await listening
    os.close(ours)
