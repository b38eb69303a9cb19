"""`escalade policy show` and `escalade policy diff`, as somebody at a terminal runs them."""

import json
import unicodedata
from pathlib import Path

import pytest

from escalations.cli.main import run
from tests.domain.matrices import MATRIX
from tests.domain.nasty_names import NAMES, nasty
from tests.entrances.terminal import Terminal
from tests.house import CHECKOUT

CHANGED = {"within: 1h..2h": "within: 30m..1h", "{P1: 1h, P2: 4h": "{P1: 2h, P2: 4h"}


@pytest.fixture
def alone() -> Terminal:
    """A terminal without a server: these commands need none."""
    return Terminal.at("localhost:1", "nobody")


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """The matrix with two things changed."""
    text = MATRIX.read_text("utf-8")
    for old, new in CHANGED.items():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "other.yaml"
    file.write_text(text, "utf-8")
    return file


async def test_a_table_in_a_pipe(alone: Terminal) -> None:
    """The sheet as lines, each thing on one of them, without colours."""
    told = await alone.run("policy", "show", str(MATRIX))

    assert told.code == 0
    assert told.err == ""
    assert "\x1b" not in told.out
    assert "    Taking it              asked again after 5 minutes if nobody takes it" in (
        told.out.splitlines()
    )
    assert "  manager requested → 2 Support manager" in told.out.splitlines()


async def test_a_narrow_terminal(alone: Terminal) -> None:
    """At 60 columns no line is cut or broken by the terminal."""
    code, shown = await alone.on_screen("policy", "show", str(MATRIX), columns=60, NO_COLOR="1")

    assert code == 0
    lines = [_plain(line) for line in shown.splitlines()]
    assert max(map(len, lines)) <= 60
    assert "reminded after 15 minutes" in " ".join(shown.split())


def _plain(line: str) -> str:
    parts = line.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


async def test_nasty_names_on_a_terminal(alone: Terminal, tmp_path: Path) -> None:
    """Emoji, Arabic, Japanese and markup are shown as they are, in every form and without error."""
    file = tmp_path / "nasty.yaml"
    written = nasty().model_dump(mode="json", exclude_none=True)
    file.write_text(json.dumps(written, ensure_ascii=False), "utf-8")

    told = await alone.run("policy", "show", str(file))
    assert told.code == 0
    assert all(unicodedata.normalize("NFC", name) in told.out for name in NAMES)
    for form in ("markdown", "html", "mermaid"):
        assert (await alone.run("policy", "show", str(file), "--as", form)).code == 0
    assert (await alone.on_screen("policy", "show", str(file), columns=20))[0] == 0


async def test_for_a_category_and_a_priority(alone: Terminal) -> None:
    """What counts for a P1 case of billing, in French."""
    told = await alone.run(
        "policy", "show", str(MATRIX), "--category", "billing", "--priority", "p1",
        "--language", "fr",
    )  # fmt: skip

    assert "LES NIVEAUX POUR BILLING, EN P1" in told.out
    assert "1 Representative" not in told.out
    assert "rappel après 15 minutes, passe au suivant après 30 minutes" in told.out


