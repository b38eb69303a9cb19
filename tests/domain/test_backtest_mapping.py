"""A mapping is read, or all that is wrong with it is said at once, line by line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from escalations.backtest.mapping_file import MappingError, MappingFile
from escalations.backtest.moments import reader
from escalations.backtest.page import page
from escalations.backtest.table import change
from tests.domain.backtests import MAPPING, SERVICENOW, backtest, mapping, shop, written

BROKEN = """\
mapping: Big Log
rows: sideways
moments: ["%d.%m"]
zone: Mars
unkown: ["?"]
quiet_for: 3h
encoding: morse
case: id
at: at
state: state
states:
  new: opne
  hold: {hold: lunch}
  both: {means: taken, hold: customer}
owner: {values: {a: b}}
priority: {column: p, values: {1: urgent}}
until: tomorrow
"""


def findings(text: str) -> list[str]:
    with pytest.raises(MappingError) as raised:
        MappingFile.read(text)
    return [str(finding).removeprefix("<text>:") for finding in raised.value.findings]


def test_every_mistake_at_once_each_on_its_line() -> None:
    """Thirteen mistakes are thirteen findings: line, key, what was found, what is allowed."""
    found = findings(BROKEN)

    assert [each.split(": ")[:2] for each in found] == [
        ["1", "mapping"],
        ["2", "rows"],
        ["3", "moments.#1"],
        ["4", "zone"],
        ["5", "unkown"],
        ["6", "quiet_for"],
        ["7", "encoding"],
        ["12", "states.new"],
        ["13", "states.hold.hold"],
        ["14", "states.both"],
        ["15", "owner"],
        ["16", "priority.values.1"],
        ["17", "until"],
    ]
    assert found[1] == (
        "2: rows: found 'sideways'; allowed: `case-by-case`, `by-time` or `one-a-case`"
    )
    assert found[4].startswith("5: unkown: found an unknown key (did you mean `unknown`?)")
    assert "`taken`" in found[7]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "the keys of a mapping", id="empty"),
        pytest.param("mapping: m", "`case` is missing: The column with the case's number"),
        pytest.param(
            "mapping: m\ncase: id", "stand together), `by-time` or `one-a-case`", id="rows"
        ),
        pytest.param("mapping: m\nrows: by-time\ncase: id", "`states` is missing", id="states"),
        pytest.param("mapping: m\nrows: one-a-case\ncase: id", "`happened` is missing"),
        pytest.param(f"{MAPPING}happened: {{x: closed}}", "where `rows` is case-by-case"),
    ],
)
def test_what_is_missing_is_named(text: str, said: str) -> None:
    """Each order of rows needs its own keys; a reader is told which."""
    assert said in "\n".join(findings(text))


def test_columns_that_the_log_does_not_have(tmp_path: Path) -> None:
    """All of them at once, with the line in the mapping and the column that was probably meant."""
    log = written(tmp_path, "Id,opend,at,state", "1,,2026-01-05T09:00Z,new")

    with pytest.raises(MappingError) as raised:
        backtest(log, mapping())

    assert [(each.line, each.key) for each in raised.value.findings] == [
        (3, "case"),
        (4, "opened"),
        (18, "owner"),
    ]
    assert "did you mean `opend`?" in raised.value.findings[1].found


def test_the_mapping_that_we_ship_can_be_used() -> None:
    """The real log's, with its attribution beside it."""
    assert MappingFile.read(SERVICENOW).mapping.columns()[("at",)] == "sys_updated_at"
    assert "CC BY 4.0" in SERVICENOW.read_text("utf-8")


@pytest.mark.parametrize(
    ("pattern", "text", "moment"),
    [
        ("%d/%m/%Y %H:%M", "29/2/2016 01:16", datetime(2016, 2, 29, 0, 16, tzinfo=UTC)),
        ("%d/%m/%Y %H:%M", "30/2/2016 01:16", None),
        ("%d/%m/%Y", "29/2/2016 01:16", None),
        ("%M past %H, %Y.%d.%m", "5 past 3, 2016.2.1", datetime(2016, 1, 2, 2, 5, tzinfo=UTC)),
        ("%Y-%m-%d %M", "2016-07-01 45", datetime(2016, 6, 30, 22, 45, tzinfo=UTC)),
        ("%b %d, %Y %I:%M %p", "Jan 5, 2026 03:04 PM", datetime(2026, 1, 5, 14, 4, tzinfo=UTC)),
        ("iso", "2026-07-05 09:12:00 +0530", datetime(2026, 7, 5, 3, 42, tzinfo=UTC)),
        ("iso", "2026-07-05T09:12:00.123Z", datetime(2026, 7, 5, 9, 12, 0, 123_000, tzinfo=UTC)),
        ("epoch-seconds", "1767603600", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("epoch-milliseconds", "1767603600000", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("epoch-seconds", "nan", None),
        ("epoch-seconds", "1e300", None),
        ("iso", "0001-01-01", None),
    ],
)
def test_moments_as_logs_write_them(pattern: str, text: str, moment: datetime | None) -> None:
    """What has no offset is meant in the mapping's zone, here Paris; nonsense is no moment."""
    assert reader([pattern], "Europe/Paris")(text) == moment


def test_formats_are_tried_in_order() -> None:
    """A log that was written by two versions of a tool has two formats."""
    read = reader(["%d/%m/%Y", "%m/%d/%Y"], "UTC")

    assert read("1/2/2026") == datetime(2026, 2, 1, tzinfo=UTC)
    assert read("1/13/2026") == datetime(2026, 1, 13, tzinfo=UTC)


def test_the_page_is_one_file_and_takes_any_name(tmp_path: Path) -> None:
    """Nothing is loaded from elsewhere, and a state of the log is no markup."""
    log = written(
        tmp_path,
        "id,opened,at,state,who",
        "1,,2026-01-05T09:00Z,new,",
        "2,,2026-01-05T09:00Z,<script>alert(1)</script>,",
        name="שלום 😀 <b>.csv",
    )

    html = page(backtest(log, mapping(), shop(), shop("2h..4h")))

    assert "<script" not in html
    assert "src=" not in html
    assert "https:" not in html
    assert "שלום 😀 &lt;b&gt;.csv" in html
    assert html.count("<svg") == html.count("</svg>") > 5


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [(4, 4, "="), (0, 3, "new"), (3, 0, "gone"), (4, 5, "+25 %"), (4, 3, "−25 %")],
)
def test_a_change_in_a_word(before: float, after: float, said: str) -> None:
    """From one policy to the other; nothing is divided by nothing."""
    assert change([before, after]) == said


def test_an_empty_file_is_no_mapping() -> None:
    """Nothing in the file: said of the file, and not of a key without a name."""
    assert findings("") == [
        "1: found nothing; allowed: the keys of a mapping, such as `case: number`"
    ]
