"""A case keeps its policy: the same meaning has the same revision, and nothing outside moves it."""

import json
from datetime import date
from typing import Any, Final

import pytest

from escalations.policy import Policy
from escalations.policy_file import read
from escalations.policy_files.document import Document
from escalations.snapshot import Snapshot, revision, take
from tests.house import CHECKOUT

PATH: Final = CHECKOUT / "policies" / "call-centre.yaml"
POLICY: Final = read(PATH)
WRITTEN: Final = Document(PATH.read_text("utf-8"), "call-centre.yaml").data


def turned_round(value: Any) -> Any:
    """The same with the keys of every block in reverse order, except the triggers'."""
    if isinstance(value, dict):
        return {key: turned_round(value[key]) for key in reversed(value)}
    return [turned_round(each) for each in value] if isinstance(value, list) else value


def test_reference_names_policy_and_revision() -> None:
    """Operators see `call-centre@` and eight hex digits."""
    snapshot = take(POLICY, 2026)
    name, _, digits = snapshot.reference.partition("@")

    assert (name, digits) == ("call-centre", revision(POLICY))
    assert len(digits) == 8
    assert int(digits, 16) >= 0


def test_same_meaning_has_the_same_revision() -> None:
    """Another order of keys, defaults that are written out and another spelling change nothing."""
    other_order = {**turned_round(WRITTEN), "triggers": WRITTEN["triggers"]}
    in_full = POLICY.model_dump(mode="json", exclude_none=True)
    respelt = json.loads(json.dumps(WRITTEN, default=str).replace('"30m..1h"', '"1800s..60m"'))

    assert list(other_order) != list(WRITTEN)
    assert "remind_every" not in WRITTEN["holds"]["vendor"]
    assert "remind_every" in in_full["holds"]["vendor"]
    for same in (other_order, in_full, respelt):
        assert revision(Policy.model_validate(same)) == revision(POLICY)


@pytest.mark.parametrize(
    "change",
    [
        {"summary": "Another"},
        {"levels": WRITTEN["levels"][:1] + WRITTEN["levels"][:0:-1]},
        {"triggers": dict(reversed(WRITTEN["triggers"].items()))},
        {"languages": ["fr", "en", "fi"]},
        {"holds": {**WRITTEN["holds"], "vendor": {"at_most": "6bd"}}},
    ],
    ids=lambda change: str(next(iter(change))),
)
def test_another_meaning_has_another_revision(change: dict[str, Any]) -> None:
    """So does another order of levels, of languages, and of triggers, in which a reply is read."""
    assert revision(Policy.model_validate({**WRITTEN, **change})) != revision(POLICY)


def test_snapshot_travels_as_json() -> None:
    """It comes back equal, cells and all, and is small: it is in the history of every case."""
    snapshot = take(POLICY, 2026)
    text = snapshot.model_dump_json()
    copy = Snapshot.model_validate_json(text)

    assert copy == snapshot
    assert copy.policy.level(3, "billing") == POLICY.level(3, "billing")
    assert revision(copy.policy) == snapshot.revision
    assert len(text.encode()) < 12_000


def test_defaults_are_written_out() -> None:
    """What the file leaves open is in the snapshot, so that other defaults leave the case alone."""
    policy = json.loads(take(POLICY, 2026).model_dump_json())["policy"]

    assert policy["levels"][1]["repeat_every"] == "1bd"
    assert policy["holds"]["vendor"]["remind_every"] == "1bd"


def test_holidays_are_expanded_around_the_opening() -> None:
    """From two years before to five years after; days of one's own whatever their year."""
    closed = take(POLICY, 2030).calendars["office"].closed

    assert {day.year for day in closed} == {2026, *range(2028, 2036)}
    assert {date(2028, 5, 1), date(2035, 12, 25), date(2026, 12, 24)} < set(closed)
    assert date(2026, 12, 25) not in closed


def test_only_calendars_in_use_are_kept() -> None:
    """Of a policy's calendars a case carries those that it counts time on."""
    spare = {"night": {"hours": {"mon-sun": ["00:00-06:00"]}}, "cell": "always", "back": "always"}
    keys = {
        "calendars": {**WRITTEN["calendars"], **spare},
        "categories": {"orders": {"levels": {"Representative": {"calendar": "cell"}}}},
        "retrospective": {**WRITTEN["retrospective"], "calendar": "back"},
    }
    policy = Policy.model_validate({**WRITTEN, **keys})

    assert set(take(policy, 2026).calendars) == {"always", "office", "cell", "back"}
