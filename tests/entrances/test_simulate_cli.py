"""`escalade policy simulate` as a support lead uses it: no server, an answer, an exit code."""

import asyncio
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import icalendar
import pytest
from rich.cells import cell_len

from escalations.cli.main import run
from escalations.cli.simulated import lines
from escalations.simulation.scenario_file import Wishes, read
from escalations.simulation.story import Story
from tests.domain.matrices import call_centre
from tests.harness import CALL_CENTRE, ROOT

AT = "2026-12-22 16:40"
Ask = Callable[..., tuple[int, str, str]]


@pytest.fixture
def ask(capsys: pytest.CaptureFixture[str]) -> Ask:
    """Runs the command; its exit code, what it said, and what it said beside."""

    def simulate(*words: str | Path, at: str | None = AT) -> tuple[int, str, str]:
        moment = ["--at", at] if at else []
        command = ["policy", "simulate", str(CALL_CENTRE), *map(str, words), *moment]
        code = run(command)
        said = capsys.readouterr()
        return code, said.out, said.err

    return simulate


@pytest.fixture
def scenario(tmp_path: Path) -> Callable[[str], Path]:
    """A scenario as a file."""

    def write(text: str) -> Path:
        path = tmp_path / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_what_happens_when_nobody_does_anything(ask: Ask) -> None:
    """Without a scenario: who is told what, when and why, up to a horizon that is named."""
    code, out, err = ask()

    assert (code, err) == (0, "")
    assert "opened Tue 2026-12-22 16:40 (Europe/Paris)" in out
    assert "Wed 2026-12-23 01:10  Sales manager missed its window" in out
    assert "after 2bd (office)" in out
    assert "→ Stakeholder: level entered (stakeholder@callcentre.example)" in out
    assert "Cut at Tue 2027-01-19 16:40" in out


def test_a_scenario_is_played(ask: Ask, scenario: Callable[[str], Path]) -> None:
    """What is said when is in a file; the case ends, and what was left to say is counted."""
    path = scenario(
        "summary: 😀 שלום\nhappens:\n  - {after: 5m, acknowledge: rita}\n"
        "  - {after: 1h, propose_resolution: Paid back}\n  - {after: 1h, confirm_resolution: }\n"
        "  - {after: 1h, rate: 5}\n  - {after: 1h, add_note: late}\n"
    )
    code, out, _ = ask(path)

    assert code == 0
    assert "P3 · 😀 שלום" in out
    assert "rita took it" in out
    assert "Ended Tue 2026-12-22 19:45: the customer confirmed." in out
    assert "1 of the scenario" in out


def test_one_json_document(ask: Ask) -> None:
    """With --json, or as JSON, standard output is one document and nothing else."""
    for words in (["--json"], ["--as", "json"]):
        code, out, err = ask(*words)
        told = json.loads(out)
        assert (code, err) == (0, "")
        assert told["cut"] is True
        assert told["summary"]["level_name"] == "Senior management"
        first = told["happenings"][1]
        assert first["at"] == "2026-12-22T15:45:00+00:00"
        assert [each["type"] for each in first["entries"]] == ["acknowledgement_expired"]
        assert {each["recipient"] for each in first["told"]} == {
            "representative",
            "escalation-manager",
        }


def test_options_change_the_case(ask: Ask) -> None:
    """Zone, category, priority, language and horizon are said on the command line."""
    _, out, _ = ask(
        *("--zone", "Asia/Tokyo", "--category", "billing", "--priority", "P1"),
        *("--language", "fr", "--until", "1h"),
    )

    assert "(Asia/Tokyo)" in out
    assert "mar 2026-12-22 16:40" in out
    assert "P1 · billing" in out
    assert "Support manager" in out
    assert "Coupé le mar 2026-12-22 17:40" in out


@pytest.mark.parametrize("form", ["table", "json", "svg", "ical"])
def test_into_a_file(ask: Ask, tmp_path: Path, form: str) -> None:
    """Each form can be written to a file; the answer says where it is."""
    out = tmp_path / "out"
    code, said, _ = ask("--as", form, "--out", out, "--json")

    assert (code, json.loads(said)) == (0, {"written": str(out), "as": form})
    text = out.read_bytes().decode()
    match form:
        case "table":
            assert "Sales manager was reminded" in text
        case "json":
            assert json.loads(text)["cut"]
        case "svg":
            assert ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314 - our own
        case _:
            assert len(icalendar.Calendar.from_ical(text).walk("VEVENT")) > 20


