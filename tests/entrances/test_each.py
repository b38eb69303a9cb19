"""One message said to many cases: a look before, a yes, a result for each, and nothing twice."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from escalations.client import EscalationClient
from escalations.policy import HoldReason
from escalations.record import EscalationRecord, Status
from escalations.search import Search
from tests.entrances.conftest import Complaint
from tests.entrances.many import NOON, end_all, start, until_listed
from tests.entrances.terminal import Terminal
from tests.harness import Desk

MANY = 12

PATIENT_COMMAND = (
    sys.executable,
    "-c",
    """
from datetime import timedelta
from escalations.cli.main import main
from escalations.client import EscalationClient
EscalationClient.__init__.__kwdefaults__["answer_within"] = timedelta(minutes=5)
main()
""",
)
"""The command of this checkout, that gives up on a case no sooner than somebody tells it to."""


@pytest.fixture
async def crowd(desk: Desk, client: EscalationClient, complaint: Complaint) -> AsyncIterator[str]:
    """The customer of many open cases."""
    customer = f"C-{uuid4().hex[:6]}"
    requests = [complaint(customer={"id": customer}, case=f"{customer}.{n}") for n in range(MANY)]
    await asyncio.gather(*(client.open(each) for each in requests))
    await until_listed(client, Search(customer=customer, level=1), MANY)
    yield customer
    await end_all(desk.client, [each.case for each in requests])


def entries(record: EscalationRecord, type_: str) -> int:
    return sum(entry.type == type_ for entry in record.timeline)


async def records(client: EscalationClient, crowd: str) -> list[EscalationRecord]:
    return await asyncio.gather(*(client.record(f"{crowd}.{n}") for n in range(MANY)))


async def test_everybody_is_told_and_who_refuses_says_why(
    terminal: Terminal, client: EscalationClient, crowd: str
) -> None:
    """Those on hold refuse, with where they stand: exit code 1; the others are held."""
    await client.hold(f"{crowd}.3", by="eve", reason=HoldReason.CUSTOMER)
    words = ["each", "--where", f"customer={crowd}", "hold", "--reason", "vendor", "--yes"]

    answer = await terminal.run(*words, "--run-id", "r-1", ESCALADE_BY="ada")
    again = await terminal.run(*words, "--run-id", "r-1", "--by", "ada", "--json")
    known = await records(client, crowd)

    head, *rows = [line.split("\t") for line in answer.out.splitlines()]
    assert head == ["case", "outcome", "said"]
    assert {case: outcome for case, outcome, _ in rows if outcome != "done"} == {
        f"{crowd}.3": "refused"
    }
    (why,) = [said for case, _, said in rows if case == f"{crowd}.3"]
    assert "is on hold (customer) at level 1" in why
    assert (answer.code, again.code) == (1, 1)
    assert f"hold: {MANY} cases, {MANY - 1} done, 1 refused." in answer.err
    assert again.document["counts"]["done"] == MANY - 1
    assert [entries(record, "held") for record in known] == [1] * MANY
    assert {record.status for record in known} == {Status.ON_HOLD}


async def test_nothing_is_done_unless_somebody_agrees(
    terminal: Terminal, client: EscalationClient, crowd: str
) -> None:
    """Without a terminal it asks for --yes; a look, an unsaid `which`, a mistake do nothing."""
    which = ["each", "--where", f"customer={crowd}"]
    said = ["acknowledge", "--by", "ada"]

    silent = await terminal.run(*which, *said)
    look = await terminal.run(*which, *said, "--dry-run")
    everybody = await terminal.run("each", *said, "--yes")
    mistaken = await terminal.run(*which, "set-priority", "--by", "ada", "--priority", "P9",
                                  "--why", "x", "--yes")  # fmt: skip
    nobody = await terminal.run("each", "--where", "customer=C-none", *said, "--yes", "--json")

    assert (silent.code, look.code, everybody.code, mistaken.code) == (2, 0, 2, 2)
    assert f"{MANY} cases" in silent.err
    assert len(look.out.splitlines()) == MANY + 1
    assert "--where" in everybody.err
    assert "P9" in mistaken.err
    assert (nobody.code, nobody.document["found"]) == (0, 0)
    assert {record.owner for record in await records(client, crowd)} == {None}


async def test_at_a_terminal_one_types_how_many(
    terminal: Terminal, client: EscalationClient, crowd: str
) -> None:
    """The cases are shown, then a question; any other answer than their number does nothing."""
    words = ["each", "--where", f"customer={crowd}", "acknowledge", "--by", "ada"]
    asked = f"type {MANY}: "

    no, refused = await terminal.until(*words, columns=60, shown=asked, then="y\n")
    owners = {record.owner for record in await records(client, crowd)}
    yes, said = await terminal.until(*words, columns=60, shown=asked, then=f"{MANY}\n")
    left, silence = await terminal.until(*words, columns=60, shown="type ", then=signal.SIGINT)

    assert (no, owners) == (1, {None})
    assert "Nothing was done." in refused
    assert f"{crowd}.{MANY - 1}" in said
    assert (yes, f"acknowledge: {MANY} cases, {MANY} done." in said) == (0, True)
    assert {record.owner for record in await records(client, crowd)} == {"ada"}
    assert (left, "Traceback" in silence) == (130, False)


async def test_each_leaves_the_level_it_was_seen_on(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """`hand-up` needs no level said: each case's is the one that the list shows."""
    customer = f"C-{uuid4().hex[:6]}"
    cases = [(await client.open(complaint(customer={"id": customer}))).case for _ in range(2)]
    for case in cases:
        await client.complete_action(case, by="ada", action="record-statement")
    await until_listed(client, Search(customer=customer, level=1), 2)
    words = ["each", "--where", f"customer={customer}", "hand-up", "--by", "ada"]

    answer = await terminal.run(*words, "--reason", "no access", "--yes", "--json")

    assert answer.document["counts"]["done"] == 2
    assert {(await client.summary(case)).level for case in cases} == {2}


