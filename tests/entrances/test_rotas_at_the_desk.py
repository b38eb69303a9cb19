"""`policy check` and `policy simulate` with real calendars, as a shift lead uses them."""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from escalations.cli.main import run
from tests.house import CHECKOUT

POLICY: Final = """\
policy: night-desk
summary: A desk with people on call
timezone: Europe/Paris
calendars: {{office: {{hours: {{mon-fri: ["08:00-20:00"]}}}}}}
contacts:
  engineers:
    name: Engineers
    rota:
      calendar: {calendar}
      people:
        Ada Berg: {{reach: ["mailto:ada@example.com"]}}
        Bo: {{reach: ["mailto:bo@example.com"]}}
        Cleo: {{reach: ["mailto:cleo@example.com"]}}
  head: {{name: Head, reach: ["mailto:head@example.com"]}}
  manager: {{name: Manager, reach: ["mailto:manager@example.com"]}}
escalation_manager: manager
levels:
  - {{name: Engineers, contact: engineers, within: 2h..4h, calendar: always}}
  - {{name: Head, contact: head, within: until-resolved}}
categories:
  billing: {{levels: {{Engineers: {{calendar: office}}}}}}
"""
CALENDAR: Final = """\
BEGIN:VCALENDAR
BEGIN:VEVENT
UID:1
SUMMARY:On call: Ada Berg
DTSTART;TZID=Europe/Paris:20261130T080000
DTEND;TZID=Europe/Paris:20261130T200000
RRULE:FREQ=DAILY
EXDATE;TZID=Europe/Paris:20261205T080000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:On call: Bo
DTSTART;TZID=Europe/Paris:20261130T200000
DTEND;TZID=Europe/Paris:20261201T080000
RRULE:FREQ=DAILY
EXDATE;TZID=Europe/Paris:20261210T200000
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Ada Burg
DTSTART;TZID=Europe/Paris:20261210T200000
DTEND;TZID=Europe/Paris:20261211T080000
END:VEVENT
END:VCALENDAR
"""
Desk = Callable[..., tuple[int, str, str]]


@pytest.fixture
def desk(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Desk:
    """`policy check` or `policy simulate` of this desk: exit code, what it said, and beside."""

    def ask(
        *words: str, calendar: str = "rota.ics", text: str | None = CALENDAR
    ) -> tuple[int, str, str]:
        file = tmp_path / "night-desk.yaml"
        file.write_text(POLICY.format(calendar=calendar), "utf-8")
        if text is not None:
            (tmp_path / "rota.ics").write_text(text, "utf-8")
        code = run(["policy", words[0], str(file), *words[1:]])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ask


def test_check_reads_the_rota(desk: Desk) -> None:
    """Hours that nobody has are named, who is misspelt, and who never has a turn."""
    code, out, _ = desk("check", "--at", "2026-12-01")

    assert code == 0
    nobody = next(line for line in out.splitlines() if " nobody-on-call: " in line)
    assert "night-desk.yaml:8: warning" in nobody
    assert "for 24 h of the next 90 days in which `Engineers` is open" in nobody
    assert "Sat 05 Dec 2026 08:00 to Sat 05 Dec 2026 20:00 (12 h)" in nobody
    assert "Thu 10 Dec 2026 20:00 to Fri 11 Dec 2026 08:00 (12 h)" in nobody
    assert "A case that comes then goes on to the next level at once, and the fallback" in nobody
    assert out.count(" nobody-on-call: ") == 1
    assert "`Ada Burg` is on call at `engineers` once, first on Thu 10 Dec 2026 20:00" in out
    assert "Write `Ada Berg` in both places alike" in out
    assert "`Cleo` is never on call at `engineers` in the next 90 days" in out


def test_staffing_of_each_level(desk: Desk) -> None:
    """As a document: each level's hours ahead, closed ones and those that nobody has."""
    _, out, _ = desk("check", "--at", "2026-12-01", "--json")
    (policy,) = json.loads(out)["policies"]
    around, head, office = policy["staffing"]

    assert (around["level"], around["hours"], around["unstaffed_hours"]) == ("Engineers", 2160, 24)
    assert [each["hours"] for each in around["nobody_on_call"]] == [12, 12]
    assert around["nobody_on_call"][0]["from"] == "2026-12-05T07:00:00+00:00"
    assert (head["unstaffed_hours"], head["nobody_on_call"]) == (0, [])
    assert (office["category"], office["nobody_on_call"]) == ("billing", [])
    assert office["closed_hours"] == office["unstaffed_hours"] > 1300


def test_calendar_that_ends(desk: Desk) -> None:
    """An export of some weeks leaves the rest to nobody: that it ends is said."""
    until = CALENDAR.replace("FREQ=DAILY", "FREQ=DAILY;UNTIL=20261220T200000Z")
    _, out, _ = desk("check", "--at", "2026-12-01", text=until)

    assert "Mon 21 Dec 2026 08:00 to Mon 01 Mar 2027 00:00 (69 days 16 h); there the" in out


def test_broken_calendar_is_an_error(desk: Desk) -> None:
    """What no worker could read fails the check, and says who mends it."""
    code, out, _ = desk("check", text="<html>Please sign in</html>")

    assert code == 1
    assert "error rota-unreadable: contacts.engineers.rota" in out
    assert "(rota.ics) cannot be read: it is a web page" in out


def test_address_needs_an_export(desk: Desk, tmp_path: Path) -> None:
    """An address is not fetched: the check says so and how to hand over its export."""
    address = "https://calendar.example.com/${KEY}/basic.ics"
    (tmp_path / "export.ics").write_text(CALENDAR, "utf-8")
    at = "--at", "2026-12-01"
    alone = desk("check", *at, calendar=address)
    helped = desk("check", *at, f"--rota=engineers={tmp_path / 'export.ics'}", calendar=address)

    assert "info rota-not-read" in alone[1]
    assert "save the export and name it, `--rota engineers=FILE`" in alone[1]
    assert "nobody-on-call" not in alone[1]
    assert "rota-not-read" not in helped[1]
    assert "for 24 h of the next 90 days" in helped[1]


@pytest.mark.parametrize("command", ["check", "simulate"])
@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("engineers", "write --rota engineers=export.ics"),
        ("engineers=nowhere.ics", "there is no file nowhere.ics"),
        (f"head={__file__}", "there is a rota of engineers"),
    ],
)
def test_stand_in_that_is_none(desk: Desk, command: str, said: str, answer: str) -> None:
    """A slip in `--rota` is wrong input, and says what could stand there."""
    code, out, err = desk(command, "--rota", said)

    assert (code, out) == (2, "")
    assert answer in re.sub(r"\s+", " ", err)


