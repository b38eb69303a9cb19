"""A case that was taken for solved, and is not: wherever it is, it goes on."""

import pytest

from escalations import events
from escalations.clock import Then
from escalations.events import ResolutionKind
from escalations.record import Baton, Ending, Status
from tests.domain.conftest import OpenDesk, resolved
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, paris


@pytest.mark.parametrize("said", ["reply", "trigger"])
def test_a_threat_on_the_level_it_leads_to(opened: OpenDesk, said: str) -> None:
    """There is nowhere to climb, and the customer has not agreed: it is open again, and whoever
    has it and whoever drives it hear so."""
    desk = opened()
    desk.trigger("legal-threat")
    desk.resolve()
    desk.told()
    if said == "reply":
        desk.reply("Still broken. I will see a lawyer.")
    else:
        desk.trigger("legal-threat", "their lawyer has called")

    (raised,) = [each for each in desk.entries("trigger_raised") if not each.moved]
    assert raised.trigger == "legal-threat"
    assert (desk.status, desk.level, desk.record.reopened) == (Status.OPEN, 7, 1)
    (again,) = desk.entries("reopened")
    assert again.why == "trigger:legal-threat"
    told = desk.told()
    assert "customer_handed_over → customer" in told
    assert any(each.startswith("reopened → escalation-manager") for each in told)
    desk.later(days=30)
    desk.told()
    assert desk.record.ending is None


def test_a_workaround_that_works_no_more(opened: OpenDesk) -> None:
    """At the top, too: the customer says so, and nobody waits for the fix as if all were well."""
    desk = opened()
    desk.trigger("legal-threat")
    desk.say(events.ProposeResolution(by="ada", kind=ResolutionKind.WORKAROUND, summary="By hand"))
    desk.say(events.ConfirmResolution(by="Ada"))
    desk.told()
    assert desk.status is Status.WORKAROUND
    desk.say(events.RejectResolution(by="Ada", why="It does not work any more"))

    assert (desk.status, desk.level, desk.record.reopened) == (Status.OPEN, 7, 1)
    assert desk.record.resolution is None
    assert "customer_handed_over → customer" in desk.told()


def test_opened_again_with_the_request_of_then(opened: OpenDesk) -> None:
    """The moment of the first report was answered once: the level has its whole time from now."""
    ended = resolved(opened)
    ended.say(events.ConfirmResolution(by="ada"))
    ended.told()
    assert ended.record.ending is Ending.CONFIRMED
    at = paris("2027-02-01 10:00")
    reported_at = ended.record.request.reported_at
    desk = Desk(again=Baton(record=ended.record), at=at, reported_at=reported_at, reopen=True)
    desk.told()

    assert desk.level == 2
    assert desk.next == ("Mon 01 Feb 10:30", Then.REMIND)
    assert in_paris(desk.record.request.reported_at) == "Mon 01 Feb 10:00"
    assert not desk.record.breached


def test_opened_again_with_a_report_since_then(opened: OpenDesk) -> None:
    """Who reported it after the end has waited since, though it is opened again later."""
    ended = resolved(opened)
    ended.say(events.ConfirmResolution(by="ada"))
    ended.told()
    reported_at, at = paris("2027-02-01 09:45"), paris("2027-02-01 10:00")
    desk = Desk(again=Baton(record=ended.record), at=at, reported_at=reported_at, reopen=True)
    desk.told()

    assert desk.record.request.reported_at == reported_at
    assert desk.next == ("Mon 01 Feb 10:15", Then.REMIND)
