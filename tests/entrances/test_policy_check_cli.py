"""`escalade policy check`, as a support lead and as CI run it."""

import json
import re
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from escalations.cli.checking import vocabulary
from escalations.cli.main import run
from escalations.cli.printer import Printer
from tests.house import CHECKOUT

CALL_CENTRE = CHECKOUT / "policies" / "call-centre.yaml"
WARNED = """\
policy: shop
contacts:
  agent: {name: Agent, reach: ["mailto:agent@example.com"]}
  head: {name: Head, reach: ["mailto:head@example.com"]}
  manager: {name: Manager, reach: ["mailto:manager@example.com"]}
escalation_manager: manager
languages: [en, sv]
levels:
  - {name: Agent, contact: agent, within: 59m..1h}
  - {name: Head, contact: head, within: until-resolved}
summary: A small shop
"""
FLAWED = WARNED.replace(
    "summary: A small shop",
    "triggers: {calm: {to: Agent, phrases: {en: [calm], sv: [lugn nu]}}}",
)
MISTAKEN = WARNED.replace("contact: agent", "contact: boss")


class Check:
    """The command in this process: what it prints, and how it ends."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys, self._folder = capsys, folder

    def file(self, text: str, name: str = "shop.yaml") -> str:
        """A policy file with this text."""
        path = self._folder / name
        path.write_text(text, "utf-8")
        return str(path)

    def __call__(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        code = run(["policy", "check", *words])
        out, err = self._capsys.readouterr()
        return code, out, err

    def document(self, *words: str) -> tuple[int, Any]:
        """Exit code, and what `--json` answers."""
        code, out, err = self(*words, "--json")
        assert err == ""
        return code, json.loads(out)


@pytest.fixture
def check(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Check:
    monkeypatch.delenv("ESCALADE_TEMPLATES", raising=False)
    return Check(capsys, tmp_path)


def codes(answer: Any) -> list[str]:
    """The codes of an answer's findings, in its order."""
    return [each["code"] for each in answer["findings"]]


def test_the_real_matrix_passes_with_a_few_words_to_its_owner(check: Check) -> None:
    """No errors, two warnings, all words at hand; the same on every day that it is asked for."""
    code, answer = check.document(str(CALL_CENTRE), "--at", "2026-11-22")

    assert code == 0
    assert answer["summary"] == {
        "mistakes": 0,
        "errors": 0,
        "warnings": 2,
        "infos": 2,
        "accepted": 0,
    }
    assert answer["not_checked"] == []
    assert check.document(str(CALL_CENTRE), "--at", "2026-11-22")[1] == answer


def test_days_ahead_count_from_the_day_that_is_said(check: Check) -> None:
    """Christmas is ahead in November; in a summer without long weekends nothing is."""
    assert "most-urgent-waits" in codes(check.document(str(CALL_CENTRE), "--at", "2026-11-22")[1])
    assert "most-urgent-waits" not in codes(
        check.document(str(CALL_CENTRE), "--at", "2027-06-01")[1]
    )


@pytest.mark.parametrize(
    ("text", "plain", "strict"),
    [(WARNED, 0, 1), (FLAWED, 1, 1), (MISTAKEN, 2, 2)],
    ids=["warnings", "errors", "mistakes"],
)
def test_the_exit_code_says_how_bad_it_is(check: Check, text: str, plain: int, strict: int) -> None:
    """0 with warnings only, 1 with errors (`--strict`: warnings, too), 2 if it cannot be used."""
    file = check.file(text)

    assert (check(file)[0], check(file, "--strict")[0]) == (plain, strict)


def test_the_worst_of_several_files_counts(check: Check) -> None:
    """All findings of all files are there, and a mistake in one does not hide the others'."""
    files = [check.file(text, f"{n}.yaml") for n, text in enumerate((WARNED, FLAWED, MISTAKEN))]

    code, answer = check.document(*files)

    assert code == 2
    assert {Path(each["file"]).name for each in answer["findings"]} == {
        "0.yaml",
        "1.yaml",
        "2.yaml",
    }
    (mistake,) = (each for each in answer["findings"] if each["code"] == "schema")
    assert mistake["key"] == "levels.#1.contact"
    assert "boss" in mistake["found"]
    assert [each["policy"] for each in answer["policies"]] == ["shop", "shop"]


def test_a_finding_is_one_line_that_an_editor_opens(check: Check) -> None:
    """In a pipe each is `file:line: severity code: key: what it is. What to do.`"""
    file = check.file(FLAWED)

    _, out, _ = check(file)

    lines = [line for line in out.splitlines() if re.match(r".*: (error|warning|info) ", line)]
    assert f"{file}:9: warning reminder-cut-off: levels.#1.within: `Agent` is reminded" in lines[2]
    assert f"{file}:11: error unreachable-trigger: triggers.calm.to: `calm` leads" in lines[-1]
    assert out.splitlines()[-1] == "1 error, 2 warnings, 1 to know"


def test_what_is_meant_is_accepted_in_the_file(check: Check) -> None:
    """Accepted findings are counted, not shown, do not fail; `--json` has the reason."""
    text = WARNED.replace("59m..1h}", "59m..1h}  # accept: reminder-cut-off a robot").replace(
        "sv]", "sv]  # accept: no-templates, no-sentences Swedes read English here"
    )
    file = check.file(text)

    code, out, _ = check(file, "--strict")
    reasons = {each["code"]: each["accepted"] for each in check.document(file)[1]["findings"]}

    assert code == 0
    assert "reminder-cut-off" not in out
    assert out.splitlines()[-1] == "0 errors, 0 warnings, 3 accepted"
    assert reasons["reminder-cut-off"] == "a robot"
    assert reasons["no-templates"] == "Swedes read English here"


