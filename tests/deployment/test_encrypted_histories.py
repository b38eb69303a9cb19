"""Histories of a server whose payloads are encrypted: replayed, explained, exported with the keys;
and in words, with who can do what, where the keys are not there."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowFailureError, WorkflowHistory
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.cli import main
from escalations.encryption import new_file, with_active, with_another
from escalations.errors import PayloadUnreadable
from escalations.histories.plain import decoded
from escalations.names import Signal, Update
from escalations.temporal import connect, data_converter, encryption
from tests import harness
from tests.deployment.builds import Change, checkout
from tests.deployment.test_gate import listed
from tests.entrances.terminal import OF_A_CHECKOUT, Answer, Terminal
from tests.house import CHECKOUT
from tests.workflows import replaying
from tests.workflows.canaries import CANARY, seen
from workers.replay.compare import differences
from workers.replay.jobs import Job, history_of
from workers.replay.present import replay

RAISES: Change = ("workflows/escalation.py", "self._publish(case)", "raise KeyError(case)")
"""A build that would stop every case, with an exception of its own."""


@dataclass(frozen=True)
class Place:
    """A server with two open cases and a refused start, the keys, and files of their histories."""

    address: str
    keys: Path
    encrypted: Path
    """The open case, as the server keeps it."""
    refused: Path
    folder: Path

    async def escalade(self, *words: str, keys: Path | None = None, at: Path = CHECKOUT) -> Answer:
        """The command of a checkout, on a terminal whose environment names these keys."""
        environment = Terminal.at(self.address, "nobody").environment
        named = {KEYS: str(keys)} if keys else {}
        answer = await Terminal(environment | named, OF_A_CHECKOUT, at).run(*words)
        assert "Traceback" not in answer.err, answer.err
        return answer


KEYS = "ESCALADE_ENCRYPTION_KEYS_FILE"


@pytest.fixture(scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """One case was opened in plain, and encryption was switched on under it; one came later."""
    folder = tmp_path_factory.mktemp("encrypted")
    keys = folder / "keys"
    keys.write_text(new_file("may"))
    async with harness.virtual_time_server() as server:
        address = server.client.service_client.config.target_host
        async with harness.desk(server, folder, task_queue="t") as desk:
            await desk.open(case="BEFORE", customer={"id": CANARY})
        client = await connect(address=address, codec=encryption(keys))
        encrypted = WorkflowEnvironment.from_client(client)
        async with harness.desk(encrypted, folder, task_queue="t") as desk:
            await _lived(desk)
            refused = await _refused(client)
        for name, workflow in (("open", names.escalation_id("AFTER")), ("refused", refused)):
            history = await client.get_workflow_handle(workflow).fetch_history()
            (folder / f"{name}.json").write_text(history.to_json())
        await listed(server, 2)
        yield Place(address, keys, folder / "open.json", folder / "refused.json", folder)


async def _lived(desk: harness.Desk) -> None:
    """What customers say stands in both, and a message that nobody took."""
    desk.channels.refuses.add(f"mailto:{CANARY}@acme.example")
    customer = {"id": CANARY, "name": CANARY, "contacts": [f"mailto:{CANARY}@acme.example"]}
    opened = await desk.open(case="AFTER", title=CANARY, customer=customer)
    before = harness.OpenCase(
        "BEFORE", desk.client.get_workflow_handle(names.escalation_id("BEFORE")), desk
    )
    for case in (opened, before):
        await case.say(Signal.ADD_NOTE, events.AddNote(by="kim", text=f"It is {CANARY}"))
        await case.command(Update.ACKNOWLEDGE, events.Acknowledge(by="kim"))


async def _refused(client: Client) -> str:
    start = {"case": "REFUSED", "title": CANARY, "impact": f"{CANARY}'s"}
    run = await client.start_workflow(
        names.Workflow.ESCALATION, start, id="escalation/REFUSED", task_queue="t"
    )
    with pytest.raises(WorkflowFailureError):
        await run.result()
    return run.id


@pytest.fixture
def lost(tmp_path: Path) -> Path:
    """A file of keys that has not the one with which all was encrypted."""
    file = tmp_path / "other-keys"
    file.write_text(new_file("june"))
    return file


async def test_the_gate_reads_what_is_encrypted(place: Place) -> None:
    """With the keys every open case is replayed as it was: also one that was opened in plain."""
    opened, step = await asyncio.gather(
        place.escalade("replay", "--json", keys=place.keys),
        place.escalade("replay", "--case", "AFTER", "--step", "--json", "--keys", str(place.keys)),
    )

    assert (opened.code, opened.document["ok"], opened.document["runs"]) == (0, True, 2), opened.out
    assert (step.code, step.document["differences"]) == (0, [])
    assert any("signal add_note" in each["came"] for each in step.document["steps"])


async def test_a_build_that_would_stop_cases_is_found(place: Place, tmp_path: Path) -> None:
    """What our code raises is told, though a worker would encrypt it."""
    broken = checkout(tmp_path / "broken", RAISES)

    told = await place.escalade("replay", "--case", "AFTER", keys=place.keys, at=broken)

    assert told.code == 1
    assert "KeyError" in told.out
    assert "(workflows/escalation.py:" in "".join(told.out.split())
    assert "Encoded failure" not in told.out


async def test_a_refused_start_is_read_in_its_file(place: Place) -> None:
    """Why it was refused stands in its history encrypted, and is the same now."""
    codec = encryption(place.keys)
    history = await history_of(Job(file=place.refused), None, codec)
    past, present = await replay(history, codec=codec)

    assert f"{CANARY}'s" in past.decided[-1].content
    assert [*differences(past, present)] == []


@dataclass(frozen=True)
class Here:
    """The command in this process, which is quicker, on a terminal that names these keys."""

    environment: pytest.MonkeyPatch
    shown: pytest.CaptureFixture[str]

    def run(self, *words: str, keys: Path | None = None) -> Answer:
        """Run it to its end."""
        self.environment.delenv(KEYS, raising=False)
        if keys is not None:
            self.environment.setenv(KEYS, str(keys))
        code = main.run([*words])
        said = self.shown.readouterr()
        return Answer(code, said.out, said.err)


@pytest.fixture
def here(place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """It talks to the server of the place."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", place.address)
    return Here(monkeypatch, capsys)


