"""Cases that run now go on under the code of now: recorded histories, replayed.

What each history tells stands in `ordinary_paths.py` and its neighbours; how they are recorded, and
when anew, in `record_histories.py`.
"""

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from temporalio.worker import UnsandboxedWorkflowRunner

from escalations.engine import Case
from tests.house import CHECKOUT
from tests.workflows import changes, record_histories, replaying
from tests.workflows.changes import Change
from tests.workflows.paths import PATHS
from workers.replay.jobs import Job, Unreadable, history_of
from workers.replay.verdicts import Kind
from workflows.escalation import EscalationWorkflow

RECORDED = replaying.recorded()
OF_RETROSPECTIVES = replaying.of_retrospectives()
OPENED = set(RECORDED) - OF_RETROSPECTIVES - {"continued_2"}
"""Runs that began with a request."""
CLIMBING = set(RECORDED) - OF_RETROSPECTIVES - {"refused_opening"}
"""Runs of a case that was there."""
CLOSED = {
    "cancelled",
    "confirmed",
    "continued_2",
    "presumed",
    "rejected",
    "unreachable",
    "unreached_at_the_end",
    "withdrawn",
    "workaround_fixed",
}


@pytest.mark.parametrize("name", RECORDED)
async def test_a_recorded_case_is_decided_the_same(name: str) -> None:
    """Each case goes the way that it went: the same messages, deadlines, answers and record."""
    assert await replaying.differing(RECORDED[name]) == []


@pytest.mark.parametrize("shape", ["exported", "in a history", "the events alone", "with a mark"])
async def test_the_gate_reads_what_explain_reads(shape: str, tmp_path: Path) -> None:
    """A history is taken as `escalade export`, the UI and the CLI write it, also of an editor."""
    whole = json.loads((replaying.HISTORIES / "confirmed.json").read_text("utf-8"))
    written = {"in a history": {"history": whole}, "the events alone": whole["events"]}
    file = tmp_path / "history.json"
    encoding = "utf-8-sig" if shape == "with a mark" else "utf-8"
    file.write_text(json.dumps(written.get(shape, whole)), encoding)

    history = await history_of(Job(file=file), None, None)

    assert history.events == RECORDED["confirmed"].events


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"runs": []}', "no list of `events`, as `escalade export`, Temporal's UI and its CLI"),
        ("", "This is no JSON"),
        ('{"events": []}', "A history begins with the start of its run"),
        ("\udcff", "it is no text in UTF-8"),
    ],
)
async def test_what_is_no_history_is_told_from_one(text: str, why: str, tmp_path: Path) -> None:
    """What was found, and how to have one."""
    file = tmp_path / "history.json"
    file.write_text(text, "utf-8", errors="surrogateescape")
    with pytest.raises(Unreadable, match=why):
        await history_of(Job(file=file), None, None)


def test_every_path_is_recorded() -> None:
    """No path is without its history, and no history without the path that tells of it."""
    assert record_histories.recorded_paths() == set(PATHS)


@pytest.mark.timeout(600)  # a process that replays them all
@pytest.mark.parametrize("seed", ["0", "1"])
def test_nothing_hangs_on_the_order_of_a_set(seed: str) -> None:
    """A process in which Python orders its sets otherwise decides the same."""
    replays = [__file__, "-k", test_a_recorded_case_is_decided_the_same.__name__]
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *replays]
    environment = {**os.environ, "PYTHONHASHSEED": seed}

    ended = subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False
    )

    assert ended.returncode == 0, ended.stdout
    assert f"{len(RECORDED)} passed" in ended.stdout


async def _noticed(change: Change, monkeypatch: pytest.MonkeyPatch) -> tuple[set[str], set[str]]:
    """The histories that stop under a change, and those that go another way."""
    of, function, to = change
    monkeypatch.setattr(of, function, to)
    stopped, differing = set(), set()
    for name, history in RECORDED.items():
        # In the sandbox a workflow's module is loaded anew, without the change.
        found = await replaying.differing(history, UnsandboxedWorkflowRunner())
        if any(each.kind is Kind.STOPS for each in found):
            stopped.add(name)
        elif found:
            differing.add(name)
    return stopped, differing


@pytest.mark.parametrize(
    ("change", "stopped"),
    [
        (changes.TIMER_BEFORE_SENDS, CLIMBING),
        (changes.NO_TIMER, CLIMBING),
        (changes.EACH_SEND_BY_ITSELF, CLIMBING),
        (changes.PAUSE_AT_THE_END, CLOSED),
        (changes.NEVER_RIPE, {"continued_1"}),
        (changes.NO_RETROSPECTIVE, {"rejected"}),
        (changes.POLICY_BY_ACTIVITY, OPENED),
        (changes.NO_INVITATIONS, OF_RETROSPECTIVES),
    ],
    ids=lambda value: value[2].__name__ if isinstance(value, tuple) else "",
)
async def test_an_incompatible_change_is_found(
    change: Change, stopped: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that would stop cases is found by the histories of the paths it is on, and only."""
    assert await _noticed(change, monkeypatch) == (stopped, set())


@pytest.mark.parametrize(
    ("change", "stopped", "differing"),
    [
        (
            changes.NOBODY_ABOVE_HEARS,
            set(),
            {"acknowledged", "adopted", "climbed", "hold_customer"},
        ),
        (
            changes.TWICE_AS_LONG,
            {"presumed"},
            CLOSED & {"confirmed", "continued_2", "rejected", "workaround_fixed"}
            | {"workaround_overdue"},
        ),
        (changes.NOTHING_REMEMBERED, set(), CLOSED - {"cancelled"} | {"continued_1"}),
    ],
    ids=lambda value: value[2].__name__ if isinstance(value, tuple) else "",
)
async def test_a_rule_that_decides_otherwise_is_found(
    change: Change, stopped: set[str], differing: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change that the SDK's replayer lets pass, since only contents differ, is found as well."""
    assert await _noticed(change, monkeypatch) == (stopped, differing)


async def test_a_change_behind_a_patch_hurts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """The change that stops every case that closes stops none when it is made as it should be."""
    assert await _noticed(changes.BEHIND_A_PATCH, monkeypatch) == (set(), set())


async def test_a_busy_machine_is_no_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that takes longer than the SDK gives a worker is replayed to its end all the same."""
    act, first = EscalationWorkflow._act, [True]

    def slowly(self: EscalationWorkflow, case: Case, at: datetime) -> None:
        if first:
            time.sleep(2.5 * first.pop())
        act(self, case, at)

    monkeypatch.setattr(EscalationWorkflow, "_act", slowly)

    assert await replaying.differing(RECORDED["withdrawn"], UnsandboxedWorkflowRunner()) == []
    assert first == []
