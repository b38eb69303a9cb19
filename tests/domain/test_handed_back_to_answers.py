"""A case handed back to a self-service level: to an answer, or not at all."""

import pytest

from escalations import events
from escalations.errors import Refused
from tests.domain.conftest import OpenDesk
from tests.domain.desk import Desk
from tests.domain.test_self_service import CABLE, ONE, ROUTER, answers


def back(desk: Desk) -> None:
    """Zoe hands it back to the first level."""
    desk.say(events.HandBack(by="zoe", from_level=desk.level, to_level=1, advice="try again"))


def test_handed_back_to_an_answer(opened: OpenDesk) -> None:
    """A level of self-service that knows another answer suggests it."""
    desk = opened(snapshot=answers("1h", "1h", knowledge=[ROUTER, CABLE]))
    desk.reply("no")
    desk.told()
    back(desk)
    desk.expect("customer_suggestion → customer")
    assert (desk.level, desk.last("customer_suggestion").particulars.by) == (1, "Check the cable")


def test_handed_back_to_no_answer(opened: OpenDesk) -> None:
    """Where every answer was suggested the case would come back at once: it is not handed back."""
    desk = opened(snapshot=answers("1h", "1h", "1h", self_service=2))
    desk.reply("no")
    desk.told()
    refusal = (
        r"level 1 \(L1\) has no answer that the customer has not had: hand it back to people, or "
        r"have an article written into the policy and adopt it; T-1 is open at level 3 of 3"
    )
    with pytest.raises(Refused, match=refusal):
        back(desk)
    assert (desk.level, desk.record.hand_offs) == (3, 1)


def test_handed_back_and_no_address(opened: OpenDesk) -> None:
    """A customer who left no address gets no answer, so nobody hands it back for one."""
    desk = opened(snapshot=ONE, customer={"contacts": []})
    with pytest.raises(
        Refused, match=r"level 1 \(L1\) writes to the customer, who left no address"
    ):
        back(desk)
