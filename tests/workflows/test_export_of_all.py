"""Whatever became of a case is exported: adopted policies, its retrospective, a refused start."""

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHistory, WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.adoption import Adopted
from escalations.durations import Duration
from escalations.explaining.story import story_of
from escalations.exporting.outputs import Inexportable
from escalations.exporting.pseudonyms import Pseudonyms
from escalations.exporting.walking import Walker
from escalations.histories.anonymous import anonymous, written
from escalations.histories.plain import NeverACase, of_file
from escalations.histories.reading import run_of
from escalations.histories.retrospectives import retold
from escalations.names import RetrospectiveUpdate, Signal, Update
from escalations.policy import Policy
from escalations.retrospective import engine
from escalations.retrospective import events as said
from escalations.retrospective.record import RetrospectiveRecord
from escalations.snapshot import Snapshot
from tests import harness
from tests.workflows import replaying
from tests.workflows.canaries import CANARY, POLICY, planted, seen
from tests.workflows.paths import DAY
from tests.workflows.special_paths import NewestPolicies

RECORDED = replaying.recorded()
WHO, WORDS = f"Kim {CANARY}", f"Words of {CANARY}"


def exported(*histories: WorkflowHistory) -> list[WorkflowHistory]:
    """As `escalade export` writes them, read again."""
    return [of_file(written(each)) for each in anonymous(histories)]


async def hidden(original: WorkflowHistory) -> WorkflowHistory:
    """It, exported: nobody is in it, and it replays to the letter."""
    (history,) = exported(original)

    assert seen(original)
    assert seen(history) == []
    assert await replaying.differing(history, words=True) == []
    return history


def changed() -> Policy:
    """The matrix after a change: other people, other addresses, another text, one level more."""
    newcomer = {"name": f"New {CANARY}", "reach": [f"mailto:new@{CANARY}.example"]}
    first, last = POLICY["levels"]
    between = first | {"name": "Between"}
    return Policy.model_validate(
        POLICY
        | {
            "summary": f"The newer matrix of {CANARY}",
            "contacts": POLICY["contacts"] | {f"{CANARY}-new": newcomer},
            "levels": [first | {"contact": f"{CANARY}-new", "within": "1h..2h"}, between, last],
            "triggers": {"legal": {"to": "Head", "phrases": {"en": ["lawyer", "court"]}}},
        }
    )


