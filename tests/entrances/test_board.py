"""The board: whatever the terminal, however many the cases, whether or not the server is there."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from rich.cells import cell_len

from escalations import errors
from escalations.cli.board_page import STACKED_BELOW, frame
from escalations.cli.picture import Column, Picture, pictures, take
from escalations.client import EscalationClient
from escalations.search import Listed, Search
from escalations.sorting import in_order
from escalations.temporal import connect
from tests.entrances.conftest import Complaint
from tests.entrances.many import NASTY, NOON, listed, standing, until_listed
from tests.entrances.terminal import Terminal
from tests.harness import Desk


def crowd(count: int) -> list[Listed]:
    """So many cases on seven levels, with every kind of name."""
    return [
        listed(
            number,
            case=f"{'support.eu-west:' * (number % 3 * 2)}{number}",
            title=f"{NASTY[number % len(NASTY)]} 支払い {'long ' * (number % 40)}",
            owner=NASTY[number % 20] if number % 2 else None,
            status=("open", "on_hold", "resolved")[number % 3],
            level=number % 7 + 1,
            breached=number % 5 == 0,
            due_at=NOON + timedelta(minutes=number - 20) if number % 9 else None,
        )
        for number in range(count)
    ]


def picture(cases: list[Listed], more: int = 0) -> Picture:
    """How these stood at noon; on each level there are more that were not read."""
    columns = []
    for level in sorted({each.level or 0 for each in cases}):
        here = in_order([each for each in cases if each.level == level])
        columns.append(Column(level, len(here) + more, here))
    found = len(cases) + more * len(columns)
    return Picture(NOON, timedelta(seconds=1), found, len(cases), 3, 4, columns)


@pytest.mark.parametrize("count", [0, 1, 7, 500])
@pytest.mark.parametrize("width", [20, 40, 59, 60, 80, 120, 200, 400])
@pytest.mark.parametrize("height", [None, 12, 50])
def test_the_board_fits_its_terminal(count: int, width: int, height: int | None) -> None:
    """No line is longer than the screen, nor the page; every level is there, or how many are."""
    shown = frame(picture(crowd(count)), NOON, width, height)

    lines = [line.plain for line in shown]
    assert [line for line in lines if cell_len(line) > width] == []
    assert height is None or len(lines) <= height
    assert any(line.startswith("1 case " if count == 1 else f"{count} cases ") for line in lines)
    if height is None and count:
        heads = " ".join(lines)
        assert all(f"LEVEL {level}" in heads for level in range(1, min(count, 7) + 1))
    if height is None and count == 500:
        assert " ".join(lines).count("… and ") == 7


def test_narrow_stacks_and_wide_stands_side_by_side() -> None:
    """Below 60 columns one level a line of heads; at 200 all seven are in one."""

    def heads(width: int) -> list[int]:
        lines = [line.plain for line in frame(picture(crowd(70)), NOON, width, None)]
        return [line.count("LEVEL") for line in lines if "LEVEL" in line]

    assert heads(STACKED_BELOW - 1) == [1] * 7
    assert heads(STACKED_BELOW) == [2, 2, 2, 1]
    assert heads(120) == [4, 3]
    assert heads(200) == [7]


def test_what_hurts_is_seen_without_colours() -> None:
    """Breached and taken by nobody have a mark, late has a minus, more has a number."""
    late = listed(1, breached=True, due_at=NOON - timedelta(minutes=5))
    held = listed(2, owner="ada", status="on_hold", due_at=NOON + timedelta(hours=3))

    page = "\n".join(line.plain for line in frame(picture([held, late], 340), NOON, 60, None))

    assert page.index("T-1") < page.index("T-2")
    assert "!?T-1 P2" in page
    assert "-5 min" in page
    assert "on hold · ada · Charged twice 2" in page
    assert "… and 340 more" in page
    assert "342 cases (2 due next are read) · 3 breached" in page


def test_an_old_picture_says_how_old_it_is() -> None:
    """While the server is away the last picture stays, with its age and the reason."""
    later = NOON + timedelta(minutes=4)
    page = [line.plain for line in frame(picture(crowd(3)), later, 80, 30, "Nobody answers.")]

    assert page[-1].endswith("4 min ago: Nobody answers.")
    assert "LEVEL 1" in page[0]


async def test_a_picture_has_a_bounded_price(desk: Desk, client: EscalationClient) -> None:
    """Of very many cases those due next are read; how many stand on each level is counted."""
    name = f"crowd-{uuid4().hex[:6]}"
    cases: list[dict[str, Any]] = [
        {
            "case": f"{name}.{number}",
            "category": name,
            "level": number % 3 + 1,
            "due_at": NOON + timedelta(minutes=number),
            "breached": number < 7,
        }
        for number in range(120)
    ]
    search = Search(category=name)
    async with standing(desk.client, [*cases, {"case": f"{name}.new", "category": name}]):
        await until_listed(client, search, 121)

        seen = await take(client, search, NOON, at_most=40)
        whole = await take(client, search, NOON)

    assert (seen.found, seen.breached, seen.unowned) == (121, 7, 0)
    assert {each.level: each.count for each in seen.columns} == {1: 40, 2: 40, 3: 40, None: 1}
    read = {case.case for column in seen.columns for case in column.cases}
    assert read == {f"{name}.{number}" for number in range(seen.read)}
    assert 30 <= seen.read <= 40
    assert (whole.read, whole.found) == (121, 121)
    assert [len(each.cases) for each in whole.columns] == [40, 40, 40, 1]


@asynccontextmanager
async def door(address: str) -> AsyncIterator[tuple[str, "asyncio.Event"]]:
    """A way to the server that can be closed: it lets through while the event is set."""
    host, _, port = address.rpartition(":")
    opened = asyncio.Event()
    opened.set()
    writers: set[asyncio.StreamWriter] = set()

    async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while chunk := await source.read(65536):
            if not opened.is_set():
                return
            sink.write(chunk)

    async def enter(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not opened.is_set():
            writer.close()
            return
        inside, outside = await asyncio.open_connection(host, int(port))
        writers.update((writer, outside))
        ways = [asyncio.ensure_future(pass_on(reader, outside))]
        ways.append(asyncio.ensure_future(pass_on(inside, writer)))
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        writer.close()
        outside.close()

    async with await asyncio.start_server(enter, "127.0.0.1", 0) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}", opened
        for each in writers:
            each.close()


async def test_the_server_goes_away_and_comes_back(desk: Desk) -> None:
    """The board lives through it: picture, word that there is none, and pictures again."""
    async with door(desk.client.service_client.config.target_host) as (address, opened):
        client = EscalationClient(
            await connect(address=address), answer_within=timedelta(milliseconds=500)
        )
        looks = pictures(client, Search(category="nobody"), timedelta(milliseconds=10))

        async def until(kind: type) -> object:
            async with asyncio.timeout(60):
                async for seen in looks:
                    if isinstance(seen, kind):
                        return seen
            return None

        assert isinstance(await until(Picture), Picture)
        opened.clear()
        assert isinstance(await until(errors.Unreachable), errors.Unreachable)
        opened.set()
        assert isinstance(await until(Picture), Picture)


async def test_the_board_once_and_live(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """In a pipe a frame, with --json a document; on a terminal until Ctrl-C, in silence."""
    name = f"C-{uuid4().hex[:6]}"
    request = complaint(customer={"id": name}, title="שלום 😀")
    await client.open(request)
    await until_listed(client, Search(customer=name, level=1), 1)
    words = ["board", "--customer", name]

    piped, structured = await asyncio.gather(
        terminal.run(*words, COLUMNS="60"), terminal.run(*words, "--json")
    )
    code, once = await terminal.on_screen(*words, "--once", columns=60, NO_COLOR="1")
    left, live = await terminal.until(*words, columns=80, shown=request.case, then=signal.SIGINT)

    (column,) = structured.document["columns"]
    assert (column["level"], column["cases"][0]["case"]) == (1, request.case)
    assert piped.out.splitlines()[0].startswith("LEVEL 1 1")
    assert "1 cases" not in piped.out
    assert (code, "LEVEL 1 1" in once) == (0, True)
    assert left == 130
    assert "Traceback" not in live
    assert live.rstrip().endswith("\x1b[?1049l")


async def test_how_often_to_look_is_bounded(terminal: Terminal) -> None:
    """A board that asks all the time is refused before anything is asked."""
    answer = await terminal.run("board", "--every", "10ms", TEMPORAL_ADDRESS="127.0.0.1:1")

    assert answer.code == 2
    assert os.linesep + "Error: Invalid value for '--every'" in answer.err
