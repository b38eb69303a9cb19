"""One thing done to many cases: each has its own result, and a run that stops says where it was."""

import asyncio

from escalations import errors
from escalations.cli.fanning import Outcome, Result, completed, each_of, exit_code
from escalations.search import Listed
from tests.entrances.many import listed

CASES = [listed(number) for number in range(12)]


async def run(
    act: "dict[str, Exception]", parallel: int = 3, stop_after: int | None = None
) -> tuple[list[Result], list[str]]:
    """What became of the cases, and those that were begun, if acting on some fails so."""
    begun: list[str] = []
    results: dict[str, Result] = {}
    stopped = asyncio.Event()

    async def one(case: Listed) -> str:
        begun.append(case.case)
        await asyncio.sleep(0)
        if case.case in act:
            raise act[case.case]
        return "fine"

    def watch(result: Result) -> None:
        results[result.case] = result
        if len(results) == stop_after:
            stopped.set()

    await each_of(CASES, one, parallel, stopped, watch)
    return completed(CASES, results), begun


async def test_one_that_refuses_stops_nobody() -> None:
    """Refused and gone are results of their own, with the words; the others go on."""
    whole, begun = await run(
        {"T-2": errors.Refused("on hold"), "T-5": errors.CaseUnknown(), "T-6": errors.CaseEnded()}
    )

    outcomes = {each.case: each.outcome for each in whole}
    assert [each.case for each in whole] == begun == [each.case for each in CASES]
    assert (outcomes["T-2"], outcomes["T-5"]) == (Outcome.REFUSED, Outcome.GONE)
    assert list(outcomes.values()).count(Outcome.DONE) == 9
    assert whole[2].said == "on hold"
    assert exit_code(whole) == 1
    assert exit_code(whole[:2]) == 0


async def test_those_under_way_are_finished_when_it_is_stopped() -> None:
    """After the word to stop nothing is begun, and what was begun is awaited."""
    whole, begun = await run({}, parallel=3, stop_after=4)

    done = [each.case for each in whole if each.outcome is Outcome.DONE]
    assert sorted(done) == sorted(begun)
    assert 4 <= len(done) <= 6
    assert {each.outcome for each in whole} == {Outcome.DONE, Outcome.UNTRIED}


async def test_where_nobody_answers_it_does_not_wait_for_all() -> None:
    """As many silences in a row as there are at a time end it; one now and then does not."""
    dead = {each.case: errors.Unreachable() for each in CASES[4:]}

    whole, begun = await run(dict(dead), parallel=3)
    patient, all_begun = await run({"T-1": errors.Unreachable(), "T-7": errors.Unreachable()})

    assert len(begun) < len(CASES)
    assert exit_code(whole) == 3
    assert Outcome.UNTRIED in {each.outcome for each in whole}
    assert len(all_begun) == len(CASES)
    assert [each.outcome for each in patient].count(Outcome.UNANSWERED) == 2
