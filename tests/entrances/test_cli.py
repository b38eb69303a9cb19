"""`escalade` as people and scripts use it: one verb per message, an answer, an exit code."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from escalations.client import EscalationClient
from escalations.request import EscalationRequest
from tests.entrances.conftest import Complaint
from tests.entrances.terminal import COMMAND, Terminal
from tests.harness import CALL_CENTRE


@pytest.fixture
def file(tmp_path: Path) -> Callable[[EscalationRequest], str]:
    """A request as a file."""

    def write(request: EscalationRequest) -> str:
        path = tmp_path / "request.json"
        path.write_text(request.model_dump_json(), encoding="utf-8")
        return str(path)

    return write


@pytest.mark.timeout(300)  # nineteen processes one after another
async def test_a_case_from_its_opening_to_its_end(
    terminal: Terminal, complaint: Complaint, file: Callable[[EscalationRequest], str]
) -> None:
    """Every verb is one command, answers with one JSON document, and ends with 0."""
    request = complaint(customer={"name": "שלום ACME"}, title="Charged twice 😀")
    case = request.case
    back = ["hand-back", case, "--advice", "Ask IT."]
    script = [
        (["open", file(request), "--policies", str(CALL_CENTRE.parent)], "open"),
        (["acknowledge", case, "--by", "ada"], "open"),
        (["assign", case, "--by", "ada", "--to", "grace"], "open"),
        (["hold", case, "--by", "ada", "--reason", "vendor", "--note", "asked"], "on_hold"),
        (["resume", case, "--by", "ada"], "open"),
        (["complete-action", case, "--by", "ada", "--action", "record-statement"], "open"),
        (["hand-up", case, "--by", "ada", "--from-level", "1", "--reason", "no access"], "open"),
        ([*back, "--by", "eve", "--from-level", "2", "--to-level", "1"], "open"),
        (["set-priority", case, "--by", "eve", "--priority", "P1", "--why", "He is mad."], "open"),
        (["update-customer", case, "--by", "ada", "--text", "We are on it."], "open"),
        (["reply", case, "--text", "Any news?", "--channel", "mail"], "open"),
        (["note", case, "--by", "ada", "--text", "Called back."], "open"),
        (["trigger", case, "data-at-risk", "--by", "ada"], "open"),
        (["resolve", case, "--by", "ada", "--kind", "fix", "--summary", "Paid back."], "resolved"),
        (["reject", case, "--by", "customer", "--why", "Not on my account."], "open"),
        (["resolve", case, "--by", "ada", "--summary", "Paid back, now really."], "resolved"),
        (["confirm", case, "--by", "customer"], "closed"),
        (["show", case], "closed"),
    ]

    answers = [(await terminal.run(*words, "--json"), words, status) for words, status in script]

    for answer, words, status in answers:
        assert (answer.code, answer.err) == (0, ""), words
        summary = answer.document.get("summary", answer.document)
        assert (summary["case"], summary["status"]) == (case, status), words
    shown = answers[-1][0].document
    assert shown["title"] == "Charged twice 😀"
    assert shown["record"]["request"]["customer"]["name"] == "שלום ACME"
    assert len(shown["timeline"]) == len(shown["record"]["timeline"])


async def test_the_customer_says_how_it_went(
    terminal: Terminal, complaint: Complaint, file: Callable[[EscalationRequest], str]
) -> None:
    """Where the policy asks, a confirmed case ends with the customer's mark."""
    request = complaint(policy="whole")
    case = request.case
    await terminal.run("open", file(request))
    await terminal.run("resolve", case, "--by", "ada", "--summary", "Paid back.")
    confirmed = await terminal.run("confirm", case, "--by", "customer", "--json")
    nonsense = await terminal.run("rate", case, "--score", "6", "--json")
    rated = await terminal.run("rate", case, "--score", "4", "--comment", "Merci 🙏", "--json")

    assert (confirmed.code, confirmed.document["status"]) == (0, "resolved")
    assert (nonsense.code, nonsense.document["error"]["type"]) == (2, "RequestMistakes")
    assert (rated.code, rated.document["ending"]) == (0, "confirmed")


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        pytest.param(["show", "zz-unheard-of"], 1, "CaseUnknown", id="unknown"),
        pytest.param(["confirm", "CASE", "--by", "ada"], 1, "Refused", id="refused"),
        pytest.param(["open", "FILE"], 2, "RequestMistakes", id="request"),
        pytest.param(["hold", "CASE", "--by", "a", "--reason", "lunch"], 2, "RequestMistakes"),
        pytest.param(["note", "CASE", "--by", "a", "--text", "a\x1b[31m"], 2, "RequestMistakes"),
        pytest.param(["note", "CASE", "--by", "a"], 2, "UsageError", id="option"),
        pytest.param(["show", "no case"], 2, "UsageError", id="case id"),
        pytest.param(["shwo", "CASE"], 2, "UsageError", id="command"),
        pytest.param(["open", "/nonexistent"], 2, "UsageError", id="file"),
        pytest.param(["open", "FILE", "--policies", "/nonexistent"], 2, "PolicyError", id="folder"),
        pytest.param(["list", "--address", "127.0.0.1:1"], 3, "Unreachable", id="unreachable"),
        pytest.param(["list", "--namespace", "nowhere"], 3, "Unreachable", id="namespace"),
        pytest.param(["list", "--profile", "nowhere"], 3, "Unreachable", id="profile"),
    ],
)
async def test_what_cannot_be_done_says_why(
    terminal: Terminal,
    client: EscalationClient,
    complaint: Complaint,
    tmp_path: Path,
    words: list[str],
    code: int,
    kind: str,
) -> None:
    """An error is a sentence on standard error, or with --json the one document; never both."""
    (tmp_path / "bad.json").write_text('{"case": "T 1", "weather": "fine"}')
    case = (await client.open(complaint())).case
    said = [{"CASE": case, "FILE": str(tmp_path / "bad.json")}.get(word, word) for word in words]

    plain, structured = await asyncio.gather(terminal.run(*said), terminal.run(*said, "--json"))

    assert (plain.code, structured.code) == (code, code)
    assert plain.out == ""
    assert plain.err.strip() != ""
    assert "Traceback" not in plain.err + structured.err
    error = structured.document["error"]
    assert error["type"] == kind
    assert error["message"].strip() != ""