async def test_a_case_that_adopted_a_policy(
    environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """What the policies of both revisions say, who wanted it and what they were answered: nobody
    is in it, and the case adopts at the same moment what makes the same difference."""
    policy = Policy.model_validate(POLICY)
    async with harness.desk(environment, tmp_path, more=[policy], copied_by=NewestPolicies) as desk:
        case = await desk.open(policy=policy.policy, category=None, case=f"T-{CANARY}")
        adopt = events.AdoptPolicy(by=WHO, message_id=f"adopt {CANARY}")
        desk.policies[policy.policy] = changed()
        await case.command(Update.ADOPT_POLICY, adopt.model_copy(update={"preview": True}))
        with suppress(WorkflowUpdateFailedError):
            unknown = events.AdoptPolicy(by=WHO, policy=f"{CANARY}-other")
            await case.command(Update.ADOPT_POLICY, unknown)
        await case.command(Update.ADOPT_POLICY, adopt)
        await case.say(Signal.CUSTOMER_REPLIED, events.CustomerReplied(text=f"{CANARY}, in court"))
        await case.ready()
        await case.say(Signal.WITHDRAW, events.Withdraw(by=WHO, why=WORDS))
        await case.handle.result()
        lived = await case.handle.fetch_history()
    case.told()

    history = await hidden(planted(lived))

    was, now = story_of([run_of(lived)]).record, story_of([run_of(history)]).record
    assert [each.type for each in now.timeline] == [each.type for each in was.timeline]
    (moved,) = [each for each in now.timeline if each.type == "policy_adopted"]
    assert moved.was != moved.policy == now.snapshot.reference
    assert now.level_name == "Head"
    answers = [each for each in _answers(history) if each.adoption is not None]
    assert [each.adoption.preview for each in answers if each.adoption] == [True, False]


def _answers(history: WorkflowHistory) -> list[Adopted]:
    found = []
    for event in history.events:
        outcome = event.workflow_execution_update_completed_event_attributes.outcome
        for payload in outcome.success.payloads:
            if b'"adoption"' in payload.data:
                found.append(Adopted.model_validate_json(payload.data))
    return found


class OneWord(Pseudonyms):
    """Makes one word of every text."""

    def text(self, text: str) -> str:
        """Always that."""
        return "x"


def test_two_revisions_stay_two() -> None:
    """Where pseudonyms hide what two revisions differ in, they are two revisions all the same."""
    walker = Walker(OneWord(), "T-1")
    policy = Policy.model_validate(POLICY)
    walker.learn(policy)
    short, other = (
        Snapshot(
            policy=policy.model_copy(update={"summary": text}), revision=revision, calendars={}
        )
        for text, revision in (("a", "0000000a"), ("b", "0000000b"))
    )

    told = [walker.model(each) for each in (short, other, short)]

    assert told[0].policy == told[1].policy
    assert told[0].revision == told[2].revision != told[1].revision


async def _held(desk: harness.Desk) -> WorkflowHistory:
    """A retrospective in which everything is said, with the canary in it; one mail came back."""
    case = await desk.open(policy="held", category=None, case=f"T-{CANARY}")
    await case.say(Signal.ADD_NOTE, events.AddNote(by=WHO, text=WORDS))
    await case.say(Signal.WITHDRAW, events.Withdraw(by=WHO, why=WORDS))
    await case.handle.result()
    handle = desk.client.get_workflow_handle(
        names.retrospective_id(case.case), result_type=RetrospectiveRecord
    )
    await desk.environment.fast_forward(handle, 8 * DAY)
    commands: dict[RetrospectiveUpdate, said.RetrospectiveCommand] = {
        RetrospectiveUpdate.RECORD_ROOT_CAUSE: said.RecordRootCause(
            by=WHO, text=WORDS, improvements=WORDS, message_id=f"m {CANARY}"
        ),
        RetrospectiveUpdate.ADD_ACTION_ITEM: said.AddActionItem(
            by=WHO, text=WORDS, owner=f"Owner {CANARY}"
        ),
        RetrospectiveUpdate.COMPLETE_ACTION_ITEM: said.CompleteActionItem(by=WHO, id=1),
        RetrospectiveUpdate.FINISH: said.Finish(by=WHO),
    }
    for n, (name, command) in enumerate(commands.items()):
        await handle.execute_update(name, command, id=f"{CANARY}-{n}")
    await handle.result()
    desk.channels.take(case=case.case)
    return await handle.fetch_history()


async def test_a_retrospective(environment: WorkflowEnvironment, tmp_path: Path) -> None:
    """Who was invited, what was found and who does what about it: other people, the same way."""
    rule = {"retrospective": {"when": {"priority": "P4"}}}
    policy = Policy.model_validate(POLICY | {"policy": "held"} | rule)
    async with harness.desk(environment, tmp_path, more=[policy]) as desk:
        lived = await _held(desk)

    history = await hidden(planted(lived))

    was, now = retold(lived).record, retold(history).record
    assert [(each.type, each.at) for each in now.timeline] == [
        (each.type, each.at) for each in was.timeline
    ]
    assert now.action_items[0].owner != was.action_items[0].owner
    assert now.action_items[0].done_by == now.timeline[-1].by  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["retrospective", "retrospective_unheard"])
def test_a_retrospective_is_rebuilt_as_the_worker_had_it(name: str) -> None:
    """Its engine hears again what it heard: the record that the history ends with comes of it."""
    told = retold(RECORDED[name])

    assert told.result is not None
    assert told.record == told.result


