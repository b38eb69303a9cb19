"""`escalade adopt` as whoever keeps the matrix uses it: a look, one case, many of them."""

import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from temporalio.testing import WorkflowEnvironment

from escalations.client import EscalationClient
from escalations.policy import Policy
from escalations.search import Search
from tests import harness
from tests.domain.matrices import ladder
from tests.entrances.conftest import PATIENT, Complaint, eventually
from tests.entrances.terminal import Answer, Terminal
from tests.harness import ROOT, Desk
from tests.workflows.special_paths import NewestPolicies


@pytest.fixture
async def newest(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Desk]:
    """A worker that hands a policy out as it is by now; it has one of its own."""
    name = f"ladder-{uuid4().hex[:8]}"
    keys: dict[str, Any] = {"policy": name, "categories": {"billing": {}, "data": {}}}
    more = [ladder("3h..4h", "1d", **keys).policy]
    async with harness.desk(environment, tmp_path, more=more, copied_by=NewestPolicies) as desk:
        yield desk


@pytest.fixture
async def cases(newest: Desk, complaint: Complaint) -> list[str]:
    """Two cases of that policy, one of a category that will be no more."""
    client = EscalationClient(newest.client, task_queue=newest.task_queue, answer_within=PATIENT)
    opened = [
        await client.open(complaint(policy=_name(newest), category=category, title="Late 😀 שלום"))
        for category in ("billing", "data")
    ]
    for each in opened:
        await eventually(client.search, Search(case=(each.case,), policy=(_name(newest),)))
    return [each.case for each in opened]


@pytest.fixture
def at(newest: Desk) -> Terminal:
    """A terminal that talks to that worker's server."""
    return Terminal.at(newest.client.service_client.config.target_host, newest.task_queue)


def _name(desk: Desk) -> str:
    return next(name for name in desk.policies if name.startswith("ladder-"))


def change(desk: Desk) -> str:
    """Somebody halves the first window and drops a category; the new revision."""
    name = _name(desk)
    written = desk.policies[name].model_dump(mode="json")
    written["levels"][0]["within"] = "1h..2h"
    del written["categories"]["data"]
    desk.policies[name] = Policy.model_validate(written)
    return name


async def run(terminal: Terminal, *words: str) -> Answer:
    """`escalade adopt`, of this checkout."""
    return await terminal.run("adopt", *words, "--by", "olga", PYTHONPATH=str(ROOT))


async def test_one_case(newest: Desk, cases: list[str], at: Terminal) -> None:
    """A look that fits sixty columns and changes nothing; then it is done, and done once."""
    case, other = cases
    change(newest)
    words = ("adopt", case, "--by", "olga", "--preview")

    code, shown = await at.on_screen(*words, columns=60, PYTHONPATH=str(ROOT))
    screen = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    done = await run(at, case, "--json")
    again = await run(at, case)
    refused = await run(at, other)

    assert code == 0
    assert max(map(len, screen.splitlines())) <= 60
    assert "BEFORE" in screen
    assert "of 2h, reminder at 1h" in " ".join(screen.split())
    assert "A preview: nothing was changed." in screen
    adoption = done.document["adoption"]
    assert (done.code, adoption["changed"], adoption["preview"]) == (0, True, False)
    assert adoption["before"]["policy"] != adoption["after"]["policy"] == done.document["policy"]
    assert (again.code, "already: nothing changes." in again.out) == (0, True)
    assert refused.code == 1
    assert "has no category data: there are billing" in refused.err


async def test_many_cases(newest: Desk, cases: list[str], at: Terminal) -> None:
    """Counted and looked at before, each with its result; exit code 1 where one is refused."""
    name = change(newest)
    which = ("--where", f"policy={name}")

    seen = await run(at, *which, "--preview", "--json")
    unasked = await run(at, *which)
    done = await run(at, *which, "--yes", "--json")
    again = await run(at, "--where", f"case={cases[0]}", "--yes")

    previews = {each["case"]: each for each in seen.document["cases"]}
    assert (seen.code, seen.document["found"]) == (0, 2)
    assert previews[cases[0]]["adoption"]["after"]["level"] == 1
    assert "no category data" in previews[cases[1]]["refused"]
    assert (unasked.code, "--yes" in unasked.err) == (2, True)
    assert done.code == 1
    assert {each["case"]: each["outcome"] for each in done.document["results"]} == {
        cases[0]: "done",
        cases[1]: "refused",
    }
    assert again.code == 0
    assert "goes by" in again.out


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param([], "say which cases", id="nothing"),
        pytest.param(["T-1", "--all"], "not both", id="both"),
        pytest.param(["--all", "--message-id", "m-1"], "--run-id", id="id"),
        pytest.param(["T-1", "--policy", "No Such"], "policy", id="name"),
    ],
)
async def test_what_cannot_be_meant(words: list[str], says: str) -> None:
    """It is said before anybody is asked."""
    answer = await run(Terminal.at("127.0.0.1:1", "nobody"), *words)

    assert answer.code == 2
    assert says in answer.err
