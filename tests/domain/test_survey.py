"""The survey: after a yes the customer is asked how it went, and a bad answer counts (A52)."""

import pytest

from escalations import events
from escalations.clock import ClockName, Then
from escalations.errors import Refused
from escalations.record import Ending, Status
from tests.domain.conftest import OpenDesk, resolved
from tests.domain.desk import Desk
from tests.domain.matrices import in_paris, matrix, paris

ASKED = matrix(customer={"survey": {"within": "7d", "reopen_at_or_below": 2}})
STAYS = matrix(customer={"survey": {"within": "7d", "reopen_at_or_below": 2}, "reopen": "same"})
CLOSED = ("customer_closed → customer", "case_closed → escalation-manager, representative")


def asked(opened: OpenDesk, **changes: object) -> Desk:
    """A case whose customer has agreed and is asked how it went."""
    desk = resolved(opened, "fix", **{"snapshot": ASKED, **changes})
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_survey → customer")
    return desk


def rate(desk: Desk, score: int, comment: str = "") -> None:
    """Ada answers."""
    desk.say(events.Rate(score=score, comment=comment))


def test_asked_after_a_yes(opened: OpenDesk) -> None:
    """The customer agrees and is asked, and told until when; the case has not ended yet."""
    desk = asked(opened)
    assert (desk.status, desk.record.ending) == (Status.RESOLVED, None)
    assert desk.next == ("Mon 18 Jan 10:10", Then.END_SURVEY)
    told = desk.last("customer_survey").particulars
    assert (told.why, in_paris(told.due_at)) == ("confirmed", "Mon 18 Jan 10:10")
    assert [in_paris(entry.until) for entry in desk.entries("survey_asked")] == ["Mon 18 Jan 10:10"]


def test_a_good_answer(opened: OpenDesk) -> None:
    """The case ends as the customer's yes had it, with the score."""
    desk = asked(opened)
    desk.later(days=1)
    rate(desk, 4, "quick enough")
    desk.expect(*CLOSED)
    assert (desk.record.ending, desk.record.score) == (Ending.CONFIRMED, 4)
    assert [entry.by for entry in desk.entries("closed")] == ["ada"]
    assert [(entry.score, entry.comment) for entry in desk.entries("rated")] == [
        (4, "quick enough")
    ]


def test_no_answer(opened: OpenDesk) -> None:
    """After seven days the case ends as it would have, without a score."""
    desk = asked(opened)
    desk.until(paris("2027-01-18 10:09"))
    desk.expect()
    desk.later(minutes=1)
    desk.expect(*CLOSED)
    assert (desk.record.ending, desk.record.score, desk.next) == (Ending.CONFIRMED, None, None)


def test_asked_after_silence(opened: OpenDesk) -> None:
    """Who was taken to agree is asked too; the ending says that it was silence."""
    desk = resolved(opened, snapshot=ASKED)
    desk.until(paris("2027-01-14 10:10"))
    desk.expect("customer_survey → customer")
    assert desk.last("customer_survey").particulars.why == "presumed"
    rate(desk, 5)
    desk.expect(*CLOSED)
    assert desk.record.ending is Ending.PRESUMED
    assert [entry.by for entry in desk.entries("closed")] == [None]


