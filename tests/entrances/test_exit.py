"""A short process that talks to Temporal ends as it should, every time."""

import asyncio
from collections import Counter

import pytest

from escalations.client import EscalationClient
from tests.entrances.conftest import Complaint
from tests.entrances.terminal import Terminal

RUNS = 200
AT_ONCE = 2


@pytest.mark.timeout(900)  # 200 processes of about a second each, on whatever machine this is
async def test_two_hundred_runs_in_a_row_end_as_they_should(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """Of 200 real runs every one answers and ends with its own code: none crashes on leaving."""
    case = (await client.open(complaint())).case
    cycle = [
        (["show", case, "--json"], 0),
        (["list"], 0),
        (["acknowledge", case, "--by", "ada", "--message-id", "page-1", "--json"], 0),
        (["confirm", case, "--by", "ada"], 1),
        (["list", "--namespace", "nowhere"], 3),
    ]
    lines = (cycle * (RUNS // len(cycle)))[:RUNS]
    free = asyncio.Semaphore(AT_ONCE)

    async def run(words: list[str], expected: int) -> tuple[str, int, int, bool]:
        async with free:
            answer = await terminal.run(*words)
            answered = bool(answer.out) if expected == 0 else answer.err.startswith("escalade: ")
            return words[0], expected, answer.code, answered

    ended = Counter(await asyncio.gather(*(run(words, code) for words, code in lines)))

    assert ended == Counter((words[0], code, code, True) for words, code in lines)
    assert ended.total() == RUNS
