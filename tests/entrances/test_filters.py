"""What operators filter by: a value is never grammar, and what cannot be found is refused."""

import random
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import ValidationError

from escalations.cli.filters import FILTERS, searched
from escalations.client import EscalationClient
from escalations.mistakes import FilterMistakes
from escalations.search import Search
from escalations.sorting import Order, in_order
from tests.entrances.many import NASTY, NOON, listed, standing, until_listed
from tests.entrances.terminal import Terminal
from tests.harness import Desk

VALUES = {
    "status": "on_hold",
    "priority": "P1",
    "category": "quality-complaint",
    "customer": "O'Hara",
    "owner": "ada",
    "level": "2..4",
    "due-within": "1h30m",
    "opened-before": "2d",
    "opened-after": "2026-11-22T09:00+02:00",
    "policy": "call-centre",
    "incident": "I-7",
    "trigger": "executive",
    "title": "portal",
    "case": "T-1",
}
FRAGMENTS = (
    "O",
    "'",
    "''",
    " OR ",
    "1=1",
    "--",
    ")",
    "(",
    "%",
    "_",
    "*",
    "a",
    "é",
    "😀",
    "ש",
    " ",
    ";",
)


@pytest.fixture
async def crowd(desk: Desk, client: EscalationClient) -> AsyncIterator[str]:
    """A case for each nasty name, as its customer, its owner and its incident."""
    crowd = f"crowd-{uuid4().hex[:6]}"
    cases = [
        {
            "case": f"{crowd}.{number}",
            "category": crowd,
            "customer": name,
            "owner": name,
            "incident": name,
        }
        for number, name in enumerate(NASTY)
    ]
    async with standing(desk.client, cases):
        await until_listed(client, Search(category=crowd), len(NASTY))
        yield crowd


async def found(client: EscalationClient, **asked: Any) -> list[str]:
    return sorted([each.customer or "" async for each in client.search(Search(**asked))])


async def test_whatever_is_asked_for_finds_that_and_nothing_else(
    client: EscalationClient, crowd: str
) -> None:
    """A real server: every nasty name finds its own case, and any made of grammar no other one."""
    chance = random.Random(7)
    made = ["".join(chance.choices(FRAGMENTS, k=chance.randint(1, 6))) for _ in range(60)]

    for name in NASTY:
        for field in ("customer", "owner", "incident"):
            assert await found(client, **{"category": crowd, field: name}) == [name], field
        assert await client.count(Search(category=crowd, customer=name)) == 1
    for name in filter(str.strip, made):
        if name.strip().startswith("'") or name.strip().endswith("'"):
            with pytest.raises(ValidationError, match="at either end"):
                Search(owner=name)
            continue
        expected = [each for each in NASTY if each == name.strip()]
        assert await found(client, category=crowd, owner=name) == expected
    either = tuple(NASTY[:3])
    assert await found(client, category=crowd, customer=either) == sorted(either)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('say "hi"', "do not find"),
        ("back\\slash", "do not find"),
        ("who?", "do not find"),
        ("ש" * 130, "255 bytes"),
        ("'a'", "at either end"),
        ("guests'", "at either end"),
        ("two\nlines", "U+000A"),
        ("  ", "blank"),
    ],
)
@pytest.mark.parametrize("field", ["customer", "owner", "category", "incident"])
def test_what_the_server_cannot_find_is_refused(field: str, value: str, said: str) -> None:
    """A list that is empty because of its filter's spelling would be a lie."""
    with pytest.raises(ValidationError, match=said.replace("+", r"\+")):
        Search.model_validate({field: value})


@pytest.mark.parametrize("each", FILTERS, ids=lambda each: each.name)
def test_where_says_what_the_options_say(each: Any) -> None:
    """One concept: `--priority P1` and `--where priority=P1` are the same search."""
    value = VALUES.get(each.name, "yes")

    by_option = searched({each.name: [value]}, [], "ada", NOON)
    by_where = searched({}, [f"{each.name}={value}" if each.values else each.name], "ada", NOON)

    assert by_option == by_where
    assert by_option != Search()


def test_every_mistake_of_the_filters_is_named() -> None:
    """Nothing is asked until all of them are mended; a typing error is answered with a guess."""
    where = ["prioirty=P1", "level=x", "due-within=1bd", "status=opne", "unowned=perhaps", "case"]

    with pytest.raises(FilterMistakes) as refused:
        searched({"mine": ["yes"], "title": ["a", "b"]}, where, None, NOON)

    named = {str(problem.place[0]): problem.allowed for problem in refused.value.problems}
    assert named["--where"] == "priority?"
    assert named.keys() >= {"level", "due-within", "status", "unowned", "case", "mine", "title"}
    assert "no calendar" in named["due-within"]
    assert "ESCALADE_BY" in named["mine"]


