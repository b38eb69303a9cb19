"""What `escalade` shows: a page, a list, a case that is watched; on a terminal and in a pipe."""

import asyncio
import re
import signal
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from escalations.client import EscalationClient
from escalations.record import Status
from escalations.search import Search
from tests.entrances.conftest import Complaint, eventually
from tests.entrances.terminal import Terminal
from tests.harness import Desk

STYLE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
COLOUR = re.compile(r"\x1b\[(?:[0-9]+;)*3[0-7]m")
LONG_ID = "support.eu-west:2026-11-23_" + "0123456789" * 7


async def test_a_case_at_three_in_the_morning(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """`show` says who has it, what happens next and when, and the customer's last words."""
    request = complaint(case=LONG_ID, at_stake="A renewal in December.")
    await client.open(request)
    await client.acknowledge(LONG_ID, by="ada")
    await client.customer_replied(LONG_ID, text="I am still waiting.", channel="mail")

    due = (await client.summary(LONG_ID)).due
    assert due is not None
    zone = f"{due.at.astimezone(ZoneInfo('Europe/Helsinki')):%Z}"

    answer = await terminal.run("show", LONG_ID, "--lang", "fr")

    first, standing, *page = answer.out.splitlines()
    assert first == f"{LONG_ID}  Charged twice"
    assert "level 1 of 7, Representative" in standing
    assert "ada has it" in standing
    (upcoming,) = [line for line in page if line.startswith("Next")]
    assert "in 29 min" in upcoming or "in 30 min" in upcoming
    assert f"{zone}: Level 1 → 2: Support manager" in upcoming
    assert "  I am still waiting." in page
    assert "  A renewal in December." in page
    assert any("Ouvert" in line for line in page[page.index("Timeline") :])
    assert "\x1b" not in answer.out


@pytest.mark.parametrize("columns", [40, 120])
async def test_a_page_fits_its_terminal(
    terminal: Terminal, client: EscalationClient, complaint: Complaint, columns: int
) -> None:
    """On a terminal no line is longer than the screen, ids stay whole, NO_COLOR is kept."""
    request = complaint(statement="Wort 字 😀 שלום " * 40, customer={"name": "😀 字" * 20})
    await client.open(request)
    await eventually(client.search, Search(id_prefix=request.case))

    code, shown = await terminal.on_screen("show", request.case, columns=columns, NO_COLOR="1")
    _, listed = await terminal.on_screen(
        "list", "--case", request.case, columns=columns, NO_COLOR="1"
    )
    _, coloured = await terminal.on_screen("show", request.case, columns=columns)

    assert code == 0
    lines = [STYLE.sub("", line) for line in (shown + listed).splitlines()]
    too_long = [line for line in lines if cell_len(line) > columns and " " in line.strip()]
    assert too_long == []
    assert request.case in shown
    assert request.case in listed
    assert COLOUR.search(shown) is None
    assert COLOUR.search(coloured) is not None


async def test_who_cannot_be_reached_has_one_line(
    desk: Desk, terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """However often somebody could not be told, the page says it once, with the last message."""
    desk.channels.refuses.add("mailto:gone@acme.example")
    request = complaint(customer={"contacts": ["mailto:gone@acme.example"]})
    await client.open(request)
    await client.acknowledge(request.case, by="ada")
    await _undelivered(client, request.case, 1)
    await client.update_customer(request.case, by="ada", text="We have found the cause.")
    await _undelivered(client, request.case, 2)

    answer = await terminal.run("show", request.case)

    (unreached,) = [line for line in answer.out.splitlines() if line.startswith("Unreached")]
    assert unreached.startswith("Unreached customer 2×, last (customer update): mailto:gone@")


async def _undelivered(client: EscalationClient, case: str, times: int) -> None:
    async with asyncio.timeout(60):
        async for record in client.watch(case, every=timedelta(milliseconds=100)):
            if sum(entry.type == "undelivered" for entry in record.timeline) == times:
                return


async def test_right_to_left_names_stay_in_their_place(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """Names in Hebrew are set apart, so that what stands around them keeps its order."""
    request = complaint(title="חיוב כפול", customer={"name": "דנה בע״מ", "tier": "gold"})
    await client.open(request)
    await client.acknowledge(request.case, by="דנה")

    first, standing, *page = (await terminal.run("show", request.case)).out.splitlines()

    assert first == f"{request.case}  \u2068{request.title}\u2069"
    assert "\u2068דנה\u2069 has it" in standing
    assert "Customer  \u2068דנה בע״מ\u2069 · gold" in page


async def test_the_locale_does_not_matter(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """Titles in any script come out as UTF-8 in a bare environment, too."""
    request = complaint(title="Zürich 😀 שלום")
    await client.open(request)

    bare = await terminal.run(
        "show", request.case, LANG="C", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0"
    )

    assert (bare.code, bare.out.splitlines()[0]) == (
        0,
        f"{request.case}  \u2068{request.title}\u2069",
    )


async def test_the_list_is_for_programs_too(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """In a pipe the list is tab-separated under a head; with --json it is one document."""
    request = complaint(customer={"id": f"C-{LONG_ID}"})
    await client.open(request)
    asked = ["list", "--customer", f"C-{LONG_ID}", "--level", "1"]
    await eventually(client.search, Search(customer=f"C-{LONG_ID}", level=1))

    structured, piped = await terminal.run(*asked, "--json"), await terminal.run(*asked)

    head, row = (line.split("\t") for line in piped.out.splitlines())
    assert dict(zip(head, row, strict=True))["case"] == request.case
    assert [each["case"] for each in structured.document["cases"]] == [request.case]


async def test_watching_in_a_pipe(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """`watch` writes a line for each entry as it comes, and ends well when the case has ended."""
    case = (await client.open(complaint())).case

    async with terminal.running("watch", case) as process:
        assert process.stdout is not None
        first = await process.stdout.readline()
        await client.withdraw(case, by="ada", why="Opened by mistake.")
        rest = await process.stdout.read()
        code = await process.wait()
    waited = await terminal.run("watch", case, "--json")

    assert b"Opened by service-desk" in first
    assert code == 0
    assert "Closed" in rest.decode()
    assert waited.document["status"] == Status.CLOSED


async def test_ctrl_c_and_a_reader_who_leaves(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """An interrupted `watch` ends with 130, one that nobody reads with 141, both in silence."""
    case = (await client.open(complaint())).case

    async with terminal.running("watch", case) as interrupted:
        assert interrupted.stdout is not None
        await interrupted.stdout.readline()
        interrupted.send_signal(signal.SIGINT)
        _, complaint_of_first = await interrupted.communicate()
    async with terminal.running("watch", case) as unread:
        assert unread.stdout is not None
        assert unread.stderr is not None
        await unread.stdout.readline()
        unread._transport.get_pipe_transport(1).close()  # type: ignore[attr-defined]  # as `head -1` does
        code = await unread.wait()
        complaint_of_second = await unread.stderr.read()

    assert (interrupted.returncode, complaint_of_first.strip()) == (130, b"")
    assert (code, complaint_of_second.strip()) == (141, b"")
