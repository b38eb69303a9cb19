"""`escalade explain` and `escalade export`, as somebody reads a case who was not there."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from escalations import events, names
from escalations.cli import main
from escalations.explaining import english, finnish, french
from escalations.histories.plain import of_file
from escalations.histories.retrospectives import retold
from tests import harness
from tests.entrances.terminal import Answer, Terminal
from tests.house import CHECKOUT

HISTORIES = CHECKOUT / "tests" / "histories"
CLIMBED = str(HISTORIES / "climbed.json")
RUNS = [str(HISTORIES / f"continued_{n}.json") for n in (1, 2)]


def _here(terminal: Terminal) -> Terminal:
    """The command of this checkout."""
    return Terminal(terminal.environment | {"PYTHONPATH": str(CHECKOUT)})


class Here:
    """The command in this process: quicker where no terminal is looked at."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def run(self, *words: str) -> Answer:
        code = main.run([*words])
        shown = self._capsys.readouterr()
        return Answer(code, shown.out, shown.err)


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    """Without a server: a file needs none."""
    monkeypatch.setenv("TEMPORAL_ADDRESS", "localhost:1")
    return Here(capsys)


@pytest.fixture
def alone() -> Terminal:
    """A terminal without a server: a file needs none."""
    return _here(Terminal.at("localhost:1", "nobody"))


async def test_a_case_is_a_story_in_a_pipe(alone: Terminal) -> None:
    """Each level with its clock: who was asked, when it was left and why, what was broken."""
    told = await alone.run("explain", CLIMBED)

    assert (told.code, told.err) == (0, "")
    assert "\x1b" not in told.out
    lines = told.out.splitlines()
    assert lines[0] == "climbed  Charged twice"
    assert "Level 1: Desk" in lines
    assert (
        "On Mon 2030-03-04 at 10:00 the case came to Service desk. It stayed for 30 minutes, until "
        "10:30. It used all the time of this level, 30 minutes."
    ) in lines
    assert "A promise was broken: the time of this level was over at 10:30." in lines
    assert "It went on to level 2, Head of service: time was up." in lines
    assert any("told 3 more times that it was unresolved" in line for line in lines)
    assert "level_entered" not in told.out


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "2 promises were broken."),
        ("fr", "2 promesses n’ont pas été tenues."),
        ("fi", "2 lupausta petettiin."),
    ],
)
def test_the_story_in_the_readers_language(here: Here, language: str, says: str) -> None:
    """English, French or Finnish."""
    told = here.run("explain", CLIMBED, "--language", language)

    assert told.code == 0
    assert says in told.out


def test_every_language_has_every_word() -> None:
    """With the same places to be filled."""
    places = [
        {key: sorted(set(_places(text))) for key, text in words.items()}
        for words in (english.WORDS, french.WORDS, finnish.WORDS)
    ]
    assert places[0].keys() == places[1].keys() == places[2].keys()
    for key in places[0].keys() - {"opened", "opened_again"}:
        assert places[0][key] == places[1][key] == places[2][key], key


def _places(text: str) -> list[str]:
    return [part.partition("}")[0] for part in text.split("{")[1:]]


async def test_a_narrow_terminal(alone: Terminal) -> None:
    """At 60 columns nothing is cut."""
    code, shown = await alone.on_screen("explain", CLIMBED, columns=60, NO_COLOR="1")

    assert code == 0
    assert max(len(line) for line in shown.splitlines()) < 75  # with what makes it bold
    assert "It used all the time of this level" in " ".join(shown.split())


