"""A case rebuilt from its history alone is the case that the worker had, entry for entry."""

import base64
from collections.abc import Iterable
from dataclasses import replace

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory
from temporalio.converter import PayloadCodec
from temporalio.worker import UnsandboxedWorkflowRunner

from escalations import events
from escalations.engine import Case
from escalations.explaining.retelling import Inexact, Retelling, differences
from escalations.explaining.run import Said, SendEnded
from escalations.explaining.story import story_of
from escalations.histories.plain import Unexplained, _messages, decoded, of_file
from escalations.histories.reading import run_of
from escalations.record import EscalationRecord
from escalations.temporal import data_converter
from tests.workflows import changes, replaying
from workflows.escalation import EscalationWorkflow

RECORDED = replaying.recorded()
OF_RETROSPECTIVES = replaying.of_retrospectives()
CASES = sorted(set(RECORDED) - OF_RETROSPECTIVES - {"refused_opening"})


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[EscalationWorkflow]:
    """The workflows that a replay makes."""
    made: list[EscalationWorkflow] = []
    act = EscalationWorkflow._act

    def noticed(self: EscalationWorkflow, case: Case, at: object) -> None:
        made.append(self)
        self.__dict__["told"] = case
        act(self, case, at)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(EscalationWorkflow, "_act", noticed)
    return made


@pytest.mark.parametrize("name", CASES)
async def test_a_case_is_rebuilt_as_the_worker_had_it(
    name: str, workers: list[EscalationWorkflow]
) -> None:
    """No worker and no workflow code: what the engine hears again makes the same record."""
    assert await replaying.differing(RECORDED[name], UnsandboxedWorkflowRunner()) == []
    had: EscalationRecord = workers[-1].__dict__["told"].record

    retelling = Retelling(run_of(RECORDED[name]))
    told = retelling.tell()

    assert [each.model_dump() for each in told.timeline] == [
        each.model_dump() for each in had.timeline
    ]
    assert told == had
    assert list(differences(retelling)) == []


async def test_a_run_that_a_rule_would_decide_otherwise_now_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A build with other rules does not tell a story of its own as if it were what happened."""
    of, function, to = changes.NOTHING_REMEMBERED
    monkeypatch.setattr(of, function, to)
    run = run_of(RECORDED["confirmed"])

    story = story_of([run])

    assert story.differences
    assert story.record == run.result
    assert all(chapter.clock is None for chapter in story.chapters)


async def test_a_history_through_a_codec_is_told_the_same() -> None:
    """Payloads and failures are read by the client's own data converter, whatever is done there."""
    codec = Backwards()
    converter = data_converter(codec)
    hidden = await _encoded(RECORDED["rejected"], codec)

    plain = await decoded(hidden, converter)

    with pytest.raises(Unexplained):
        run_of(hidden)
    assert run_of(plain) == run_of(RECORDED["rejected"])


class Backwards(PayloadCodec):
    """Turns payloads round; who does not, reads nothing."""

    async def encode(self, payloads: Iterable[Payload]) -> list[Payload]:
        return [
            Payload(metadata={"encoding": b"backwards"}, data=each.SerializeToString()[::-1])
            for each in payloads
        ]

    async def decode(self, payloads: Iterable[Payload]) -> list[Payload]:
        return [
            Payload.FromString(each.data[::-1])
            if each.metadata.get("encoding") == b"backwards"
            else each
            for each in payloads
        ]


async def _encoded(history: WorkflowHistory, codec: PayloadCodec) -> WorkflowHistory:
    copy = [HistoryEvent.FromString(event.SerializeToString()) for event in history.events]
    for event in copy:
        for found in _messages(event):
            if isinstance(found, Payload):
                found.CopyFrom((await codec.encode([found]))[0])
    return WorkflowHistory(history.workflow_id, copy)


def test_a_case_of_several_runs_is_one_story() -> None:
    """What one run hands to the next has its clocks in the story, too."""
    runs = [run_of(RECORDED[name]) for name in ("continued_1", "continued_2")]

    whole, last = story_of(runs), story_of(runs[1:])

    assert whole.record == last.record
    (chapter,) = whole.chapters
    assert chapter.clock is not None
    assert (str(chapter.clock.budget), chapter.clock.pauses) == ("30m", 1)


def test_a_clock_says_what_it_used_and_how_often_it_stood_still() -> None:
    """A hold for the customer takes two days, and the level's half hour is used to its end."""
    first, *_ = story_of([run_of(RECORDED["hold_customer"])]).chapters

    assert first.clock is not None
    assert first.left is not None
    assert first.left.why == "time"
    assert first.clock.pauses == 1
    assert str(first.clock.budget) == "30m"
    assert first.clock.consumed.amount == pytest.approx(30 * 60 * 1e6, rel=1e-3)


def test_what_was_reported_but_never_asked_for_is_not_told() -> None:
    """A history in which the engine cannot find its way is refused, not patched up."""
    run = run_of(RECORDED["climbed"])
    first, *_ = run.turns
    odd = replace(first, reported=[SendEnded(dispatch=7, deliveries=[])])

    with pytest.raises(Inexact, match="did not ask for"):
        Retelling(replace(run, turns=[odd])).tell()


def test_a_command_that_is_refused_now_is_not_told() -> None:
    """What was accepted then and is refused now was decided by other rules."""
    run = run_of(RECORDED["climbed"])
    first, *_ = run.turns
    said = Said(events.HandUp(by="Kim", from_level=3, reason="?"), number=1)

    with pytest.raises(Inexact, match="refuses what was accepted then"):
        Retelling(replace(run, turns=[replace(first, said=[said])])).tell()


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no JSON"),
        ("{}", "no list of `events`"),
        ("[1]", "no list of `events`"),
        ('{"events": []}', "begins with the start of its run"),
        ('{"events": [{"eventId": "1", "eventType": "EVENT_TYPE_TIMER_FIRED"}]}', "start of its"),
        ('{"events": [{"eventId": "one"}]}', "cannot be read"),
    ],
)
def test_a_file_that_is_no_history_is_refused_in_words(text: str, says: str) -> None:
    """Whoever took the wrong file reads what was found, and what to export."""
    with pytest.raises(Unexplained, match=says):
        of_file(text)


def test_what_the_user_interface_and_the_command_line_export_is_read() -> None:
    """Temporal's own exports: the events alone, in `history`, with short names of their types."""
    text = (replaying.HISTORIES / "confirmed.json").read_text("utf-8")
    listed = text.partition('"events": ')[2].rstrip().removesuffix("}")
    short = text.replace("EVENT_TYPE_WORKFLOW_TASK_STARTED", "WorkflowTaskStarted")

    for written in (listed, f'{{"history": {{"events": {listed}}}}}', short):
        assert run_of(of_file(written)) == run_of(RECORDED["confirmed"])


def test_payloads_that_were_decoded_on_their_way_are_refused() -> None:
    """The user interface can write payloads decoded; nothing can read them back."""
    text = (replaying.HISTORIES / "confirmed.json").read_text("utf-8")
    for part in text.split('"data": "')[1:]:
        data = part.partition('"')[0]
        if base64.b64decode(data).startswith(b'{"case"'):
            text = text.replace(data, base64.b64encode(b'"decoded"').decode())

    with pytest.raises(Unexplained, match="without decoding"):
        run_of(of_file(text))
