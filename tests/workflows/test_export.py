"""An exported history has nobody in it, replays, and tells the same story."""

import re
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from activities.letters import Refused
from escalations import events, names
from escalations.explaining.run import Run
from escalations.explaining.story import Story, story_of
from escalations.explaining.telling import told
from escalations.exporting.outputs import Inexportable
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.histories.anonymous import anonymous, written
from escalations.histories.plain import of_file
from escalations.histories.reading import run_of
from escalations.histories.retrospectives import retold
from escalations.policy import HoldReason, Policy, Priority
from escalations.record import Opening
from tests import harness
from tests.workflows import changes, replaying
from tests.workflows.canaries import CANARY, POLICY, planted, seen

RECORDED = replaying.recorded()
SEVERAL = {name for name in RECORDED if re.search(r"continued_\d$", name)}


def exported(*histories: WorkflowHistory) -> list[WorkflowHistory]:
    """As `escalade export` writes them, read again."""
    return [of_file(written(each)) for each in anonymous(histories)]


EXPORTED = sorted(set(RECORDED) - SEVERAL)


@pytest.mark.parametrize("name", EXPORTED)
async def test_what_is_exported_replays(name: str) -> None:
    """Every message, deadline, answer and record of it is what our code decides of it now."""
    (history,) = exported(RECORDED[name])

    assert await replaying.differing(history) == []


async def test_the_runs_of_a_case_are_exported_together() -> None:
    """What one run hands to the next is the same in both files."""
    first, second = exported(RECORDED["continued_1"], RECORDED["continued_2"])

    for history in (first, second):
        replayed = await replaying.differing(history)
        assert replayed == []
    assert run_of(second).opening == replaying_baton(run_of(first))


async def test_the_runs_of_a_retrospective_are_exported_together() -> None:
    """Each goes on with what the one before has handed to it, and replays."""
    runs = exported(*(RECORDED[f"retrospective_continued_{n}"] for n in (1, 2, 3)))

    assert [await replaying.differing(run) for run in runs] == [[], [], []]
    told = [retold(run) for run in runs]
    assert [each.record.request.facilitator for each in told] == [
        told[0].record.request.facilitator
    ] * 3
    begun = [run.events[0].workflow_execution_started_event_attributes for run in runs]
    handed = [run.events[-1].workflow_execution_continued_as_new_event_attributes for run in runs]
    assert [each.input for each in begun[1:]] == [each.input for each in handed[:-1]]


def replaying_baton(run: Run) -> Any:
    """What a run handed over."""
    assert run.result is not None
    return Opening.model_validate({"record": run.result}).root