def test_the_runs_of_a_case_in_one_document(here: Here) -> None:
    """--json: one document, with the clock of each stay."""
    told = here.run("explain", *RUNS, "--json")

    document = told.document
    (chapter,) = document["chapters"]
    assert (document["case"], document["differences"]) == ("continued", [])
    assert chapter["clock"]["budget"] == "30m"
    assert document["story"][0] == {"kind": "title", "text": "continued  Charged twice"}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nowhere.json"], 2, "cannot be read: No such file"),
        (["pyproject.toml"], 2, "pyproject.toml: This is no JSON"),
        (["what is this?"], 2, "is no file, and no case id"),
        (["T-1", "T-2"], 2, "name one case, or files alone"),
        ([CLIMBED, RUNS[0]], 2, "are of several cases (climbed, continued)"),
        ([RUNS[0], CLIMBED], 2, "are of several cases (climbed, continued)"),
        ([str(HISTORIES / "retrospective.json")], 2, "a history of `Retrospective`"),
        ([str(HISTORIES / "refused_opening.json")], 1, "never began: category: found 'no-such'"),
        (["T-1"], 3, "Temporal cannot be reached"),
    ],
)
def test_what_cannot_be_told_is_said_in_words(
    here: Here, words: list[str], code: int, says: str
) -> None:
    """Whoever named the wrong thing reads what was found."""
    told = here.run("explain", *words)

    assert (told.code, told.out) == (code, "")
    assert says in told.err
    assert "Traceback" not in told.err


def test_an_exported_history_explains_and_stays_where_it_is(here: Here, tmp_path: Path) -> None:
    """Another name for everybody; and a file that is there is not written over unasked."""
    file = tmp_path / "yesterday.json"

    first = here.run("export", str(HISTORIES / "rejected.json"), "-o", str(file))
    again = here.run("export", str(HISTORIES / "rejected.json"), "-o", str(file), "--json")
    told = here.run("explain", str(file))

    assert (first.code, again.code, told.code) == (0, 2, 0)
    assert "is there already" in again.document["error"]["message"]
    assert "the customer did not agree" in told.out
    assert not {"ACME", "Ada", "Charged", "rejected"} & set(told.out.replace(":", " ").split())


def test_a_retrospective_is_exported_too(here: Here, tmp_path: Path) -> None:
    """As its case is; it has no story of its own, and that is said."""
    file = tmp_path / "retrospective.json"

    made = here.run("export", str(HISTORIES / "retrospective.json"), "-o", str(file), "--json")
    told = here.run("explain", str(file))

    recorded = of_file((HISTORIES / "retrospective.json").read_text("utf-8"))
    assert made.document["events"] == [len(recorded.events)]
    brief = retold(of_file(file.read_text())).record.request.brief
    assert brief.title != "Charged twice"
    assert brief.case == "case-1"
    assert (told.code, "a history of `Retrospective`" in told.err) == (2, True)


def test_several_runs_are_several_files(here: Here, tmp_path: Path) -> None:
    """Numbered, and told of with --json; without a file one run goes to standard output."""
    refused = here.run("export", *RUNS)
    told = here.run("export", *RUNS, "-o", str(tmp_path / "c.json"), "--json")
    one = here.run("export", CLIMBED)

    assert refused.code == 2
    assert told.document["files"] == [str(tmp_path / "c_1.json"), str(tmp_path / "c_2.json")]
    assert json.loads(one.out)["events"][0]["eventId"] == "1"


RTL = "שרה כהן"


@pytest.fixture
async def left_alone(environment: WorkflowEnvironment, tmp_path: Path) -> AsyncIterator[Client]:
    """A server with a case on it, and no worker any more."""
    async with harness.desk(environment, tmp_path) as desk:
        opened = await desk.open(case="X-left-alone", customer={"name": RTL})
        await opened.say(names.Signal.CUSTOMER_REPLIED, events.CustomerReplied(text="Hello? 🙁"))
        await opened.ready()
    yield environment.client
    await environment.client.get_workflow_handle(names.escalation_id("X-left-alone")).terminate()


async def test_a_case_is_told_while_no_worker_is_there(left_alone: Client) -> None:
    """At three in the morning, when the workers are down: the server's history is enough."""
    terminal = _here(Terminal.at(left_alone.service_client.config.target_host, "nobody"))

    told = await terminal.run("explain", "X-left-alone")
    unknown = await terminal.run("explain", "X-left-alon")
    none = await terminal.run("export", "X-left-alone", "--retrospective")

    assert (told.code, told.err) == (0, "")
    assert f"\u2068{RTL}\u2069" in told.out
    assert "    “Hello? 🙁”" in told.out.splitlines()
    assert "What comes next: " in told.out
    assert unknown.code == 1
    assert "There is no case X-left-alon" in unknown.err
    assert (none.code, none.out) == (1, "")
    assert "X-left-alone has no retrospective here: its policy holds none" in none.err
