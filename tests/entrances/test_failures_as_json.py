"""Whatever fails says so to a program in one shape: `{"error": {"type": …, "message": …}}`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from escalations.cli.commands import escalade
from escalations.cli.main import run
from tests.harness import CALL_CENTRE
from workers.replay import command as gate


def commands(above: click.Command = escalade, *path: str) -> Iterator[tuple[str, ...]]:
    """Every command that answers with JSON, by its words."""
    if isinstance(above, click.Group):
        for name in above.list_commands(click.Context(above)):
            command = above.get_command(click.Context(above), name)
            assert command is not None
            yield from commands(command, *path, name)
    elif any(each.name == "as_json" for each in above.params):
        yield path


def error_of(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one document on standard output, and nothing beside it."""
    said = capsys.readouterr()
    assert said.err == ""
    answer = json.loads(said.out)
    assert [*answer] == ["error"]
    assert (
        {"type", "message"} <= set(answer["error"]) <= {"type", "message", "problems", "findings"}
    )
    return answer["error"]


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
def test_a_wrong_option(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """Every command that takes `--json`, whatever else it takes; exit code 2."""
    assert run([*words, "--json", "--no-such-option"]) == 2
    assert error_of(capsys)["type"] == "UsageError"


BAD = {
    "policy.yaml": "policy: x\nlevelz: []\n",
    "scenario.yaml": "happens: [{after: soon, resume: }]\n",
    "mapping.yaml": "colums: {}\n",
    "keys": "no key\n",
    "history.json": "{}",
    "export.json": "[]",
    "request.json": "{}",
    "log.csv": "case\n1\n",
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bad file of each kind, and nobody to talk to."""
    for name, text in BAD.items():
        tmp_path.joinpath(name).write_text(text, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TEMPORAL_ADDRESS", "127.0.0.1:1")
    return tmp_path


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        ("policy show policy.yaml", 2, "PolicyError"),
        ("policy show policy.yaml --out x.html", 2, "PolicyError"),
        ("policy show no.yaml", 2, "PolicyError"),
        (f"policy diff {CALL_CENTRE} policy.yaml", 2, "PolicyError"),
        ("policy diff policy.yaml no.yaml", 2, "PolicyError"),
        ("policy simulate policy.yaml", 2, "PolicyError"),
        (f"policy simulate {CALL_CENTRE} scenario.yaml", 2, "ScenarioMistakes"),
        (f"policy simulate {CALL_CENTRE} --zone Mars", 2, "ScenarioMistakes"),
        ("policy import export.json", 2, "PolicyError"),
        (f"backtest log.csv --mapping mapping.yaml --policy {CALL_CENTRE}", 2, "MappingError"),
        ("keys list keys", 2, "KeysInvalid"),
        ("keys add keys", 2, "KeysInvalid"),
        ("keys new keys", 1, "Refused"),
        ("keys new no/such/folder/keys", 2, "UsageError"),
        ("explain history.json", 2, "Unexplained"),
        ("export history.json", 2, "Unexplained"),
        ("open request.json", 2, "RequestMistakes"),
        ("show T-1", 3, "Unreachable"),
        ("list", 3, "Unreachable"),
        ("acknowledge T-1 --by rita", 3, "Unreachable"),
    ],
)
def test_what_is_wrong_in_a_file(
    here: Path, words: str, code: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Mistakes of a policy, a scenario, a mapping, keys, a history; and nobody who answers."""
    assert run([*words.split(), "--json"]) == code
    assert error_of(capsys)["type"] == kind


@pytest.mark.parametrize(
    ("words", "code", "kind"),
    [
        ("--no-such-option", 2, "UsageError"),
        ("no.json", 2, "UsageError"),
        ("--keys keys", 2, "KeysInvalid"),
        ("", 3, "Unreachable"),
    ],
)
def test_the_gate(
    here: Path, words: str, code: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """`escalade replay` hands over to the checkout's gate, which ends as every command does."""
    assert gate.main([*words.split(), "--json"]) == code
    assert error_of(capsys)["type"] == kind


def test_findings_are_told_field_by_field(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Of two files with mistakes all are there; a reader gets a line each, as a check gives it."""
    run(["policy", "diff", "policy.yaml", "no.yaml", "--json"])
    findings = error_of(capsys)["findings"]
    assert {each["file"] for each in findings} == {"policy.yaml", "no.yaml"}
    assert {*findings[0]} == {"file", "line", "column", "key", "found", "allowed"}

    run(["policy", "diff", "policy.yaml", "no.yaml"])
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(findings)
    assert all(line.startswith(("policy.yaml:", "no.yaml:")) for line in lines)