async def test_a_fact_that_changes_nothing_is_no_success(
    terminal: Terminal, client: EscalationClient, crowd: str
) -> None:
    """A trigger that the policy does not have is refused case by case."""
    words = ["each", "--where", f"case={crowd}.1", "trigger", "bad-weather", "--by", "a", "--yes"]

    answer = await terminal.run(*words, "--json")

    (result,) = answer.document["results"]
    assert (answer.code, result["outcome"]) == (1, "refused")
    assert "bad-weather is no trigger" in result["said"]


async def test_an_interrupted_run_is_gone_on_with(
    terminal: Terminal, desk: Desk, client: EscalationClient, crowd: str
) -> None:
    """Ctrl-C begins nothing more, a second one gives up; in the end each case heard it once."""
    stuck = f"{crowd}.stuck"  # no worker sees it: whoever commands it waits
    await start(desk.client, stuck, customer=crowd, due_at=NOON - timedelta(days=365))
    await until_listed(client, Search(customer=crowd), MANY + 1)
    words = ["each", "--where", f"customer={crowd}", "update-customer", "--by", "ada"]
    words += ["--text", "We are on it.", "--run-id", "r-2", "--yes", "--json", "--parallel", "2"]

    async with replace(terminal, command=PATIENT_COMMAND).running(*words) as process:
        assert process.stderr is not None
        async with asyncio.timeout(60):
            while not entries(await client.record(f"{crowd}.0"), "customer_updated"):
                pass
        process.send_signal(signal.SIGINT)
        asked = await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
    rest = await terminal.run(*words, "--where", "level=1")
    known = await records(client, crowd)
    await end_all(desk.client, [stuck])

    told = json.loads(out)
    assert process.returncode == 130
    assert b"Ctrl-C again" in asked
    assert b"--run-id r-2" in err
    assert told["interrupted"] is True
    assert told["results"][0]["outcome"] == "unanswered"
    assert (rest.code, rest.document["counts"]["done"]) == (0, MANY)
    assert [entries(record, "customer_updated") for record in known] == [1] * MANY
