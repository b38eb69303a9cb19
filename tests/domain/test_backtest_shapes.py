"""Logs of any shape are read without code: other columns, states, formats, rows."""

import json
from pathlib import Path

from escalations import policy_file
from escalations.backtest.mapping_file import MappingFile
from escalations.backtest.report import Report
from tests.domain.backtests import HEAD, MAPPING, SERVICENOW, backtest, mapping, written
from tests.domain.matrices import MATRIX

JIRA = """\
mapping: jira-changelog
rows: by-time
only: {field: [status]}
case: issue.key
opened: issue.fields.created
at: at
state: to
states:
  To Do: open
  In Progress: taken
  Waiting for customer: {hold: customer}
  Pending vendor: {hold: vendor}
  Done: resolved
  Closed: closed
  Reopened: reopened
owner: issue.fields.assignee.displayName
priority: {column: issue.fields.priority.name, values: {Highest: P1, High: P2, Medium: P3, Low: P4}}
category: {column: issue.fields.type, values: {Bug: it-request}, otherwise: product-question}
customer: issue.fields.reporter.accountId
"""

ZENDESK = """\
mapping: zendesk-export
rows: one-a-case
delimiter: ";"
moments: ["%b %d, %Y %I:%M %p", iso]
zone: America/New_York
unknown: ["-", ""]
case: Id
opened: Created at
happened:
  Initially assigned at: taken
  Solved at: resolved
  Reopened at: reopened
  Solved again at: resolved
  Closed at: closed
customer: Requester
category: Type
impact: {otherwise: medium}
urgency: {column: Priority, values: {Urgent: high, Normal: medium, Low: low}}
"""


def transition(at: str, to: str, key: str = "SUP-1", field: str = "status") -> str:
    fields = {
        "created": "2026-01-05T08:00:00.000+0100",
        "priority": {"name": "High"},
        "assignee": {"displayName": "Élodie 🚀"},
        "reporter": {"accountId": 557058},
        "type": "Bug",
    }
    return json.dumps({"issue": {"key": key, "fields": fields}, "at": at, "field": field, "to": to})


def with_matrix(log: Path, text: str) -> Report:
    return backtest(log, MappingFile.read(text), policy_file.read(MATRIX))


def test_transitions_as_json_lines(tmp_path: Path) -> None:
    """A changelog as Jira keeps it: nested keys, offsets without a colon, other fields between."""
    log = written(
        tmp_path,
        transition("2026-01-05T08:01:00.000+0100", "In Progress"),
        transition("2026-01-05T08:02:00.000+0100", "nobody", field="assignee"),
        transition("2026-01-05T08:03:00.000+0100", "In Progress", key="SUP-2"),
        transition("2026-01-05T08:10:00.000+0100", "Waiting for customer"),
        transition("2026-01-05T09:00:00.000+0100", "Done", key="SUP-2"),
        transition("2026-01-05T09:10:00.000+0100", "Done"),
        transition("2026-01-05T09:20:00.000+0100", "Reopened"),
        transition("2026-01-05T09:25:00.000+0100", "Done"),
        transition("2026-01-05T09:30:00.000+0100", "Closed", key="SUP-2"),
        transition("2026-01-05T09:31:00.000+0100", "Closed"),
        name="changes.jsonl.gz",
    )

    report = with_matrix(log, JIRA)

    assert (report.cases, report.rows, report.used, report.passed_over) == (2, 10, 9, 1)
    (figures,) = report.policies
    assert (figures.holds[0].reason, figures.holds[0].hours) == ("customer", 1.0)
    assert figures.endings == {"confirmed": 2}
    assert figures.levels[1].reached == 2
    assert [each.what for each in figures.assumed] == []


def test_a_ticket_a_row(tmp_path: Path) -> None:
    """An export as Zendesk writes it: semicolons, moments in words, in New York, in columns."""
    heads = (
        "Id;Requester;Type;Priority;Created at;Initially assigned at;"
        "Solved at;Reopened at;Solved again at;Closed at"
    )
    log = written(
        tmp_path,
        heads,
        "35436;Ada;Order status;Urgent;Jan 5, 2026 09:00 AM;Jan 5, 2026 09:05 AM;"
        "Jan 5, 2026 10:00 AM;-;-;Jan 9, 2026 10:00 AM",
        "35437;Bob;Billing;Normal;Jan 5, 2026 11:00 PM;-;Jan 6, 2026 08:00 AM;"
        "Jan 6, 2026 09:00 AM;Jan 6, 2026 09:30 AM;Jan 12, 2026 09:30 AM",
        "35438;Eve;Weather;Low;2026-01-05T09:00;;;;;",
    )

    report = with_matrix(log, ZENDESK)

    assert (report.cases, report.used, report.unfinished) == (3, 3, 1)
    (figures,) = report.policies
    assert figures.per_hour_of_week[15] > 0, "9:00 in New York is 15:00 in Paris"
    assert [(each.cases, each.what) for each in figures.assumed] == [
        (1, "of a category that the policy does not have: taken as of none")
    ]


def test_windows_text_and_odd_numbers(tmp_path: Path) -> None:
    """Another encoding, an accent in a state, a case number that the engine would not take."""
    log = tmp_path / "log.csv"
    row = "#12/7 é,,2026-01-05T09:00Z,résolu,Zoë"
    log.write_bytes(f"{HEAD}\r\n{row}\r\n".encode("cp1252"))

    report = backtest(log, mapping(MAPPING.replace("  solved:", "  résolu:"), encoding="cp1252"))

    assert report.policies[0].endings == {"presumed": 1}


def test_a_column_that_stands_twice() -> None:
    """The real log has two columns `category`: the second one is `category#2`."""
    text = SERVICENOW.read_text("utf-8")
    twice = text.replace("{otherwise: it-request}", '"category#2"')
    log = Path(__file__).parent / "logs" / "servicenow.csv"

    report = backtest(log, MappingFile.read(twice), policy_file.read(MATRIX))

    assert report.policies[0].assumed[0].cases == 12
    assert "category" in report.policies[0].assumed[0].what
