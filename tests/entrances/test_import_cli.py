"""`escalade policy import` as somebody at a terminal uses it; no server is needed."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from escalations import policy_file
from escalations.cli import importing as command
from escalations.cli.main import run
from escalations.importing.importing import TOOLS
from tests.domain.importing import FIXTURES, files
from tests.domain.importing import TOOLS as FIXTURE_TOOLS


def import_(*words: object) -> int:
    """Run it in this process; its exit code."""
    return run(["policy", "import", *map(str, words)])


def document(capsys: pytest.CaptureFixture[str]) -> Any:
    """Standard output, which is one JSON document."""
    return json.loads(capsys.readouterr().out)


def test_the_policy_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    """YAML that can be piped into a file, and beside it what has no counterpart."""
    code = import_(*files("opsgenie"))

    said = capsys.readouterr()
    assert code == 0
    assert policy_file.read(said.out).policy == "payments-escalation"
    assert said.err.lstrip().startswith("Cases will go another way")
    assert "To be filled in or checked before use" in said.err
    assert "no counterpart" in said.err.splitlines()[-1]


@pytest.mark.parametrize("tool", FIXTURE_TOOLS)
def test_json_is_one_document(tool: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Policies as data and as text, and every entry of the list with its five fields."""
    code = import_(*files(tool), "--json")

    answer = document(capsys)
    assert code == 0
    assert answer["source"] == tool
    for policy in answer["policies"]:
        assert yaml.safe_load(policy["text"]) == policy["data"]
        assert policy["file"] is None
    for entry in answer["not_carried"]:
        assert entry.keys() == {"source", "place", "what", "why", "advice", "weight"}


def test_several_policies_go_into_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each is a file of its name that `policy check` accepts; nothing is written over."""
    folder = tmp_path / "made"

    assert import_(*files("pagerduty"), "--out", folder) == 0
    assert sorted(path.name for path in folder.iterdir()) == [
        "engineering-escalation-policy.yaml",
        "out-of-hours.yaml",
    ]
    assert len(policy_file.read_folder(folder)) == 2
    assert str(folder / "out-of-hours.yaml") in capsys.readouterr().out

    before = (folder / "out-of-hours.yaml").read_text("utf-8")
    (folder / "engineering-escalation-policy.yaml").unlink()
    assert import_(*files("pagerduty"), "--out", folder) == 2
    assert "there already. Nothing was written" in capsys.readouterr().err
    assert not (folder / "engineering-escalation-policy.yaml").exists()
    assert (folder / "out-of-hours.yaml").read_text("utf-8") == before


def test_several_policies_need_a_folder(capsys: pytest.CaptureFixture[str]) -> None:
    """Two documents on standard output would be no policy file; it says what to do."""
    assert import_(*files("pagerduty")) == 2

    said = capsys.readouterr()
    assert said.out == ""
    assert "engineering-escalation-policy, out-of-hours" in said.err
    assert "--out" in said.err


def test_one_policy_goes_into_the_file_that_is_named(tmp_path: Path) -> None:
    """A name that ends in .yaml is the file itself, in folders that are made for it."""
    file = tmp_path / "new" / "iris.yaml"

    assert import_(*files("iris"), "--name", "shop", "--out", file) == 0

    assert policy_file.read(file).policy == "shop"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "an empty file"),
        (b'{"a": \xff}', "the byte 0xFF, which is not UTF-8"),
        (b"name: yaml\n", "no JSON: Expecting value"),
        (b'{"a": 1}', "without an escalation in it"),
        (None, "no file to read"),
    ],
)
def test_wrong_input_is_exit_code_2(
    content: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """File, line, what was found and what is allowed, with and without --json; nothing else."""
    file = tmp_path / "export.json"
    if content is not None:
        file.write_bytes(content)

    assert import_(file) == 2
    err = capsys.readouterr().err
    assert f"{file}:1: found" in err
    assert said in err
    assert "Traceback" not in err

    assert import_(file, "--json") == 2
    assert said in document(capsys)["error"]["findings"][0]["found"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Files that Windows tools have saved are read."""
    file = tmp_path / "plan.json"
    file.write_bytes(b"\xef\xbb\xbf" + (FIXTURES / "iris/plan.json").read_bytes())

    assert import_(file, FIXTURES / "iris/user.json") == 0


@pytest.mark.parametrize("name", ["Shop", "", "-x", "a b", "x" * 65])
def test_a_name_has_to_be_a_name(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What a policy file would refuse is refused before anything is read."""
    assert import_(*files("iris"), "--name", name) == 2
    assert "lower case letters" in capsys.readouterr().err


def test_every_tool_can_be_named() -> None:
    """`--from` takes each tool there is, without loading them to say so."""
    assert set(command.SOURCES) == set(TOOLS)


def test_all_lines_fit_where_nobody_says_how_wide_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """In a pipe the list is wrapped, without colours and without blanks at the ends."""
    import_(*files("grafana-oncall"))

    for line in capsys.readouterr().err.splitlines():
        assert len(line) <= 100, line
        assert line == line.rstrip()
        assert "\x1b" not in line