@pytest.mark.parametrize(
    "asked",
    [{"owner": "ada", "unowned": True}, {"level_from": 4, "level_to": 2}, {"trigger": "Sue"}],
)
def test_what_no_case_can_be_is_refused(asked: dict[str, Any]) -> None:
    """Somebody and nobody at once, a range upside down, a trigger that no policy can name."""
    with pytest.raises(ValidationError):
        Search.model_validate(asked)


async def test_levels_moments_and_policies(desk: Desk, client: EscalationClient) -> None:
    """Ranges, what is due or overdue, breached, unowned, a policy in every revision, a word."""
    crowd = f"crowd-{uuid4().hex[:6]}"
    cases: list[dict[str, Any]] = [
        {
            "case": f"{crowd}.{number}",
            "category": crowd,
            "level": number,
            "due_at": NOON + timedelta(hours=number),
            "breached": number > 3,
            "policy": f"call-centre{'-2' if number == 5 else ''}@{number}abc",
            "reasons": ["data-at-risk" if number < 3 else "data", "executive"],
        }
        | ({"owner": "ada"} if number % 2 else {})
        for number in range(1, 6)
    ]

    async def numbers(*where: str) -> str:
        search = searched({}, [f"category={crowd}", *where], "ada", NOON)
        return "".join(sorted([str(each.level) async for each in client.search(search)]))

    async with standing(desk.client, cases):
        await until_listed(client, Search(category=crowd), 5)

        assert await numbers("level=2..4") == "234"
        assert await numbers("level=4..") == "45"
        assert await numbers("level=..2", "mine") == "1"
        assert await numbers("unowned") == "24"
        assert await numbers("breached") == "45"
        assert await numbers("due-within=2h30m") == "12"
        assert await numbers("overdue") == ""
        assert await numbers("policy=call-centre") == "1234"
        assert await numbers("policy=call-centre@2abc", "policy=call-centre-2") == "25"
        assert await numbers(f"title=OF {crowd}.3") == "3"
        assert await numbers(f"case={crowd}.1", f"case={crowd}.9") == "1"
        assert await numbers("trigger=data") == "345"
        assert await numbers("trigger=data-at-risk", "trigger=other") == "12"
        assert await numbers("trigger=executive", "level=1") == "1"
        assert await numbers("opened-after=2126-01-01") == ""
        assert await numbers("opened-before=2126-01-01") == "12345"
        assert await numbers("opened-after=2020-01-01", "opened-before=2020-02-01") == ""


def test_sorting_is_done_here() -> None:
    """What hurts most comes first, what is due next among equals, the unknown always last."""
    cases = [
        listed(3, priority="P1", level=2, customer="zeta"),
        listed(1, priority="P3", level=5, customer="Alpha"),
        listed(2, priority="P1", level=None, customer="beta", due_at=None),
    ]

    def sorted_by(order: Order, *, reverse: bool = False) -> list[str]:
        return [each.case for each in in_order(cases, order, reverse=reverse)]

    assert sorted_by(Order.DUE) == ["T-1", "T-3", "T-2"]
    assert sorted_by(Order.DUE, reverse=True) == ["T-3", "T-1", "T-2"]
    assert sorted_by(Order.PRIORITY) == ["T-3", "T-2", "T-1"]
    assert sorted_by(Order.LEVEL) == ["T-1", "T-3", "T-2"]
    assert sorted_by(Order.CUSTOMER) == ["T-1", "T-2", "T-3"]


async def test_a_list_says_how_many_it_leaves_out(
    terminal: Terminal, client: EscalationClient, crowd: str
) -> None:
    """`n of m`; the filter for the Temporal UI is printed without asking anybody."""
    asked = ["list", "--category", crowd, "--where", "breached", "--where", "level=3"]
    shown = await terminal.run("list", "--category", crowd, "--limit", "2", "--json")
    query = await terminal.run(*asked, "--show-query", TEMPORAL_ADDRESS="127.0.0.1:1")
    wrong = await terminal.run("list", "--customer", 'say "hi"', "--level", "0", "--json")

    assert (len(shown.document["cases"]), shown.document["found"]) == (2, len(NASTY))
    assert f"2 of {len(NASTY)} cases" in shown.err
    assert query.out.endswith("AND EscalationLevel = 3 AND EscalationBreached = true\n")
    assert {each["field"] for each in wrong.document["error"]["problems"]} == {"customer", "level"}
    assert wrong.code == 2