def test_a_kind_of_finding_is_left_out(check: Check) -> None:
    """`--ignore` takes a code, and a slip of the pen is answered with the right one."""
    file = check.file(WARNED)
    ignore = ("--ignore", "no-templates", "--ignore", "reminder-cut-off")

    assert codes(check.document(file, *ignore)[1]) == ["no-sentences"]
    code, _, err = check(file, "--ignore", "no-template")
    assert code == 2
    assert "Did you mean no-templates?" in err


def test_a_companys_templates_count(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the option or by ESCALADE_TEMPLATES; a folder that is not there is wrong input."""
    swedish = tmp_path / "templates" / "sv"
    swedish.mkdir(parents=True)
    (swedish / "reminder.txt").write_text("Subject: Hej\n\nHej.\n", "utf-8")
    (swedish / "words.yaml").write_text("triggers: [broken\n", "utf-8")
    file = check.file(WARNED)

    said = codes(check.document(file, "--templates", str(tmp_path / "templates"))[1])
    monkeypatch.setenv("ESCALADE_TEMPLATES", str(tmp_path / "templates"))
    set_ = codes(check.document(file)[1])
    code, _, err = check(file, "--templates", str(tmp_path / "nowhere"))

    assert said == set_ == ["template-missing", "no-sentences", "reminder-cut-off"]
    assert (code, "there is no folder" in err) == (2, True)


def test_shifts_that_are_not_there_are_found(check: Check, tmp_path: Path) -> None:
    """A rota names a file beside the policy: without it, nobody is ever on call."""
    people = "people: {Ada: {reach: ['mailto:ada@example.com']}}"
    rota = f"{{name: Agent, rota: {{calendar: shifts.ics, {people}}}}}"
    file = check.file(WARNED.replace('{name: Agent, reach: ["mailto:agent@example.com"]}', rota))

    gone = check.document(file)
    (tmp_path / "shifts.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "utf-8")
    there = check.document(file)

    assert gone[0] == 1
    assert "rota-not-there" in codes(gone[1])
    assert there[0] == 0
    assert "rota-not-there" not in codes(there[1])


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "1066-10-14", "9999-12-31"])
def test_a_day_that_is_none_is_wrong_input(check: Check, day: str) -> None:
    """Said in words, without a traceback."""
    code, _, err = check(str(CALL_CENTRE), "--at", day)

    assert code == 2
    assert "Traceback" not in err
    assert "--at" in err


def test_files_that_are_no_policies_are_told_as_before(check: Check, tmp_path: Path) -> None:
    """Empty, missing, a folder, or no text: each a mistake with its place."""
    binary = tmp_path / "noise.yaml"
    binary.write_bytes(bytes(range(256)))

    for file in (check.file("", "empty.yaml"), str(tmp_path / "none"), str(tmp_path), str(binary)):
        code, out, err = check(file)
        assert (code, err) == (2, "")
        assert out.startswith(f"{file}:")
        assert out.splitlines()[-1].startswith("1 mistake")


def test_names_in_any_script_are_shown_as_they_are(check: Check) -> None:
    """Emoji and right-to-left names of levels do not break the lines."""
    text = WARNED.replace("name: Agent, contact", "name: '🚑 צוות ראשון', contact")

    code, out, _ = check(check.file(text))

    assert code == 0
    assert "`🚑 צוות ראשון` is reminded" in out


@pytest.mark.parametrize("columns", [30, 60, 200])
def test_on_a_terminal_a_finding_is_wrapped_under_its_place(
    check: Check, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """The place stands alone on its line, to be clicked; what it says is set in the width."""
    monkeypatch.setattr(Printer, "on_terminal", property(lambda printer: not printer.as_json))
    monkeypatch.setattr(Printer, "width", property(lambda _: columns))
    file = check.file(FLAWED)

    _, out, _ = check(file)
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()

    assert f"{file}:11: error unreachable-trigger" in lines
    assert "  triggers.calm.to" in lines
    said = [line for line in lines if line.startswith("  ")]
    assert max(map(len, said)) <= columns
    assert "triggers move a case up and never down." in re.sub(r"\s+", " ", " ".join(said))


def test_a_policy_may_come_by_standard_input(check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """`-` is what another command writes; comments in it accept as they do in a file."""
    accepted = WARNED.replace("59m..1h}", "59m..1h}  # accept: reminder-cut-off a robot")
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(accepted.encode())))

    code, answer = check.document("-")

    assert code == 0
    assert answer["summary"]["accepted"] == 1
    assert {each["file"] for each in answer["findings"]} == {"<text>"}


def test_without_our_templates_the_answer_says_what_was_not_looked_at(
    check: Check, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The wheel has no templates: nothing is made up about them, or passed over in silence."""
    vocabulary.cache_clear()
    monkeypatch.setattr("escalations.cli.checking.OURS", tmp_path / "nowhere")
    file = check.file(WARNED)

    answer = check.document(file)[1]
    _, out, _ = check(file)
    vocabulary.cache_clear()

    assert codes(answer) == ["reminder-cut-off"]
    assert answer["not_checked"] == ["templates: Escalade's own are not beside this command"]
    assert "not checked: templates" in out
