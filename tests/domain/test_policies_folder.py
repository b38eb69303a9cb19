"""The folder of policies: all of them load together, and none has a flaw that is not meant."""

from datetime import UTC, datetime

import pytest

from escalations.cli.checking import check_file
from tests.domain.ladders import FOLDER, LADDERS, policies

OURS = [name for name in LADDERS if name != "call-centre"]
SEASONS = [datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)]


def test_all_load_together() -> None:
    """Five ladders, each in a file of its name; articles and rotas beside them are no policies."""
    assert sorted(policies()) == sorted(LADDERS)
    assert [path.stem for path in sorted(FOLDER.glob("*.yaml"))] == sorted(LADDERS)


@pytest.mark.parametrize("at", SEASONS, ids=["Christmas", "Easter"])
@pytest.mark.parametrize("name", OURS)
def test_without_flaws(name: str, at: datetime) -> None:
    """No error, and no warning that the file does not accept with a reason; no comment is stale."""
    result = check_file(FOLDER / f"{name}.yaml", at, None, ())

    assert result.mistakes == []
    harmless = {"unstaffed-hours", "untranslated", "quiet-while-open"}
    assert {each.code for each in result.findings if each.accepted is None} <= harmless
    assert all(each.accepted for each in result.findings if each.accepted is not None)


@pytest.mark.parametrize("name", OURS)
def test_fictive(name: str) -> None:
    """Nobody real can be written to: every address ends in `.example`."""
    contacts = policies()[name].contacts.values()
    reach = [address for each in contacts for address in each.reach]
    for contact in contacts:
        people = contact.rota.people.values() if contact.rota else []
        reach += [address for person in people for address in person.reach]

    assert [address for address in reach if not address.endswith(".example")] == []