async def test_every_mistake_of_a_request_is_named(terminal: Terminal) -> None:
    """A request with seven mistakes is mended in one go: all fields are named at once."""
    asked = {"case": "T 1", "reported_at": "2026-11-23T09:00:00", "weather": "fine", "title": ""}

    answer = await terminal.run("open", "-", "--json", typed=json.dumps(asked))

    problems = answer.document["error"]["problems"]
    assert {problem["field"] for problem in problems} == {
        "case", "title", "statement", "customer", "policy", "reported_at", "weather",
    }  # fmt: skip


async def test_a_fact_that_changes_nothing_is_no_success(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """A trigger that the policy does not have is written down; the answer and the code say so."""
    case = (await client.open(complaint())).case

    answer = await terminal.run("trigger", case, "bad-weather", "--by", "ada", "--json")

    assert answer.code == 1
    assert answer.document["counted"] is False
    assert "bad-weather is no trigger" in answer.document["because"]
    assert answer.document["summary"]["level"] == 1


async def test_a_policy_is_checked_without_a_server(tmp_path: Path) -> None:
    """The real matrix can be used; mistakes end with 2."""
    alone = Terminal.at("127.0.0.1:1", "nobody")
    bad = tmp_path / "bad.yaml"
    bad.write_text("policy: bad\ncontacts: {}\nlevels: [{name: First, contact: boss}]\n")

    fine = await alone.run("policy", "check", str(CALL_CENTRE))
    found = await alone.run("policy", "check", str(bad), str(CALL_CENTRE))
    structured = await alone.run("policy", "check", str(bad), "--json")

    assert (fine.code, found.code, structured.code) == (0, 2, 2)
    assert "call-centre can be used: 7 levels" in fine.out
    findings = structured.document["findings"]
    assert [line for line in found.out.splitlines() if line.startswith(f"{bad}:")] != []
    assert {finding["key"] for finding in findings} >= {"contacts", "levels.#1.within"}


async def test_help_loads_nothing_heavy() -> None:
    """`escalade --help` is there at once: neither the models nor Temporal are loaded for it."""
    asked = "import sys; from escalations.cli import main; main.run(['--help']); "
    told = "print(sorted({'pydantic', 'temporalio', 'rich', 'yaml'} & set(sys.modules)))"

    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", asked + told, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()

    assert out.decode().splitlines()[-1] == "[]"


async def test_an_answer_that_cannot_be_written_is_no_success(
    terminal: Terminal, client: EscalationClient, complaint: Complaint
) -> None:
    """On a full disk the command fails and says so; with nobody listening it does its work."""
    case = (await client.open(complaint())).case
    command = f"{COMMAND} show {case} > /dev/full; echo $?; {COMMAND} show {case} >&-; echo $?"

    process = await asyncio.create_subprocess_shell(
        command,
        env=terminal.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()

    assert out.split() == [b"74", b"0"]
    assert b"No space left on device" in err
    assert b"Traceback" not in err