@pytest.mark.parametrize("policy", ["call-centre", "follow-the-sun", "social-care", "ticket-tiers"])
def test_a_section_of_notes_alone(policy: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nobody is told beside the ladder, the sheet still says what else there is to say."""
    file = str(CHECKOUT / "policies" / f"{policy}.yaml")
    code = run(["policy", "show", file, "--priority", "P4"])

    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert "\nWHO IS KEPT INFORMED\n  – " in said.out


async def test_an_unknown_category(alone: Terminal) -> None:
    """A category the policy has not is wrong input, with those it has."""
    told = await alone.run("policy", "show", str(MATRIX), "--category", "weather")

    assert told.code == 2
    assert told.out == ""
    assert "no category 'weather'; its categories: quality-complaint" in told.err


async def test_into_a_file(alone: Terminal, tmp_path: Path) -> None:
    """The file's name says what to make of it; standard output stays empty."""
    page, flow = tmp_path / "wall.html", tmp_path / "flow.mmd"

    told = await alone.run("policy", "show", str(MATRIX), "--out", str(page))
    await alone.run("policy", "show", str(MATRIX), "--out", str(flow))

    assert (told.code, told.out, told.err) == (0, "", f"{page} is written.\n")
    assert page.read_text("utf-8").startswith("<!doctype html>")
    assert flow.read_text("utf-8").startswith("flowchart TD\n")


async def test_into_a_folder_that_is_not_there(alone: Terminal, tmp_path: Path) -> None:
    """Where it cannot be written, it says why."""
    told = await alone.run("policy", "show", str(MATRIX), "--out", str(tmp_path / "no" / "a.md"))

    assert told.code == 2
    assert "cannot be written: No such file or directory" in told.err


async def test_a_policy_with_mistakes(alone: Terminal, tmp_path: Path) -> None:
    """Mistakes are shown with file and line, and nothing else; so is a file that is not there."""
    bad = tmp_path / "bad.yaml"
    bad.write_text("policy: bad\ncontacts: {}\nlevels: []\n", "utf-8")

    shown = await alone.run("policy", "show", str(bad))
    compared = await alone.run("policy", "diff", str(MATRIX), str(tmp_path / "none.yaml"))
    structured = await alone.run("policy", "diff", str(bad), str(bad), "--json")

    assert (shown.code, compared.code, structured.code) == (2, 2, 2)
    assert f"{bad}:2:" in shown.err
    assert "none.yaml" in compared.err
    assert "Traceback" not in shown.err + compared.err + structured.err
    error = structured.document["error"]
    assert error["type"] == "PolicyError"
    assert [each["file"] for each in error["findings"]] == [str(bad)] * len(error["findings"])


async def test_as_json(alone: Terminal) -> None:
    """One document with the levels, the sheet and the chart."""
    told = await alone.run("policy", "show", str(MATRIX), "--json")

    assert told.document["levels"][0]["windows"]["P1"] == "7m30s..15m"
    assert told.document["mermaid"].startswith("flowchart TD")


async def test_no_difference(alone: Terminal, tmp_path: Path) -> None:
    """A comment changes nothing: exit code 0, and it says so."""
    same = tmp_path / "same.yaml"
    same.write_text("# new comment\n" + MATRIX.read_text("utf-8"), "utf-8")

    told = await alone.run("policy", "diff", str(MATRIX), str(same))

    assert told.code == 0
    assert told.out.endswith("Nothing changes: both mean the same.\n")


async def test_a_difference(alone: Terminal, other: Path) -> None:
    """Exit code 1, what changes in words, and what does not in one line."""
    told = await alone.run("policy", "diff", str(MATRIX), str(other))

    assert told.code == 1
    assert (
        "  • Level 3 Account manager: leaves after 1 hour instead of 2 hours, reminded after "
        "30 minutes instead of 1 hour (P1: 30 minutes instead of 1 hour; "
        "P2: 45 minutes instead of 1 hour 30 minutes)"
    ) in told.out.splitlines()
    assert "hear of progress: every 2 hours instead of every hour" in told.out
    assert told.out.splitlines()[-1].startswith("As before: categories, triggers")


async def test_a_difference_for_others(alone: Terminal, other: Path) -> None:
    """For a merge request, and for a program."""
    page = await alone.run("policy", "diff", str(MATRIX), str(other), "--as", "markdown")
    structured = await alone.run("policy", "diff", str(MATRIX), str(other), "--json")

    assert (page.code, structured.code) == (1, 1)
    assert "\n## Levels\n\n- Level 3 Account manager: leaves after" in page.out
    assert [change["part"] for change in structured.document["changes"]] == [
        "levels", "promises and rules",
    ]  # fmt: skip
    assert structured.document["changes"][1]["priorities"] == ["P1"]


async def test_a_difference_on_a_narrow_terminal(alone: Terminal, other: Path) -> None:
    """At 60 columns lines are broken between words and stay under their mark."""
    code, shown = await alone.on_screen(
        "policy", "diff", str(MATRIX), str(other), columns=60, NO_COLOR="1"
    )

    assert code == 1
    assert max(len(_plain(line)) for line in shown.splitlines()) <= 60