def test_after_a_rotation(place: Place, here: Here, tmp_path: Path) -> None:
    """Another key encrypts by now: what the old one has encrypted is read as long as it is kept."""
    rotated = tmp_path / "rotated"
    rotated.write_text(with_active(with_another(place.keys.read_text(), "june"), "june"))

    told = here.run("explain", "AFTER", keys=rotated)

    assert told.code == 0
    assert f"It is {CANARY}" in told.out


NO_KEYS = "'may': set ESCALADE_ENCRYPTION_KEYS_FILE"
OTHER_KEYS = "'may', and the file of keys has june. Put that key back"


@pytest.mark.parametrize("verb", ["explain", "export"])
@pytest.mark.parametrize("of_file", [False, True])
def test_without_the_keys(place: Place, here: Here, verb: str, of_file: bool, lost: Path) -> None:
    """None are named: which variable to set. Others are: which key is missing, and where it goes.
    The same of a file that was kept as the server has it."""
    what = str(place.encrypted) if of_file else "AFTER"

    none, other = here.run(verb, what), here.run(verb, what, keys=lost)

    assert (none.code, other.code, none.out, other.out) == (1, 1, "", "")
    assert NO_KEYS in none.err
    assert OTHER_KEYS in other.err


async def test_the_gate_without_the_keys(place: Place, lost: Path) -> None:
    """It does not take what it cannot read for a case that would break: it says which key."""
    server, file = await asyncio.gather(
        place.escalade("replay"),
        place.escalade("replay", str(place.encrypted), "--step", keys=lost),
    )

    assert server.code == 1
    assert "COULD NOT BE READ (2)" in server.out
    assert NO_KEYS in " ".join(server.out.split())
    assert file.code == 2
    assert OTHER_KEYS in " ".join(file.err.split())


def test_keys_that_cannot_be_used(place: Place, here: Here, tmp_path: Path) -> None:
    """A file that is not there, and one that is none: said before anything is read."""
    (tmp_path / "none").write_text("may short\n")
    missing = here.run("explain", str(place.encrypted), keys=tmp_path / "nowhere")
    wrong = here.run("export", "AFTER", keys=tmp_path / "none")

    assert missing.code == wrong.code == 2
    assert "escalade keys new" in missing.err
    assert "line 1: the key may" in wrong.err


@pytest.fixture
def exports(place: Place, here: Here, tmp_path: Path) -> list[Path]:
    """What is exported: the server's case, its file, a refused start."""
    files = []
    for n, what in enumerate(["AFTER", str(place.encrypted), str(place.refused)]):
        files.append(tmp_path / f"{n}.json")
        made = here.run("export", what, "-o", str(files[-1]), "--keys", str(place.keys))
        assert made.code == 0, made.err
    return files


async def test_an_export_is_plain_and_a_test(place: Place, exports: list[Path]) -> None:
    """Nobody is in it, no key is needed to replay it, and none is in the way where the environment
    names one."""
    for file in exports:
        job = Job(file=file)
        plain = await history_of(job, None, None)
        assert seen(plain) == []
        for codec in (None, encryption(place.keys)):
            history = await history_of(job, None, codec)
            assert [*differences(*await replay(history, codec=codec))] == []


@pytest.mark.parametrize("there", ["another key", "no key"])
async def test_why_a_task_failed_need_not_be_read(tmp_path: Path, there: str) -> None:
    """A worker that had another key failed a task of a case, which works all the same: its history
    is read but for those words. What decides anything has to be read."""
    (tmp_path / "keys").write_text(new_file("may"))
    (tmp_path / "others").write_text(new_file("june"))
    hides = data_converter(encryption(tmp_path / "others"))
    known = data_converter(encryption(tmp_path / "keys" if there == "another key" else None))
    lived = replaying.recorded()["confirmed"].events
    failed = HistoryEvent(event_id=len(lived) + 1)
    failure = failed.workflow_task_failed_event_attributes.failure
    await hides.encode_failure(KeyError("price"), failure)
    history = WorkflowHistory("escalation/K-1", [*lived, failed])

    plain = await decoded(history, known)

    assert failure.HasField("encoded_attributes")
    assert not plain.events[-1].workflow_task_failed_event_attributes.HasField("failure")
    assert list(plain.events[:-1]) == list(lived)
    failed.workflow_execution_signaled_event_attributes.input.payloads.extend(
        await hides.encode(["Well?"])
    )
    with pytest.raises(PayloadUnreadable, match="june"):
        await decoded(history, known)
