"""A running case adopts another revision of its policy, whatever else happens meanwhile."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio import activity
from temporalio.client import WorkflowUpdateFailedError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from activities.policies import Policies
from escalations import events, names
from escalations.adoption import Adopted
from escalations.client import EscalationClient
from escalations.errors import Refused
from escalations.policy import Policy
from escalations.record import EscalationRecord
from escalations.request import EscalationRequest
from escalations.snapshot import Snapshot, revision
from escalations.temporal import plugin, search_attribute_key
from tests import harness
from tests.harness import Desk, OpenCase
from workers.composition import WORKFLOWS

ADOPT = names.Update.ADOPT_POLICY
MINUTE = timedelta(minutes=1)


class ChangingPolicies(Policies):
    """Policies that may change, and that come when a story lets them."""

    gate = asyncio.Event()
    asked = asyncio.Event()

    @activity.defn(name="snapshot_policy")
    async def snapshot(self, request: EscalationRequest) -> Snapshot:
        """The policy as it is by now."""
        self.asked.set()
        await self.gate.wait()
        return await Policies(self._policies).snapshot(request)


@pytest.fixture
async def changing(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Desk]:
    """A worker whose policies change; nothing of it stays in memory between two tasks."""
    ChangingPolicies.gate.set()
    opened = harness.desk(environment, tmp_path, copied_by=ChangingPolicies, max_cached_workflows=0)
    async with opened as desk:
        yield desk


def change(desk: Desk, within: str = "2h..4h", contact: str | None = None) -> str:
    """Somebody changes the matrix; its revision."""
    written = desk.policies["call-centre"].model_dump(mode="json")
    written["levels"][0] |= {"within": within, **({"contact": contact} if contact else {})}
    desk.policies["call-centre"] = Policy.model_validate(written)

    return revision(desk.policies["call-centre"])


@asynccontextmanager
async def fetching() -> AsyncIterator[None]:
    """While this lasts, the policy is on its way."""
    ChangingPolicies.gate.clear()
    ChangingPolicies.asked.clear()
    try:
        yield
    finally:
        ChangingPolicies.gate.set()


async def adopt(case: OpenCase, **said: object) -> Adopted:
    """Olga, who keeps the matrix, has it adopted."""
    command = events.AdoptPolicy.model_validate({"by": "olga", **said})
    answer = await case.command(ADOPT, command)
    assert isinstance(answer, Adopted)
    return answer


async def replayed(case: OpenCase) -> EscalationRecord:
    """The record, once every worker comes to it from the history alone."""
    replayer = Replayer(workflows=list(WORKFLOWS), plugins=[plugin()])
    await replayer.replay_workflow(await case.handle.fetch_history())
    return await case.record()


async def test_a_case_adopts_the_newest_revision(changing: Desk) -> None:
    """Its window is another one, ten minutes of it are gone; new people and the customer hear."""
    case = await changing.open()
    await case.forward(10 * MINUTE)
    case.told()
    newest = change(changing, contact="support-manager")

    seen = await adopt(case, preview=True)
    after = await adopt(case)
    again = await adopt(case)
    await case.ready()

    record = await replayed(case)
    listed = await case.handle.describe()
    assert seen.policy != after.policy
    assert after.policy == f"call-centre@{newest}" == record.snapshot.reference
    assert seen.adoption is not None
    assert after.adoption is not None
    assert after.adoption.after.due == seen.adoption.after.due == record.next_deadline
    assert after.due is not None
    assert abs(after.due.at - await case.now() - 110 * MINUTE) < MINUTE
    assert again.adoption is not None
    assert not again.adoption.changed
    assert [entry.type for entry in record.timeline].count("policy_adopted") == 1
    assert listed.typed_search_attributes[search_attribute_key(names.SearchAttribute.POLICY)] == (
        record.snapshot.reference
    )
    assert sorted(who for who, _ in case.told()) == ["customer", "support-manager"]


async def test_what_is_overdue_by_the_new_revision_is_done_at_once(changing: Desk) -> None:
    """Ten minutes at a level that has five by now: the case climbs when it has adopted that."""
    case = await changing.open()
    await case.forward(10 * MINUTE)
    change(changing, "5m")

    after = await adopt(case)
    await case.ready()

    assert after.adoption is not None
    assert after.adoption.due_at_once
    assert (await replayed(case)).level == 2


async def test_what_is_said_while_the_policy_is_fetched_counts_before_it(changing: Desk) -> None:
    """A reply jumps, and the case adopts where it is by then; a replay hears it in that order."""
    case = await changing.open()
    change(changing)

    async with fetching():
        adopting = asyncio.create_task(adopt(case))
        await ChangingPolicies.asked.wait()
        await case.say(
            names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="I will call my lawyer.")
        )
        assert (await case.summary()).level_name == "Senior management"
    after = await adopting
    await case.ready()

    record = await replayed(case)
    types = [entry.type for entry in record.timeline]
    assert after.level_name == "Senior management"
    assert types.index("trigger_raised") < types.index("policy_adopted")


async def test_a_case_that_ends_while_the_policy_is_fetched(changing: Desk) -> None:
    """Whoever wanted it adopted hears that the case has ended; its run ends as it would have."""
    case = await changing.open()
    change(changing)

    async with fetching():
        client = EscalationClient(changing.client, answer_within=timedelta(seconds=60))
        adopting = asyncio.create_task(client.adopt_policy(case.case, by="olga"))
        await ChangingPolicies.asked.wait()
        await case.say(names.Signal.WITHDRAW, events.Withdraw(by="ada", why="Enough."))
        assert (await case.summary()).closed_at is not None
    with pytest.raises(Refused, match=r"too late to adopt policy; .* has ended: withdrawn"):
        await adopting

    assert (await case.handle.result()).ending == "withdrawn"
    await replayed(case)


async def test_two_at_once(changing: Desk) -> None:
    """Of two people one moves the case, and the other is told that it goes by that already."""
    case = await changing.open()
    change(changing)

    async with fetching():
        both = [asyncio.create_task(adopt(case)) for _ in range(2)]
        await ChangingPolicies.asked.wait()
    answers = await asyncio.gather(*both)

    changed = [each.adoption.changed for each in answers if each.adoption]
    assert sorted(changed) == [False, True]
    types = [entry.type for entry in (await replayed(case)).timeline]
    assert types.count("policy_adopted") == 1


async def test_a_policy_that_no_worker_knows(changing: Desk) -> None:
    """The refusal names what there is, who mends it, and where the case stands."""
    case = await changing.open()

    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await adopt(case, policy="call-center")

    message = str(refused.value.cause)
    assert "'call-center'; allowed: call-centre, whole" in message
    assert "ESCALADE_POLICIES" in message
    assert message.endswith("level 1 of 7 (Representative), taken by nobody")
    assert (await replayed(case)).level == 1


async def test_a_run_that_is_cancelled_while_the_policy_is_fetched(changing: Desk) -> None:
    """The case is withdrawn: nothing is adopted, and whoever asked is not left waiting."""
    case = await changing.open()
    change(changing)

    async with fetching():
        adopting = asyncio.create_task(adopt(case))
        await ChangingPolicies.asked.wait()
        await case.handle.cancel()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await adopting

    assert "has ended: withdrawn" in str(refused.value.cause)


@pytest.fixture
async def short_runs(tmp_path: Path) -> AsyncIterator[Desk]:
    """The same on a server that suggests a new run after some forty events."""
    ChangingPolicies.gate.set()
    async with (
        harness.virtual_time_server(40) as server,
        harness.desk(server, tmp_path, copied_by=ChangingPolicies) as desk,
    ):
        yield desk


async def test_a_new_run_waits_for_what_is_being_adopted(short_runs: Desk) -> None:
    """A run that is to go on in a new one answers first; the new one goes by the new revision."""
    case = await short_runs.open()
    changed = change(short_runs)
    first = (await case.handle.describe()).run_id

    async with fetching():
        adopting = asyncio.create_task(adopt(case))
        await ChangingPolicies.asked.wait()
        for n in range(30):
            note = events.AddNote(by="ada", text=f"Note {n}")
            await case.say(names.Signal.ADD_NOTE, note)
    after = await adopting
    handle = short_runs.client.get_workflow_handle(case.handle.id, result_type=EscalationRecord)
    newest = OpenCase(case.case, handle, short_runs)
    await newest.say(names.Signal.ADD_NOTE, events.AddNote(by="ada", text="And on"))
    await newest.ready()

    assert after.policy == f"call-centre@{changed}" == (await newest.summary()).policy
    assert (await handle.describe()).run_id != first
    notes = [e for e in (await newest.record()).timeline if e.type == "noted"]
    assert len(notes) == 31