@pytest.mark.parametrize("form", ["svg", "ical"])
def test_into_a_pipe(ask: Ask, form: str) -> None:
    """Without a file a picture or a calendar goes to standard output, and nothing else does."""
    code, out, err = ask("--as", form)

    assert (code, err) == (0, "")
    assert out.startswith({"svg": "<svg", "ical": "BEGIN:VCALENDAR"}[form])


def test_mistakes_of_a_scenario(ask: Ask, scenario: Callable[[str], Path]) -> None:
    """A typo is refused with file, line, key, what was found and what is allowed; exit code 2."""
    path = scenario("happens:\n  - {after: 5m, acknowlege: rita}\n  - {after: soon, resume: }\n")
    code, out, err = ask(path)

    assert (code, out) == (2, "")
    assert f"{path}:2: happens.#1.acknowlege: found an unknown key" in err
    assert "did you mean `acknowledge`?" in err
    assert f"{path}:3: happens.#2.after: found 'soon'" in err

    code, out, _ = ask(path, "--json")
    error: Any = json.loads(out)["error"]
    assert code == 2
    assert [each["line"] for each in error["findings"]] == [2, 3]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--at", "yesterday"], "command line:1: --at: found 'yesterday'"),
        (["--at", ""], "--at: found ''; allowed: a moment such as"),
        (["--at", "frigate 16:40"], "--at: found 'frigate 16:40'; allowed: a moment such as"),
        (["--at", "1969-01-01"], "allowed: a moment in the years 1971 to 2189 (UTC)"),
        (["--at", "9999-12-31"], "allowed: a moment in the years 1971 to 2189 (UTC)"),
        (["--at", "9999-12-31T23:00-05:00"], "allowed: a moment in the years 1971 to 2189 (UTC)"),
        (["--at", "2026-02-29 10:00"], "allowed: a day that there is, which 2026-02-29 is not"),
        (["--at", "2026-02-28 25:00"], "allowed: a moment such as"),
        (["--zone", ""], "--zone: found ''"),
        (["--until", ""], "--until: found ''"),
        (["--zone", "Mars"], "--zone: found 'Mars'"),
        (["--category", "biling"], "did you mean `billing`?"),
        (["--priority", "P9"], "--priority: found 'P9'"),
        (["--until", "soon"], "--until: found 'soon'"),
        (["--language", "de"], "'de' is not one of 'en', 'fr', 'fi'"),
        (["--as", "svg", "--json"], "--out"),
        (["--as", "png"], "'table', 'json', 'svg', 'ical'"),
        (["no-such-file.yaml"], "no-such-file.yaml:1: found no file to read"),
        (["--out", "/no/such/folder/x"], "cannot be written"),
    ],
)
def test_wrong_input(ask: Ask, words: list[str], said: str) -> None:
    """Whatever is wrong is said in one line, and nothing is shown for it; exit code 2."""
    code, out, err = ask(*words, at=None)

    assert code == 2
    assert said in err + out
    assert "Traceback" not in err


def test_a_policy_with_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A policy that cannot be used is refused as `policy check` refuses it."""
    path = tmp_path / "bad.yaml"
    path.write_text("policy: x\n", encoding="utf-8")

    assert run(["policy", "simulate", str(path)]) == 2
    assert "`levels` is missing" in capsys.readouterr().err


@pytest.mark.parametrize("width", [30, 60, 80, 119, 120, 200])
def test_it_fits_the_terminal(width: int) -> None:
    """Nothing is wider than the terminal, and nothing is cut, whatever the names are."""
    policy = call_centre().policy
    wish = "case: {customer: {name: 顧客センター 株式会社 😀, contacts: ['mailto:a@b.example']}}"
    scenario = read(wish, policy, Wishes(datetime(2026, 12, 22, 15, 40, tzinfo=UTC)))
    story = Story.of(scenario.play(policy), scenario.timezone)

    shown = [line.plain for line in lines(story, width)]

    assert max(map(cell_len, shown)) <= width
    whole = "".join("".join(shown).split())
    assert "顧客センター" in whole
    assert "escalation-manager@callcentre.example" in whole.replace(" ", "") or width > 119


async def test_it_starts_quickly_and_without_temporal() -> None:
    """Nothing of Temporal is loaded for it, and a closed pipe is no error."""
    code = (
        "import sys; from escalations.cli.main import run; "
        f"run(['policy', 'simulate', {str(CALL_CENTRE)!r}, '--at', {AT!r}, '--json']); "
        "sys.stderr.write(' '.join(each for each in sys.modules if 'temporalio' in each))"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    assert json.loads(out)["cut"]
    assert err.decode() == ""