def test_simulated_case_is_told_to_whoever_is_on_call(desk: Desk) -> None:
    """At the opening, at the change of shift inside the level, and when a hour is nobody's."""
    code, out, _ = desk("simulate", "--at", "2026-12-04 19:00", "--as", "json")
    told = [
        (each["at"][:16], one["name"], one["notice"])
        for each in json.loads(out)["happenings"]
        for one in each["told"]
        if one["notice"] in ("level_entered", "nobody_on_call")
    ]

    assert code == 0
    assert told == [
        ("2026-12-04T18:00", "Ada Berg", "level_entered"),
        ("2026-12-04T19:00", "Bo", "level_entered"),
        ("2026-12-04T22:00", "Head", "level_entered"),
    ]
    nobody = json.loads(desk("simulate", "--at", "2026-12-05 09:00", "--json")[1])
    assert nobody["summary"]["level_name"] == "Head"
    said = [line for each in nobody["happenings"] for line in each["words"]]
    assert "Nobody is on call at engineers: the fallback was told" in said
    assert any("nobody is on call there" in line for line in said)


def test_somebody_of_the_rota_cannot_be_reached(desk: Desk, tmp_path: Path) -> None:
    """A scenario names one of those on call, or all of them by their contact."""
    for named in ("engineers/Ada Berg", "engineers"):
        scenario = tmp_path / "scenario.yaml"
        scenario.write_text(
            f"at: 2026-12-04 09:00\nhappens: [{{after: 0s, unreachable: [{named}]}}]", "utf-8"
        )
        _, out, _ = desk("simulate", str(scenario))
        assert "→ Ada Berg: level entered (not reached)" in out


def test_simulated_address_is_not_fetched(desk: Desk) -> None:
    """The case goes on as where a calendar cannot be read, and the reason is in the story."""
    code, out, _ = desk("simulate", calendar="https://calendar.example.com/${KEY}/basic.ics")

    said = re.sub(r"\s+", " ", out)
    assert code == 0
    assert "(calendar.example.com) cannot be read: only workers fetch it" in said
    assert "KEY" not in out


NOTHING_READS: Final = """\
import sys
sys.modules["icalendar"] = None
from escalations.cli.main import main
main()
"""


def alone(*words: str) -> Any:
    """The command where the wheel was installed without its extra."""
    return subprocess.run(
        [sys.executable, "-c", NOTHING_READS, "policy", *words],
        cwd=CHECKOUT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_wheel_without_its_extra(desk: Desk, tmp_path: Path) -> None:
    """Everything but the rotas works, and what to install is said where a rota is met."""
    desk("check")
    file = str(tmp_path / "night-desk.yaml")
    checked, simulated = alone("check", file), alone("simulate", file, "--as", "json")
    without_rotas = alone("check", "policies/social-care.yaml", "--at", "2026-12-01")

    assert (checked.returncode, checked.stderr) == (0, "")
    assert "info rota-not-read" in checked.stdout
    assert "pip install 'escalade[rotas]'" in checked.stdout
    assert (simulated.returncode, simulated.stderr) == (0, "")
    assert "pip install 'escalade[rotas]'" in simulated.stdout
    assert (without_rotas.returncode, without_rotas.stderr) == (0, "")