@pytest.mark.parametrize("score", [1, 2])
def test_a_bad_answer_opens_it_again(opened: OpenDesk, score: int) -> None:
    """Two or less: the next level has the case, with the customer's words."""
    desk = asked(opened)
    desk.later(days=1)
    rate(desk, score, "It broke again")
    desk.expect(
        "reopened → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    told = desk.last("reopened").particulars
    assert (told.why, told.by, told.text) == ("survey", "Ada of ACME", "It broke again")
    assert (desk.status, desk.level, desk.record.reopened) == (Status.OPEN, 2, 1)
    assert (desk.record.survey, desk.record.ending) == (None, None)
    assert ClockName.SURVEY not in desk.record.clocks
    assert [entry.why for entry in desk.entries("left_level")] == ["survey"]


def test_a_bad_answer_where_it_stays(opened: OpenDesk) -> None:
    """With `reopen: same` the level goes on with the time it had left."""
    desk = asked(opened, snapshot=STAYS)
    rate(desk, 1)
    desk.expect("reopened → escalation-manager, representative", "customer_reopened → customer")
    assert (desk.level, desk.record.owner) == (1, "rita")
    assert (desk.record.survey, desk.record.resolution) == (None, None)
    assert not {ClockName.SURVEY, ClockName.CONFIRMATION} & desk.record.clocks.keys()
    assert desk.next == ("Mon 11 Jan 10:30", Then.CLIMB)


def test_a_bad_answer_that_opens_nothing(opened: OpenDesk) -> None:
    """Without `reopen_at_or_below` any answer ends the case."""
    desk = asked(opened, snapshot=matrix(customer={"survey": {"within": "7d"}}))
    rate(desk, 1)
    desk.expect(*CLOSED, "retrospective")


def test_agreed_is_agreed(opened: OpenDesk) -> None:
    """A second yes during the survey is refused."""
    desk = asked(opened)
    with pytest.raises(Refused, match="the customer has agreed, and is asked how it went; T-1 is"):
        desk.say(events.ConfirmResolution(by="ada"))


def test_agreed_by_silence(opened: OpenDesk) -> None:
    """A yes during the survey after silence is refused for what is so: nobody has agreed."""
    desk = resolved(opened, snapshot=ASKED)
    desk.until(paris("2027-01-14 10:10"))
    desk.told()
    with pytest.raises(Refused, match="was silent, which was taken for a yes, and is asked how it"):
        desk.say(events.ConfirmResolution(by="ada"))


def test_solved_again_during_the_survey(opened: OpenDesk) -> None:
    """A resolution during the survey changes nothing, and is refused for what is so."""
    desk = asked(opened)
    desk.say(events.Resolve(by="monitoring", summary="all green"))
    (refused,) = desk.refusals()
    assert refused.because == "the customer has agreed, and is asked how it went"
    with pytest.raises(Refused, match="the customer has agreed, and is asked how it went"):
        desk.resolve()
    desk.expect()


def test_no_survey_is_out(opened: OpenDesk) -> None:
    """An answer to nothing is refused."""
    desk = resolved(opened, snapshot=ASKED)
    with pytest.raises(Refused, match="no survey is out; T-1 is resolved"):
        rate(desk, 5)


def test_a_no_after_all(opened: OpenDesk) -> None:
    """A customer who takes their yes back opens the case again."""
    desk = asked(opened)
    desk.say(events.RejectResolution(by="ada", why="It broke again"))
    desk.expect(
        "reopened → escalation-manager, representative",
        "level_entered → support-manager",
        "customer_handed_over → customer",
    )
    assert (desk.status, desk.record.survey) == (Status.OPEN, None)
    assert ClockName.SURVEY not in desk.record.clocks


def test_a_reply_during_the_survey(opened: OpenDesk) -> None:
    """Words are passed on; the survey goes on, and its time does not begin anew."""
    desk = asked(opened)
    desk.later(days=1)
    desk.reply("Thank you all")
    desk.expect("customer_replied → representative")
    assert desk.next == ("Mon 18 Jan 10:10", Then.END_SURVEY)
    assert ClockName.CONFIRMATION not in desk.record.clocks


def test_a_threat_during_the_survey(opened: OpenDesk) -> None:
    """A trigger moves a case that was agreed to as well."""
    desk = asked(opened)
    desk.reply("My lawyer will call you")
    desk.expect("level_entered → senior-management", "customer_handed_over → customer")
    assert (desk.status, desk.record.reopened, desk.record.survey) == (Status.OPEN, 1, None)
    assert ClockName.SURVEY not in desk.record.clocks


def test_a_customer_without_an_address_is_not_asked(opened: OpenDesk) -> None:
    """Nobody can be asked: the case ends with the yes."""
    desk = resolved(opened, snapshot=ASKED, customer={"contacts": []})
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("case_closed → escalation-manager, representative")
    assert desk.entries("survey_asked") == []


def test_a_workaround_is_not_asked_about(opened: OpenDesk) -> None:
    """The customer is asked after the real fix, whose time is over when they agree to it."""
    desk = resolved(opened, "workaround", snapshot=ASKED)
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_workaround_confirmed → customer")
    desk.resolve()
    desk.say(events.ConfirmResolution(by="ada"))
    desk.expect("customer_confirmation_asked → customer", "customer_survey → customer")
    assert ClockName.FIX not in desk.record.clocks


@pytest.mark.parametrize(("score", "held"), [(3, True), (4, False), (None, False)])
def test_a_retrospective_of_a_bad_answer(opened: OpenDesk, score: int | None, held: bool) -> None:
    """Three or less calls for a retrospective; no answer does not."""
    desk = asked(opened)
    if score:
        rate(desk, score)
    else:
        desk.later(days=7)
    desk.expect(*CLOSED, *(["retrospective"] if held else []))