def test_a_retrospective_that_was_decided_otherwise_is_not_exported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A file that would not replay is no test: who exports it hears so."""
    monkeypatch.setattr(engine, "REMIND_EVERY", Duration.parse("2bd"))

    with pytest.raises(Inexportable, match="decided by another build"):
        anonymous([RECORDED["retrospective"]])


def _request(**wrong: Any) -> dict[str, Any]:
    said = harness.request(case="T-1", reported_at="2026-11-22T10:00:00+01:00", title=WORDS)
    return said.model_dump(mode="json", exclude_unset=True) | wrong


STARTS: dict[str, list[Any]] = {
    "a word that is none of ours, and a moment that is none": [
        _request(impact=f"{CANARY}'s", reported_at=f"2026-13-99 {CANARY}")
    ],
    "a field that there is not": [_request(**{CANARY: {CANARY: [CANARY, 4711, None, True]}})],
    "something within something": [
        _request(
            customer={"id": "C-1", "name": f"{CANARY} Ltd", "contacts": [CANARY]},
            history=[{"at": "2026-01-01T00:00:00Z", "by": CANARY, "text": ""}],
            team={f"A {CANARY}": {"name": CANARY, "reach": []}},
        )
    ],
    "a case that can be none": [_request(case=f"T {CANARY}", title=47114711)],
    "no object": [f"{CANARY} and more"],
    "a list": [[{CANARY: CANARY}]],
    "an empty form": [],
    "two inputs": [{"case": CANARY}, {"case": CANARY}],
}


@pytest.mark.parametrize("what", STARTS)
async def test_a_start_that_was_refused(
    what: str, environment: WorkflowEnvironment, tmp_path: Path
) -> None:
    """Yesterday a system sent nonsense: the test that is made of it has the same mistakes at the
    same fields, none of the words, and says that the run is refused at once."""
    async with harness.desk(environment, tmp_path) as desk:
        handle = await desk.client.start_workflow(
            names.Workflow.ESCALATION,
            args=STARTS[what],
            id=f"escalation/{CANARY}-{list(STARTS).index(what)}",
            task_queue=desk.task_queue,
        )
        with pytest.raises(WorkflowFailureError):
            await handle.result()
        original = await handle.fetch_history()

    history = await hidden(original)

    with pytest.raises(NeverACase, match="never became a case") as told:
        run_of(original)
    refusal = history.events[-1].workflow_execution_failed_event_attributes.failure
    assert refusal.application_failure_info.type == "InvalidRequest"
    assert refusal.message.count("; allowed: ") == str(told.value).count("; allowed: ")


def test_a_start_that_comes_out_with_other_mistakes_is_not_exported() -> None:
    """Two names that become one when they are masked: then it is not the same start any more."""
    team = {f"{n} x": {"name": "Kim", "reach": []} for n in "ab"}
    events_ = json.loads(RECORDED["refused_opening"].to_json())["events"]
    begun, failed = events_[0], events_[-1]
    (payload,) = begun["workflowExecutionStartedEventAttributes"]["input"]["payloads"]
    payload["data"] = base64.b64encode(json.dumps(_request(team=team)).encode()).decode()
    failed["workflowExecutionFailedEventAttributes"]["failure"]["applicationFailureInfo"] = {
        "type": "InvalidRequest"
    }

    with pytest.raises(Inexportable, match="other mistakes"):
        anonymous([WorkflowHistory.from_json("", {"events": [begun, failed]})])


def test_a_run_whose_first_ones_are_gone_tells_its_revisions_alike() -> None:
    """What the record says it adopted is what it keeps: the same pseudonym in both places."""
    record = story_of([run_of(RECORDED["adopted"])]).record
    walker = Walker(Pseudonyms(), record.case)
    walker.learn(record.snapshot.policy)

    told = walker.model(record)

    moved = [each for each in told.timeline if each.type == "policy_adopted"]
    was = [each for each in record.timeline if each.type == "policy_adopted"]
    assert moved[-1].policy == told.snapshot.reference != record.snapshot.reference
    assert [each.was == moved[0].was for each in moved] == [each.was == was[0].was for each in was]
    assert not {each.policy for each in moved} & {each.policy for each in was}
    assert [each.name for each in moved] == [each.name for each in was]
