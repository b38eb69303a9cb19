"""The test kit for users' own policies."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from escalations.errors import CaseEnded, RequestInvalid
from escalations.errors import Refused as RefusedCommand
from escalations.testing.desk import Desk
from tests.house import CHECKOUT

CALL_CENTRE = CHECKOUT / "policies" / "call-centre.yaml"
PAGE = CHECKOUT / "docs" / "testing.md"


@pytest.fixture
def desk() -> Desk:
    """The call centre, on a Monday at ten."""
    return Desk(CALL_CENTRE)


def test_a_threat_to_sue_goes_to_the_top_at_once(desk: Desk) -> None:
    """Opened, answered, threatened: who has it and who was told can be asked at every moment."""
    case = desk.open(category="billing")

    desk.reply("I will sue you")

    assert (case.level, case.level_name) == (7, "Senior management")
    assert desk.told("senior-management", "level_entered")
    assert not desk.told("sales-director")


def test_time_passes_by_the_wall_clock_and_by_business_days(desk: Desk) -> None:
    """Nobody acts: half an hour, three hours of levels, and then business days of the office."""
    case = desk.open(category="quality-complaint")

    desk.forward("30m")
    assert case.level == 2
    desk.forward("1h")
    desk.forward("2h")
    desk.forward("5h")
    assert case.level == 5
    desk.forward("2bd")
    assert case.level == 6
    assert case.breached
    desk.forward_to("2026-03-06 09:00")
    assert case.level == 6


def test_a_reminder_may_be_looked_for_after_looking_away(desk: Desk) -> None:
    """What was told before does not count any more."""
    case = desk.open(category="quality-complaint")
    case.look_away()

    desk.forward("14m")
    assert not desk.told("representative", "reminder")
    desk.forward("1m")
    assert desk.told("representative", "reminder")
    assert not desk.told("representative", "level_entered")


def test_who_cannot_be_reached_was_not_told(desk: Desk) -> None:
    """The fallback hears of it, and the test of both."""
    desk.absent("support-manager")
    desk.open(category="billing")

    assert not desk.told("support-manager")
    assert desk.told("escalation-manager", "undelivered")


def test_a_whole_case_to_its_end(desk: Desk) -> None:
    """Taken, put on hold, resumed by the customer, resolved, confirmed, rated."""
    case = desk.open(category="quality-complaint")
    desk.acknowledge(by="rita")
    desk.hold("customer")
    desk.forward("1d")
    assert case.status == "on_hold"
    desk.reply("Here it is")
    assert (case.owner, case.status) == ("rita", "open")
    desk.work()
    desk.propose("Cable replaced")
    desk.confirm()
    desk.rate(5)

    assert (case.status, case.ending) == ("closed", "confirmed")
    assert case.next is None
    with pytest.raises(CaseEnded, match="confirmed"):
        desk.reply("One more thing")


def test_a_command_that_cannot_be_is_refused_as_by_the_server(desk: Desk) -> None:
    """With where the case stands; and a message or field that there is not, by its name."""
    desk.open(category="quality-complaint")

    with pytest.raises(RefusedCommand, match="record-statement"):
        desk.hand_up()
    with pytest.raises(RefusedCommand, match="acknowledge"):
        desk.case.say("acknowlege")
    with pytest.raises(RequestInvalid, match="score"):
        desk.rate(9)
    with pytest.raises(RequestInvalid, match="billing"):
        desk.open(category="no-such")


def test_what_is_asked_in_vain_shows_what_there_was_instead(desk: Desk) -> None:
    """The message of a failed assertion names who was told, and how the case stands."""
    case = desk.open(category="billing")

    assert "nobody: told team-lead of breach" in repr(desk.told("team-lead", "breach"))
    assert "support-manager level_entered" in repr(desk.told("team-lead", "breach"))
    assert "<T-1: open, level 2 of 7, Support manager, P3, nobody has it; next" in repr(case)
    with pytest.raises(LookupError, match=r"desk.open"):
        Desk(CALL_CENTRE).reply("Hello?")
    with pytest.raises(AttributeError, match="no 'answer'"):
        desk.answer("Hello?")


def test_two_cases_live_beside_each_other(desk: Desk) -> None:
    """Time is the desk's, and goes on for both."""
    first = desk.open(category="quality-complaint")
    desk.forward("10m")
    second = desk.open(category="quality-complaint")
    desk.forward("20m")

    assert (first.level, second.level) == (2, 1)
    assert desk.case is second


@pytest.mark.parametrize("written", ["", "soon", "2 h"])
def test_a_span_that_is_none_is_refused_in_words(desk: Desk, written: str) -> None:
    """As in a policy."""
    desk.open()
    with pytest.raises(ValueError, match="not a duration"):
        desk.forward(written)
    with pytest.raises(ValueError, match="does not go back"):
        desk.forward_to("2026-03-01")


def _pytest(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    """A user's own pytest, with the plugin as its entry point loads it."""
    (folder / "test_mine.py").write_text(text, "utf-8")
    words = ["-p", "escalations.testing.plugin", "-p", "no:cacheprovider", "-q", *options]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-c", "/dev/null", f"--rootdir={folder}", *words, "."],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


FAILING = """
import pytest

@pytest.mark.escalade({policy!r}, at="fri 16:40")
def test_mine(desk):
    desk.open(category="billing")
    desk.forward("1h")
    assert desk.told("team-lead", "level_entered")

def test_no_policy(desk):
    pass
"""


def test_the_fixture_and_the_story_of_a_failed_test(tmp_path: Path) -> None:
    """pytest's own output says who was told instead, and below it what happened; a mark is asked
    for where there is none."""
    ended = _pytest(tmp_path, FAILING.format(policy=str(CALL_CENTRE)))

    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert "nobody: told team-lead of level_entered. Told, the last first" in ended.stdout
    assert "what happened: <T-1: open, level 3 of 7, Account manager" in ended.stdout
    assert "2026-01-02 17:40 CET  Left level 2 for level 3: time was up" in ended.stdout
    assert "No policy is named: mark the test with @pytest.mark.escalade" in ended.stdout


def test_the_example_of_the_docs_passes(tmp_path: Path) -> None:
    """The file that `docs/testing.md` shows, run as a user runs it."""
    shown = PAGE.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    assert shown.count("def test_") == 4

    ended = _pytest(tmp_path, shown.replace("policies/call-centre.yaml", str(CALL_CENTRE)))

    assert ended.returncode == 0, ended.stdout


def test_the_kit_needs_no_pytest_and_no_temporal() -> None:
    """Who uses another test runner loads neither of them."""
    code = (
        "import sys; from escalations.testing.desk import Desk; "
        f"d = Desk({str(CALL_CENTRE)!r}); d.open(); "
        "print([n for n in ('pytest', 'temporalio', 'jinja2') if n in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=CHECKOUT, capture_output=True, text=True, check=False
    )
    assert ended.stdout.strip() == "[]", ended.stderr


def test_time_is_cheap(desk: Desk) -> None:
    """Three months of a case that nobody touches take no three months."""
    case = desk.open(category="quality-complaint")
    desk.forward("12w")

    assert case.level == 7
    assert desk.now - case.record.opened_at == timedelta(weeks=12)
