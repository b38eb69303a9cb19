"""A retrospective that is called off: who hears of it, and that nothing follows."""

import pytest

from escalations import events
from escalations.errors import Refused
from escalations.retrospective.console import current_details
from escalations.retrospective.events import Finish, RecordRootCause
from tests.domain.retrospectives import (
    DAY,
    FRIDAY,
    begun,
    due,
    pass_time,
    report,
    sent,
    told_types,
)


@pytest.mark.parametrize(
    ("days", "told"),
    [(0, ["account-executive", "coordinator", "desk"]), (4, ["coordinator"])],
    ids=["before the meeting", "after it"],
)
def test_it_is_called_off(days: int, told: list[str]) -> None:
    """Whoever was to come hears of it, afterwards only who is reminded; nothing else follows."""
    retrospective, at = begun(), FRIDAY + days * DAY
    pass_time(retrospective, at)
    retrospective.take_circulars()
    said = retrospective.handle(events.Withdraw(by="Ida", why="Spoken of at lunch."), at)

    ((notice, people),) = sent(said)
    assert (notice, sorted(people)) == ("retrospective_withdrawn", told)
    assert (said[0].particulars.by, said[0].particulars.text) == ("Ida", "Spoken of at lunch.")
    assert told_types(retrospective)[-1] == "withdrawn"
    assert retrospective.next_deadline is None
    with pytest.raises(Refused, match="called off"):
        retrospective.handle(RecordRootCause(by="Ida", text="A storm"), at)
    assert retrospective.handle(events.Withdraw(by="Kim", why="Once more"), at) == []
    lost = report(said[0], coordinator="550")
    assert retrospective.handle(lost, at) == []
    assert said[0] not in retrospective.record.outbox


def test_its_page_says_so() -> None:
    """No meeting is announced that will not be held; one that was held is not called off."""
    coming, held = begun(), begun()
    pass_time(held, due(held))
    for retrospective, at in ((coming, FRIDAY), (held, FRIDAY + 4 * DAY)):
        retrospective.handle(events.Withdraw(by="Ida", why="Enough"), at)

    assert "Meeting: called off; it was for 2026-11-23 14:00" in current_details(coming.record)
    assert "Meeting: **2026-11-23 14:00" in current_details(held.record)
    for retrospective in (coming, held):
        page = current_details(retrospective.record)
        assert "Status: **withdrawn**" in page
        assert "Ida called it off: Enough" in page
        assert "Missing" not in page
        assert "Next" not in page


def test_what_is_finished_is_not_called_off() -> None:
    """Its result is filed, and stays."""
    retrospective = begun()
    at = due(retrospective)
    pass_time(retrospective, at)
    retrospective.handle(RecordRootCause(by="Ida", text="A storm"), at)
    retrospective.handle(Finish(by="Ida", no_action_items="Insured"), at)
    before = retrospective.record.model_copy(deep=True)

    assert retrospective.handle(events.Withdraw(by="Kim", why="Late"), at) == []
    assert retrospective.record == before