def test_a_run_that_was_decided_otherwise_is_not_exported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that would not replay is no test: who exports it hears so."""
    of, function, to = changes.NOTHING_REMEMBERED
    monkeypatch.setattr(of, function, to)

    with pytest.raises(Inexportable, match="decided by another build"):
        anonymous([RECORDED["rejected"]])


def test_the_same_name_has_the_same_pseudonym() -> None:
    """Who acts twice is one person, in whatever field they are named."""
    (history,) = exported(RECORDED["rejected"])
    was, now = story_of([run_of(RECORDED["rejected"])]), story_of([run_of(history)])

    called = {
        getattr(a, field): getattr(b, field)
        for a, b in zip(was.record.timeline, now.record.timeline, strict=True)
        for field in ("by", "recipient", "address")
        if getattr(a, field, None)
    }

    assert len(set(called.values())) == len(called)
    assert not set(called) & set(called.values()) - {"customer"}


@pytest.mark.parametrize("text", ["I shall call my lawyer!", "LAWYER", "x lawyer\ny", "lawyers"])
def test_phrases_stay_and_no_others_come(text: str) -> None:
    """What raised a trigger raises it again; what did not, does not."""
    given = Pseudonyms(["lawyer", "so", "window"])

    said = given.text(text)

    assert ("lawyer" in said) == (text != "lawyers")
    assert not {"so", "window", "shall", "call"} & set(re.findall(r"\w+", said.casefold()))


@pytest.mark.parametrize("name", ["نور", "שרה"])
def test_a_name_from_right_to_left_stays_one(name: str) -> None:
    """A page that had to deal with both directions still has to."""
    assert re.fullmatch("[\u0590-\u08ff]+", Pseudonyms().person(name))


async def _lived(desk: harness.Desk) -> WorkflowHistory:
    """A case in which everything that can be said is said, with the canary in it."""

    async def refuse() -> None:
        raise Refused(f"550 {CANARY} is not here")

    desk.channels.hangs[f"slack://{CANARY}/token"] = refuse
    case = await desk.open(
        case=f"T-{CANARY}",
        title=f"Title {CANARY}",
        statement=f"Statement of {CANARY}\nin two lines",
        policy=f"{CANARY}-policy",
        category=f"{CANARY}-category",
        channel=f"{CANARY}-channel",
        by=f"by {CANARY}",
        at_stake=f"{CANARY} is at stake",
        tags=[f"tag {CANARY}"],
        evidence=[f"https://{CANARY}.example/evidence"],
        message_id=f"message {CANARY}",
        team={
            f"{CANARY}-role": {"name": f"Role {CANARY}", "reach": [f"mailto:{CANARY}@r.example"]}
        },
        history=[
            {"at": "2026-01-05T09:00:00Z", "by": f"Old {CANARY}", "text": f"Before, {CANARY} said"}
        ],
        customer={
            "id": f"C-{CANARY}",
            "name": f"Customer {CANARY}",
            "tier": f"{CANARY}-tier",
            "contacts": [f"mailto:{CANARY}@customer.example"],
        },
    )
    who, words = f"Kim {CANARY}", f"Words of {CANARY}"
    facts: list[Any] = [
        events.AddNote(by=who, text=words, message_id=f"note {CANARY}"),
        events.ReportDelivery(
            key=f"T-{CANARY}/1", recipient=f"{CANARY}-desk", delivered=False, detail=words
        ),
        events.RaiseTrigger(trigger=f"{CANARY}-trigger", by=who, note=words),
    ]
    for fact in facts:
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(fact).__name__).lower()
        await case.handle.signal(name, fact)
    await case.handle.signal(f"{CANARY}_signal", {CANARY: CANARY})
    await case.handle.signal("add_note", {"by": who, CANARY: [CANARY, {"text": CANARY}]})
    await case.handle.signal("withdraw", args=[CANARY, CANARY])
    commands: list[events.Command] = [
        events.Acknowledge(by=who),
        events.Assign(by=who, to=f"Owner {CANARY}"),
        events.CompleteAction(by=who, action="look", evidence=words),
        events.UpdateCustomer(by=who, text=words),
        events.SetPriority(by=who, priority=Priority.P2, why=words),
        events.Hold(by=who, reason=HoldReason.CUSTOMER, note=words),
        events.Resume(by=who),
        events.ProposeResolution(by=who, summary=words),
        events.RejectResolution(by=who, why=words),
    ]
    for n, command in enumerate(commands):
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", type(command).__name__).lower()
        await case.handle.execute_update(name, command, id=f"{CANARY}-{n}")
    said = events.CustomerReplied(text=f"{CANARY} calls a lawyer", by=f"Ada {CANARY}")
    await case.say(names.Signal.CUSTOMER_REPLIED, said)
    await case.ready()
    await case.handle.execute_update(
        "propose_resolution", events.ProposeResolution(by=who, summary=words)
    )
    await case.handle.execute_update("confirm_resolution", events.ConfirmResolution(by=who))
    await case.handle.result()
    return await case.handle.fetch_history()


async def test_nothing_of_anybody_is_left(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    """Names, addresses, words, ids: in requests, messages, failures, memos, headers, summaries."""
    policy = Policy.model_validate(POLICY)
    async with harness.desk(environment, tmp_path, more=[policy]) as desk:
        lived = await _lived(desk)
    original = planted(lived)

    (history,) = exported(original)
    replayed = await replaying.differing(history)

    assert len(seen(original)) > 300
    assert seen(history) == []
    assert replayed == []
    was, now = story_of([run_of(lived)]), story_of([run_of(history)])
    assert _form(now) == _form(was)
    assert [each.kind for each in told(now)] == [each.kind for each in told(was)]


def _form(story: Story) -> list[Any]:
    """What a story is, apart from who was in it."""
    return [
        (
            (each.level, each.name, each.clock, each.left and each.left.why, len(each.told)),
            [(entry.type, entry.at) for entry in each.entries],
        )
        for each in story.chapters
    ]
